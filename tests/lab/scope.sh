# The scope file of the lab, valid from yesterday for a month. Its ranges leave out the first addresses of each network, where
# a machine outside the lab may have its own router.

# scope_print [hosts]: whole ranges, or with `hosts` only the addresses that hosts have.
scope_print() {
  cat <<END
{ "auscult": 1,
  "authorization": { "reference": "LAB-1", "authorized_by": "auscult tests", "contact": "lab@h001.example",
                     "valid_from": "$(date -d yesterday +%F)", "valid_until": "$(date -d '+30 days' +%F)",
                     "max_rate": 20000, "max_rate_per_host": 2000 },
  "exclude": ["192.0.2.20"],
  "organizations": [
    { "id": "h001", "name": "粤东示范医院", "province": "广东", "level": "3A", "informatization": 4.5,
      "ranges": [$(scope_ranges h001 192.0.2 "$@")],
      "assets": [ { "range": "192.0.2.10", "value": 5, "name": "HIS database" },
                  { "range": "192.0.2.13", "value": 5, "name": "PACS" } ] },
    { "id": "h002", "name": "粤西示范医院", "province": "广东", "level": "2A", "informatization": 3,
      "ranges": [$(scope_ranges h002 198.51.100 "$@")],
      "assets": [ { "range": "198.51.100.11", "value": 5, "name": "EMR database" } ] },
    { "id": "h003", "name": "北京示范医院", "province": "北京", "level": "3A", "informatization": 5,
      "ranges": [$(scope_ranges h003 203.0.113 "$@")] } ] }
END
}

scope_ranges() {
  local org=$1 network=$2 which=${3:-ranges}
  {
    [ "$which" = hosts ] || echo "$network.8-$network.63"
    ! hosts_have_ipv6 || hosts_list | awk -F '\t' -v org="$org" '$2 == org && $4 != "-" { print $4 }'
    [ "$which" != hosts ] || hosts_list | awk -F '\t' -v org="$org" '$2 == org { print $3 }'
  } | sed 's/.*/"&"/' | paste -sd , | sed 's/,/, /g'
}

#!/usr/bin/env bash
# test_fragile.sh AUSCULT: an address that the scope calls fragile is only connected to. The lab's printer, which tells every connection
# and every byte it gets, is that address here, with its port 9100 allowed for once.
set -u
auscult=$1
lab_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$lab_dir/stand.sh"

cat >"$work/scope.json" <<END
{ "auscult": 1,
  "authorization": { "reference": "LAB-2", "authorized_by": "auscult tests", "contact": "lab@h001.example", "exclude_ports": "515",
                     "valid_from": "$(date -d yesterday +%F)", "valid_until": "$(date -d '+30 days' +%F)" },
  "organizations": [ { "id": "h002", "name": "粤西示范医院", "ranges": ["198.51.100.15"], "fragile": ["198.51.100.15"] } ] }
END
"$lab" exec scanner "$auscult" scan "$work/scope.json" -q -p 22,80,9100 -d "$work/store.db" -o "jsonl=$work/records.jsonl" || exit 1

faults=0
fault() {
  echo "$1"
  faults=1
}
open=$(grep -c '"type":"observation".*"state":"open"' "$work/records.jsonl")
[ "$open" = 2 ] || fault "80 and 9100 should be reported open, $open ports are"
if grep '"type":"observation"' "$work/records.jsonl" | grep -vE '"service":"(unknown|printer)"'; then fault "a fragile host was asked what it is"; fi
"$lab" log printer | grep -q '^connection from' || fault "the fragile printer had no connection, so that this test proves nothing"
if "$lab" log printer | grep '^printed'; then fault "the fragile printer was sent bytes"; fi
exit $faults

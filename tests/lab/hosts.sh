# The table of hosts (hosts.tsv) and what is derived from it.

hosts_list() { grep -v '^#' "$lab_dir/hosts.tsv"; }

hosts_names() { hosts_list | cut -f 1; }

hosts_exists() { hosts_names | grep -qx -- "$1"; }

# Without IPv6 in the kernel the lab is IPv4 only.
hosts_have_ipv6() { [ -e /proc/net/if_inet6 ]; }

# host, port, family of everything that must listen before the lab stands; the hand-written expectation is the list of it.
hosts_listening() {
  awk -F '\t' -v ipv6="$(hosts_have_ipv6 && echo 1)" '
    FILENAME ~ /hosts.tsv$/ { if ($0 !~ /^#/) { name[$3] = $1; if (ipv6) name[$4] = $1 } next }
    $0 !~ /^(#|ip\t)/ && ($1 in name) { print name[$1], $2, $1 ~ /:/ ? 6 : 4 }' "$lab_dir/hosts.tsv" "$lab_dir/expected.tsv" | sort -u
}

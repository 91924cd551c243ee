# The networks of a lab: one namespace a host, and a hub that routes between the scanner and them.
# Addresses that no host has are dropped without an answer, as a hospital's firewall does.

network_enter() {
  local name=$1
  shift
  nsenter --net="$tree/net/$name" -- "$@"
}

network_gateway() {
  case $1 in h001) echo 192.0.2.1 ;; h002) echo 198.51.100.1 ;; h003) echo 203.0.113.1 ;; esac
}

# A new namespace behind a name. Nothing may ever be set in the network outside, so that what came out is checked.
network_make() {
  local place=$tree/net/$1
  : >"$place" && unshare --net="$place" true || return 1
  network_is_own "$(stat -L -c %i "$place")" || { echo "$place is not a network of the lab's own"; return 1; }
}

network_is_own() { [ -n "$1" ] && [ "$1" != "$outside" ] && [ "$1" != "$(stat -L -c %i /proc/1/ns/net)" ]; }

network_up() {
  local name org ipv4 ipv6
  mkdir -p "$tree/net"
  network_make hub && network_hub || return 1
  while IFS=$'\t' read -r name org ipv4 ipv6 _; do
    network_make "$name" && network_host "$name" "$(network_gateway "$org")" "$ipv4" "$ipv6" || return 1
  done < <(hosts_list)
}

network_hub() {
  [ "$(stat -L -c %i /proc/self/ns/net)" != "$outside" ] || { echo "the scanner's network is not the lab's own"; return 1; }
  ip link add eth0 type veth peer name scanner netns "$tree/net/hub" || return 1
  ip -batch - <<END || return 1
link set lo up
link set eth0 up
addr add 192.0.2.254/30 dev eth0
route add default via 192.0.2.253
END
  network_enter hub ip -batch - <<END || return 1
link set lo up
link set scanner up
addr add 192.0.2.253/30 dev scanner
addr add 192.0.2.1/32 dev lo
addr add 198.51.100.1/32 dev lo
addr add 203.0.113.1/32 dev lo
route add blackhole 192.0.2.0/26
route add blackhole 198.51.100.0/26
route add blackhole 203.0.113.0/26
END
  network_enter hub sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward' || return 1
  hosts_have_ipv6 || return 0
  ip -batch - <<END || return 1
addr add 2001:db8:ffff::2/64 dev eth0 nodad
route add default via 2001:db8:ffff::1
END
  network_enter hub sh -c 'echo 1 >/proc/sys/net/ipv6/conf/all/forwarding' || return 1
  network_enter hub ip -batch - <<END
addr add 2001:db8:ffff::1/64 dev scanner nodad
route add blackhole 2001:db8::/33
END
}

network_host() {
  local name=$1 gateway=$2 ipv4=$3 ipv6=$4
  network_enter hub ip -batch - <<END || return 1
link add $name type veth peer name eth0 netns $tree/net/$name
link set $name up
route add $ipv4 dev $name
END
  network_enter "$name" ip -batch - <<END || return 1
link set lo up
link set eth0 up
addr add $ipv4/32 dev eth0
route add $gateway dev eth0
route add default via $gateway
END
  if [ "$ipv6" = - ] || ! hosts_have_ipv6; then return 0; fi
  network_enter hub ip -batch - <<END || return 1
addr add fe80::1/64 dev $name nodad
route add $ipv6 dev $name
END
  network_enter "$name" ip -batch - <<END
addr add $ipv6/128 dev eth0 nodad
route add default via fe80::1 dev eth0
END
}

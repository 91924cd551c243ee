#!/usr/bin/env bash
# test_changes.sh AUSCULT: real servers are scanned, one is stopped, one started, one comes back as another version, one host is off; then
# they are scanned again, and diff tells just that. A third scan after all of it was undone tells that it came back.
set -u
auscult=$1
lab_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$lab_dir/stand.sh"

cat >"$work/scope.json" <<END
{ "auscult": 1,
  "authorization": { "reference": "LAB-3", "authorized_by": "auscult tests", "contact": "lab@h001.example", "max_rate_per_host": 2000,
                     "valid_from": "$(date -d yesterday +%F)", "valid_until": "$(date -d '+30 days' +%F)" },
  "organizations": [
    { "id": "h001", "name": "粤东示范医院", "ranges": ["192.0.2.10", "192.0.2.12"] },
    { "id": "h003", "name": "北京示范医院", "ranges": ["203.0.113.12-203.0.113.15"] } ] }
END
faults=0
fault() {
  echo "$1"
  faults=1
}
scan() {
  "$lab" exec scanner "$auscult" scan "$work/scope.json" -q -r 5k -p 22,23,3306,6379,11211 -d "$work/store.db" -o "jsonl=$work/scan.jsonl" \
    --fail-on new "$@"
}
changes() { "$auscult" diff "$work/store.db" -o "jsonl=$work/diff.jsonl" && "$auscult" diff "$work/store.db" -o table --lang en; }
# told TYPE: what is told of that type, but for what is still open: change item address:port, sorted
told() {
  grep "\"type\":\"$1\"" "$work/diff.jsonl" | grep -v '"change":"open"' |
    sed -E 's/.*"change":"([a-z_]+)".*"org":"([^"]*)"(,"item":"([^"]*)")?,"ip":"([^"]*)"(,"port":([0-9]+))?.*/\1 \4 \5 \7/; s/  +/ /g; s/ $//' | sort
}
same() {
  if [ "$2" != "$3" ]; then
    fault "$1 should be"$'\n'"$2"$'\n'"and is"$'\n'"$3"
  fi
}
# started HOST COMMAND…: on the host, until the lab falls
started() {
  local host=$1
  shift
  "$lab" exec "$host" /usr/bin/setsid "$@" </dev/null >>"$work/$host.log" 2>&1 &
}
stopped() { # the process of that name, which is alone on its host
  "$lab" exec "$1" /bin/bash -c "kill \$(pidof $2) && while pidof $2 >/run/pids; do sleep 0.05; done"
}
listens() { # waits until the host has that port open
  local end=$((SECONDS + 30))
  until "$lab" exec scanner timeout 1 bash -c ": </dev/tcp/$1/$2" 2>/dev/null; do
    [ $SECONDS -lt $end ] || { fault "nothing listens at $1 port $2"; return; }
    sleep 0.1
  done
}
mariadb() { # mariadb VERSION: the server of his-db again, which says that it is this version
  started his-db mariadbd --user=mysql --datadir=/var/lib/mysql --socket=/run/mysqld/mysqld.sock '--bind-address=*' --port=3306 \
    --innodb-log-file-size=4M --innodb-buffer-pool-size=8M --skip-name-resolve --init-file=/etc/lab/accounts.sql ${1:+--version="$1"}
  listens 192.0.2.10 3306
}

scan 2>"$work/first.err" || fault "the first scan has something new: $(cat "$work/first.err")"
grep -q "nothing can be new" "$work/first.err" || fault "the first scan should say that nothing can be new"
scan || fault "nothing changed, and the scan says that something is new"
changes >"$work/table"
same "without a change" "" "$(told change)$(told endpoint_change)"
grep -q "Nothing changed" "$work/table" && grep -q "still open" "$work/table" || fault "the table of no change: $(cat "$work/table")"

stopped cache memcached
stopped his-db mariadbd
mariadb 10.11.99-MariaDB
started queue memcached -u memcache -l 0.0.0.0 -p 11211 -m 16
listens 203.0.113.12 11211
"$lab" exec registry ip link set eth0 down
scan 2>"$work/new.err"
[ $? = 4 ] && grep -q "new or back again" "$work/new.err" || fault "a new finding should make --fail-on new exit 4: $(cat "$work/new.err")"
changes >"$work/table"
same "hosts and ports" "closed 192.0.2.12 11211
host_down 203.0.113.13
opened 203.0.113.12 11211
version 192.0.2.10 3306" "$(told endpoint_change)"
# The cache's Redis still answers anybody, so that this host's H06-1 stays.
same "findings" "$(cat <<'END'
gone H05-1 203.0.113.13 6379
mended H05-4 192.0.2.12 11211
new H05-4 203.0.113.12 11211
new H06-1 203.0.113.12 11211
END
)" "$(told change)"
grep -q '"before":{"service":"mysql".*"after":{"service":"mysql".*"version":"10.11.99"' "$work/diff.jsonl" || fault "the new version is not told"
grep -q '"change":"mended".*"why":"the host answers, the port is open no longer"' "$work/diff.jsonl" || fault "why it is mended is not told"
[ $faults = 0 ] || cat "$work/table"

stopped queue memcached
started cache memcached -u memcache -l 0.0.0.0 -p 11211 -m 16
listens 192.0.2.12 11211
scan 2>/dev/null
changes >"$work/table"
same "what came back" "back H05-4 192.0.2.12 11211
mended H05-4 203.0.113.12 11211
mended H06-1 203.0.113.12 11211" "$(told change)"
first=$(sed -n 's/.*"change":"back".*"item":"H05-4".*"first":"\([^"]*\)".*/\1/p' "$work/diff.jsonl")
[ -n "$first" ] || fault "what came back has no first date"
oldest=$("$auscult" store list "$work/store.db" | tail -1 | awk '{ print $2 }')
[ "${first%%.*}" = "${oldest%.*}" ] || fault "what came back is there since $oldest, told is $first"
exit $faults

#!/usr/bin/env bash
# test_import.sh AUSCULT: nmap's report of the lab, imported, gives the same open ports as our own scan, and leaves its index; masscan's none that are not open.
set -u
auscult=$1
lab_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
command -v nmap >/dev/null || { echo "skipped: nmap is not there"; exit 77; }
. "$lab_dir/stand.sh"
cd "$work" || exit 1
faults=0

"$lab" scope hosts >scope.json
"$lab" hosts | cut -f3 | grep -vx 192.0.2.20 >ipv4
"$lab" hosts | cut -f4 | grep -vx -e - >ipv6
ports=$("$auscult" scan --dry-run scope.json 2>/dev/null | sed -n 's/^ports: //p')

open_ports() { # open_ports STORE…: address and port of every observation, a line each
  python3 - "$@" <<'END' | sort -u
import sqlite3, sys
for path in sys.argv[1:]:
    for address, port in sqlite3.connect(path).execute("SELECT hex(address), port FROM observations WHERE state = 0"):
        print(address, port)
END
}
indices() { # of each organization
  "$auscult" score "$1" --scope scope.json -o jsonl |
    sed -n 's/^{"type":"scorecard","org":"\([^"]*\)","index":\([0-9]*\),.*"coverage":{"items":\([0-9]*\),.*/\1 \2 \3/p'
}

"$lab" exec scanner "$auscult" scan scope.json -q -r 20000 -d own.db -o jsonl=own.jsonl || { echo "the scan ended with $?"; exit 1; }
open_ports own.db >own
[ -s own ] || { echo "the scan found no open port"; exit 1; }

# Each report into a store of its own, since of what both cover the newer would count.
report() { # report NAME OPTION…
  local name=$1
  shift
  "$lab" exec scanner nmap "$@" -n -Pn -sS -T4 -p "$ports" -iL "$work/$name" -oX "$work/$name.xml" >nmap.out 2>&1 || { cat nmap.out; exit 1; }
  "$auscult" import nmap "$name.xml" --scope scope.json -d "$name.db" 2>/dev/null || faults=1
}
report ipv4
stores=ipv4.db
if grep -q ^20010DB8 own; then
  report ipv6 -6
  stores="ipv4.db ipv6.db"
fi
open_ports $stores >theirs
if ! diff own theirs >differences; then
  echo "open ports differ (< our scan, > nmap's report):"
  cat differences
  faults=1
fi

indices own.db >before
cp own.db both.db
"$auscult" import nmap ipv4.xml --scope scope.json -d both.db >/dev/null 2>&1 || faults=1
indices both.db >after
if ! cmp -s before after; then
  echo "the import of open ports alone changed the indices:"
  diff before after
  faults=1
fi

if command -v masscan >/dev/null; then
  "$lab" exec scanner masscan -iL "$work/ipv4" -p "$ports" --rate 2000 --wait 2 -oJ "$work/masscan.json" >masscan.out 2>&1 || { cat masscan.out; exit 1; }
  "$auscult" import masscan masscan.json --scope scope.json -d masscan.db || faults=1
  open_ports masscan.db >theirs
  [ -s theirs ] || { echo "masscan found no open port"; faults=1; }
  if comm -13 own theirs | grep .; then
    echo "masscan's report has ports that our scan did not find open"
    faults=1
  fi
fi
[ "$faults" = 0 ] && echo "$(wc -l <own) open ports, in our scan and in nmap's report"
exit "$faults"

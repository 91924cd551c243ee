#!/usr/bin/env bash
# bench_lab.sh AUSCULT [RUNS]: finds and identifies what twenty hosts of the lab serve, 47 ports each, from start to printed index, against
# `nmap -n -Pn -sV -T4` on the same hosts and ports in the same standing lab. Prints both times and the ratio; fails where auscult takes
# more than a twentieth, or does not name what the lab's table says. Needs root, nmap and the lab's root (tests/lab/lab root).
set -u
[ $# -ge 1 ] || { sed -n '2,5s/^# //p' "$0" >&2; exit 2; }
auscult=$(realpath "$1") runs=${2:-3}
lab_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../lab" && pwd)
command -v nmap >/dev/null || { echo "skipped: nmap is not there"; exit 77; }
. "$lab_dir/stand.sh"

# One of each kind of server; the rest of the lab repeats them.
hosts="his-db lis-db cache pacs files reception portal interfaces mail emr-db archive files-safe office directory bastion billing-db mail-old desktop registry web-old"

"$lab" hosts | awk -F '\t' -v wanted=" $hosts " 'index(wanted, " " $1 " ") { print $3 }' >"$work/addresses"
[ "$(wc -l <"$work/addresses")" = 20 ] || { echo "the lab has no longer these twenty hosts"; exit 1; }
organization() {
  printf '{ "id": "%s", "name": "%s", "ranges": [%s] }' "$1" "$1" "$(grep "^$2" "$work/addresses" | sed 's/.*/"&"/' | paste -sd ,)"
}
cat >"$work/scope.json" <<END
{ "auscult": 1,
  "authorization": { "reference": "LAB-3", "authorized_by": "auscult tests", "contact": "lab@h001.example", "max_rate": 20000,
                     "max_rate_per_host": 2000, "valid_from": "$(date -d yesterday +%F)", "valid_until": "$(date -d '+30 days' +%F)" },
  "organizations": [ $(organization h001 192.0.2.), $(organization h002 198.51.100.), $(organization h003 203.0.113.) ] }
END
ports=$("$auscult" scan --dry-run "$work/scope.json" 2>/dev/null | sed -n 's/^ports: //p')

seconds_since() { awk -v from="$1" -v to="$(date +%s.%N)" 'BEGIN { printf "%.2f", to - from }'; }

best=
for _ in $(seq "$runs"); do
  rm -f "$work"/store.db*
  from=$(date +%s.%N)
  "$lab" exec scanner "$auscult" scan "$work/scope.json" -q -r 20000 -d "$work/store.db" -o table >"$work/table" || exit 1
  took=$(seconds_since "$from")
  echo "auscult: $took s"
  best=$(printf '%s\n' $best "$took" | sort -n | head -1)
done
grep -q h003 "$work/table" || { echo "no index was printed"; exit 1; }

from=$(date +%s.%N)
"$lab" exec scanner nmap -n -Pn -sV -T4 -p "$ports" -iL "$work/addresses" -oN "$work/nmap" >/dev/null || exit 1
took=$(seconds_since "$from")
echo "nmap -n -Pn -sV -T4: $took s"

"$lab" exec scanner "$auscult" score "$work/store.db" --scope "$work/scope.json" -o "jsonl=$work/records.jsonl" >/dev/null || exit 1
awk 'NR == FNR { asked[$1]; next } /^#/ || /^ip/ || $1 in asked' "$work/addresses" "$lab_dir/expected.tsv" >"$work/expected.tsv"
"$lab_dir/compare" "$work/expected.tsv" "$("$lab" versions)" "$work/records.jsonl" || exit 1
awk -v own="$best" -v other="$took" 'BEGIN {
  printf "best %.2f s (goal: under 3), nmap %.2f s, a ratio of 1 to %.1f (goal: at least 1 to 20)\n", own, other, other / own
  exit other / own < 20 }'

#!/usr/bin/env bash
# bench_records.sh AUSCULT WRITE_RECORDS [FINDINGS]: JSON Lines (10 000 000, seeded) through `auscult score -`, from a file on standard
# input to scorecards as a table and as JSON Lines that repeat every finding. Beside it, jq (where it is there) takes the organization, the
# item and the endpoint of each line and does nothing with them. Prints records a second of wall time and of processor time: on a machine
# that others use only the second says much. The records take some 190 bytes each in TMPDIR, and as many again for the output.
set -u
[ $# -ge 2 ] || { sed -n '2,5s/^# //p' "$0" >&2; exit 2; }
auscult=$(realpath "$1") writer=$(realpath "$2") findings=${3:-10000000}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$writer" "$findings" >"$work/records.jsonl" || exit 1
records=$(wc -l <"$work/records.jsonl")
echo "$records records, $(du -m "$work/records.jsonl" | cut -f 1) MiB"
cat "$work/records.jsonl" >/dev/null # so that all begin with the file in memory

# measure NAME COMMAND…: with the records on standard input
measure() {
  local name=$1 from to
  shift
  from=$(date +%s.%N)
  { TIMEFORMAT='%U %S'; time "$@" <"$work/records.jsonl" >"$work/out"; } 2>"$work/times" || { tail -3 "$work/times"; return 1; }
  to=$(date +%s.%N)
  awk -v name="$name" -v records="$records" -v from="$from" -v to="$to" 'END { printf "%-14s %8.1f s wall, %8.1f s processor: %9.0f and %9.0f records a second\n",
    name, to - from, $1 + $2, records / (to - from), records / ($1 + $2) }' "$work/times"
}

measure "auscult table" "$auscult" score - -o table || exit 1
measure "auscult jsonl" "$auscult" score - -o jsonl || exit 1
[ "$(grep -c '^{"type":"finding"' "$work/out")" = "$records" ] || { echo "findings are missing from the output"; exit 1; }
command -v jq >/dev/null || { echo "jq is not there"; exit 0; }
measure jq jq -c '[.org, .item, .ip, .port]'

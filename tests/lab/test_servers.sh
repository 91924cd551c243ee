#!/usr/bin/env bash
# test_servers.sh AUSCULT [OPTION…]: scans (with further options of scan) the lab and holds what was found against the hand-written table; the printer must not have had a visit.
set -u
auscult=$1
shift
lab_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$lab_dir/stand.sh"

"$lab" scope >"$work/scope.json"
"$lab" exec scanner "$auscult" scan "$work/scope.json" -q -r 20000 -d "$work/store.db" -o "jsonl=$work/records.jsonl" -o "table=$work/table" "$@" || {
  echo "the scan ended with $?"
  exit 1
}
faults=0
"$lab_dir/compare" "$lab_dir/expected.tsv" "$("$lab" versions)" "$work/records.jsonl" || faults=1
if "$lab" log printer | grep -E '^(connection|printed)'; then
  echo "the printer's port 9100 was visited"
  faults=1
fi
if "$lab" log interfaces | grep '^message'; then
  echo "the interface engine was sent a message"
  faults=1
fi
exit $faults

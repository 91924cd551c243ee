#!/usr/bin/env bash
# log.sh SOURCE AUSCULT: what `scan --log` writes of scans that end, are refused, interrupted and resumed. Loopback only.
set -u
source=$1 auscult=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
faults=0
. "$source/tests/expect.bash"

last() { # last TEXT…: what the newest record must hold
  for text in "$@"; do
    tail -1 log.jsonl | grep -qF -- "$text" || { echo "the newest record has no $text: $(tail -1 log.jsonl)"; faults=$((faults + 1)); }
  done
}
scope() { # scope FROM UNTIL RANGE
  printf '{"auscult":1,"authorization":{"reference":"合同 2026-017","authorized_by":"a","contact":"c","valid_from":"%s","valid_until":"%s"},
"organizations":[{"id":"h1","name":"One","ranges":["%s"]}]}\n' "$1" "$2" "$3"
}
scope 2020-01-01 2099-01-01 127.0.99.0/30 >good.json
scope 2020-01-01 2099-01-01 127.0.98.0/24 >wide.json
scope 2020-01-01 2020-12-31 127.0.99.0/30 >expired.json
scan=(scan -q -r 2k -o jsonl --log log.jsonl)

expect 0 "Usage" "$auscult" log --help
expect 2 "Usage" "$auscult" log verify
expect 2 "none.jsonl" "$auscult" log verify none.jsonl
expect 2 "64 hexadecimal" "$auscult" log verify log.jsonl --head abc

expect 0 '"type":"end"' "$auscult" "${scan[@]}" -p 7-9 -d one.db --seed 9007199254740993 good.json
last '"seq":2' '"event":"ended"' '"how":"complete"' '"sent":12' '"closed":12' '"open":0' '"findings":0' "\"store\":\"$work/one.db\""
[ "$(stat -c %a log.jsonl)" = 600 ] || { echo "the log is not for its owner alone"; faults=$((faults + 1)); }
head -1 log.jsonl >first
for text in '"seq":1' '"event":"authorized"' "\"uid\":$(id -u)" "\"user\":\"$(id -un)\"" "\"host\":\"$(uname -n)\"" \
  "\"scope\":\"$(sha256sum good.json | cut -d' ' -f1)\"" '"reference":"合同 2026-017"' '"ports":"7-9"' '"engine":"connect"' \
  '"rate":2000' '"seed":"9007199254740993"' '"addresses":4' '"targets":12' "\"file\":\"$work/good.json\"" "\"store\":\"$work/one.db\""; do
  grep -qF -- "$text" first || { echo "the first record has no $text: $(cat first)"; faults=$((faults + 1)); }
done
# The hash as the header of journal.h says it, by other programs.
hash=$(tail -1 log.jsonl | sed 's/,"hash":"[0-9a-f]*"}$/}/' | tr -d '\n' | sha256sum | cut -d' ' -f1)
last "\"hash\":\"$hash\""
grep -qF "$hash" log.jsonl.head || { echo "the head is of another record"; faults=$((faults + 1)); }
expect 0 "whole; the newest record is 2, $hash" "$auscult" log verify log.jsonl

expect 3 "nothing was sent" "$auscult" "${scan[@]}" -d no.db expired.json
last '"event":"refused"' '"why":"the authorization' '"file":' "\"scope\":\"$(sha256sum expired.json | cut -d' ' -f1)\"" '"valid_until":"2020-12-31"'
"$auscult" scope keygen owner >out
expect 3 "nothing was sent" "$auscult" "${scan[@]}" -d no.db --require-signature owner.pub good.json
last '"event":"refused"' 'good.json.sig is missing' "\"scope\":\"$(sha256sum good.json | cut -d' ' -f1)\""
"$auscult" scope sign good.json --key owner.key >out
expect 0 '"type":"end"' "$auscult" "${scan[@]}" -p 7 -d two.db --require-signature owner.pub good.json
key=$(sed -n 's/^key: //p' good.json.sig)
tail -2 log.jsonl | head -1 | grep -qF "\"signed_by\":\"$key\"" || { echo "who signed is not in the log"; faults=$((faults + 1)); }
expect 0 "nothing was sent now" "$auscult" scan --dry-run --log log.jsonl good.json
expect 0 "the newest record is 6" "$auscult" log verify log.jsonl

# Stopped in the middle and gone on with: two parts of one run.
"$auscult" scan -q -r 5 -p 7-9 -d three.db -o jsonl --log log.jsonl wide.json >out 2>err &
scanner=$!
for _ in $(seq 200); do
  tail -1 log.jsonl | grep -qF authorized && [ -e three.db ] && break
  sleep 0.05
done
for _ in $(seq 50); do # a shell's background job ignores it until the scan listens
  kill -INT $scanner 2>kill.err || break
  sleep 0.2
done
wait $scanner
[ $? = 130 ] || { echo "not interrupted: $(cat err)"; faults=$((faults + 1)); }
last '"seq":8' '"how":"interrupted"' '"exit":130' '"complete":false'
run=$(tail -1 log.jsonl | sed 's/.*"run":"\([^"]*\)".*/\1/')
expect 0 '"type":"end"' "$auscult" scan -q -r 5k -p 7-9 -d three.db -o jsonl --log log.jsonl --resume wide.json
last '"how":"complete"' '"complete":true' '"closed":768' "\"run\":\"$run\""
tail -2 log.jsonl | head -1 | grep -qF '"resumed":true' || { echo "a resumed run is not called so"; faults=$((faults + 1)); }

# Without a log nothing is sent: no target of the run was begun.
mkdir folder
expect 1 "nothing was sent" "$auscult" scan -q -p 7 -d four.db -o jsonl --log folder good.json
expect 1 "nothing was sent" "$auscult" scan -q -p 7 -d four.db -o jsonl --log /dev/null good.json
expect 0 "the newest record is 10" "$auscult" log verify log.jsonl
expect 0 "合同 2026-017 of a" "$auscult" log show log.jsonl
expect 0 "10  20" "$auscult" log show log.jsonl

# Tampering, as a person would do it.
cp log.jsonl whole.jsonl
sed -i '4s/missing/presenT/' log.jsonl
expect 1 "line 4: record 4 was altered" "$auscult" log verify log.jsonl
expect 1 "line 4: record 4 was altered" "$auscult" log show log.jsonl
sed '4d' whole.jsonl >log.jsonl
expect 1 "line 4: record 4 was removed" "$auscult" log verify log.jsonl
sed '$d' whole.jsonl >log.jsonl
expect 1 "line 10: record 10 was removed" "$auscult" log verify log.jsonl
expect 1 "its head is of record 10" "$auscult" scan -q -p 7 -d five.db -o jsonl --log log.jsonl good.json
expect 0 "can't be told" sh -c 'cp log.jsonl alone.jsonl; exec "$0" log verify alone.jsonl' "$auscult"
newest=$(sed 's/.*"hash":"\([^"]*\)".*/\1/' log.jsonl.head)
expect 1 "was removed" "$auscult" log verify alone.jsonl --head "$newest"
{ head -4 whole.jsonl; sed -n 6p whole.jsonl; sed -n 5p whole.jsonl; tail -4 whole.jsonl; } >log.jsonl
expect 1 "line 5: record 5 was reordered; it stands in line 6" "$auscult" log verify log.jsonl
sed '5p' whole.jsonl >log.jsonl
expect 1 "line 6: record 5 was inserted" "$auscult" log verify log.jsonl
cp whole.jsonl log.jsonl
printf '{"seq":11,"prev":"' >>log.jsonl
expect 0 "the last line is half a record" "$auscult" log verify log.jsonl
expect 0 '"type":"end"' "$auscult" "${scan[@]}" -p 7 -d six.db good.json
expect 0 "1 times a crash left half a record" "$auscult" log verify log.jsonl --head "$newest"
grep -qF '"seq":11,"prev":"'"$newest" log.jsonl && grep -qF '"torn":{"bytes":18,' log.jsonl || { echo "the torn line is not marked"; faults=$((faults + 1)); }

[ "$faults" = 0 ] && echo "all as promised"
exit "$faults"

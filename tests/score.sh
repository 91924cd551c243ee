#!/usr/bin/env bash
# score.sh SOURCE AUSCULT: records score the same whether they come ordered by organization, and past the store, or not, and into it;
# from a file, through a pipe, in several files; and what is wrong is said in the same words.
set -u
auscult=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
faults=0

awk 'BEGIN { srand(4); split("H04-1 H03-2 H06-1 N1-2 B6-1 N3-1 unknown", items, " ")
  for (organization = 12; organization > 0; organization--) for (i = 0; i < 60; i++) {
    printf "{\"type\":\"finding\",\"org\":\"h%d\",\"item\":\"%s\",\"ip\":\"192.0.2.%d\",\"port\":%d", organization, items[int(rand() * 7) + 1], rand() * 9 + 1, rand() * 3 + 80
    printf ",\"confidence\":%d,\"why\":\"reason %s%d\"}\n", rand() * 5 + 1, i % 9 ? "" : "\\u4e00", rand() * 4 } }' >ordered
{ cat ordered; echo '{"type":"assessed","org":"h1","items":["H04-1","H03-1"]}'; } >ends_with_assessed
sort -t '"' -k 8,8 -s ordered -r | awk -F '"' '{ print ($8 " " NR * 7919 % 1000 "\t" $0) }' | sort -s -k 1,1 -k 2,2n | cut -f 2- >within
shuf --random-source=<(yes) ordered >shuffled

# What does not hang on the moment or on the order of lines.
plain() { sed -E 's/"run":"[0-9a-f-]{36}"//g; s/"started":"[^"]*"//g; /Started  /d' "$@" | sort; }

# same NAME FORM FILE COMMAND…: the command's output is that of the file before it
same() {
  local name=$1 expected=$2
  shift 2
  "$@" >out 2>err
  if ! plain out | cmp -s - "$expected" || [ -s err ]; then
    echo "$name differs"
    plain out | diff "$expected" - | head -5 | cut -c 1-300
    head -3 err
    faults=$((faults + 1))
  fi
}

for form in jsonl table; do
  "$auscult" score shuffled -o "$form" | plain >"expected.$form"
  [ "$(grep -c . "expected.$form")" -gt 40 ] || { echo "nothing to compare"; exit 1; }
  same "$form of an ordered file" "expected.$form" "$auscult" score ordered -o "$form"
  same "$form of another order within" "expected.$form" "$auscult" score within -o "$form"
  same "$form of standard input" "expected.$form" "$auscult" score - -o "$form" <ordered
  same "$form of a pipe" "expected.$form" bash -c "cat ordered | '$auscult' score - -o $form"
  same "$form of an unordered pipe" "expected.$form" bash -c "cat shuffled | '$auscult' score - -o $form"
  head -120 ordered >first
  tail -n +121 ordered >second
  same "$form of a named pipe" "expected.$form" bash -c "'$auscult' score <(cat ordered) -o $form"
  same "$form of two files" "expected.$form" "$auscult" score first second -o "$form"
  same "$form of a file and a pipe" "expected.$form" bash -c "cat second | '$auscult' score first - -o $form"
  head -130 ordered >first
  tail -n +131 ordered >second
  same "$form of an organization in two files" "expected.$form" "$auscult" score first second -o "$form"
done
# One document: the findings of an organization may stand in another order, nothing else.
ordered_json() {
  python3 -c 'import json, sys
document = json.load(sys.stdin)
document["run"] = document["end"]["run"] = None
for organization in document["organizations"]: organization["findings"].sort(key=json.dumps)
print(json.dumps(document))'
}
"$auscult" score shuffled -o json | ordered_json >expected.json
"$auscult" score ordered -o json | ordered_json | cmp - expected.json || { echo "json differs"; faults=$((faults + 1)); }

# An organization that comes back with what was assessed.
{ sed -n '$p' ends_with_assessed; cat ordered; } >begins_with_assessed
"$auscult" score begins_with_assessed -o jsonl | plain >expected.jsonl
same "assessed at the end" expected.jsonl "$auscult" score ends_with_assessed -o jsonl
grep -q '"org":"h1","items":\[[^]]*"H03-1"' expected.jsonl || { echo "nothing assessed"; faults=$((faults + 1)); }

# The same complaints, the lines' numbers included.
for file in ordered shuffled; do
  { head -50 "$file"; echo '{"type":"finding","org":"h0","item":"X","confidence":9}'; echo 'no json'; echo; echo '[1]'
    echo '{"type":"finding","org":"h0","item":"X","ip":"1.2.3","nonsense":1}'; tail -n +51 "$file"; } >wrong
  "$auscult" score wrong >out 2>"complaints.$file"
  [ $? = 2 ] && [ ! -s out ] || { echo "$file with mistakes is not refused"; faults=$((faults + 1)); }
  cat wrong | "$auscult" score - 2>&1 >out | sed 's/^standard input/wrong/' | cmp -s - "complaints.$file" ||
    { echo "through a pipe the complaints about $file differ"; faults=$((faults + 1)); }
done
cmp complaints.ordered complaints.shuffled || faults=$((faults + 1))
[ "$(cut -d : -f 2 complaints.ordered | paste -sd ,)" = 51,52,54,55,55 ] || { cat complaints.ordered; faults=$((faults + 1)); }

[ "$faults" = 0 ]

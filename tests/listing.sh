#!/usr/bin/env bash
# listing.sh SOURCE AUSCULT: scope files made of options, of answers on a terminal, and of an authority's list. Sends nothing.
set -u
source=$1 auscult=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
faults=0
. "$source/tests/expect.bash"

fault() {
  echo "$*"
  faults=$((faults + 1))
}
from=(--reference "合同 2026-017" --by "Dr. Chen" --contact soc@hospital.example --from 2026-01-01)
all=("${from[@]}" --until 2026-12-31)

for verb in init from; do expect 0 "Usage" "$auscult" scope "$verb" --help; done
expect 2 "also wants --reference, --by, --contact, --from, --until" "$auscult" scope init
expect 2 "want --org ID=NAME and --range" "$auscult" scope init one.json "${all[@]}"
expect 2 "--org h1 wants --range" "$auscult" scope init one.json "${all[@]}" --org h1=One
expect 2 "want --org ID=NAME before it" "$auscult" scope init one.json "${all[@]}" --range 192.0.2.0/24
expect 2 "want ID=NAME" "$auscult" scope init one.json "${all[@]}" --org h1
expect 2 "--until: want it once" "$auscult" scope init one.json "${all[@]}" --until 2026-11-30
expect 2 'one.json: --range: "192.0.2.1/24" is not' "$auscult" scope init one.json "${all[@]}" --org h1=One --range 192.0.2.1/24
expect 2 'one.json: --until: "valid_until" comes before' "$auscult" scope init one.json "${from[@]}" --until 2025-12-31 --org h1=One --range 192.0.2.0/24
expect 2 'one.json: --max-rate: "max_rate" must be a number' "$auscult" scope init one.json "${all[@]}" --max-rate fast --org h1=One --range 192.0.2.0/24
[ ! -e one.json ] || fault "a wrong scope was written"
expect 0 "one.json is written" "$auscult" scope init one.json "${all[@]}" --hours 22:00-24:00 --hours 00:00-06:00 --timezone Asia/Shanghai \
  --max-rate 2000 --max-rate-per-host 2.5 --max-rate-per-network 40 --ports 22,8000-8100 --exclude-ports 9100 --vantage partner --exclude 192.0.2.66 \
  --org h1="First \"Hospital\"" --range 192.0.2.0/24 --fragile 192.0.2.128/26 --domain hospital.example --province 广东 --level 3A \
  --org h2=二 --range 2001:db8::/120
expect 0 "right; 2 organizations" "$auscult" scope check one.json
for text in "合同 2026-017" "22:00-24:00, 00:00-06:00 Asia/Shanghai" "2000 probes" "2.5 probes" "40 probes" "22,8000-8100" "9100" "partner" "1 addresses" \
  'h1  First "Hospital"' "广东" "hospital.example" "h2  二"; do expect 0 "$text" "$auscult" scope show one.json; done
before=$(sha256sum one.json)
expect 1 "one.json is there already" "$auscult" scope init one.json "${all[@]}" --org h1=One --range 192.0.2.0/24
[ "$before" = "$(sha256sum one.json)" ] || fault "init wrote over a file"

# On a terminal it asks for what is left out, until the answer is right.
answers='合同\nwho\nsoon\n2026-12-31\nh 1\nh1\nFirst\n192.0.2.0/33\n192.0.2.0/25、192.0.2.130 - 140\na\na.example\nh2\nSecond\n192.0.3.7\n\n\n'
if command -v script >/dev/null; then
  printf '%b' "$answers" | script -qec "'$auscult' scope init asked.json --contact c --from 2026-01-01 --lang zh" /dev/null >talk 2>&1
  expect 0 "right; 2 organizations" "$auscult" scope check asked.json
  expect 0 "h2  Second" "$auscult" scope show asked.json
  expect 0 "a.example" "$auscult" scope show asked.json
  grep -q '截止日期' talk && grep -q 'want a day like' talk && grep -q 'want 1 to 40 letters' talk || fault "the questions: $(cat talk)"
  printf '合同\n' | script -qec "'$auscult' scope init cut.json" /dev/null >out 2>&1
  [ ! -e cut.json ] || fault "half of the answers made a scope"
fi

cat >list.csv <<'END'
序号,机构名称,所在省份,等级,IP地址段（公网）,网站域名,备注
1,第一医院,广东,三甲,"192.0.2.0/25、192.0.2.130-140
198.51.100.1~198.51.100.9",hospital.cn；h1.cn,无
2,"贵阳, 市医院",贵州,二级,203.0.113.0/24,,
3,第一医院,,,2001:db8::/120,,
END
expect 2 "also wants --until" "$auscult" scope from list.csv "${from[@]}"
expect 2 "--map: want PART=COLUMN; the parts are id name" "$auscult" scope from list.csv "${all[@]}" --map owner=x
expect 2 "--delimiter" "$auscult" scope from list.csv "${all[@]}" --delimiter '|'
expect 2 'no column is called "公网"' "$auscult" scope from list.csv "${all[@]}" --map ranges=公网
expect 2 "none.csv" "$auscult" scope from none.csv "${all[@]}"
expect 0 "columns left out: 序号, 备注" "$auscult" scope from list.csv "${all[@]}" -o list.json
expect 0 "right; 2 organizations" "$auscult" scope check list.json
expect 0 "贵阳, 市医院" "$auscult" scope show list.json
expect 1 "list.json: File exists" "$auscult" scope from list.csv "${all[@]}" -o list.json
"$auscult" scope from list.csv "${all[@]}" >stdout.json 2>err
cmp -s stdout.json list.json || fault "standard output gives another scope"
iconv -f UTF-8 -t GB18030 list.csv >gb.csv
"$auscult" scope from gb.csv "${all[@]}" 2>err | cmp -s - list.json || fault "GB18030 gives another scope"
{ printf '\357\273\277'; sed 's/$/\r/' list.csv; } >excel.csv
"$auscult" scope from excel.csv "${all[@]}" 2>err | cmp -s - list.json || fault "what Excel saves gives another scope"
printf '名称;外网\nA;192.0.2.1/24\nB;192.0.3.0 192.0.3.0/33\n;192.0.4.0\nD;10.0.0.0/8;\n' >wrong.csv
expect 2 'wrong.csv:2:3: "192.0.2.1/24"' "$auscult" scope from wrong.csv "${from[@]}" --until 2020-01-01 --map ranges=外网 -o wrong.json
for text in 'wrong.csv:3:3: "192.0.3.0/33"' "wrong.csv:4:1: the line has no name" "wrong.csv:5:1: 3 fields" "wrong.csv: --until:"; do
  grep -qF -- "$text" err || fault "not all mistakes at once: no $text"
done
[ ! -e wrong.json ] || fault "a wrong scope was written"

[ "$faults" = 0 ] && echo "all as promised"
exit "$faults"

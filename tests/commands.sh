#!/usr/bin/env bash
# commands.sh SOURCE AUSCULT: what contract.md promises of usage, files and exit codes, without any packet beyond loopback.
set -u
source=$1 auscult=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
faults=0
. "$source/tests/expect.bash"

scope() { # scope FROM UNTIL RANGE [MORE]
  printf '{"auscult":1,"authorization":{"reference":"T-1","authorized_by":"a","contact":"c","valid_from":"%s","valid_until":"%s"%s},
"organizations":[{"id":"h1","name":"One","province":"P","ranges":["%s"]}]}\n' "$1" "$2" "${4:-}" "$3"
}
scope 2020-01-01 2099-01-01 127.0.99.0/29 >good.json
scope 2020-01-01 2020-12-31 127.0.99.0/29 >expired.json
scope 2098-01-01 2099-01-01 127.0.99.0/29 >early.json
scope 2020-01-01 2099-01-01 127.0.99.1/29 >wrong.json
scope 2020-01-01 2099-01-01 127.0.99.0/29 ',"exclude_ports":"1-65535"' >nothing.json

expect 0 "Usage" "$auscult" --help
expect 2 "Usage" "$auscult"
expect 0 "auscult " "$auscult" --version
expect 2 "no command" "$auscult" nonsense
for command in scan log stop score report diff import scope catalogue identify baseline compare cohort calibrate; do expect 0 "Usage" "$auscult" "$command" --help; done
expect 0 "mysql.tls_offered" "$auscult" facts

expect 0 "right" "$auscult" scope check good.json
expect 0 "T-1" "$auscult" scope show good.json
expect 2 "wrong.json:2:" "$auscult" scope check wrong.json
expect 2 "none.json" "$auscult" scope check none.json

expect 0 "connect  can be had" "$auscult" doctor --lang en
expect 0 "connect  可用" "$auscult" doctor --lang zh good.json
expect 0 "at most 514 SYNs wait at a time: 571 a second" bash -c 'ulimit -n 1024; exec "$@"' - "$auscult" doctor --lang en
expect 0 "至多同时等待 514 个 SYN" bash -c 'ulimit -n 1024; exec "$@"' - "$auscult" doctor --lang zh
expect 2 "wrong.json:2:" "$auscult" doctor wrong.json
expect 2 "Usage" "$auscult" doctor good.json good.json
expect 2 "--lang" "$auscult" doctor --lang fr

expect 2 "one scope file" "$auscult" scan
expect 2 "--rate" "$auscult" scan --rate fast good.json
expect 2 "--ports" "$auscult" scan -p 0 good.json
expect 2 "udp" "$auscult" scan -p 161/udp good.json
expect 2 "--shard" "$auscult" scan --shard 3/2 good.json
expect 2 "--engine" "$auscult" scan --engine magic good.json
expect 2 "no packets" "$auscult" scan -d no.db --engine connect --pcap no.pcap good.json
expect 2 "want a capture and a scope" "$auscult" replay good.json
expect 2 "good.json" "$auscult" replay -d no.db good.json good.json
expect 2 "--timeout" "$auscult" scan --timeout 2 good.json
expect 2 "--output" "$auscult" scan -o docx good.json
expect 2 "there is no option" "$auscult" scan --nonsense good.json
expect 2 "no scan runs on no.db" "$auscult" stop no.db
expect 2 "want one store" "$auscult" stop
expect 2 "wrong.json:2:" "$auscult" scan wrong.json
expect 3 "nothing was sent" "$auscult" scan -d no.db expired.json
expect 3 "nothing was sent" "$auscult" scan -d no.db early.json
expect 3 "nothing was sent" "$auscult" scan -d no.db nothing.json
[ ! -e no.db ] || { echo "a refused scan made a store"; faults=$((faults + 1)); }

expect 0 "nothing was sent now" "$auscult" scan --dry-run good.json
expect 0 '"type":"end"' "$auscult" scan -q -d one.db -p 7-9 -r 2k -o jsonl --seed 5 good.json
expect 2 "no unfinished run" "$auscult" scan -q -d one.db -p 7-9 --resume good.json
expect 0 '"type":"scorecard"' "$auscult" score one.db -o jsonl
expect 0 '"type":"scorecard"' "$auscult" score one.db --scope good.json --org h1 -o jsonl
expect 2 "no such organization" "$auscult" score one.db --org h9 -o jsonl

# The scan kept its scope file, so that a report needs the store alone and says what the scan said.
expect 0 '"type":"scorecard"' "$auscult" report one.db -o jsonl
run=$(grep -o '"run":"[0-9a-f-]*"' out | sort -u)
[ "$(printf '%s\n' "$run" | wc -l)" = 1 ] || { echo "the report has not the run's own id: $run"; faults=$((faults + 1)); }
id=${run#*:\"}
expect 0 '"authorized":8,"asked":8' "$auscult" report one.db -o jsonl --run "${id%%-*}"
expect 2 "no such run" "$auscult" report one.db -o jsonl --run nobody
expect 2 "no such organization" "$auscult" report one.db --org h9 -o jsonl
expect 2 "want one store" "$auscult" report one.db one.db
expect 1 "SQLite" "$auscult" report good.json
expect 2 "wrong.json:2:" "$auscult" report one.db --scope wrong.json
expect 0 '"type":"end"' "$auscult" report one.db --without-addresses -o jsonl
before=$(sha256sum one.db)
expect 0 "One" "$auscult" report one.db -o table --lang en
[ "$before" = "$(sha256sum one.db)" ] || { echo "a report changed the store"; faults=$((faults + 1)); }

# Changes: a first scan has none; the second is held against it; nothing is written.
expect 0 "nothing can be new" "$auscult" diff one.db --fail-on new
expect 2 "nothing can be new" "$auscult" diff one.db
expect 0 "nothing can be new" "$auscult" report one.db -o jsonl --fail-on new
cp one.db two_scans.db
expect 0 '"type":"index_change"' "$auscult" scan -q -p 7 -r 2k -o jsonl -d two_scans.db --fail-on new --fail-on gate good.json
before=$(sha256sum two_scans.db)
expect 0 "what changed" "$auscult" diff two_scans.db -o table --lang en
expect 0 "两次扫描之间的变化" "$auscult" diff two_scans.db -o table --lang zh
expect 0 '"auscult_changes":1' "$auscult" diff two_scans.db -o json --fail-on new --fail-on gate
expect 0 "complete" "$auscult" store list two_scans.db
expect 2 "--list" "$auscult" diff two_scans.db --list
newest=$("$auscult" store list two_scans.db | sed -n 2p | cut -c1-8)
oldest=$("$auscult" store list two_scans.db | tail -1 | cut -c1-8)
expect 0 "\"run\":\"$oldest" "$auscult" diff two_scans.db "$oldest" "$newest" -o jsonl
expect 2 "is not before" "$auscult" diff two_scans.db "$newest" "$oldest"
expect 2 "holds no scan 'nobody'" "$auscult" diff two_scans.db nobody
expect 2 "neither scan has such" "$auscult" diff two_scans.db --org h9 -o jsonl
expect 2 "want new or gate" "$auscult" diff two_scans.db --fail-on sometimes
expect 2 "want a store" "$auscult" diff
expect 2 "whose id begins so" "$auscult" report two_scans.db -o jsonl --since "$newest"
expect 0 '"type":"changes"' "$auscult" report two_scans.db -o jsonl --since "$oldest"
"$auscult" report two_scans.db -o jsonl --since none | grep -q '"type":"changes"' && { echo "--since none told changes"; faults=$((faults + 1)); }
echo '{"auscult_deadlines":1,"name":"x","source":{"en":"x"},"rules":[{"days":0}],"items":[]}' >deadlines.json
expect 2 "deadlines.json:1:72:" "$auscult" diff two_scans.db --deadlines deadlines.json
[ "$before" = "$(sha256sum two_scans.db)" ] || { echo "diff changed the store"; faults=$((faults + 1)); }
for kept in "'no scope of ours'" NULL; do # a scope that another version kept, and none
  cp two_scans.db kept.db
  python3 -c "import sqlite3; c = sqlite3.connect('kept.db'); c.execute(\"UPDATE runs SET scope_text = $kept\"); c.commit()"
  code=2 said="was kept by another version; --scope FILE"
  if [ "$kept" = NULL ]; then code=0 said="kept no scope file"; fi
  for command in report diff; do
    expect "$code" "$said" "$auscult" "$command" kept.db -o json
    expect 0 '"auscult' "$auscult" "$command" kept.db -o json --scope good.json
  done
done
expect 1 "SQLite" "$auscult" scan -q -d good.json -p 7 good.json

echo '{"type":"finding","org":"h1","item":"H04-1"}' >finding.jsonl
echo '{"type":"finding","org":"h1","item":' >cut.jsonl
expect 0 '"index":200' "$auscult" score finding.jsonl -o jsonl
expect 4 "below" "$auscult" score finding.jsonl --fail-below 900 -o jsonl
expect 2 "cut.jsonl:1:" "$auscult" score cut.jsonl -o jsonl
expect 0 "106 items" "$auscult" catalogue list --catalogue cn-medical-2018
expect 0 "H03-1" "$auscult" catalogue show H03-1
expect 2 "no such item" "$auscult" catalogue show X1-1
expect 0 "cn-2018-08" "$auscult" baseline list
expect 0 "175/484" "$auscult" baseline show cn-2018-08 --lang en
expect 0 "分母：机构" "$auscult" baseline show cn-2018-08 --lang zh
expect 2 "none.json" "$auscult" baseline show none.json
expect 2 "good.json:1:" "$auscult" baseline check good.json
expect 2 "Usage" "$auscult" baseline build
expect 2 "our-province-2026" "$auscult" baseline build 'a b' one.db
expect 2 "asked for no port" "$auscult" baseline build ours one.db
expect 0 '"type":"end"' "$auscult" scan -q -d two.db -p 22,3306 -r 2k -o jsonl good.json
"$auscult" baseline build ours two.db >ours.json || { echo "no baseline could be built"; faults=$((faults + 1)); }
expect 0 "right; ours" "$auscult" baseline check ours.json

expect 0 '"type":"subject"' "$auscult" compare one.db -o jsonl
expect 0 '"auscult_comparison":1' "$auscult" compare one.db -o json --org h1
expect 0 "denominator of the baseline unknown" "$auscult" compare one.db -o table --lang en
expect 0 "分母未知" "$auscult" compare one.db -o table --lang zh --group province=P
expect 0 "not calibrated" "$auscult" compare one.db -o table --lang en
expect 0 "ours" "$auscult" compare two.db -o table --baseline ours.json
expect 2 "no complete run" "$auscult" compare one.db --org h9
expect 2 "KEY=VALUE" "$auscult" compare one.db --group province
expect 2 "--denominator" "$auscult" compare one.db --denominator hosts
expect 2 "--output" "$auscult" compare one.db -o pdf
expect 2 "none.json" "$auscult" compare one.db --baseline none.json
expect 1 "SQLite" "$auscult" compare good.json
echo '{"auscult_baseline":1,"name":"b","date":"2026","population":{"en":"p"},"source":{"en":"s"},"figures":[
{"id":"a","zh":"a","en":"a","ports":"7","denominator":"address","share":0.5}]}' >unlike.json
expect 2 "unlike denominators" "$auscult" compare one.db --baseline unlike.json --denominator host
expect 0 "unlike denominators, forced" "$auscult" compare one.db --baseline unlike.json --denominator host --force -o table --lang en
expect 0 '"type":"rank","key":"province","value":"P","org":"h1","rank":1,"of":1' "$auscult" cohort two.db -o jsonl
expect 0 '"auscult_cohort":1' "$auscult" cohort two.db -o json
expect 0 "省份" "$auscult" cohort two.db -o table --lang zh
expect 0 "One (h1)" "$auscult" cohort two.db -o table --lang en --by province
expect 0 '"name":"One","tags":{"province":"P"}' "$auscult" score two.db -o json
expect 2 "there is all, province" "$auscult" cohort two.db --by owner
expect 2 "an index that fits" "$auscult" cohort two.db --vantage partner
expect 2 "forms are table, json, jsonl" "$auscult" cohort two.db -o pdf
expect 1 "SQLite" "$auscult" cohort good.json

{
  echo '{"type":"run","catalogue":"cn-medical-2018+auscult-2026","vantage":"internet","started":"2026-11-20T10:00:00Z"}'
  for i in $(seq 120); do
    echo "{\"type\":\"scorecard\",\"org\":\"h$i\",\"index\":$((300 + i * 5)),\"score\":$((300 + i * 5)),\"gate\":\"good\"}"
  done
} >cards.jsonl
expect 0 "quantile: 120 organizations, to cn-2018-08" "$auscult" calibrate --baseline cn-2018-08 --kind quantile --lang en -o fit.json cards.jsonl
expect 0 "right" "$auscult" catalogue check fit.json
expect 0 '"calibration":"calibrated-' "$auscult" cohort two.db --catalogue fit.json -o jsonl
expect 0 '"baseline":	"cn-2018-08"' "$auscult" calibrate --baseline cn-2018-08 --kind power cards.jsonl
expect 0 "种子 7" "$auscult" calibrate --baseline cn-2018-08 --kind power --seed 7 --lang zh cards.jsonl
head -50 cards.jsonl >few.jsonl
expect 2 "can't carry a fit" "$auscult" calibrate --baseline cn-2018-08 --kind power few.jsonl
expect 0 '"gamma"' "$auscult" calibrate --baseline cn-2018-08 --kind power --force few.jsonl
{ cat cards.jsonl; echo '{"type":"run","catalogue":"other","vantage":"internal"}'; echo '{"type":"scorecard","org":"x","index":1,"score":1}'; } >mixed.jsonl
expect 2 "not made alike" "$auscult" calibrate --baseline cn-2018-08 --kind power mixed.jsonl
expect 0 "120 organizations" "$auscult" calibrate --baseline cn-2018-08 --kind power --vantage internet mixed.jsonl
expect 2 "no fit to b: the baseline has no mean" "$auscult" calibrate --baseline unlike.json --kind power cards.jsonl
expect 2 "--kind" "$auscult" calibrate --baseline cn-2018-08 cards.jsonl
expect 2 "--knots" "$auscult" calibrate --baseline cn-2018-08 --kind quantile --knots 1 cards.jsonl
expect 2 "cut.jsonl:1:" "$auscult" calibrate --baseline cn-2018-08 --kind power cut.jsonl

# What is no file is written to, and stays what it is: root would lose /dev/null.
mkfifo pipe
timeout 60 cat pipe >piped &
"$auscult" score finding.jsonl -o json=pipe && wait && [ -p pipe ] && grep -q '"index":200' piped || { echo "a pipe was not written to"; faults=$((faults + 1)); }

# An audit: what tests/audit does at length.
echo '{"auscult_audit":1,"scope":"good.json","state":"audit","ports":"7-9","rate":2000,"keep":2,"languages":["en"],"wiat":true}' >typo.json
sed 's/,"wiat":true//' typo.json >audit.json
expect 0 "Usage" "$auscult" audit --help
expect 2 "one file or name" "$auscult" audit
expect 2 "/etc/auscult/no-such-audit.json" "$auscult" audit no-such-audit
expect 2 'did you mean "wait"' "$auscult" audit typo.json
[ ! -e audit ] || { echo "a refused audit made a state folder"; faults=$((faults + 1)); }
expect 0 "the first complete run" "$auscult" audit audit.json
expect 0 "audit audit: done" "$auscult" audit audit.json
expect 0 "1 runs older" "$auscult" audit audit.json
[ "$(ls audit/runs | wc -l)" = 2 ] && [ -s audit/latest/report-en.txt ] || { echo "an audit left other runs than it should"; faults=$((faults + 1)); }
expect 0 "complete" "$auscult" store list audit/auscult.db
expect 2 "--keep" "$auscult" store prune audit/auscult.db
expect 0 "1 runs forgotten" "$auscult" store prune --keep 1 audit/auscult.db
expect 2 "--keep" "$auscult" store prune --keep 0 audit/auscult.db
printf 'SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n' >ssh.bytes
"$auscult" identify ssh <ssh.bytes >out && grep -q '"product":"OpenSSH"' out || { echo "identify ssh: $(cat out)"; faults=$((faults + 1)); }
"$auscult" identify mysql <ssh.bytes >out
[ $? = 1 ] || { echo "identify took SSH for MySQL"; faults=$((faults + 1)); }

# Imports: all of a file or nothing of it, and what it covers counts beside the newest scan.
cat >report.xml <<'END'
<?xml version="1.0"?>
<nmaprun scanner="nmap" start="1795600000"><scaninfo type="syn" protocol="tcp" services="23,445"/>
<host><status state="up"/><address addr="127.0.99.1" addrtype="ipv4"/><ports><extraports state="closed" count="1"/>
<port protocol="tcp" portid="445"><state state="open"/><service name="microsoft-ds" method="probed"/></port></ports></host>
<host><status state="up"/><address addr="8.8.8.8" addrtype="ipv4"/><ports><port protocol="tcp" portid="445"><state state="open"/></port></ports></host>
<runstats><finished time="1795600009"/></runstats></nmaprun>
END
head -c 300 report.xml >cut.xml
printf 'org,audit,backup\nh1,no,yes\n' >survey.csv
printf 'org,audit,backup\nh1,no,perhaps\n' >odd.csv
expect 0 "nmap's XML" "$auscult" import --help
expect 2 "there is no format 'pdf'" "$auscult" import pdf report.xml --scope good.json -d none.db
expect 2 "--scope FILE" "$auscult" import nmap report.xml -d none.db
expect 2 "cut.xml:4:" "$auscult" import nmap cut.xml --scope good.json -d none.db
expect 2 "report.xml:1:" "$auscult" import masscan report.xml --scope good.json -d none.db
expect 2 "odd.csv:2:7: \"perhaps\" is no answer" "$auscult" import survey odd.csv --scope good.json -d none.db
expect 2 "wants --map FILE" "$auscult" import csv survey.csv --scope good.json -d none.db
expect 2 "has no such organization" "$auscult" import nmap report.xml --scope good.json --org h9 -d none.db
expect 2 "none.xml" "$auscult" import nmap none.xml --scope good.json -d none.db
[ ! -e none.db ] || { echo "a refused import made a store"; faults=$((faults + 1)); }
expect 0 "of no organization of the scope: 1" "$auscult" import nmap report.xml --scope good.json -d one.db --lang en
expect 0 "nmap imported" "$auscult" import nmap report.xml --scope good.json -d three.db --lang en
expect 0 '"name":"One","tags":{"province":"P"}' "$auscult" report three.db -o json
before=$(sha256sum one.db)
expect 2 "cut.xml:" "$auscult" import nmap cut.xml --scope good.json -d one.db
expect 2 "odd.csv:2:" "$auscult" import survey odd.csv --scope good.json -d one.db
after=$(sha256sum one.db)
[ "$before" = "$after" ] || { echo "a refused import changed the store"; faults=$((faults + 1)); }
expect 0 '"item":"H02-1","ip":"127.0.99.1","port":445' "$auscult" score one.db -o jsonl --scope good.json
expect 0 '"format":"nmap","file":"report.xml"' "$auscult" score one.db -o jsonl --scope good.json
"$auscult" import survey - --scope good.json -d two.db --lang en <survey.csv >out || { echo "import of standard input: $(cat out)"; faults=$((faults + 1)); }
expect 0 "survey imported" "$auscult" import survey survey.csv --scope good.json -d two.db --lang en
expect 0 '"D5-1","D5-2"' "$auscult" score two.db -o jsonl --scope good.json
expect 0 "survey survey.csv" "$auscult" score two.db -o table --lang en --scope good.json
expect 0 "其他来源" "$auscult" score two.db -o table --lang zh --scope good.json

[ "$faults" = 0 ] && echo "all as promised"
exit "$faults"

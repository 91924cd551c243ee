#!/usr/bin/env bash
# test_audit.sh AUSCULT: a machine whose first process is systemd stands where the lab's scanner is, and auscult@lab.timer is enabled in
# it as the README says. It catches a missed audit up; servers are stopped, started, replaced and switched off, and the next audit tells
# just that to a command; an audit that is killed is started again and goes on. All under the restrictions of the unit as it is.
set -u
auscult=$1
lab_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
units=$lab_dir/../../contrib/systemd
for tool in systemd-nspawn systemctl nsenter; do
  command -v $tool >/dev/null || { echo "skipped: $tool is not there"; exit 77; }
done
[ -x /usr/lib/systemd/systemd ] || { echo "skipped: systemd is not there"; exit 77; }
. "$lab_dir/stand.sh"
faults=0
fault() {
  echo "$1"
  faults=1
}

# The machine is this one's own files with a layer over them, which is gone with the test.
machine=$work/machine/root
nspawn=0
fall() {
  [ $nspawn = 0 ] || { kill -TERM $nspawn; sleep 0.5; kill -KILL $nspawn; wait $nspawn; } 2>/dev/null
  umount -R "$machine" 2>/dev/null
  umount "$work/machine" 2>/dev/null
  "$lab" down
  rm -rf --one-file-system "$work"
}
trap fall EXIT
mkdir "$work/machine"
mount -t tmpfs -o mode=755 machine "$work/machine" && mkdir "$work/machine"/{upper,work,root} &&
  mount -t overlay overlay -o "lowerdir=/,upperdir=$work/machine/upper,workdir=$work/machine/work" "$machine" ||
  { echo "skipped: no layer can be laid over this machine's files"; exit 77; }
rm -rf "$machine/etc/machine-id" "$machine"/etc/systemd/system/*.wants "$machine"/etc/systemd/system/auscult* "$machine/etc/auscult" \
  "$machine/var/lib/auscult"

install -m 755 "$auscult" "$machine/usr/bin/auscult"
install -m 644 "$units"/auscult@.{service,timer} "$machine/usr/lib/systemd/system/"
install -D -m 644 "$units/auscult.sysusers" "$machine/usr/lib/sysusers.d/auscult.conf"
install -D -m 644 "$units/auscult.tmpfiles" "$machine/usr/lib/tmpfiles.d/auscult.conf"
# Only the moments are the test's, and a checked build can't look for leaks where nobody may trace.
mkdir "$machine"/etc/systemd/system/auscult@lab.{service,timer}.d
printf '[Service]\nRestartSec=100ms\nEnvironment=ASAN_OPTIONS=detect_leaks=0\n' >"$machine/etc/systemd/system/auscult@lab.service.d/test.conf"
printf '[Timer]\nRandomizedDelaySec=0\n' >"$machine/etc/systemd/system/auscult@lab.timer.d/test.conf"
cat >"$machine/usr/local/bin/tell" <<'END'
#!/bin/sh
cd "$STATE_DIRECTORY/lab" && env >told.environment && cat >told.change && cat /proc/self/status >told.status && echo "$*" >told.arguments
END
chmod 755 "$machine/usr/local/bin/tell"

"$lab" exec scanner systemd-nspawn --directory="$machine" --boot --register=no --keep-unit --machine=auscult-lab --console=pipe \
  systemd.unit=basic.target </dev/null >"$work/boot" 2>&1 &
nspawn=$!
inside() { nsenter --target "$leader" --all -- "$@"; }
until_true() { # until_true WHAT COMMAND…
  local what=$1 end=$((SECONDS + 60))
  shift
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || { fault "in a minute it did not come to that: $what"; return 1; }
    sleep 0.1
  done
}
is_up() { leader=$(pgrep -P $nspawn | head -n 1) && [ -n "$leader" ] && [ "$(inside systemctl is-active basic.target)" = active ]; }
end=$((SECONDS + 30))
until is_up 2>/dev/null; do
  if [ $SECONDS -ge $end ] || ! kill -0 $nspawn 2>/dev/null; then
    echo "skipped: systemd can't be had as the first process here: $(tail -n 3 "$work/boot")"
    exit 77
  fi
  sleep 0.2
done

inside systemd-sysusers && inside systemd-tmpfiles --create auscult.conf || fault "the user or the folder could not be made"
cat >"$work/scope.json" <<END
{ "auscult": 1,
  "authorization": { "reference": "LAB-5", "authorized_by": "auscult tests", "contact": "lab@h001.example", "max_rate_per_host": 2000,
                     "valid_from": "$(date -d yesterday +%F)", "valid_until": "$(date -d '+30 days' +%F)" },
  "organizations": [
    { "id": "h001", "name": "粤东示范医院", "ranges": ["192.0.2.10", "192.0.2.12"] },
    { "id": "h003", "name": "北京示范医院", "ranges": ["203.0.113.12-203.0.113.15"] } ] }
END
cat >"$work/lab.json" <<'END'
{ "auscult_audit": 1, "scope": "scope.json", "ports": "22,23,3306,6379,11211", "rate": 5000, "engine": "packet", "keep": 2,
  "languages": ["zh", "en"], "forms": ["table", "csv", "jsonl"],
  "on_change": { "command": ["/usr/local/bin/tell", "ward 7"], "index_falls_by": 1 } }
END
sed 's/"rate": 5000/"rate": 2/' "$work/lab.json" >"$work/slow.json"
configure() { # configure FILE NAME: as root would, readable to the audits' user
  install -m 640 "$work/$1" "$machine/etc/auscult/$2" && inside chgrp auscult "/etc/auscult/$2"
}
configure scope.json scope.json && configure lab.json lab.json || fault "the audit could not be configured"

state=$machine/var/lib/auscult/lab
service() { inside systemctl show --value --property="$1" auscult@lab.service; }
finished() { # finished LATEST_BEFORE: another run than that is reported, and the service is at rest
  local latest
  latest=$(readlink "$state/latest") && [ "$latest" != "$1" ] && [ -e "$state/$latest/done" ] && [ "$(service ActiveState)" = inactive ]
}
said() { inside journalctl --no-pager --output=cat --unit=auscult@lab.service; }
# missed: the timer finds that its moment was three weeks ago
missed() {
  local before
  before=$(readlink "$state/latest")
  inside systemctl stop auscult@lab.timer
  inside mkdir -p /var/lib/systemd/timers
  inside touch -d '3 weeks ago' /var/lib/systemd/timers/stamp-auscult@lab.timer
  inside systemctl enable --now auscult@lab.timer 2>/dev/null
  until_true "an audit that the timer started and that is done" finished "$before" || said | tail -n 20
  [ "$(service Result)" = success ] || fault "the service ended as $(service Result): $(said | tail -n 5)"
}
started() { # started HOST COMMAND…: on the host, until the lab falls
  local host=$1
  shift
  "$lab" exec "$host" /usr/bin/setsid "$@" </dev/null >>"$work/$host.log" 2>&1 &
}
stopped() { "$lab" exec "$1" /bin/bash -c "kill \$(pidof $2) && while pidof $2 >/run/pids; do sleep 0.05; done"; }
listens() { until_true "a server at $1 port $2" "$lab" exec scanner timeout 1 bash -c ": </dev/tcp/$1/$2"; }
same() { [ "$2" = "$3" ] || fault "$1 should be"$'\n'"$2"$'\n'"and is"$'\n'"$3"; }
told() { # told TYPE: change item address:port, sorted
  grep "\"type\":\"$1\"" "$state/latest/changes.jsonl" | grep -v '"change":"open"' |
    sed -E 's/.*"change":"([a-z_]+)".*"org":"([^"]*)"(,"item":"([^"]*)")?,"ip":"([^"]*)"(,"port":([0-9]+))?.*/\1 \4 \5 \7/; s/  +/ /g; s/ $//' | sort
}
variable() { sed -n "s/^AUSCULT_$1=//p" "$state/told.environment" 2>/dev/null; }

missed
[ ! -e "$state/told.change" ] || fault "the first audit called for a change"
for file in report-zh.txt report-en.txt report.csv report.jsonl change.json; do
  [ -s "$state/latest/$file" ] || fault "the first audit wrote no $file"
done
same "owner and mode of the store" auscult:600 "$(inside stat -c %U:%a /var/lib/auscult/lab/auscult.db)"

stopped cache memcached
stopped his-db mariadbd
started his-db mariadbd --user=mysql --datadir=/var/lib/mysql --socket=/run/mysqld/mysqld.sock '--bind-address=*' --port=3306 \
  --innodb-log-file-size=4M --innodb-buffer-pool-size=8M --skip-name-resolve --init-file=/etc/lab/accounts.sql --version=10.11.99-MariaDB
started queue memcached -u memcache -l 0.0.0.0 -p 11211 -m 16
listens 192.0.2.10 3306
listens 203.0.113.12 11211
"$lab" exec registry ip link set eth0 down
missed
same "hosts and ports" "closed 192.0.2.12 11211
host_down 203.0.113.13
opened 203.0.113.12 11211
version 192.0.2.10 3306" "$(told endpoint_change)"
same "findings" "gone H05-1 203.0.113.13 6379
mended H05-4 192.0.2.12 11211
new H05-4 203.0.113.12 11211
new H06-1 203.0.113.12 11211" "$(told change)"
same "what the command was told" "ward 7|2|1|1" \
  "$(cat "$state/told.arguments" 2>/dev/null)|$(variable NEW)|$(variable OPENED)|$(variable CLOSED)"
[[ $(variable REASONS) == new,*opened* ]] || fault "the reasons were $(variable REASONS)"
cmp -s "$state/told.change" "$state/latest/change.json" || fault "the command did not get the change on its standard input"
privileges() { grep -E "^($1|NoNewPrivs|Seccomp):" | tr -s '\t\n' ' '; }
same "the command's privileges" "CapEff: 0000000000000000 NoNewPrivs: 1 Seccomp: 2 " "$(privileges CapEff <"$state/told.status")"

# Slowly, so that there is time to kill it: all of it, as a shortage of memory would. The second start is killed as well.
configure slow.json lab.json
before=$(readlink "$state/latest")
inside systemctl start --no-block auscult@lab.service
begun() { inside auscult store list /var/lib/auscult/lab/auscult.db 2>/dev/null | sed -n 2p | grep -q unfinished; }
again() { [ "$(service NRestarts)" -ge "$1" ] && [ "$(service ActiveState)" = activating ] && [ "$(service MainPID)" != 0 ]; }
if until_true "an audit that scans slowly" begun; then
  same "the audit's privileges" "CapBnd: 0000000000002000 NoNewPrivs: 1 Seccomp: 2 " \
    "$(inside cat "/proc/$(service MainPID)/status" | privileges CapBnd)"
  inside systemctl kill --signal=KILL auscult@lab.service
  until_true "an audit that was started again" again 1
  configure lab.json lab.json
  inside systemctl kill --signal=KILL auscult@lab.service
  until_true "the end of the audit that was killed twice" finished "$before"
  [ "$(service Result)" = success ] || fault "the service ended as $(service Result)"
  said | grep -q "going on with the run of" || fault "the run was not gone on with"
  same "what changed when nothing did" "" "$(told endpoint_change)"
  same "runs that are kept" 2 "$(find "$state/runs" -mindepth 1 -maxdepth 1 | wc -l)"
fi
"$auscult" log verify "$state/audit.log" >"$work/verified" 2>&1 || fault "the log: $(cat "$work/verified")"
[ $faults = 0 ] || said | tail -n 40
[ $faults = 0 ] && echo "three audits by $(systemctl --version | sed -n '1s/ (.*//p') as the first process"
exit $faults

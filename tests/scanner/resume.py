"""resume.py AUSCULT: kills a scan at twenty random moments, resumes it each time, and holds the final store against that of an
undisturbed scan: equal but for times, evidence bytes, run ids and the count of probes (what was in flight is asked once more)."""
import json, os, random, signal, socket, sqlite3, subprocess, sys, tempfile, threading, time

AUSCULT = sys.argv[1]
KILLS = 20
RATE = 30
SSH = b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n"
MYSQL_BODY = (b"\n5.5.5-10.11.6-MariaDB-0+deb12u1\0\x1f\0\0\0abcdefgh\0\xfe\xf7\x2d\x02\0\xff\x81\x15" + b"\0" * 10 +
              b"ijklmnopqrst\0mysql_native_password\0")
MYSQL = bytes([len(MYSQL_BODY)]) + b"\0\0\0" + MYSQL_BODY
HTTP = b"HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
# (address, port, greeting, answer)
SERVERS = [("127.0.88.2", 21001, SSH, b""), ("127.0.88.3", 21002, MYSQL, b""), ("127.0.88.4", 21003, b"", HTTP),
           ("127.0.88.5", 21004, SSH, b""), ("127.0.88.6", 21005, b"", b""), ("127.0.88.9", 21001, b"", HTTP)]
PORTS = "21001-21008"


def talk(peer, greeting, answer):
    try:
        peer.settimeout(10)
        if greeting:
            peer.sendall(greeting)
        heard = peer.recv(4096)
        if heard.startswith(b"GET ") and answer:
            peer.sendall(answer)
        while not answer and heard:
            heard = peer.recv(4096)
    except OSError:
        pass
    peer.close()


def serve(listener, greeting, answer):
    while True:
        try:
            peer, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=talk, args=(peer, greeting, answer), daemon=True).start()


def start_servers():
    for address, port, greeting, answer in SERVERS:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen(64)
        threading.Thread(target=serve, args=(listener, greeting, answer), daemon=True).start()


def command(store, scope, *more):
    return [AUSCULT, "scan", "-q", "-d", store, "-p", PORTS, "-r", str(RATE), "--seed", "11", "-o", "jsonl=" + store + ".jsonl", *more, scope]


def dump(store):
    database = sqlite3.connect(store)
    left_out = {"run", "finding", "id", "uuid", "time_ms", "started_ms", "ended_ms", "probes_sent", "evidence"}
    tables = {}
    names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")]
    for name in names:
        columns = [row[1] for row in database.execute(f"PRAGMA table_info({name})") if row[1] not in left_out]
        tables[name] = sorted(map(repr, database.execute(f"SELECT {', '.join(columns)} FROM {name}")))
    return tables


def interrupt(store, scope, number, expected):
    """A polite end: 130, and what is known is kept."""
    process = subprocess.Popen(command(store, scope, "--resume"), stderr=subprocess.PIPE, text=True)
    time.sleep(0.3)
    process.send_signal(number)
    _, said = process.communicate(timeout=30)
    assert process.returncode == expected, f"signal {number}: exit {process.returncode}: {said}"
    assert "--resume" in said, said


def kill_and_resume(store, scope, chance):
    kills = 0
    begun = False
    while kills < KILLS:
        process = subprocess.Popen(command(store, scope, *(["--resume"] if begun else [])), stderr=subprocess.PIPE, text=True)
        time.sleep(chance.uniform(0.05, 0.5))
        process.kill()
        _, said = process.communicate()
        assert process.returncode == -signal.SIGKILL, f"kill {kills}: it had ended by itself with {process.returncode}: {said}"
        begun = begun or has_run(store)
        kills += 1
    interrupt(store, scope, signal.SIGINT, 130)
    interrupt(store, scope, signal.SIGTERM, 130)
    wrong = subprocess.run(command(store, scope, "--resume", "-p", "21009"), capture_output=True, text=True)
    assert wrong.returncode == 2 and "another ports" in wrong.stderr, wrong
    last = subprocess.run(command(store, scope, "--resume"), capture_output=True, text=True, timeout=120)
    assert last.returncode == 0, last


def has_run(store):
    try:
        return sqlite3.connect(f"file:{store}?mode=ro", uri=True).execute("SELECT count(*) FROM runs").fetchone()[0] > 0
    except sqlite3.Error:
        return False


def main():
    start_servers()
    with tempfile.TemporaryDirectory() as folder:
        scope = os.path.join(folder, "scope.json")
        with open(scope, "w") as file:
            json.dump({"auscult": 1, "authorization": {"reference": "T", "authorized_by": "t", "contact": "t", "valid_from": "2020-01-01",
                       "valid_until": "2099-01-01"}, "organizations": [{"id": "h1", "name": "one", "ranges": ["127.0.88.0/28"]},
                       {"id": "h2", "name": "two", "ranges": ["127.0.88.16/28"]}]}, file)
        undisturbed, disturbed = os.path.join(folder, "a.db"), os.path.join(folder, "b.db")
        subprocess.run(command(undisturbed, scope), check=True, timeout=120)
        kill_and_resume(disturbed, scope, random.Random(7))
        a, b = dump(undisturbed), dump(disturbed)
        faults = 0
        for name in a:
            for mark, rows in (("-", set(a[name]) - set(b[name])), ("+", set(b[name]) - set(a[name]))):
                for row in sorted(rows):
                    print(name, mark, row)
                    faults += 1
            if len(a[name]) != len(b[name]):
                print(name, len(a[name]), len(b[name]))
                faults += 1
        assert a["observations"], "nothing was observed"
        assert not b["pending"], "targets are left over"
        print(f"killed {KILLS} times and interrupted twice; {sum(map(len, a.values()))} rows compared, {faults} differ")
        sys.exit(1 if faults else 0)


main()

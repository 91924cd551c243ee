"""Names of a scope are resolved once, widen nothing, and are what their addresses are asked by (issue 5)."""

import atexit
import json
import os
import shutil
import signal
import subprocess
import sys
import time

import capture
import network
from network import Capture, Network, SCANNER, TARGET, run
from scans import Workplace

DEADLINE_S = 60
WWW, EXCLUDED, BARE, PACS, WWW6, OUTSIDE = ("192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4", "2001:db8::1",
                                            "198.51.100.9")
RANGES = ["192.0.2.0/29", "2001:db8::/126"]
ZONE = {
    "www.hospital.example": [WWW, WWW6],
    "portal.hospital.example": [WWW],
    "pacs.hospital.example": [PACS],
    "out.hospital.example": [OUTSIDE, "2001:db9::1"],
    "excluded.hospital.example": [EXCLUDED],
    "many.hospital.example": ["198.18.0.%d" % number for number in range(100)],
    "xn--ekrs67m.example": [PACS],
    "nothing.hospital.example": [],
    "absent.hospital.example.search.example": [BARE],
}
NAMES = ["www.hospital.example", "portal.hospital.example", "PACS.hospital.example.", "out.hospital.example",
         "excluded.hospital.example", "many.hospital.example", "医院.example", "absent.hospital.example",
         "nothing.hospital.example", "file.hospital.example"]


class Place:
    def __init__(self, auscult):
        if not shutil.which("openssl"):
            network.skip("openssl is not there")
        self.network = Network()
        self.workplace = Workplace(auscult)
        self.folder = self.workplace.folder.name
        self.etc = os.path.join("/etc/netns", self.network.scanner)  # ip netns exec lays it over /etc (ip-netns(8))
        os.makedirs(self.etc)
        atexit.register(self.forget)
        self.network.host(WWW, EXCLUDED, BARE, PACS, WWW6)
        self.write_zone(ZONE)
        self.resolve_by("timeout:2 attempts:2")
        self.certify()
        self.log = self.workplace.path("log")
        self.serve("zone", TARGET)
        self.serve("web", WWW, EXCLUDED, BARE, PACS, WWW6)

    def forget(self):
        shutil.rmtree(self.etc, ignore_errors=True)
        try:
            os.rmdir("/etc/netns")
        except OSError:
            pass

    def write_zone(self, zone):
        with open(os.path.join(self.folder, "zone.json"), "w", encoding="utf-8") as file:
            json.dump(zone, file)

    def resolve_by(self, options):
        for name, text in (("resolv.conf", "nameserver %s\nsearch search.example\noptions %s\n" % (TARGET, options)),
                           ("nsswitch.conf", "hosts: files dns\n"),
                           ("hosts", "127.0.0.1 localhost\n%s file.hospital.example\n" % PACS)):
            with open(os.path.join(self.etc, name), "w", encoding="ascii") as file:
                file.write(text)

    def certify(self):
        """A certificate for www.hospital.example that did not sign itself."""
        path = lambda name: os.path.join(self.folder, name)
        run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=CA", "-days", "30", "-keyout",
            path("ca.key"), "-out", path("ca.pem"))
        run("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=pacs.hospital.example", "-keyout",
            path("key.pem"), "-out", path("request.pem"))
        with open(path("names"), "w", encoding="ascii") as file:
            file.write("subjectAltName=DNS:www.hospital.example\n")
        run("openssl", "x509", "-req", "-in", path("request.pem"), "-CA", path("ca.pem"), "-CAkey", path("ca.key"),
            "-CAcreateserial", "-days", "30", "-extfile", path("names"), "-out", path("cert.pem"))

    def serve(self, what, *addresses):
        log = open(self.log, "ab")
        self.network.spawn(self.network.target, "python3", "-B", os.path.join(network.HERE, "named.py"), what,
                           self.folder, *addresses, stdout=log)
        end, wanted = time.monotonic() + DEADLINE_S, len(self.heard("ready")) + 1
        while len(self.heard("ready")) < wanted:
            assert time.monotonic() < end
            time.sleep(0.02)

    def heard(self, what):
        if not os.path.exists(self.log):
            return []
        with open(self.log, encoding="utf-8") as file:
            return [line.split()[1:] for line in file.read().splitlines() if line.split()[0] == what]

    def scope(self, names, **more):
        return self.workplace.scope("scope.json", [{"id": "a", "name": "A", "ranges": RANGES, "names": names}],
                                    {"max_rate_per_host": 200}, exclude=[EXCLUDED], **more)

    def start(self, scope, store, *options):
        words = self.workplace.words(scope, store, "-p", "80,443", "--attempts", "1", *options)
        return self.network.spawn(self.network.scanner, *words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                  text=True)

    def finish(self, *arguments):
        child = self.start(*arguments)
        said = child.communicate(timeout=DEADLINE_S)[1]
        return child.returncode, said

    def kept(self, store):
        rows = self.workplace.rows(store, "SELECT name, kind, hex(address), why FROM names ORDER BY place")
        kinds = ("carried", "alias", "excluded", "outside", "missing")
        return [(name, kinds[kind], address if kind < 4 else None, why) for name, kind, address, why in rows]



def check_dry(place):
    done = subprocess.run(["ip", "netns", "exec", place.network.scanner, place.workplace.auscult, "scan", "--dry-run",
                           place.scope(NAMES)], stdout=subprocess.PIPE, text=True, timeout=DEADLINE_S, check=True)
    assert "www.hospital.example" in done.stdout and "xn--ekrs67m.example" in done.stdout
    assert not place.heard("query")


def check_resolved(place, engine):
    """What each name came to, and by which name each address was asked."""
    store, path = "names-%s.db" % engine, place.workplace.path("names.pcap")
    before = len(place.heard("request"))
    with Capture(place.network, path):
        code, said = place.finish(place.scope(NAMES), store, "--engine", engine, "-o",
                                  "jsonl=" + place.workplace.path("records"))
    assert code == 0, said
    kept = place.kept(store)
    told = [(name, kind) for name, kind, _, _ in kept]
    assert told[:9] == [("www.hospital.example", "carried"), ("www.hospital.example", "carried"),
                        ("portal.hospital.example", "alias"), ("pacs.hospital.example", "carried"),
                        ("out.hospital.example", "outside"), ("out.hospital.example", "outside"),
                        ("excluded.hospital.example", "excluded"), ("many.hospital.example", "outside"),
                        ("many.hospital.example", "outside")], told
    assert told.count(("many.hospital.example", "outside")) == 64
    assert told[-5:] == [("many.hospital.example", "missing"), ("xn--ekrs67m.example", "alias"),
                         ("absent.hospital.example", "missing"), ("nothing.hospital.example", "missing"),
                         ("file.hospital.example", "alias")], told
    for word in ("out.hospital.example leads to %s, which the scope does not hold" % OUTSIDE,
                 "excluded.hospital.example leads to %s, which the scope excludes" % EXCLUDED, "more of the kind",
                 "10 names were resolved; 3 addresses are asked by one"):
        assert word in said, (word, said)
    assert ["absent.hospital.example", "A"] in place.heard("query")
    seen = {tuple(request) for request in place.heard("request")[before:]}
    assert seen == {
        (WWW, "http", "www.hospital.example", "-"), (WWW, "https", "www.hospital.example", "www.hospital.example"),
        (WWW6, "http", "www.hospital.example", "-"), (WWW6, "https", "www.hospital.example", "www.hospital.example"),
        (PACS, "http", "pacs.hospital.example", "-"), (PACS, "https", "pacs.hospital.example", "pacs.hospital.example"),
        (BARE, "http", BARE, "-"), (BARE, "https", BARE, "-")}, seen
    asked = {str(syn.to) for syn in capture.syns(capture.sent_by(capture.read(path), SCANNER, network.SCANNER6))}
    asked -= {TARGET}  # the name server, over TCP for the long answer
    assert OUTSIDE not in asked and EXCLUDED not in asked and not [to for to in asked if to.startswith("198.18.")]
    check_records(place)
    # An export without addresses has none of their names either.
    done = run(place.workplace.auscult, "report", place.workplace.path(store), "-o", "jsonl", "--without-addresses")
    assert "scorecard" in done and "hospital.example" not in done and '"type":"name"' not in done
    print(engine, "asked by name")


def check_records(place):
    with open(place.workplace.path("records"), encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    names = {(record["ip"], record["port"]): record.get("name") for record in records
             if record["type"] == "observation"}
    assert names[(WWW, 80)] == names[(WWW6, 443)] == "www.hospital.example", names
    assert names[(PACS, 443)] == "pacs.hospital.example" and names[(BARE, 443)] is None, names
    told = {(record["name"], record["kind"], record.get("ip")) for record in records if record["type"] == "name"}
    assert ("portal.hospital.example", "alias", WWW) in told, told
    assert ("out.hospital.example", "outside", OUTSIDE) in told and ("nothing.hospital.example", "missing", None) in told
    found = {(record["ip"], record.get("name")) for record in records
             if record["type"] == "finding" and record["item"] == "A04-2"}
    assert found == {(PACS, "pacs.hospital.example")}, found
    # What was written is read again.
    again = subprocess.run([place.workplace.auscult, "score", place.workplace.path("records"), "-o", "jsonl"],
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=DEADLINE_S, check=False)
    assert again.returncode == 0 and '"name":"pacs.hospital.example"' in again.stdout, again.stderr


def check_resumed(place):
    """A resumed scan asks nobody, and goes by what was so when it began."""
    scope = place.scope(["www.hospital.example", "pacs.hospital.example"])
    child = place.start(scope, "resumed.db", "-r", "1", "--engine", "connect")
    end = time.monotonic() + DEADLINE_S
    while not (place.workplace.begun("resumed.db") and
               place.workplace.rows("resumed.db", "SELECT 1 FROM runs WHERE probes_sent > 0")):
        assert time.monotonic() < end and child.poll() is None
        time.sleep(0.02)
    child.send_signal(signal.SIGINT)
    assert child.wait(DEADLINE_S) == 130
    kept, queries = place.kept("resumed.db"), len(place.heard("query"))
    place.write_zone({"www.hospital.example": [PACS], "pacs.hospital.example": [WWW]})
    before = len(place.heard("request"))
    code, said = place.finish(scope, "resumed.db", "-r", "10k", "--resume")
    assert code == 0, said
    assert place.kept("resumed.db") == kept and len(place.heard("query")) == queries
    seen = {tuple(request[:3:2]) for request in place.heard("request")[before:]}
    assert (PACS, "pacs.hospital.example") in seen and (PACS, "www.hospital.example") not in seen, seen
    place.write_zone(ZONE)


def children(process):
    with open("/proc/%d/task/%d/children" % (process, process), encoding="ascii") as file:
        return [int(child) for child in file.read().split()]


def user(process):
    with open("/proc/%d/status" % process, encoding="ascii") as file:
        return [int(line.split()[1]) for line in file if line.startswith("Uid:")][0]


def resolvers(scanning):
    """Processes below the scan's own child, by their user."""
    return [user(below) for child in children(scanning) for below in children(child)]


def check_hanging(place):
    """A resolver that says nothing has its time, is nobody meanwhile, and can be interrupted."""
    place.write_zone({**ZONE, "hang.hospital.example": None})
    place.resolve_by("timeout:30 attempts:5")
    scope = place.scope(["hang.hospital.example", "www.hospital.example"])
    child = place.start(scope, "interrupted.db")
    end = time.monotonic() + DEADLINE_S
    while ["hang.hospital.example", "A"] not in place.heard("query"):
        assert time.monotonic() < end and child.poll() is None
        time.sleep(0.02)
    assert resolvers(child.pid) == [65534], resolvers(child.pid)
    child.send_signal(signal.SIGINT)
    said = child.communicate(timeout=5)[1]
    assert child.returncode == 130 and "--resume" in said, (child.returncode, said)
    begun = time.monotonic()
    code, said = place.finish(scope, "interrupted.db", "--resume")
    assert code == 0 and "the name hang.hospital.example: the resolver did not answer in time" in said, said
    assert 14 < time.monotonic() - begun < 40
    assert [row[:2] for row in place.kept("interrupted.db")] == [
        ("hang.hospital.example", "missing"), ("www.hospital.example", "carried"),
        ("www.hospital.example", "carried")]


def check_no_resolver(place):
    """Nobody is there: said, and the scan goes on by addresses."""
    with open(os.path.join(place.etc, "resolv.conf"), "w", encoding="ascii") as file:
        file.write("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    before = len(place.heard("request"))
    code, said = place.finish(place.scope(["www.hospital.example"]), "alone.db")
    assert code == 0 and "the name www.hospital.example: the resolver does not answer" in said, said
    assert (WWW, WWW) in {tuple(request[:3:2]) for request in place.heard("request")[before:]}


def main():
    place = Place(sys.argv[1])
    check_dry(place)
    for engine in ["connect", "packet"] + (["xdp"] if place.network.take_frames() else []):
        check_resolved(place, engine)
    check_resumed(place)
    check_hanging(place)
    check_no_resolver(place)


if __name__ == "__main__":
    main()

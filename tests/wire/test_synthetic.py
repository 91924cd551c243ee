"""A SYN proxy where everything is open, and a host that only looks like one, with each engine (issue 3)."""

import json
import os
import random
import subprocess
import sys

import capture
from network import Capture, HERE, Network
from scans import Workplace

PROXY, MUTE = "192.0.2.6", "192.0.2.1"
PORTS, COUNT, SERVED = "22,2000-2014", 16, 22
SILENT = 12
KILLS = 3

# What no order and no kill may change.
TABLES = {
    "counts": "transport, port, open, closed, unreachable, silent, synthetic",
    "hosts": "address, open, control",
    "observations": "address, port, state, service",
    "assessed": "item",
    "pending": "number",
}


class Place:
    def __init__(self, auscult):
        self.network, self.workplace = Network(), Workplace(auscult)
        os.chmod(self.workplace.folder.name, 0o777)
        self.network.host(MUTE)
        self.network.listen([(MUTE, 2000 + number, "silent") for number in range(SILENT)])
        proxy = self.network.spawn(self.network.target, "python3", "-B", os.path.join(HERE, "proxy.py"), "wire", PROXY,
                                   str(SERVED), stdout=subprocess.PIPE, text=True)
        assert proxy.stdout.readline() == "ready\n"
        self.scope = self.workplace.scope("scope.json", [{"id": "a", "name": "A", "ranges": ["192.0.2.0/29"]}],
                                          {"max_rate_per_host": 200})

    def words(self, engine, store, *options):
        return ["ip", "netns", "exec", self.network.scanner, *self.workplace.words(
            self.scope, store, "-p", PORTS, "--engine", engine, "--seed", "5", "--timeout", "0.5,4,60", *options)]

    def run(self, engine, store, *options):
        return subprocess.run(self.words(engine, store, *options), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, timeout=300, check=False)

    def scan(self, engine, store, *options):
        done = self.run(engine, store, *options)
        assert done.returncode == 0, (done.returncode, done.stderr)

    def refusal(self, engine):
        """Why a build or kernel has no such engine; "" where it has."""
        done = self.run(engine, "refusal-" + engine + ".db", "-p", "9")
        return done.stderr.strip() if done.returncode == 2 else ""

    def killed(self, engine, store, wait_s, *options):
        """Whether the kill came in time."""
        child = subprocess.Popen(self.words(engine, store, *options), stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL)
        try:
            child.wait(wait_s)
        except subprocess.TimeoutExpired:
            child.kill()
        return child.wait() == -9

    def contents(self, store):
        return {table: sorted(self.workplace.rows(store, "SELECT %s FROM %s" % (columns, table)), key=repr)
                for table, columns in TABLES.items()}


def host(address):
    return bytes(10) + b"\xff\xff" + bytes(int(part) for part in address.split("."))


def check_judged(place, store):
    found = place.contents(store)
    proxy, mute = [[row for row in found["hosts"] if row[0].endswith(host(address)[12:])]
                   for address in (PROXY, MUTE)]
    assert [row[1:] for row in proxy] == [(1, 3)], found["hosts"]  # open by what spoke; its control port answered
    assert [row[1:] for row in mute] == [(1, 2)], found["hosts"]
    assert sum(row[6] for row in found["counts"]) == COUNT - 1, found["counts"]
    assert sum(row[2] for row in found["counts"]) == 1 + SILENT, found["counts"]
    assert sum(sum(row[2:]) for row in found["counts"]) == 8 * COUNT
    spoke = [row[1:] for row in found["observations"] if row[0].endswith(host(PROXY)[12:])]
    assert spoke == [(SERVED, 0, "ssh")], spoke
    assert not found["pending"]
    return found


def check_report(place):
    with open(place.workplace.path("report"), encoding="utf-8") as file:
        report = json.load(file)
    coverage = report["organizations"][0]["coverage"]
    assert (coverage["synthetic"], coverage["synthetic_hosts"], coverage["undetermined_hosts"]) == (COUNT - 1, 1, 0)
    assert coverage["open_hosts"] == 2 and report["end"]["open"] == 1 + SILENT
    assert report["end"]["synthetic"] == COUNT - 1


def check_wire(place, store, path):
    """One SYN to one control port each, within what the run says that it sent."""
    planned = {22, *range(2000, 2015)}
    syns = capture.syns(capture.read(path))
    controls = [(str(packet.to), packet.port) for packet in syns if packet.port not in planned]
    assert sorted(address for address, _ in controls) == [MUTE, PROXY], controls
    assert all(port >= 61000 for _, port in controls), controls
    (sent,), = place.workplace.rows(store, "SELECT probes_sent FROM runs")
    assert sent == len(syns), (sent, len(syns))


def check_engine(place, engine):
    store, path = engine + ".db", place.workplace.path(engine + ".pcap")
    with Capture(place.network, path, place.network.target):
        place.scan(engine, store)
    expected = check_judged(place, store)
    check_report(place)
    check_wire(place, store, path)
    dice, kills = random.Random(3), 0
    killed = engine + "-killed.db"
    for _ in range(KILLS):
        resume = ["--resume"] if place.workplace.begun(killed) else []
        if resume or not os.path.exists(place.workplace.path(killed)):
            kills += place.killed(engine, killed, dice.uniform(0.5, 4), *resume)
    place.scan(engine, killed, *(["--resume"] if place.workplace.begun(killed) else []))
    found = check_judged(place, killed)
    assert found == expected, [table for table in TABLES if found[table] != expected[table]]
    print("engine", engine, "judged right, and after", kills, "kills the same")


def main():
    place = Place(sys.argv[1])
    place.network.take_live_frames()
    for engine in ("connect", "packet", "xdp"):
        said = place.refusal(engine)
        if engine == "xdp" and said:
            print("left out:", said)
            continue
        check_engine(place, engine)


main()

"""A scan stops when a canary that answered falls silent, says so, and goes on when it is back (issue 5)."""

import subprocess
import sys
import time

import capture
from network import Capture, Network, SCANNER, run
from scans import Workplace

DEADLINE_S = 60
ENDS_S = 12  # two asks of a second each, the pause after a miss, and what a busy machine adds
LIVING, DYING = "192.0.2.10", "192.0.2.11"
PORTS = "1-90"


class Place:
    def __init__(self, auscult):
        self.network = Network()
        self.workplace = Workplace(auscult)
        self.network.host(LIVING, DYING)
        self.living = self.network.listen([(LIVING, 443, "silent")])

    def scope(self, canaries, every=1, ranges=("192.0.2.0/27", "192.0.2.96/30"), **allowed):
        return self.workplace.scope("scope.json", [{"id": "a", "name": "A", "ranges": list(ranges)}],
                                    {"max_rate_per_host": 500, **allowed},
                                    canary=canaries, canary_every=every)

    def start(self, scope, store, *options, ports=PORTS):
        words = self.workplace.words(scope, store, "-p", ports, "--seed", "5", "--attempts", "1", "--timeout", "0.4",
                                     *options)
        return self.network.spawn(self.network.scanner, *words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                  text=True)

    def sent(self, store):
        return self.workplace.rows(store, "SELECT probes_sent FROM runs")[0][0] if self.workplace.begun(store) else 0

    def wait_for(self, child, store, probes):
        end = time.monotonic() + DEADLINE_S
        while self.sent(store) < probes:
            assert time.monotonic() < end and child.poll() is None, child.communicate()[1]
            time.sleep(0.02)

    def stopped(self, child, store, why):
        begun = time.monotonic()
        said = child.communicate(timeout=DEADLINE_S)[1]
        assert child.returncode == 130, (child.returncode, said)
        assert time.monotonic() - begun < ENDS_S
        assert "stopped: " + why in said and "--resume" in said, said
        assert self.workplace.rows(store, "SELECT why FROM stops") == [(why,)]
        assert why in run(self.workplace.auscult, "store", "list", self.workplace.path(store))


def check_silent(place, engine):
    """A host that is gone; the scan goes on without it when the user says so, and is then a whole one."""
    store = "silent-%s.db" % engine
    scope = place.scope([LIVING + ":443", DYING + ":80"])
    server = place.network.listen([(DYING, 80, "http")])
    child = place.start(scope, store, "-r", "200", "--engine", engine)
    place.wait_for(child, store, 100)
    run("ip", "-n", place.network.target, "addr", "del", DYING + "/32", "dev", "lo")
    place.stopped(child, store, "the canary %s:80 fell silent" % DYING)
    again = place.start(scope, store, "-r", "10k", "--resume")
    said = again.communicate(timeout=DEADLINE_S)[1]
    assert again.returncode == 0 and "the canary %s:80 does not answer" % DYING in said, said
    assert not place.workplace.rows(store, "SELECT why FROM stops")
    place.network.host(DYING)
    server.kill()
    server.wait()
    print(engine, "stopped and went on")


def check_refusing(place):
    """A service that is gone while its host is there."""
    scope = place.scope([DYING + ":80", LIVING + ":443"])
    server = place.network.listen([(DYING, 80, "silent")])
    child = place.start(scope, "refusing.db", "-r", "200", "--engine", "connect")
    place.wait_for(child, "refusing.db", 100)
    server.kill()
    server.wait()
    place.stopped(child, "refusing.db", "the canary %s:80 refuses connections now" % DYING)
    # While it is down it is one that refuses from the beginning: the host's answer is what is watched then.
    again = place.start(scope, "refusing.db", "-r", "10k", "--resume")
    assert again.communicate(timeout=DEADLINE_S) and again.returncode == 0


def check_mute(place):
    """One that does not answer at first is said and asked no more; where none does, nothing begins."""
    scope = place.scope(["192.0.2.98:80", LIVING + ":443"])
    child = place.start(scope, "one.db", "-r", "10k", "--engine", "connect")
    said = child.communicate(timeout=DEADLINE_S)[1]
    assert child.returncode == 0 and "the canary 192.0.2.98:80 does not answer and is not watched" in said, said
    for engine in ("connect", "packet"):
        store = "all-%s.db" % engine
        path = place.workplace.path(engine + ".pcap")
        scope = place.scope(["192.0.2.98:80", "192.0.2.99:81"])
        with Capture(place.network, path):
            child = place.start(scope, store, "-r", "10k", "--engine", engine)
            said = child.communicate(timeout=DEADLINE_S)[1]
        assert child.returncode == 3 and "none of the scope's canaries answers" in said, (child.returncode, said)
        sent = capture.syns(capture.sent_by(capture.read(path), SCANNER))
        assert sorted((str(syn.to), syn.port) for syn in sent) == [("192.0.2.98", 80)] * 2 + [("192.0.2.99", 81)] * 2
        assert place.sent(store) == 4
        assert place.workplace.rows(store, "SELECT why FROM stops") == [("none of the scope's canaries answers",)]


def check_pace(place):
    """They are asked before all else, and no faster than their hosts allow."""
    path = place.workplace.path("pace.pcap")
    scope = place.scope([LIVING + ":443"], ranges=["192.0.2.8/30"], max_rate_per_host=1)
    with Capture(place.network, path):
        child = place.start(scope, "pace.db", "-r", "100", "--engine", "connect", ports="443,7")
        assert child.communicate(timeout=DEADLINE_S) and child.returncode == 0
    sent = capture.syns(capture.sent_by(capture.read(path), SCANNER))
    assert (str(sent[0].to), sent[0].port) == (LIVING, 443)
    times = [syn.time_ns for syn in sent if str(syn.to) == LIVING]
    assert len(times) > 3, times  # two ports of its own, and the canary
    gaps = [(later - earlier) / 1e9 for earlier, later in zip(times, times[1:])]
    # The pace of any host makes good a delay of one interval at most.
    assert all((times[at + 2] - times[at]) / 1e9 > 0.95 for at in range(len(times) - 2)), gaps
    assert len(sent) == place.sent("pace.db")


def main():
    place = Place(sys.argv[1])
    check_mute(place)
    check_pace(place)
    check_refusing(place)
    for engine in ["connect", "packet"] + (["xdp"] if place.network.take_frames() else []):
        check_silent(place, engine)


if __name__ == "__main__":
    main()

"""Each target probed exactly its budget, every open port found and no other, by each engine at several rates, against a
namespace that answers everything (issue 3, 2). With --whole a /16 instead of a /20, and engines after it: for a person,
not for CI."""

import collections
import ipaddress
import random
import sys
import time

import capture
from network import Capture, Network, run, SCANNER
from scans import Workplace

WHOLE = "--whole" in sys.argv
RANGE = ipaddress.ip_network("198.18.0.0/16" if WHOLE else "198.18.0.0/20")
SMALL = ipaddress.ip_network("198.18.3.0/24")
FIRST_PORT, PORTS = 22000, 16
OPEN = 500 if WHOLE else 64
ATTEMPTS = 2


def silent_parts(whole):
    """A quarter says nothing, in two pieces."""
    eighths = list(whole.subnets(3))
    return [eighths[2], eighths[7]]


def is_silent(address):
    return any(address in part for part in silent_parts(RANGE))


def pick_open():
    """Some pairs that answer, SMALL among them; the same in every run."""
    dice = random.Random(5)
    pairs = {(SMALL[7], FIRST_PORT), (SMALL[200], FIRST_PORT + 3)}
    while len(pairs) < OPEN:
        pair = RANGE[dice.randrange(RANGE.num_addresses)], FIRST_PORT + dice.randrange(PORTS)
        if not is_silent(pair[0]):
            pairs.add(pair)
    return pairs


def check_budget(engine, syns, hosts, ports, opened):
    """The number of SYNs by target, as they came to the other side."""
    counts = collections.Counter((packet.to, packet.port) for packet in syns)
    for address in hosts:
        for port in range(FIRST_PORT, FIRST_PORT + ports):
            seen = counts.pop((address, port), 0)
            if (address, port) in opened:
                assert (1 if engine == "connect" else 2) <= seen <= 6, (address, port, seen)
            else:
                expected = ATTEMPTS if is_silent(address) else 1
                assert seen == expected, "%s port %d: %d SYNs, %d are its budget" % (address, port, seen, expected)
    assert not counts, list(counts.items())[:3]


def found_open(workplace, store):
    rows = workplace.rows(store, "SELECT address, port FROM observations")
    return {(ipaddress.ip_address(address[-4:]), port) for address, port in rows}


def check(network, workplace, engine, rate, whole, ports, opened, exact=True):
    name = "%s-%s-%d" % (engine, rate, whole.prefixlen)
    store, pcap = name + ".db", workplace.path(name + ".pcap")
    scope = workplace.scope("scope.json", [{"id": "a", "name": "A", "ranges": [str(whole)]}],
                            {"max_rate_per_host": 10000})
    begun = time.monotonic()
    with Capture(network, pcap, network.target, 96, 2**20 if WHOLE else 65536):
        code, said = workplace.scan(scope, store, "-p", "%d-%d" % (FIRST_PORT, FIRST_PORT + ports - 1), "-r", str(rate),
                                    "--attempts", str(ATTEMPTS), "--seed", "9", "--engine", engine,
                                    inside=network.scanner)
    assert code == 0, (code, said)
    seconds = time.monotonic() - begun
    wanted = {pair for pair in opened if pair[0] in whole and pair[1] < FIRST_PORT + ports}
    found = found_open(workplace, store)
    syns = capture.syns(capture.sent_by(capture.read(pcap), SCANNER))
    (told, recall, lost, sent), = workplace.rows(store, "SELECT rate, recall, lost, probes_sent FROM paces JOIN runs "
                                                        "USING (run)")
    print("%s at %s: %d SYNs, %.0f a second, recall %.4f, %d lost, %d of %d open ports, %.1f s" %
          (engine, rate, len(syns), told, recall, lost, len(found & wanted), len(wanted), seconds), flush=True)
    assert found == wanted, (wanted - found, found - wanted)
    assert sent == len(syns), (sent, len(syns))
    if exact:
        check_budget(engine, syns, list(whole), ports, wanted)
    counts = workplace.rows(store, "SELECT sum(open), sum(closed), sum(unreachable), sum(silent) FROM counts")[0]
    silent = sum(is_silent(address) for address in whole) * ports
    assert counts == (len(wanted), whole.num_addresses * ports - silent - len(wanted), 0, silent), counts


def check_recall(network, workplace, engine, rate, opened):
    """The other side's answers have to go through a needle's eye: what the report says was heard is what was."""
    store = "recall-%s-%s.db" % (engine, rate)
    scope = workplace.scope("scope.json", [{"id": "a", "name": "A", "ranges": [str(RANGE)]}],
                            {"max_rate_per_host": 10000})
    eye = ("ip", "netns", "exec", network.target, "tc", "qdisc")
    run(*eye, "add", "dev", "wire", "root", "tbf", "rate", "3mbit", "burst", "8k", "limit", "8k")
    try:
        code, said = workplace.scan(scope, store, "-p", "%d-%d" % (FIRST_PORT, FIRST_PORT + PORTS - 1), "-r", rate,
                                    "--attempts", str(ATTEMPTS), "--seed", "9", "--engine", engine,
                                    inside=network.scanner)
    finally:
        run(*eye, "del", "dev", "wire", "root")
    assert code == 0, (code, said)
    answering = sum(not is_silent(address) for address in RANGE) * PORTS
    (heard,), = workplace.rows(store, "SELECT sum(open) + sum(closed) FROM counts")
    (told, recall), = workplace.rows(store, "SELECT rate, recall FROM paces")
    truth = heard / answering
    print("%s at %s through a needle's eye: %.0f a second, recall %.4f told, %.4f true, %d of %d open ports" %
          (engine, rate, told, recall, truth, len(found_open(workplace, store) & opened), len(opened)), flush=True)
    assert abs(recall - truth) < 0.02, (recall, truth)


def main():
    network, workplace = Network(), Workplace(sys.argv[1])
    opened = pick_open()
    network.answer_all(str(RANGE), [str(part) for part in silent_parts(RANGE)])
    network.listen([(str(address), port, "mysql") for address, port in sorted(opened)])
    engines = ["connect", "packet"] + (["xdp"] if network.take_frames() else [])
    if WHOLE and sys.argv[-1] != "--whole":
        engines = sys.argv[sys.argv.index("--whole") + 1:]
    for engine in engines:
        check(network, workplace, engine, "100", SMALL, 4, opened)
        check(network, workplace, engine, "10k", RANGE, PORTS, opened)
        check(network, workplace, engine, "10M", RANGE, PORTS, opened, exact=WHOLE and engine == "connect")
    for engine in [engine for engine in engines if engine != "connect"]:
        for rate in ("20k", "10M"):
            check_recall(network, workplace, engine, rate, opened)


main()

"""Answers that are forged, doubled, cut, wrapped or only look like answers: what each engine makes of them, and that
none counts twice (issue 3: RST, ICMP unreachable and silence are three answers; answers are deduplicated exactly)."""

import os
import subprocess
import sys

import impostor
import network
import test_packet
from network import Network
from scans import Workplace

PORT = 22
FAMILIES = {False: "192.0.2.%d", True: "2001:db8::%x"}


def check_answers(engine):
    """bench_sweep tells each answer as it came."""
    places = {text % last: right for ipv6, text in FAMILIES.items() for last, (_, right) in
              impostor.CONDUCTS[ipv6].items()}
    code, answers, counts, said = engine.run(sorted(places), str(PORT), "-r", "500", "-w", "1500")
    assert code == 0, said
    wrong = {address: (answers.get((address, PORT), ["silent"])[:3], right) for address, right in places.items()
             if right and set(answers.get((address, PORT), ["silent"])) != {right}}
    strange = set(address for address, _ in answers) - set(places)
    print(engine.name, counts, "wrong:", wrong, "strange:", strange)
    assert not wrong and not strange
    assert counts["foreign"] > 0, counts


def check_counted_once(net, workplace, engine):
    """The same answer a thousand times over is one, and what is no answer is none."""
    hosts = {81: "open", 82: "closed", 3: "silent", 2: "closed", 37: "silent", 50: "unreachable", 80: "silent"}
    scope = workplace.scope("scope.json", [{"id": "a", "name": "A", "ranges": ["192.0.2.%d" % last for last in hosts]}],
                            {"max_rate_per_host": 1000})
    store = "once-%s.db" % engine
    code, said = workplace.scan(scope, store, "-p", "22,23", "-r", "200", "--attempts", "2", "--engine", engine,
                                inside=net.scanner)
    assert code == 0, said
    counts = workplace.rows(store, "SELECT sum(open), sum(closed), sum(unreachable), sum(silent), sum(synthetic) FROM "
                                   "counts")[0]
    print(engine, "counted", counts)
    assert sum(counts) == 2 * len(hosts), counts
    assert counts[1:4] == (4, 2, 6), counts


def main():
    net, workplace = Network(), Workplace(sys.argv[1])
    child = net.spawn(net.target, "python3", "-B", os.path.join(network.HERE, "impostor.py"), "wire",
                      stdout=subprocess.PIPE, text=True)
    assert child.stdout.readline() == "ready\n"
    for engine in ["packet"] + (["xdp"] if net.take_frames() else []):
        check_answers(test_packet.Engine(net, workplace, sys.argv[3], engine))
        check_counted_once(net, workplace, engine)


main()

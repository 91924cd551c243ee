#!/usr/bin/env python3
"""The recall that a report tells against the true one: bench_recall.py BUILD_FOLDER [RUNS [ENGINE [RATE …]]]

A /20 × 16 ports, a quarter of it silent, is asked while something takes answers or probes away: a needle's eye for the
other side's answers (token bucket, 3 Mbit/s), one for the probes on their way in (7 000 a second), and losses by chance.
Each is asked RUNS times with another seed. Says each run, then the worst and the mean difference, in
points. Needs root.
"""

import ipaddress
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "wire"))

from network import Network, run  # noqa: E402
from scans import Workplace  # noqa: E402

RANGE = ipaddress.ip_network("198.18.0.0/20")
SILENT = ["198.18.4.0/23", "198.18.14.0/23"]
FIRST_PORT, PORTS = 22000, 16
ANSWERING = (RANGE.num_addresses - 1024) * PORTS


# What takes away, as words for tc or iptables on the target's side; the last of them undoes it.
LOSSES = {
    "answers through an eye": ("tc qdisc add dev wire root tbf rate 3mbit burst 8k limit 8k",
                               "tc qdisc del dev wire root"),
    "probes through a gate": ("iptables -A INPUT -i wire -p tcp -m limit --limit 7000/s --limit-burst 200 -j RETURN",
                              "iptables -A INPUT -i wire -p tcp -j DROP", "iptables -F"),
    "a tenth of the probes": ("iptables -A INPUT -i wire -m statistic --mode random --probability 0.1 -j DROP",
                              "iptables -F"),
    "a third of the answers": ("iptables -A OUTPUT -o wire -m statistic --mode random --probability 0.33 -j DROP",
                               "iptables -F"),
}


def on_target(network, command):
    run("ip", "netns", "exec", network.target, *command.split())


def scan(network, workplace, engine, rate, seed, loss):
    store = "%s-%s-%d-%s.db" % (engine, rate, seed, loss.replace(" ", "-"))
    scope = workplace.scope("scope.json", [{"id": "a", "name": "A", "ranges": [str(RANGE)]}],
                            {"max_rate_per_host": 10000})
    for command in LOSSES[loss][:-1]:
        on_target(network, command)
    try:
        code, said = workplace.scan(scope, store, "-p", "%d-%d" % (FIRST_PORT, FIRST_PORT + PORTS - 1), "-r", rate,
                                    "--seed", str(seed), "--engine", engine, inside=network.scanner)
    finally:
        on_target(network, LOSSES[loss][-1])
    assert code == 0, (code, said)
    (heard,), = workplace.rows(store, "SELECT sum(open) + sum(closed) FROM counts")
    (told, recall, sent), = workplace.rows(store, "SELECT rate, recall, probes_sent FROM paces JOIN runs USING (run)")
    truth = heard / ANSWERING
    print("  %s, %s at %s, seed %d: %.0f a second, %d SYNs, recall %.4f told, %.4f true, %+.2f points" %
          (loss, engine, rate, seed, told, sent, recall, truth, 100 * (recall - truth)), flush=True)
    return 100 * (recall - truth)


def main():
    workplace = Workplace(os.path.join(sys.argv[1], "auscult"))
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    engines = sys.argv[3].split(",") if len(sys.argv) > 3 else ["packet", "xdp"]
    rates = sys.argv[4:] or ["20k", "60k", "200k", "1M", "10M"]
    network = Network()
    network.take_frames()
    network.answer_all(str(RANGE), SILENT)
    summary = []
    for loss in LOSSES:
        for engine in engines:
            for rate in rates:
                off = [scan(network, workplace, engine, rate, seed, loss) for seed in range(1, runs + 1)]
                summary.append("%s, %s at %s: worst %.2f points, mean %+.2f, %d runs" %
                               (loss, engine, rate, max(map(abs, off)), sum(off) / len(off), len(off)))
    print("\n".join(summary))


main()

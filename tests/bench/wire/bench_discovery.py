#!/usr/bin/env python3
"""Discovery hand in hand with identification: bench_discovery.py BUILD_FOLDER [ENGINE…]

A /16 × 47 ports against a namespace that answers everything, a quarter silent, with 500 services among them; the same
without a service in the same run is what discovery alone takes. Says both times, their difference and the most memory.
Needs root; the build must be a Release one.
"""

import ipaddress
import os
import random
import resource
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "wire"))

from network import Network  # noqa: E402
from scans import Workplace  # noqa: E402

RANGE = ipaddress.ip_network("198.18.0.0/16")
SILENT = ["198.18.64.0/19", "198.18.224.0/19"]
FIRST_PORT, PORTS, SERVICES = 22000, 47, 500


def pick():
    dice, silent = random.Random(3), [ipaddress.ip_network(part) for part in SILENT]
    found = set()
    while len(found) < SERVICES:
        address = RANGE[dice.randrange(RANGE.num_addresses)]
        if not any(address in part for part in silent):
            found.add((address, FIRST_PORT + dice.randrange(PORTS)))
    return sorted(found)


def measure(network, workplace, engine, rate, name):
    scope = workplace.scope("scope.json", [{"id": "a", "name": "A", "ranges": [str(RANGE)]}],
                            {"max_rate_per_host": 10000})
    words = ["ip", "netns", "exec", network.scanner, *workplace.words(
        scope, name + ".db", "-p", "%d-%d" % (FIRST_PORT, FIRST_PORT + PORTS - 1), "-r", rate, "--engine", engine)]
    begun = time.monotonic()
    child = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    said = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.monotonic() - begun
    assert status == 0, said
    (found,), = workplace.rows(name + ".db", "SELECT count(*) FROM observations WHERE service = 'mysql'")
    (recall, lost, told), = workplace.rows(name + ".db", "SELECT recall, lost, rate FROM paces")
    most = max(usage.ru_maxrss, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024
    print("%s at %s, %s: %.2f s, %.0f SYNs a second, %d services, %.1f MiB, recall %.4f, %d lost" %
          (engine, rate, name, seconds, told, found, most, recall, lost), flush=True)
    return seconds


def main():
    workplace = Workplace(os.path.join(sys.argv[1], "auscult"))
    engines = sys.argv[2:] or ["packet", "xdp"]
    network = Network()
    network.answer_all(str(RANGE), SILENT)
    network.take_frames()
    for engine in engines:
        alone = measure(network, workplace, engine, "50k", engine + "-alone")
        servers = network.listen([(str(address), port, "mysql") for address, port in pick()])
        both = measure(network, workplace, engine, "50k", engine + "-both")
        servers.kill()
        servers.wait()
        print("%s: identification adds %.2f s" % (engine, both - alone), flush=True)


main()

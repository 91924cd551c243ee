"""Random scopes: on the wire are the targets that a scope allows, each once, and no other frame (issue 3, 4). A number
behind the programs asks for so many scopes an engine, and another says from which on: for a person, not for CI."""

import ipaddress
import os
import random
import subprocess
import sys

import capture
from network import Capture, Network
from scans import Workplace

SCOPES = int(sys.argv[4]) if len(sys.argv) > 4 else 12
FIRST_SCOPE = int(sys.argv[5]) if len(sys.argv) > 5 else 0
FIRST = {4: int(ipaddress.ip_address("192.0.2.0")), 6: int(ipaddress.ip_address("2001:db8::"))}
ADDRESSES = {4: 256, 6: 65536}
PORTS = range(1, 13)


class Model:
    """A scope's words, and beside them the plain set of what it allows."""

    def __init__(self, dice):
        self.dice = dice
        self.taken = set()
        self.organizations = [self.organization("o%d" % number) for number in range(dice.randint(1, 4))]
        self.exclude = [self.range() for _ in range(dice.randint(0, 5))]
        self.authorization = {}
        ports = set(PORTS)
        if dice.random() < 0.5:
            allowed = sorted(dice.sample(PORTS, 6))
            self.authorization["ports"] = ",".join(map(str, allowed))
            ports &= set(allowed)
        if dice.random() < 0.5:
            first = dice.choice(PORTS)
            self.authorization["exclude_ports"] = "%d-%d" % (first, first + 3)
            ports -= set(range(first, first + 4))
        hosts = set()
        for organization in self.organizations:
            hosts |= organization["hosts"] - organization["frail"]
        for _, excluded in self.exclude:
            hosts -= excluded
        self.targets = {(host, port) for host in hosts for port in ports}

    def range(self, longest=60):
        """Words and addresses; of one family."""
        version = self.dice.choice((4, 4, 6))
        size = self.dice.randint(1, longest)
        first = self.dice.randrange(ADDRESSES[version] - size) + FIRST[version]
        family = ipaddress.IPv4Address if version == 4 else ipaddress.IPv6Address
        hosts = {family(first + number) for number in range(size)}
        return "%s-%s" % (family(first), family(first + size - 1)), hosts

    def organization(self, name):
        ranges, hosts, fragile, frail = [], set(), [], set()
        while not ranges or self.dice.random() < 0.6:
            words, more = self.range()
            if more & self.taken:
                continue
            ranges.append(words)
            hosts |= more
            self.taken |= more
        if self.dice.random() < 0.7:
            frail = {host for host in sorted(hosts, key=str) if self.dice.random() < 0.1}
            fragile = [str(host) for host in frail]
        return {"words": {"id": name, "name": name, "ranges": ranges, "fragile": fragile}, "hosts": hosts, "frail": frail}


def check(net, workplace, program, engine, number):
    model = Model(random.Random("%s %d" % (engine, number)))
    scope = workplace.scope("scope.json", [each["words"] for each in model.organizations], model.authorization,
                            exclude=[words for words, _ in model.exclude])
    path = workplace.path("scope.pcap")
    with Capture(net, path, net.target):
        done = subprocess.run(["ip", "netns", "exec", net.scanner, program, "-e", engine, "-p",
                               "%d-%d" % (PORTS[0], PORTS[-1]), "-r", "5000", "-w", "0", "-s", str(number), scope],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    if not model.targets:  # all of it is excluded or fragile
        assert done.returncode == 2, done.stderr
        return True
    if done.returncode == 2 and engine != "packet":
        print("skipped:", done.stderr.strip())
        return False
    assert done.returncode == 0, done.stderr
    packets = capture.read(path)
    seen = [(packet.to, packet.port) for packet in capture.syns(packets)]
    outside = set(seen) - model.targets
    assert not outside, "%s: %d frames outside, %s" % (engine, len(outside), sorted(map(str, outside))[:3])
    missing = sorted(map(str, model.targets - set(seen)))
    assert len(seen) == len(set(seen)) and not missing, (len(seen), len(model.targets), missing[:3], done.stdout)
    # Besides, only what the two ends say to each other.
    hosts = {host for host, _ in model.targets}
    strange = [packet for packet in packets if packet.to is not None and packet.to in model.taken - hosts]
    assert not strange, strange[:3]
    return True


def main():
    net, workplace, program = Network(), Workplace(sys.argv[1]), os.path.abspath(sys.argv[3])
    net.take_live_frames()
    for engine in ("packet", "xdp"):
        for number in range(FIRST_SCOPE, FIRST_SCOPE + SCOPES):
            if not check(net, workplace, program, engine, number):
                break
        else:
            print("%s: %d scopes" % (engine, SCOPES))


main()

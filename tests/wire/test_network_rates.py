"""Never more SYNs to one /24 or /64 than its ceiling allows, in no window and with every engine, by sweep and
conversations together; and nobody waits for a network at its ceiling (issue 3)."""

import collections
import ipaddress
import subprocess
import sys

import capture
import network
from network import Capture, Network, SCANNER, SCANNER6, TARGET, TARGET6
from scans import wait_for, Workplace

RATE, PER_HOST, PER_NETWORK = 5000, 40, 100
FULL, FEW, FULL6, FEW6 = "192.0.2.0/25", "198.51.100.8/31", "2001:db8::/122", "2001:db8:0:1::8/127"
PORTS = 4
TARGETS = (128 + 2 + 64 + 2) * PORTS


def by_network(syns):
    networks = collections.defaultdict(list)
    for packet in syns:
        networks[ipaddress.ip_network((packet.to, 24 if packet.to.version == 4 else 64), strict=False)].append(packet)
    return networks


def prepare(net):
    """A second network of each family, and hosts in all of them that talk."""
    for family, routed, router in (("-4", "198.51.100.0/24", TARGET), ("-6", "2001:db8:0:1::/64", TARGET6)):
        network.run("ip", "-n", net.scanner, family, "route", "add", routed, "via", router)
        network.run("ip", "-n", net.target, family, "route", "add", "blackhole", routed)
    hosts = ["192.0.2.%d" % number for number in range(1, 13)] + ["2001:db8::%x" % number for number in range(1, 9)]
    net.host(*hosts, "198.51.100.8", "2001:db8:0:1::8")
    net.listen([(host, 22000 + number, "hello") for host in hosts for number in (0, 2)])


def seconds(syns):
    return (syns[-1].time_ns - syns[0].time_ns) / 1e9


def make_scope(place):
    return place.scope("scope.json", [{"id": "a", "name": "A", "ranges": [FULL, FEW, FULL6, FEW6]}],
                       {"max_rate_per_host": PER_HOST, "max_rate_per_network": PER_NETWORK})


def options(engine, attempts):
    return ("-p", "22000-%d" % (22000 + PORTS - 1), "-r", str(RATE), "--attempts", str(attempts), "--seed", "5",
            "--engine", engine)


def check_resumed(engine, net, place):
    """Killed while networks are at their ceiling; who is left of them is asked no faster, and nobody is left out."""
    scope, pcap, store = make_scope(place), place.path(engine + "-killed.pcap"), engine + "-killed.db"
    with Capture(net, pcap, net.target):
        child = net.spawn(net.scanner, *place.words(scope, store, *options(engine, 1)), stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL)
        wait_for(lambda: place.begun(store) and place.rows(store, "SELECT 1 FROM runs WHERE probes_sent > 300"), child)
        child.kill()
        child.wait()
        code, said = place.scan(scope, store, *options(engine, 1), "--resume", inside=net.scanner)
    assert code == 0, (code, said)
    syns = capture.syns(capture.sent_by(capture.read(pcap), SCANNER, SCANNER6))
    for name, own in by_network(syns).items():
        print("%s, killed, %s: %d SYNs in %.2f s" % (engine, name, len(own), seconds(own)))
        capture.check_rate(own, PER_NETWORK, "%s, killed, %s" % (engine, name))
    assert len(capture.by_target(syns)) == TARGETS
    (known,), = place.rows(store, "SELECT sum(open + closed + unreachable + silent) FROM counts")
    (talked,), = place.rows(store, "SELECT count(*) FROM observations")
    assert known == TARGETS and talked == 20 * 2, (known, talked)


def check(engine, net, place, attempts):
    scope, pcap, store = make_scope(place), place.path(engine + ".pcap"), "%s-%d.db" % (engine, attempts)
    with Capture(net, pcap, net.target):
        code, said = place.scan(scope, store, *options(engine, attempts), inside=net.scanner)
    assert code == 0, (code, said)
    syns = capture.syns(capture.sent_by(capture.read(pcap), SCANNER, SCANNER6))
    networks = by_network(syns)
    assert len(networks) == 4, networks.keys()
    for name, own in networks.items():
        print("%s, %s: %d SYNs in %.2f s, at most %d in 1 s, %d in 100 ms, %d in 10 ms" %
              (engine, name, len(own), seconds(own), *(capture.most_in_window(own, 10**power) for power in (9, 8, 7))))
        capture.check_rate(own, PER_NETWORK, "%s, %s" % (engine, name))
    for host, own in capture.by_host(syns).items():
        capture.check_rate(own, PER_HOST, "%s, %s" % (engine, host), 0 if engine == "connect" else 2)
    # Everybody was asked at every port, and whoever is open was talked to.
    asked = capture.by_target(syns)
    assert len(asked) == TARGETS, len(asked)
    (talked,), = place.rows(store, "SELECT count(*) FROM observations")
    assert talked == 20 * 2, talked
    # The full ones are what takes the time, at all of their ceiling but for what is waited for; the few do not wait.
    full, few = networks[ipaddress.ip_network("192.0.2.0/24")], networks[ipaddress.ip_network("198.51.100.0/24")]
    least = len(full) / PER_NETWORK
    assert least * 0.95 <= seconds(full) <= least * 1.25 + 2 * attempts, (least, seconds(full))
    if attempts == 1:
        assert seconds(few) < seconds(full) / 3, (seconds(few), seconds(full))


def main():
    net, place = Network(), Workplace(sys.argv[1])
    prepare(net)
    check("connect", net, place, 1)
    check("packet", net, place, 1)
    check("packet", net, place, 2)
    check_resumed("connect", net, place)
    check_resumed("packet", net, place)
    if net.take_frames():
        check("xdp", net, place, 1)
        check("xdp", net, place, 2)
        check_resumed("xdp", net, place)
    else:
        print("no xdp without ethtool")


main()

"""Links of every kind that this kernel has, with each engine, and an enemy on one of them (issue 3)."""

import os
import subprocess
import sys

import capture
import network
import test_packet
from network import Capture, Network, SCANNER, SCANNER6
from scans import Workplace

FORGED = "02:66:66:66:66:66"


def ip(name, *words):
    network.run("ip", "-n", name, *words)


def cable(net, name):
    """A second wire between the two sides."""
    ip(net.scanner, "link", "add", name, "type", "veth", "peer", "name", name, "netns", net.target)


def make_vlan(net, name):
    for side in (net.scanner, net.target):
        ip(side, "link", "add", "link", "wire", "name", name, "type", "vlan", "id", "7")
    return name


def make_macvlan(net, name):
    ip(net.scanner, "link", "add", "link", "wire", "name", name, "type", "macvlan", "mode", "bridge")
    return "wire"


def make_master(*kind):
    def make(net, name):
        ip(net.scanner, "link", "add", name, "type", *kind)
        cable(net, name + "p")
        ip(net.scanner, "link", "set", name + "p", "master", name)
        ip(net.scanner, "link", "set", name + "p", "up")
        return name + "p"
    return make


def make_dummy(net, name):
    ip(net.scanner, "link", "add", name, "type", "dummy")
    return None


KINDS = {"vlan": make_vlan, "macvlan": make_macvlan, "bridge": make_master("bridge"),
         "bond": make_master("bond", "mode", "active-backup"), "dummy": make_dummy}


def make(net, kind, number):
    """The device in both directions; False where this kernel has none of the kind."""
    name = kind + "0"
    try:
        there = KINDS[kind](net, name)
    except subprocess.CalledProcessError as error:
        print("%s left out: %s" % (kind, error.stderr.strip()))
        return False
    ip(net.scanner, "addr", "add", "198.18.%d.1/24" % number, "dev", name)
    ip(net.scanner, "link", "set", name, "up")
    if there:
        ip(net.target, "link", "set", there, "up")
        ip(net.target, "addr", "add", "198.18.%d.2/24" % number, "dev", there)
        net.listen([("198.18.%d.2" % number, 22, "hello")])
    return True


def check_answers(answers, number, there):
    for port, right in ((22, "open"), (23, "closed")):
        told = test_packet.once(answers, "198.18.%d.2" % number, port)
        assert told == (right if there else "unreachable"), (number, port, told)
        assert test_packet.once(answers, "198.18.%d.3" % number, port) == "unreachable", (number, port, answers)


def check_kind(engines, kind, number):
    """The packet engine goes over it; with XDP it goes too, or it is said why not and what does without."""
    packet, xdp = engines
    if not make(packet.network, kind, number):
        return
    ranges = ["198.18.%d.2-198.18.%d.3" % (number, number)]
    code, answers, _, said = packet.run(ranges, "22,23", "-w", "1000")
    assert code == 0, (kind, said)
    check_answers(answers, number, kind != "dummy")
    code, answers, _, said = xdp.run(ranges, "22,23", "-w", "1000")
    if code == 0:
        check_answers(answers, number, kind != "dummy")
    else:
        assert code == 2 and not answers and (kind + "0" in said or "XDP" in said or "BPF" in said), (kind, code, said)
    print("%s: packet goes, xdp %s" % (kind, "goes" if code == 0 else "says: " + said.strip()))
    check_choice(packet, kind, ranges, number)


def check_choice(engine, kind, ranges, number):
    """Left to itself, auscult takes what can be had."""
    workplace, store, pcap = engine.workplace, kind + ".db", engine.workplace.path(kind + ".pcap")
    scope = workplace.scope("choice.json", [{"id": "a", "name": "A", "ranges": ranges}])
    code, said = workplace.scan(scope, store, "-p", "22,23", "--pcap", pcap, inside=engine.network.scanner)
    assert code == 0, (kind, said)
    (used,), = workplace.rows(store, "SELECT engine FROM runs")
    (opened,), = workplace.rows(store, "SELECT sum(open) FROM counts")
    assert used in ("packet", "xdp") and opened == (kind != "dummy"), (kind, used, opened)
    print("%s: auscult itself takes %s" % (kind, used))


def check_forged(engine):
    """Nobody is made a neighbour, target or router, by what answers no question of ours."""
    net, path = engine.network, engine.workplace.path("forged.pcap")
    wanted = ["203.0.113.50", "2001:db8:f::50", "203.0.113.51", "2001:db8:f::51"]
    ip(net.scanner, "route", "add", "198.51.100.0/24", "via", "203.0.113.51")
    ip(net.scanner, "-6", "route", "add", "2001:db8:2::/64", "via", "2001:db8:f::51")
    hardware = network.run("ip", "netns", "exec", net.scanner, "cat", "/sys/class/net/wire/address").strip()
    child = net.spawn(net.target, "python3", "-B", os.path.join(network.HERE, "forger.py"), "wire", hardware, SCANNER,
                      SCANNER6, *wanted, stdout=subprocess.PIPE, text=True)
    assert child.stdout.readline() == "ready\n"
    with Capture(net, path, net.target):
        code, answers, counts, said = engine.run([*wanted[:2], "198.51.100.1", "2001:db8:2::1", "192.0.2.1"], "22", "-w",
                                                 "1000")
        assert child.poll() is None
        child.kill()
        child.wait()
    assert code == 0, said
    for address in (*wanted[:2], "198.51.100.1", "2001:db8:2::1"):
        assert test_packet.once(answers, address, 22) == "unreachable", (address, answers)
    assert counts["probes"] == 1, counts
    forged = bytes.fromhex(FORGED.replace(":", ""))
    assert not [frame for _, frame in capture.frames(path) if frame[:6] == forged]
    ip(net.scanner, "route", "del", "198.51.100.0/24")
    ip(net.scanner, "-6", "route", "del", "2001:db8:2::/64")
    print("%s: no forged answer is believed" % engine.name)


def main():
    net, workplace = Network(), Workplace(sys.argv[1])
    engines = [test_packet.Engine(net, workplace, sys.argv[3], name) for name in ("packet", "xdp")]
    net.take_live_frames()
    for number, kind in enumerate(KINDS, 7):
        check_kind(engines, kind, number)
    check_forged(engines[0])
    code, _, _, said = engines[1].run(["192.0.2.1"], "22")
    if code == 0:
        check_forged(engines[1])
    else:
        print("xdp left out:", said.strip())


main()

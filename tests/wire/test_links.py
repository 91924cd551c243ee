"""Links of every kind that this kernel has, with each engine, and an enemy on one of them (issue 3)."""

import os
import subprocess
import sys
import time

import capture
import network
import test_packet
from network import Capture, Network, SCANNER, SCANNER6, TARGET, TARGET6
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


def hardware_of(side):
    return network.run("ip", "netns", "exec", side, "cat", "/sys/class/net/wire/address").strip()


def forge(net, how, *wanted):
    child = net.spawn(net.target, "python3", "-B", os.path.join(network.HERE, "forger.py"), how, "wire",
                      hardware_of(net.scanner), SCANNER, SCANNER6, *wanted, stdout=subprocess.PIPE, text=True)
    assert child.stdout.readline() == "ready\n"
    return child


def check_forged(engine):
    """Nobody is made a neighbour, target or router, by what answers no question of ours."""
    net, path = engine.network, engine.workplace.path("forged.pcap")
    wanted = ["203.0.113.50", "2001:db8:f::50", "203.0.113.51", "2001:db8:f::51"]
    ip(net.scanner, "route", "add", "198.51.100.0/24", "via", "203.0.113.51")
    ip(net.scanner, "-6", "route", "add", "2001:db8:2::/64", "via", "2001:db8:f::51")
    child = forge(net, "wrong", *wanted)
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


def sweep_slowly(engine, path, during):
    """The Ethernet addresses that SYNs of both families went to, in their order, while something happens."""
    net = engine.network
    for address in (TARGET, TARGET6):
        subprocess.run(["ip", "-n", net.scanner, "neigh", "del", address, "dev", "wire"], stderr=subprocess.DEVNULL,
                       check=False)
    scope = engine.workplace.scope("slow.json", [{"id": "a", "name": "A",
                                                  "ranges": ["192.0.2.0/28", "2001:db8::/124"]}])
    with Capture(net, path, net.target):
        child = net.spawn(net.scanner, engine.program, "-e", engine.name, "-r", "16", "-p", "1000-1006", "-w", "0", scope,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        while not capture.syns(capture.read(path)):
            assert child.poll() is None
            time.sleep(0.1)
        ends = during()
        said = child.communicate(timeout=60)[1]
        ends()
    assert child.returncode == 0, said
    gone = {b"\x08\x00": [], b"\x86\xdd": []}
    for _, frame in capture.frames(path):
        if test_packet.is_syn(frame):
            gone[frame[12:14]].append(frame[:6].hex(":"))
    assert all(len(list_) == 16 * 7 for list_ in gone.values()), gone
    return gone.values()


def check_changed(engine):
    """A router that goes on with another hardware address is found again."""
    net, before, after = engine.network, hardware_of(engine.network.target), "02:00:00:00:00:42"

    def change():
        ip(net.target, "link", "set", "wire", "address", after)
        return lambda: ip(net.target, "link", "set", "wire", "address", before)

    for gone in sweep_slowly(engine, engine.workplace.path("changed.pcap"), change):
        assert gone[0] == before and gone[-1] == after and set(gone) == {before, after}, gone
    print("%s: a router's new hardware address is found" % engine.name)


def check_beside(engine):
    """Who answers beside a router that is there gets nothing."""
    net = engine.network

    def begin():
        child = forge(net, "right", TARGET, TARGET6)

        def end():
            child.kill()
            child.wait()
        return end

    for gone in sweep_slowly(engine, engine.workplace.path("beside.pcap"), begin):
        assert set(gone) == {hardware_of(net.target)}, gone
    print("%s: a router that is there is not replaced" % engine.name)


def main():
    net, workplace = Network(), Workplace(sys.argv[1])
    engines = [test_packet.Engine(net, workplace, sys.argv[3], name) for name in ("packet", "xdp")]
    net.take_live_frames()
    for number, kind in enumerate(KINDS, 7):
        check_kind(engines, kind, number)
    check_forged(engines[0])
    check_changed(engines[0])
    check_beside(engines[0])
    code, _, _, said = engines[1].run(["192.0.2.1"], "22")
    if code == 0:
        check_forged(engines[1])
        check_changed(engines[1])
    else:
        print("xdp left out:", said.strip())


main()

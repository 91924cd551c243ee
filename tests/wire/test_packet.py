"""The packet engine: what it puts on the wire, what it makes of answers, and where it can't be had (issue 3, 5)."""

import ipaddress
import os
import subprocess
import sys

import capture
import network
from network import Capture, Network, SCANNER, SCANNER6, TARGET, TARGET6
from scans import Workplace

ATTEMPTS = 2


class Engine:
    """bench_sweep with one engine, on the scanner's side."""

    def __init__(self, net, workplace, program, name):
        self.network, self.workplace, self.program, self.name = net, workplace, os.path.abspath(program), name

    def run(self, ranges, ports, *options, prefix=(), **others):
        """Exit code, the answers as {(address, port): (word, ...)}, the counts, and standard error."""
        scope = self.workplace.scope("scope.json", [{"id": "a", "name": "A", "ranges": ranges}], **others)
        os.chmod(self.workplace.folder.name, 0o755)
        done = subprocess.run(["ip", "netns", "exec", self.network.scanner, *prefix, self.program, "-e", self.name, "-l",
                               "-p", ports, *options, scope], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              timeout=120, check=False)
        answers, counts = {}, {}
        for line in done.stdout.splitlines():
            words = line.split()
            if "attempt" in words:
                answers.setdefault((words[0], int(words[1])), []).append(words[2])
            else:
                counts.update({name: float(number) for name, number in zip(words[::2], words[1::2])})
        return done.returncode, answers, counts, done.stderr

    def refused(self, words, *arguments, **more):
        code, answers, _, said = self.run(*arguments, **more)
        assert code == 2 and not answers, (code, answers)
        for word in words:
            assert word in said, (word, said)
        print("refused:", said.strip())


def once(answers, address, port):
    """What was told of a target, the same each time."""
    told = set(answers.get((address, port), ["silent"]))
    assert len(told) == 1, (address, port, told)
    return told.pop()


def check_routed(engine):
    """Frames as they come out at the other end are those of --pcap, each target has its attempts, and every answer is
    what the host there says."""
    net, workplace = engine.network, engine.workplace
    net.host("192.0.2.1", "192.0.2.200", "2001:db8::1", "2001:db8::f0")
    net.unreachable("192.0.2.9", "2001:db8::9")
    listening = [("192.0.2.1", 22, "hello"), ("192.0.2.200", 8080, "hello"), ("2001:db8::1", 22, "hello"),
                 ("2001:db8::f0", 443, "hello")]
    net.listen(listening)
    wire, own = workplace.path("wire.pcap"), workplace.path("own.pcap")
    ranges = ["192.0.2.0/24", "2001:db8::/120"]
    with Capture(net, wire, net.target):
        code, answers, counts, said = engine.run(ranges, "22,443,8080", "-a", str(ATTEMPTS), "-r", "5000", "--pcap",
                                                 own)
    assert code == 0, said
    outside, kept = capture.frames(wire), capture.frames(own)
    there = [frame for _, frame in outside if is_syn(frame)]
    mine = [frame for _, frame in kept if is_syn(frame)]
    assert there == mine, (len(there), len(mine))
    targets = capture.by_target(capture.syns(capture.read(own)))
    assert len(targets) == 2 * 256 * 3 and all(len(seen) == ATTEMPTS for seen in targets.values())
    assert counts["sent"] == counts["probes"] == len(mine), (counts, len(mine))
    assert counts["lost_out"] == counts["foreign"] == counts["lost_in"] == 0, counts
    for packet in capture.syns(capture.read(own)):
        assert str(packet.source) in (SCANNER, SCANNER6) and 61000 <= packet.source_port < 62024
    check_answers(answers, {(address, port) for address, port, _ in listening}, refused_by_icmp(outside))
    assert counts["heard"] == len(kept) - len(mine) == sum(len(told) for told in answers.values())
    times = [time_ns for time_ns, _ in kept]
    assert min(times) == times[0]
    check_sums(engine, own)
    # What was kept says the same again, and of the others that they were silent.
    code, replayed, again, said = engine.run(ranges, "22,443,8080", "-e", "replay", "--pcap", own)
    assert code == 0, said
    assert {target: told for target, told in replayed.items() if told != ["silent"]} == answers
    assert len(replayed) == 2 * 256 * 3 and again["sent"] == counts["sent"] and again["heard"] == counts["heard"]


def is_syn(frame):
    """A whole SYN without ACK of the scanner's, either family."""
    at, protocol = (34, 23) if frame[12:14] == b"\x08\x00" else (54, 20)
    return len(frame) == at + 40 and frame[protocol] == capture.TCP and frame[at + 13] == capture.SYN


def refused_by_icmp(frames):
    """The targets of which an ICMP error on the wire says that they are unreachable. A kernel says so to one asker five
    times, then once a second (net.ipv4.route.error_burst, error_cost)."""
    found = set()
    for _, frame in frames:
        if frame[12:14] == b"\x08\x00" and frame[23] == 1 and frame[34] == 3:
            address, port = frame[58:62], frame[64:66]
        elif frame[12:14] == b"\x86\xdd" and frame[20] == capture.ICMPV6 and frame[54] == 1:
            address, port = frame[86:102], frame[104:106]
        else:
            continue
        found.add((str(ipaddress.ip_address(address)), int.from_bytes(port, "big")))
    assert {address for address, _ in found} == {"192.0.2.9", "2001:db8::9"}, found
    return found


def check_answers(answers, listening, refused):
    hosts = {"192.0.2.1", "192.0.2.200", "2001:db8::1", "2001:db8::f0"}
    for address in ["192.0.2.%d" % last for last in range(256)] + ["2001:db8::%x" % last for last in range(256)]:
        address = "2001:db8::" if address == "2001:db8::0" else address
        for port in (22, 443, 8080):
            right = "open" if (address, port) in listening else "closed" if address in hosts else "silent"
            if (address, port) in refused:
                right = "unreachable"
            if address == "2001:db8::":  # the anycast address of the routers of a prefix
                continue
            told = once(answers, address, port)
            assert told == right, (address, port, told, right)


def check_sums(engine, path):
    """tcpdump, which counts them again, finds no wrong sum."""
    said = network.run("tcpdump", "-vv", "-n", "-r", path, "tcp[13] = 2 or (ip6[6] = 6 and ip6[53] = 2)")
    assert said.count("(correct)") == 2 * 256 * 3 * ATTEMPTS and "incorrect" not in said and "bad cksum" not in said


def check_link(engine):
    """Targets on our own link: who is there is asked by ARP and by neighbour discovery, who is not gets no SYN."""
    net, path = engine.network, engine.workplace.path("link.pcap")
    for address in ("203.0.113.77/24", "2001:db8:f::77/64"):
        network.run("ip", "-n", net.target, "addr", "add", address, "dev", "wire", *(["nodad"] if ":" in address else []))
    net.listen([("203.0.113.77", 22, "hello"), ("2001:db8:f::77", 22, "hello")])
    with Capture(net, path, net.target):
        code, answers, counts, said = engine.run(["203.0.113.70-203.0.113.79", "2001:db8:f::70/124"], "22,23", "-w",
                                                 "1000")
    assert code == 0, said
    for address in ["203.0.113.%d" % last for last in range(70, 80)] + ["2001:db8:f::7%x" % last for last in range(16)]:
        there = address in ("203.0.113.77", "2001:db8:f::77")
        assert once(answers, address, 22) == ("open" if there else "unreachable"), address
        assert once(answers, address, 23) == ("closed" if there else "unreachable"), address
    assert counts["questions"] == 26 and counts["probes"] == 4, counts
    asked = {(str(packet.to), packet.port) for packet in capture.syns(capture.read(path))}
    assert asked == {(address, port) for address in ("203.0.113.77", "2001:db8:f::77") for port in (22, 23)}, asked


def check_own(engine):
    """The machine's own addresses, and those that no packet may go to."""
    child = engine.network.spawn(engine.network.scanner, "python3", "-B", os.path.join(network.HERE, "listeners.py"),
                                 *["%s 22 hello" % address for address in ("127.0.0.1", SCANNER, "::1", SCANNER6)],
                                 stdout=subprocess.PIPE, text=True)
    assert child.stdout.readline() == "ready\n"
    code, answers, _, said = engine.run(["127.0.0.1", "::1", SCANNER, SCANNER6, "203.0.113.255", "198.51.100.1"],
                                        "22,23")
    assert code == 0, said
    for address in ("127.0.0.1", "::1", SCANNER, SCANNER6):
        assert once(answers, address, 22) == "open" and once(answers, address, 23) == "closed", (address, answers)
    for address in ("203.0.113.255", "198.51.100.1"):
        assert once(answers, address, 22) == once(answers, address, 23) == "unrouted", (address, answers)


def check_routes(engine):
    """Where the kernel's tables and rules cut a range, the engine decides as the kernel does."""
    net = engine.network

    def ip(*words):
        network.run("ip", "-n", net.scanner, *words)

    ip("route", "add", "unreachable", "192.0.2.64/26")
    ip("route", "add", "blackhole", "192.0.2.255")
    ip("route", "add", "192.0.2.200", "via", "203.0.113.99")
    ip("rule", "add", "to", "192.0.2.33", "lookup", "100")
    ip("route", "add", "prohibit", "default", "table", "100")
    ip("-6", "route", "add", "unreachable", "2001:db8::80/121")
    code, answers, counts, said = engine.run(["192.0.2.0/24", "2001:db8::/120"], "22")
    assert code == 0, said
    for last in range(256):
        right = "unrouted" if last in (33, 255) or last // 64 == 1 else "unreachable" if last in (9, 200) else "silent"
        assert once(answers, "192.0.2.%d" % last, 22) == ("open" if last == 1 else right), last
    for last in range(1, 256):
        right = "unrouted" if last >= 128 else "unreachable" if last == 9 else "silent"
        assert once(answers, "2001:db8::%x" % last, 22) == ("open" if last == 1 else right), last
    assert counts["probes"] == 256 - 64 - 3 + 128, counts
    ip("route", "del", "unreachable", "192.0.2.64/26")
    ip("route", "del", "blackhole", "192.0.2.255")
    ip("route", "del", "192.0.2.200")
    ip("rule", "del", "to", "192.0.2.33", "lookup", "100")
    ip("-6", "route", "del", "unreachable", "2001:db8::80/121")


def check_gateway(engine):
    """A router that the kernel does not know yet is asked for; one that is not there is named."""
    net = engine.network
    for address in (TARGET, TARGET6):
        network.run("ip", "-n", net.scanner, "neigh", "del", address, "dev", "wire")
    code, answers, _, said = engine.run(["192.0.2.1", "2001:db8::1"], "22")
    assert code == 0 and once(answers, "192.0.2.1", 22) == once(answers, "2001:db8::1", 22) == "open", (said, answers)
    network.run("ip", "-n", net.scanner, "route", "add", "198.51.100.0/24", "via", "203.0.113.99")
    engine.refused(["203.0.113.99", "wire"], ["198.51.100.0/28"], "22")
    # A router by its link-local address, as advertisements name it.
    local = network.run("ip", "-n", net.target, "-6", "-o", "addr", "show", "dev", "wire", "scope", "link").split()[3]
    network.run("ip", "-n", net.scanner, "-6", "route", "add", "2001:db8::f0", "via", local.partition("/")[0], "dev",
                "wire")
    code, answers, _, said = engine.run(["2001:db8::f0"], "443")
    assert code == 0 and once(answers, "2001:db8::f0", 443) == "open", said
    # One dead router of two: what is behind it can't be reached, and the rest is asked.
    code, answers, counts, said = engine.run(["192.0.2.1", "198.51.100.1"], "22")
    assert code == 0 and once(answers, "192.0.2.1", 22) == "open", said
    assert once(answers, "198.51.100.1", 22) == "unreachable" and counts["probes"] == 1
    network.run("ip", "-n", net.scanner, "route", "del", "198.51.100.0/24")


def tun(engine, name, route, queue, pause_s):
    net = engine.network
    child = net.spawn(net.scanner, "python3", "-B", os.path.join(network.HERE, "tun.py"), name, str(pause_s),
                      stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout.readline() == "made\n"
    network.run("ip", "-n", net.scanner, "addr", "add", "198.18.0.1/32", "dev", name)
    network.run("ip", "-n", net.scanner, "link", "set", name, "up", "txqueuelen", str(queue))
    network.run("ip", "-n", net.scanner, "route", "add", route, "dev", name)
    child.stdin.write("\n")
    child.stdin.flush()
    return child


def check_tun(engine):
    """No Ethernet: IP packets. And a device that takes far less than it is offered loses none of them."""
    path = engine.workplace.path("tun.pcap")
    tun(engine, "tun0", "198.18.1.0/24", 500, 0)
    code, answers, counts, said = engine.run(["198.18.1.0/28"], "22-24", "--pcap", path)
    assert code == 0, said
    for last in range(16):
        for port, right in ((22, "open"), (23, "closed"), (24, "silent")):
            assert once(answers, "198.18.1.%d" % last, port) == right, (last, port)
    assert counts["probes"] == 48 and len(capture.syns(capture.read(path))) == 48
    # Several devices in one sweep.
    code, answers, _, said = engine.run(["198.18.1.0/28", "192.0.2.0/28", "127.0.0.1"], "22")
    assert code == 0 and sum(told == ["open"] for told in answers.values()) == 16 + 1 + 1, (said, answers)
    slow = tun(engine, "tun1", "198.18.2.0/24", 20, 0.0002)
    code, answers, counts, said = engine.run(["198.18.2.0/25"], "30-33")
    assert code == 0, said
    assert counts["probes"] == counts["sent"] == 512 and counts["lost_out"] == 0, counts
    code, *_ = engine.run(["198.18.2.255"], "9")
    assert code == 0 and slow.stdout.readline() == "513 513\n"


def check_refusals(engine):
    """What is missing is said, and what would help."""
    net = engine.network
    nobody = ("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups")
    engine.refused(["CAP_NET_RAW", "setcap"], ["192.0.2.1"], "22", prefix=(*nobody, "--bounding-set", "-all"))
    code, answers, _, said = engine.run(["192.0.2.1"], "22", prefix=(*nobody, "--inh-caps", "+net_raw",
                                                                     "--ambient-caps", "+net_raw"))
    assert code == 0 and once(answers, "192.0.2.1", 22) == "open", said
    engine.refused(["no route", "ip route get"], ["198.51.100.0/28"], "22")
    net.sysctl(net.scanner, "net.ipv4.ip_local_port_range=1024 61100")
    engine.refused(["61000-62023", "ip_local_reserved_ports"], ["192.0.2.1"], "22")
    net.sysctl(net.scanner, "net.ipv4.ip_local_reserved_ports=8080,61000-62023")
    code, answers, _, said = engine.run(["192.0.2.1"], "22")
    assert code == 0 and once(answers, "192.0.2.1", 22) == "open", said
    engine.refused(["--pcap", "nowhere"], ["192.0.2.1"], "22", "--pcap", engine.workplace.path("nowhere/file"))


def main():
    engine = Engine(Network(), Workplace(sys.argv[1]), sys.argv[3], "packet")
    check_routed(engine)
    check_link(engine)
    check_own(engine)
    check_routes(engine)
    check_gateway(engine)
    check_tun(engine)
    check_refusals(engine)


if __name__ == "__main__":
    main()

"""What leaves the machine during a scan with exclusions, fragile ranges and limited ports (issue 2, 5)."""

import collections
import ipaddress
import subprocess
import sys

import capture
from network import Capture, Network, SCANNER, SCANNER6
from scans import Workplace

ATTEMPTS = 3
RATE, RATE_PER_HOST = 400, 25
ASKED = "22,80,443,2575,3306,8080,8081,9100"
ALLOWED_PORTS = {22, 80, 2575, 3306, 8080}
RANGES = ["192.0.2.0/27", "192.0.2.100-192.0.2.103", "2001:db8::/124"]
EXCLUDED = ["192.0.2.5", "192.0.2.8/30", "192.0.2.102", "2001:db8::3"]
FRAGILE = ["192.0.2.16/30", "2001:db8::8/127"]
UNROUTED = "198.51.100.10"

HOSTS = ["192.0.2.1", "192.0.2.2", "192.0.2.5", "192.0.2.9", "192.0.2.16", "192.0.2.17", "192.0.2.40",
         "192.0.2.100", "2001:db8::1", "2001:db8::3", "2001:db8::8"]
UNREACHABLE = ["192.0.2.101", "2001:db8::5"]
CONDUCTS = {22: "hello", 80: "http", 443: "silent", 2575: "silent", 3306: "mysql", 8080: "silent", 9100: "hello"}


def addresses(texts):
    found = set()
    for text in texts:
        first, _, last = text.partition("-")
        if last:
            ends = [int(ipaddress.ip_address(end)) for end in (first, last)]
            found.update(ipaddress.ip_address(number) for number in range(ends[0], ends[1] + 1))
        else:
            found.update(ipaddress.ip_network(text))
    return found


IN_SCOPE = addresses(RANGES) - addresses(EXCLUDED)
FRAGILE_HOSTS = addresses(FRAGILE) & IN_SCOPE
ALIVE = {ipaddress.ip_address(host) for host in HOSTS}


def places():
    """Every host serves, also those that may not be asked, and where they may not; the last has no open port."""
    return [(host, port, conduct) for host in HOSTS[:-1] for port, conduct in CONDUCTS.items()] + \
           [(HOSTS[-1], 22, "hello"), (HOSTS[-1], 3306, "mysql")]


def is_open(address, port):
    return any(ipaddress.ip_address(host) == address and number == port for host, number, _ in places())


def check_authorized(sent):
    strangers = [p for p in sent if p.protocol not in (capture.TCP, capture.ICMPV6)]
    assert not strangers, strangers[:3]
    tcp = [p for p in sent if p.protocol == capture.TCP]
    wrong = [p for p in tcp if p.to not in IN_SCOPE or p.port not in ALLOWED_PORTS]
    assert not wrong, wrong[:3]
    return tcp


def check_fragile(tcp):
    """Not one byte, one socket at a time, a second apart."""
    for host, packets in capture.by_host(tcp).items():
        if host not in FRAGILE_HOSTS:
            continue
        assert not any(p.payload for p in packets), "payload to fragile %s" % host
        syns = capture.syns(packets)
        for before, after in zip(syns, syns[1:]):
            # On a machine too busy to close a socket in time the kernel's own second SYN goes out, after a second by its ticks.
            own = before.source_port != after.source_port
            gap_ms = (after.time_ns - before.time_ns) / 10**6
            assert gap_ms >= (1000 if own else 980), "%s: a SYN %.3f ms after another, %s" % (
                host, gap_ms, "of ours" if own else "of the kernel's")
            # What the kernel says for a socket that is closed may come later; what was connected must have been closed before.
            socket = [p for p in packets if p.source_port == before.source_port]
            connected = any(not p.flags & (capture.SYN | capture.RST) for p in socket)
            closed = any(p.flags & (capture.FIN | capture.RST) and p.time_ns <= after.time_ns for p in socket)
            assert not own or not connected or closed, "two sockets at a time at fragile %s" % host


def expected_syns(engine, address, port):
    """At least and at most."""
    further = 0 if engine == "connect" else 1  # the connection that finds a port open is its first conversation
    if str(address) in UNREACHABLE:
        return 1, 1
    if address not in ALIVE:
        return ATTEMPTS, ATTEMPTS
    if not is_open(address, port) or address in FRAGILE_HOSTS:
        return 1, 1
    return 1, 4 + further


def check_attempts(engine, tcp):
    targets = capture.by_target(capture.syns(tcp))
    for address in IN_SCOPE:
        for port in ALLOWED_PORTS:
            seen = targets.pop((address, port), [])
            least, most = expected_syns(engine, address, port)
            assert least <= len(seen) <= most, "%s port %d: %d SYNs" % (address, port, len(seen))
            ways = collections.Counter((p.source_port, p.sequence) for p in seen)
            assert len(ways) == len(seen), "the kernel sent a SYN to %s port %d again" % (address, port)
    assert not targets


def check_rates(engine, tcp):
    """A sweep keeps its passes and the conversations apart by their rates, not by their moments: together they may meet
    at a host."""
    syns = capture.syns(tcp)
    meeting = 0 if engine == "connect" else ATTEMPTS
    capture.check_rate(syns, RATE, "all")
    for host, own in capture.by_host(syns).items():
        fragile = host in FRAGILE_HOSTS
        capture.check_rate(own, 1 if fragile else RATE_PER_HOST, str(host), 0 if fragile else meeting)


def check_store(workplace, store, tcp):
    (sent, complete, addresses_count), = workplace.rows(store, "SELECT probes_sent, complete, addresses FROM runs")
    assert complete and addresses_count == len(IN_SCOPE) + 1
    assert sent == len(capture.syns(tcp)), "%d probes counted, %d SYNs on the wire" % (sent, len(capture.syns(tcp)))
    ends = dict(workplace.rows(store, "SELECT 'open', sum(open) FROM counts UNION SELECT 'silent', sum(silent) FROM "
                                       "counts UNION SELECT 'unreachable', sum(unreachable) FROM counts UNION "
                                       "SELECT 'closed', sum(closed) FROM counts"))
    pairs = [(address, port) for address in IN_SCOPE for port in ALLOWED_PORTS]
    assert ends["open"] == sum(is_open(*pair) for pair in pairs)
    assert ends["unreachable"] == (len(UNREACHABLE) + 1) * len(ALLOWED_PORTS)
    assert ends["silent"] == sum(str(address) not in UNREACHABLE and address not in ALIVE for address, _ in pairs)
    assert sum(ends.values()) == len(pairs) + len(ALLOWED_PORTS)
    fragile = workplace.rows(store, "SELECT service, facts FROM observations WHERE facts LIKE '%is fragile%'")
    assert len(fragile) == sum(is_open(*pair) for pair in pairs if pair[0] in FRAGILE_HOSTS)
    assert all(service == "unknown" for service, _ in fragile)


def ends(workplace, store):
    return workplace.rows(store, "SELECT sum(open), sum(closed), sum(unreachable), sum(silent) FROM counts")[0]


def check_replay(workplace, scope, store, evidence):
    """The engine's own capture tells the same of every target that it swept, those without a way apart."""
    replayed = "replayed-" + store
    done = subprocess.run([workplace.auscult, "replay", "-p", ASKED, "-d", workplace.path(replayed), "-o", "json=" +
                           workplace.path("replayed.json"), evidence, scope], stderr=subprocess.PIPE, text=True,
                          check=False)
    assert done.returncode == 0, done.stderr
    swept = [(address, port) for address in IN_SCOPE - FRAGILE_HOSTS for port in ALLOWED_PORTS]
    alive = [pair for pair in swept if pair[0] in ALIVE]
    told = ends(workplace, replayed)
    unreachable = sum(str(address) in UNREACHABLE for address, _ in swept)
    assert told == (sum(is_open(*pair) for pair in swept), sum(not is_open(*pair) for pair in alive), unreachable,
                    len(swept) - len(alive) - unreachable), told


def check_engine(network, workplace, scope, engine):
    store, pcap, evidence = engine + ".db", workplace.path(engine + ".pcap"), workplace.path(engine + "-own.pcap")
    options = [] if engine == "connect" else ["--pcap", evidence]
    with Capture(network, pcap, network.target):
        code, said = workplace.scan(scope, store, "-p", ASKED, "-r", "5000", "--attempts", str(ATTEMPTS), "--seed",
                                    "11", "--engine", engine, *options, inside=network.scanner)
    if code == 2 and engine == "xdp":
        print("not here:", said.strip())
        return
    assert code == 0, (code, said)
    sent = capture.sent_by(capture.read(pcap), SCANNER, SCANNER6)
    tcp = check_authorized(sent)
    check_fragile(tcp)
    check_attempts(engine, tcp)
    check_rates(engine, tcp)
    check_store(workplace, store, tcp)
    if options:
        check_replay(workplace, scope, store, evidence)
    print("%s: %d SYNs to %d addresses, %d packets, all of them authorized" %
          (engine, len(capture.syns(tcp)), len(IN_SCOPE), len(tcp)))


def main():
    network, workplace = Network(), Workplace(sys.argv[1])
    network.host(*HOSTS)
    network.unreachable(*UNREACHABLE)
    network.listen(places())
    scope = workplace.scope(
        "scope.json", [{"id": "a", "name": "A", "ranges": RANGES + [UNROUTED], "fragile": FRAGILE}],
        {"max_rate": RATE, "max_rate_per_host": RATE_PER_HOST, "ports": "22,80,2575,3306,8080,9100",
         "exclude_ports": "9100-9107,515"}, exclude=EXCLUDED)
    for engine in ("connect", "packet", "xdp"):
        check_engine(network, workplace, scope, engine)


main()

"""Reads a capture: Ethernet, IPv4 or IPv6, TCP."""

import collections
import ipaddress
import math
import struct

Packet = collections.namedtuple("Packet", "time_ns source source_port to port flags sequence payload protocol")

FIN, SYN, RST, ACK = 1, 2, 4, 16
TCP, ICMPV6 = 6, 58


def _network(frame):
    kind = struct.unpack_from("!H", frame, 12)[0]
    if kind == 0x0800:
        head = (frame[14] & 15) * 4
        length, protocol = struct.unpack_from("!H", frame, 16)[0], frame[23]
        return (ipaddress.ip_address(frame[26:30]), ipaddress.ip_address(frame[30:34]), protocol, 14 + head,
                length - head)
    if kind == 0x86DD:
        length, protocol = struct.unpack_from("!HB", frame, 18)
        return ipaddress.ip_address(frame[22:38]), ipaddress.ip_address(frame[38:54]), protocol, 54, length
    return None


def _packet(time_ns, frame):
    network = _network(frame)
    if not network:
        return Packet(time_ns, None, 0, None, 0, 0, 0, 0, -1)
    source, to, protocol, at, length = network
    if protocol != TCP:
        return Packet(time_ns, source, 0, to, 0, 0, 0, 0, protocol)
    source_port, port, sequence = struct.unpack_from("!HHI", frame, at)
    head = (frame[at + 12] >> 4) * 4
    return Packet(time_ns, source, source_port, to, port, frame[at + 13], sequence, length - head, protocol)


END = b"the capture ends here"


def frames(path):
    """Every frame's time and bytes, up to the end that network.Capture sets."""
    with open(path, "rb") as file:
        data = file.read()
    assert struct.unpack_from("<I", data)[0] == 0xA1B23C4D, "a capture with nanoseconds is wanted"
    found, at = [], 24
    while at + 16 <= len(data):
        seconds, nanoseconds, kept = struct.unpack_from("<III", data, at)
        if END in data[at + 16:at + 16 + kept]:
            break
        found.append((seconds * 10**9 + nanoseconds, data[at + 16:at + 16 + kept]))
        at += 16 + kept
    return found


def read(path):
    return [_packet(time_ns, frame) for time_ns, frame in frames(path)]


def sent_by(packets, *sources):
    own = {ipaddress.ip_address(source) for source in sources}
    return [packet for packet in packets if packet.source in own]


def syns(packets):
    return [packet for packet in packets if packet.flags & (SYN | ACK) == SYN]


def most_in_window(packets, window_ns):
    most, first = 0, 0
    for last, packet in enumerate(packets):
        while packet.time_ns - packets[first].time_ns >= window_ns:
            first += 1
        most = max(most, last - first + 1)
    return most


def check_rate(packets, rate, what, more=0):
    """Never more than ceil(rate * window) + 2 in any window of 10 ms, 100 ms or 1 s."""
    for window_ms in (10, 100, 1000):
        most, bound = most_in_window(packets, window_ms * 10**6), math.ceil(rate * window_ms / 1000) + 2 + more
        assert most <= bound, "%s: %d SYNs in %d ms, at most %d are allowed" % (what, most, window_ms, bound)


def by_target(packets):
    targets = collections.defaultdict(list)
    for packet in packets:
        targets[packet.to, packet.port].append(packet)
    return targets


def by_host(packets):
    hosts = collections.defaultdict(list)
    for packet in packets:
        hosts[packet.to].append(packet)
    return hosts

"""Who answers SYNs for hosts that are not there, each in a way of its own: the last byte of an address is what to do.
Says "ready" when it listens."""

import socket
import struct
import sys

from segment import ACK, RST, SYN, answer, total

FIN = 1
IPV4, IPV6, TCP, ICMP, ICMP6 = 0x0800, 0x86DD, 6, 1, 58
MERRY = bytes((2, 4, 5, 180, 1, 3, 3, 7))  # options of a SYN-ACK: MSS, window scale


def tcp(syn, flags, ack=1, port=0, own=0, window=1000, options=MERRY, data=b""):
    """A segment that answers, but for what is said to be otherwise; its sum is right."""
    own_port, other_port, sequence = struct.unpack_from("!HHI", syn.tcp)
    head = struct.pack("!HHIIBBHHH", other_port + port, own_port + own, 7, (sequence + ack) % 2**32,
                       (20 + len(options)) << 2, flags, window, 0, 0) + options + data
    pseudo = syn.to + syn.source + struct.pack("!LHBB", len(head), 0, 0, TCP)
    return head[:16] + total(pseudo + head) + head[18:]


def ip4(syn, protocol, payload, source=None, fragment=0, options=b"", length=0):
    head = struct.pack("!BBHHHBBH4s4s", 0x45 + len(options) // 4, 0, 20 + len(options) + len(payload) + length, 9,
                       fragment, 64, protocol, 0, source or syn.to, syn.source) + options
    return head[:10] + total(head) + head[12:] + payload


def ip6(syn, protocol, payload, source=None, length=0):
    return struct.pack("!LHBB", 6 << 28, len(payload) + length, protocol, 64) + (source or syn.to) + syn.source + payload


class Syn:
    def __init__(self, frame):
        self.frame, self.ipv6 = frame, frame[12:14] == b"\x86\xdd"
        self.packet = frame[14:]
        self.tcp = self.packet[40:] if self.ipv6 else self.packet[20:]
        self.source = self.packet[8:24] if self.ipv6 else self.packet[12:16]
        self.to = self.packet[24:40] if self.ipv6 else self.packet[16:20]

    def link(self, tags=b"", packet=b""):
        kind = struct.pack("!H", IPV6 if self.ipv6 else IPV4)
        return self.frame[6:12] + self.frame[:6] + tags + kind + packet

    def send(self, segment, **more):
        packet = ip6(self, TCP, segment, **more) if self.ipv6 else ip4(self, TCP, segment, **more)
        return [self.link(packet=packet)]

    def icmp(self, kind, code, quoted=None):
        quoted = self.packet if quoted is None else quoted
        body = struct.pack("!BBHL", kind, code, 0, 0) + quoted
        if not self.ipv6:
            return [self.link(packet=ip4(self, ICMP, body[:2] + total(body) + body[4:]))]
        pseudo = self.to + self.source + struct.pack("!LL", len(body), ICMP6)
        return [self.link(packet=ip6(self, ICMP6, body[:2] + total(pseudo + body) + body[4:]))]

    def altered(self, at, bits=1):
        return self.packet[:at] + bytes([self.packet[at] ^ bits]) + self.packet[at + 1:]


def fragments(syn, first):
    """A SYN-ACK in two pieces."""
    whole = tcp(syn, SYN | ACK)
    return [syn.link(packet=ip4(syn, TCP, whole[:first], fragment=0x2000)),
            syn.link(packet=ip4(syn, TCP, whole[first:], fragment=first // 8))]


def tagged(syn, *tags):
    packet = ip6(syn, TCP, tcp(syn, SYN | ACK)) if syn.ipv6 else ip4(syn, TCP, tcp(syn, SYN | ACK))
    return [syn.link(b"".join(struct.pack("!HH", *tag) for tag in tags), packet)]


def behind(syn, kind):
    """A SYN-ACK behind an IPv6 extension header."""
    extension = struct.pack("!BB6x" if kind == 44 else "!BBBB4x", TCP, *((0,) if kind == 44 else (0, 1, 4)))
    return [syn.link(packet=ip6(syn, kind, extension + tcp(syn, SYN | ACK)))]


def neighbour(syn):
    return syn.to[:-1] + bytes([200])


# What is done, and what a scanner ought to make of it; None: this or that.
BOTH = {
    1: (lambda s: s.send(tcp(s, SYN | ACK)), "open"),
    2: (lambda s: s.send(tcp(s, RST | ACK, options=b"")), "closed"),
    3: (lambda s: s.send(tcp(s, SYN | ACK, ack=2)), "silent"),
    4: (lambda s: s.send(tcp(s, SYN | ACK, port=1)), "silent"),
    5: (lambda s: s.send(tcp(s, SYN | ACK), source=neighbour(s)), "silent"),
    6: (lambda s: s.send(tcp(s, SYN | ACK, own=-1 if s.tcp[1] & 1 else 1)), None),  # another attempt's port, or none
    7: (lambda s: s.send(tcp(s, RST | ACK, ack=0, options=b"")), "silent"),
    8: (lambda s: s.send(tcp(s, RST, options=b"")), "silent"),
    9: (lambda s: s.send(tcp(s, SYN, options=b"")), "silent"),
    10: (lambda s: s.send(tcp(s, ACK, options=b"")), "silent"),
    11: (lambda s: s.send(tcp(s, SYN | ACK | RST, options=b"")), "closed"),
    12: (lambda s: s.send(tcp(s, SYN | ACK | FIN)), "open"),
    13: (lambda s: s.send(tcp(s, SYN | ACK, data=b"early words")), "open"),
    14: (lambda s: s.send(tcp(s, SYN | ACK, window=0, options=b"")), "open"),
    15: (lambda s: s.send(tcp(s, SYN | ACK, options=bytes([254]) * 40)), "open"),
    16: (lambda s: s.send(tcp(s, SYN | ACK, data=bytes(1400))), "open"),
    17: (lambda s: tagged(s, (0x8100, 7)), "open"),
    18: (lambda s: tagged(s, (0x88A8, 7), (0x8100, 8)), None),
    20: (lambda s: s.send(tcp(s, SYN | ACK), length=-10), "silent"),  # a part of it is behind the packet
    19: (lambda s: s.send(tcp(s, SYN | ACK)[:12]), "silent"),
    80: (lambda s: [], "silent"),
    81: (lambda s: s.send(tcp(s, SYN | ACK)) * 1000, "open"),
    82: (lambda s: [frame for pair in zip(s.send(tcp(s, RST | ACK, options=b"")) * 500,
                                          s.send(tcp(s, SYN | ACK, ack=2)) * 500) for frame in pair], "closed"),
}
ONLY4 = {
    30: (lambda s: fragments(s, 24), "open"),
    31: (lambda s: fragments(s, 8), "silent"),
    32: (lambda s: s.send(tcp(s, SYN | ACK), options=bytes([1, 1, 1, 0])), "open"),
    33: (lambda s: s.send(tcp(s, SYN | ACK), options=bytes([7, 39, 4]) + bytes(37)), "open"),
    34: (lambda s: s.send(tcp(s, SYN | ACK), length=-30), "silent"),
    36: (lambda s: s.icmp(3, 1, s.packet[:20 + 8]), "unreachable"),
    37: (lambda s: s.icmp(3, 1, s.packet[:20 + 7]), "silent"),
    38: (lambda s: s.icmp(3, 1, s.packet[:20]), "silent"),
    39: (lambda s: s.icmp(3, 1, s.altered(24)), "silent"),  # another sequence
    40: (lambda s: s.icmp(3, 1, s.altered(16, 128)), "silent"),  # another address
    41: (lambda s: s.icmp(3, 1, s.altered(23)), "silent"),  # another port
    42: (lambda s: s.icmp(11, 0), "unreachable"),
    43: (lambda s: s.icmp(11, 1), "silent"),
    44: (lambda s: s.icmp(12, 0), "silent"),
    45: (lambda s: s.icmp(5, 1), "silent"),
    46: (lambda s: s.icmp(4, 0), "silent"),
    47: (lambda s: s.icmp(3, 1, b""), "silent"),
    **{50 + code: (lambda s, code=code: s.icmp(3, code), "silent" if code == 4 else "unreachable") for code in range(16)},
}
ONLY6 = {
    30: (lambda s: behind(s, 60), None),  # which no host does
    31: (lambda s: behind(s, 44), None),
    36: (lambda s: s.icmp(1, 3, s.packet[:40 + 8]), "unreachable"),
    37: (lambda s: s.icmp(1, 3, s.packet[:40 + 7]), "silent"),
    39: (lambda s: s.icmp(1, 3, s.altered(44)), "silent"),
    40: (lambda s: s.icmp(1, 3, s.altered(38)), "silent"),
    42: (lambda s: s.icmp(3, 0), "unreachable"),
    43: (lambda s: s.icmp(3, 1), "silent"),
    44: (lambda s: s.icmp(4, 0), "silent"),
    46: (lambda s: s.icmp(2, 0), "silent"),
    **{50 + code: (lambda s, code=code: s.icmp(1, code), "unreachable") for code in range(7)},
}
CONDUCTS = {False: {**BOTH, **ONLY4}, True: {**BOTH, **ONLY6}}


def main():
    ear = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    ear.bind((sys.argv[1], 0))
    ear.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    print("ready", flush=True)
    while True:
        frame = ear.recv(2048)
        syn = Syn(frame)
        if frame[12:14] not in (b"\x08\0", b"\x86\xdd") or len(syn.tcp) < 20 or syn.tcp[13] != SYN:
            continue
        if syn.packet[6 if syn.ipv6 else 9] != TCP:
            continue
        act = CONDUCTS[syn.ipv6].get(syn.to[-1])
        for made in act[0](syn) if act else []:
            ear.send(made)


if __name__ == "__main__":
    main()

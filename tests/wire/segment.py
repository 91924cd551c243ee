"""TCP segments over IPv4, as those make them who stand for hosts that are not there."""

import struct

SYN, RST, PUSH, ACK = 2, 4, 8, 16


def answer(packet, flags, window=1000, sequence=7, data=b""):
    """What answers a segment, with right sums and no options."""
    source, to = packet[12:16], packet[16:20]
    port, own_port, number = struct.unpack_from("!HHI", packet, 20)
    heard = number + (packet[33] & SYN != 0)
    tcp = struct.pack("!HHIIBBHHH", own_port, port, sequence, heard % 2**32, 5 << 4, flags, window, 0, 0) + data
    tcp = tcp[:16] + total(to + source + struct.pack("!HH", 6, len(tcp)) + tcp) + tcp[18:]
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 0, 0, 64, 6, 0, to, source)
    return ip[:10] + total(ip) + ip[12:] + tcp


def total(data):
    data += bytes(len(data) % 2)
    words = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while words >> 16:
        words = (words & 0xFFFF) + (words >> 16)
    return struct.pack("!H", ~words & 0xFFFF)

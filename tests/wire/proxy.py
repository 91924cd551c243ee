"""A SYN proxy in front of an address: it completes every handshake, with no window and no options. One port of it is
served: there an SSH server speaks. Arguments: device, address, port."""

import socket
import struct
import sys

from segment import ACK, PUSH, SYN, answer

IPV4 = b"\x08\0"


def replies(packet, served, greeted):
    """What goes back for a packet."""
    flags, peer = packet[33], packet[12:16] + packet[20:22]
    here = struct.unpack_from("!H", packet, 22)[0] == served
    if flags == SYN:
        greeted.discard(peer)
        return [answer(packet, SYN | ACK, 1000 if here else 0)]
    if flags == ACK and here and peer not in greeted:
        greeted.add(peer)
        return [answer(packet, PUSH | ACK, 1000, 8, b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n")]
    return []


def main():
    device, address, served = sys.argv[1], socket.inet_aton(sys.argv[2]), int(sys.argv[3])
    link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
    link.bind((device, 0x0800))
    print("ready", flush=True)
    greeted = set()
    while True:
        frame = link.recv(2048)
        packet = frame[14:]
        if frame[12:14] != IPV4 or packet[0] != 0x45 or packet[9] != socket.IPPROTO_TCP or packet[16:20] != address:
            continue
        for reply in replies(packet, served, greeted):
            link.send(frame[6:12] + frame[:6] + IPV4 + reply)


main()

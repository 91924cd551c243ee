"""A tun device and who is behind it: port 22 of every address is open, 23 closed, the others say nothing."""

import fcntl
import os
import socket
import struct
import sys
import time

from segment import ACK, RST, SYN, answer

IFF_TUN, IFF_NO_PI, TUNSETIFF = 1, 0x1000, 0x400454CA


def main():
    name, pause_s = sys.argv[1], float(sys.argv[2])
    device = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    print("made", flush=True)
    sys.stdin.readline()  # until it is up and has its routes
    seen = {}
    while True:
        time.sleep(pause_s)
        packet = os.read(device, 2048)
        if packet[0] != 0x45 or packet[9] != socket.IPPROTO_TCP or packet[33] != SYN:
            continue
        to, port = socket.inet_ntoa(packet[16:20]), struct.unpack_from("!H", packet, 22)[0]
        seen[to, port] = seen.get((to, port), 0) + 1
        if port == 9:  # the end: how many targets were asked, and how many SYNs came
            print(len(seen), sum(seen.values()), flush=True)
        if port in (22, 23):
            os.write(device, answer(packet, SYN | ACK if port == 22 else RST | ACK))


main()

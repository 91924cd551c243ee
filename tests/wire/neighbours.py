"""Stands for hosts on the wire: answers for them by ARP and neighbour discovery, as it is told to.

Arguments: interface and addresses. The first question for each is told on a line of its own, "ADDRESS", and answered when
that line is read: all later ones at once.
"""

import ipaddress
import os
import selectors
import socket
import struct
import sys

ETHERNET, ARP, IPV6, ICMPV6 = 3, 0x0806, 0x86DD, 58
SOLICITATION, ADVERTISEMENT = 135, 136


def total(data):
    words = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while words >> 16:
        words = (words & 0xFFFF) + (words >> 16)
    return struct.pack("!H", ~words & 0xFFFF)


def arp_reply(hardware, address, asker_hardware, asker):
    return (asker_hardware + hardware + struct.pack("!HHHBBH", ARP, 1, 0x0800, 6, 4, 2) + hardware + address +
            asker_hardware + asker)


def advertisement(hardware, address, asker_hardware, asker, flags=0x60):
    message = struct.pack("!BBHI", ADVERTISEMENT, 0, 0, flags << 24) + address + bytes([2, 1]) + hardware
    pseudo = address + asker + struct.pack("!II", len(message), ICMPV6)
    message = message[:2] + total(pseudo + message) + message[4:]
    return (asker_hardware + hardware + struct.pack("!HIHBB", IPV6, 6 << 28, len(message), ICMPV6, 255) + address +
            asker + message)


def question(frame):
    """Address asked for, the asker's hardware and own address; None where it is none."""
    kind = struct.unpack_from("!H", frame, 12)[0]
    if kind == ARP and frame[20:22] == b"\0\1":
        return frame[38:42], frame[22:28], frame[28:32]
    if kind == IPV6 and frame[20] == ICMPV6 and frame[54] == SOLICITATION:
        return frame[62:78], frame[6:12], frame[22:38]
    return None


def answer(own, address, asked):
    return (arp_reply if len(address) == 4 else advertisement)(own, address, *asked)


def main():
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETHERNET))
    wire.bind((sys.argv[1], ETHERNET))
    own = wire.getsockname()[4]
    mine = {ipaddress.ip_address(text).packed for text in sys.argv[2:]}
    askers, answered = {}, set()
    ears = selectors.DefaultSelector()
    ears.register(wire, selectors.EVENT_READ)
    ears.register(sys.stdin, selectors.EVENT_READ)
    print("ready", flush=True)
    while True:
        for key, _ in ears.select():
            if key.fileobj is wire:
                found = question(wire.recv(2048))
                if not found or found[0] not in mine:
                    continue
                if found[0] in answered:
                    wire.send(answer(own, found[0], found[1:]))
                elif found[0] not in askers:
                    print(ipaddress.ip_address(found[0]), flush=True)
                askers[found[0]] = found[1:]
            else:
                lines = os.read(0, 4096).decode().split()
                if not lines:
                    return
                for address in (ipaddress.ip_address(line).packed for line in lines):
                    wire.send(answer(own, address, askers[address]))
                    answered.add(address)


if __name__ == "__main__":
    main()

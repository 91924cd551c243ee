"""An enemy on the link who says of an address that it is his: as "wrong" in every form that answers no question of the
asker's, which is unasked, to all, to somebody else, and in another VLAN; as "right" like an answer. Arguments: which of
them, interface, hardware address and own addresses of the asker, and the addresses that are to be had; says "ready" and
goes on until it is killed."""

import ipaddress
import socket
import sys
import time

from neighbours import advertisement, arp_reply

FORGED = bytes.fromhex("026666666666")
ALL, OTHER = b"\xff" * 6, bytes.fromhex("020000000042")
PAUSE_S = 0.002


def tagged(frame, network):
    return frame[:12] + b"\x81\x00" + bytes([0, network]) + frame[12:]


def to(hardware, frame):
    return hardware + frame[6:]


def forgeries(hardware, own, wanted):
    """own: the asker's address of the same family."""
    if len(wanted) == 4:
        right = arp_reply(FORGED, wanted, hardware, own)
        return [arp_reply(FORGED, wanted, ALL, wanted), arp_reply(FORGED, wanted, hardware, wanted),
                arp_reply(FORGED, wanted, OTHER, own), to(hardware, arp_reply(FORGED, wanted, OTHER, own)),
                tagged(right, 7)]
    right = advertisement(FORGED, wanted, hardware, own)
    group = ipaddress.ip_address("ff02::1").packed
    return [advertisement(FORGED, wanted, hardware, own, flags=0x20),
            advertisement(FORGED, wanted, bytes.fromhex("333300000001"), group, flags=0x20),
            to(hardware, advertisement(FORGED, wanted, OTHER, wanted)), tagged(right, 7)]


def answers(hardware, own, wanted):
    return [(arp_reply if len(wanted) == 4 else advertisement)(FORGED, wanted, hardware, own)]


def main():
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    wire.bind((sys.argv[2], 0))
    hardware = bytes.fromhex(sys.argv[3].replace(":", ""))
    own, own6, *wanted = (ipaddress.ip_address(text).packed for text in sys.argv[4:])
    make = forgeries if sys.argv[1] == "wrong" else answers
    frames = [frame for address in wanted for frame in make(hardware, own if len(address) == 4 else own6, address)]
    print("ready", flush=True)
    while True:
        for frame in frames:
            wire.send(frame)
        time.sleep(PAUSE_S)


if __name__ == "__main__":
    main()

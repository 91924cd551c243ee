"""What a test of names talks to: a name server, and web servers that say by which name they were asked.

named.py zone FOLDER ADDRESS     answers from FOLDER/zone.json ({"name": [address, …]}, null: never), one line a query
named.py web FOLDER ADDRESS …    HTTP on 80 and HTTPS on 443 with FOLDER/cert.pem, one line a request
"""

import asyncio
import ipaddress
import json
import os
import ssl
import struct
import sys

A, AAAA = 1, 28
NOERROR, NXDOMAIN, TRUNCATED = 0x8180, 0x8183, 0x0200
UDP_MAX = 512


def say(*words):
    print(*words, flush=True)


def question(query):
    """The name, its type, and the bytes of the question."""
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode("ascii"))
        at += 1 + query[at]
    return ".".join(labels).lower(), struct.unpack_from("!H", query, at + 1)[0], query[12:at + 5]


def answer(folder, query, most):
    name, kind, asked = question(query)
    say("query", name, "AAAA" if kind == AAAA else "A")
    with open(os.path.join(folder, "zone.json"), encoding="utf-8") as file:
        zone = json.load(file)
    if name in zone and zone[name] is None:
        return None
    version = 6 if kind == AAAA else 4
    addresses = [ipaddress.ip_address(text) for text in zone.get(name, ())]
    records = b"".join(b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 60, len(address.packed)) + address.packed
                       for address in addresses if address.version == version)
    count = sum(address.version == version for address in addresses)
    flags = NOERROR if name in zone else NXDOMAIN
    if 12 + len(asked) + len(records) > most:
        flags, records, count = flags | TRUNCATED, b"", 0
    return query[:2] + struct.pack("!HHHHH", flags, 1, count, 0, 0) + asked + records


class Datagrams(asyncio.DatagramProtocol):
    def __init__(self, folder):
        self.folder = folder

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, addr):
        said = answer(self.folder, data, UDP_MAX)
        if said:
            self.transport.sendto(said, addr)


async def zone(folder, address):
    async def stream(reader, writer):
        try:
            while True:  # glibc asks for both types over one connection
                size = struct.unpack("!H", await reader.readexactly(2))[0]
                said = answer(folder, await reader.readexactly(size), 65535)
                if said:
                    writer.write(struct.pack("!H", len(said)) + said)
                    await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    await asyncio.get_running_loop().create_datagram_endpoint(lambda: Datagrams(folder), (address, 53))
    await asyncio.start_server(stream, address, 53)


async def web(folder, *addresses):
    def served(address, names):
        async def serve(reader, writer):
            try:
                head = await reader.readuntil(b"\r\n\r\n")
                host = [line[6:].decode("ascii") for line in head.split(b"\r\n") if line.lower().startswith(b"host: ")]
                tls = writer.get_extra_info("ssl_object")
                say("request", address, "https" if tls else "http", *host, names.get(id(tls), "-") if tls else "-")
                writer.write(b"HTTP/1.1 200 OK\r\nServer: here\r\nContent-Length: 2\r\n\r\nok")
                await writer.drain()
            except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
                pass
            writer.close()
        return serve

    for address in addresses:
        names = {}
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(os.path.join(folder, "cert.pem"), os.path.join(folder, "key.pem"))
        context.sni_callback = lambda tls, name, _, names=names: names.__setitem__(id(tls), name or "-")
        await asyncio.start_server(served(address, names), address, 80)
        await asyncio.start_server(served(address, names), address, 443, ssl=context)


async def main(what, *arguments):
    await {"zone": zone, "web": web}[what](*arguments)
    say("ready")
    await asyncio.Event().wait()


asyncio.run(main(*sys.argv[1:]))

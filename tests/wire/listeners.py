"""Servers for one namespace: arguments are "ADDRESS PORT CONDUCT"; says "ready" when all accept."""

import asyncio
import sys

MYSQL = (b"\x63\0\0\0\n5.5.5-10.11.6-MariaDB-0+deb12u1\0\37\0\0\0abcdefgh\0\376\367\55\2\0"
         b"\377\201\25\0\0\0\0\0\0\0\0\0\0ijklmnopqrst\0mysql_native_password\0")
PAGE = (b"HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nContent-Type: text/html\r\nContent-Length: 47\r\n\r\n"
        b"<html><head><title>Portal</title></head></html>")


async def silent(reader, writer):
    while await reader.read(4096):
        pass


async def greeted(reader, writer, greeting):
    writer.write(greeting)
    await silent(reader, writer)


async def mysql(reader, writer):
    await greeted(reader, writer, MYSQL)


async def hello(reader, writer):
    await greeted(reader, writer, b"hello, who is there?\r\n")


async def vnc(reader, writer):
    writer.write(b"RFB 003.008\n")
    if await reader.read(64):
        writer.write(b"\1\1")
    await silent(reader, writer)


async def http(reader, writer):
    if (await reader.read(4096)).startswith(b"GET "):
        writer.write(PAGE)


CONDUCTS = {"silent": silent, "mysql": mysql, "hello": hello, "vnc": vnc, "http": http}


def served(conduct):
    async def serve(reader, writer):
        try:
            await CONDUCTS[conduct](reader, writer)
            await writer.drain()
        except ConnectionError:
            pass
        writer.close()

    return serve


async def main(places):
    servers = []
    for place in places:
        address, port, conduct = place.split()
        servers.append(await asyncio.start_server(served(conduct), address, int(port), backlog=256))
    print("ready", flush=True)
    await asyncio.gather(*(server.serve_forever() for server in servers))


asyncio.run(main(sys.argv[1:]))

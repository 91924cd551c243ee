"""The files that the examples of the manual and the README name, in the current folder, and a web server on the loopback for scans."""

import contextlib
import http.server
import json
import os
import shutil
import socket
import struct
import subprocess
import threading

ADDRESS = "127.77.0.1"
SCOPE = {"auscult": 1,
         "authorization": {"reference": "2026-017", "authorized_by": "Dr. Chen, CIO", "contact": "soc@hospital.example",
                           "valid_from": "2020-01-01", "valid_until": "2099-12-31"},
         "organizations": [{"id": "h001", "name": "First Hospital", "province": "Guangdong", "level": "3A",
                            "ranges": ["127.77.0.1-127.77.0.3"], "domains": ["hospital.example"]}]}


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<title>ward</title>")

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def listener():
    """A real server at ADDRESS, at a port that is free; which one, it tells."""
    with http.server.ThreadingHTTPServer((ADDRESS, 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()


def checksum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def segment(source, target, ports, numbers, flags):
    """An IPv4 packet with a TCP header (RFC 791, RFC 9293)."""
    ends = socket.inet_aton(source) + socket.inet_aton(target)
    tcp = struct.pack("!HHIIBBHHH", *ports, *numbers, 5 << 4, flags, 64240, 0, 0)
    tcp = tcp[:16] + struct.pack("!H", checksum(ends + struct.pack("!HH", 6, len(tcp)) + tcp)) + tcp[18:]
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), 1, 0, 64, 6, 0) + ends
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + tcp


def write_capture(path, port):
    """A SYN to the server and its answer, as libpcap files have them (LINKTYPE_RAW)."""
    packets = [segment("127.0.0.1", ADDRESS, (61001, port), (7, 0), 0x02), segment(ADDRESS, "127.0.0.1", (port, 61001), (9, 8), 0x12)]
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101))
        for number, packet in enumerate(packets):
            file.write(struct.pack("<IIII", 1795657933, number, len(packet), len(packet)) + packet)


def write_lines(path, lines):
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(line + "\n" for line in lines)


def write(auscult, source, port):
    feeds = os.path.join(source, "tests/scoring/feeds")
    for name, copy in (("nmap-ports.xml", "report.xml"), ("masscan-ports.json", "found.json"), ("eve.json", "eve.json"),
                       ("bundle.json", "bundle.json")):
        shutil.copy(os.path.join(feeds, name), copy)
    write_lines("scope.json", [json.dumps(SCOPE)])
    write_lines("answers.csv", ["org,audit,backup", "h001,no,yes"])
    write_lines("hospitals.csv", ["机构名称,IP地址段,省份", "第一医院,192.0.2.0/25,广东", "第二医院,192.0.2.128/25,广东"])
    write_lines("list.csv", ["hospital,item", "h001,H04-1"])
    write_lines("map.json", [json.dumps({"auscult_map": 1, "columns": {"org": "hospital", "item": "item"}})])
    write_lines("findings.jsonl", ['{"type":"finding","org":"h001","item":"H04-1"}'])
    write_lines("cards.jsonl", [json.dumps({"type": "scorecard", "org": "o%d" % i, "score": 500 + i * 4, "index": 500 + i * 4})
                                for i in range(120)])
    write_lines("ours.json", ['{"auscult_catalogue":1,"name":"ours","extends":"cn-medical-2018","items":[{"id":"H04-1","alpha":9}]}'])
    write_lines("audit.json", [json.dumps({"auscult_audit": 1, "scope": "scope.json", "state": "state", "ports": "22,%d" % port})])
    write_capture("found.pcap", port)
    for _ in range(2):
        subprocess.run([auscult, "scan", "-q", "-p", "22,%d" % port, "-d", "auscult.db", "-o", "jsonl=records.jsonl", "scope.json"],
                       check=True, timeout=120)

#!/usr/bin/env python3
"""bench_import.py AUSCULT [SCALE]: imports large files of each form that are made for it, and fails where one takes more than 64 MiB.

Prints seconds and the largest resident size. SCALE multiplies the sizes (1: nmap 20 000 hosts, tables 400 000 lines). What the imports
must not do is grow with the file: each is also run at a tenth of its size, and may take 8 MiB more than that at most.
"""
import json
import os
import subprocess
import sys
import tempfile
import time

LIMIT_KIB = 64 * 1024
GROWTH_KIB = 8 * 1024


def address(number):
    return f"198.18.{number >> 8 & 255}.{number & 255}"


def write_nmap(out, count):
    out.write('<?xml version="1.0"?>\n<!DOCTYPE nmaprun>\n<nmaprun scanner="nmap" start="1795600000">\n')
    out.write('<scaninfo type="syn" protocol="tcp" services="1-1000,3306,3389"/>\n')
    for i in range(count):
        out.write(f'<host endtime="1795600001"><status state="up"/><address addr="{address(i)}" addrtype="ipv4"/><ports>')
        out.write('<extraports state="closed" count="1000"/>')
        for port, name in ((22, "ssh"), (3306, "mysql")):
            out.write(f'<port protocol="tcp" portid="{port}"><state state="open"/><service name="{name}" product="p" version="{i}" '
                      f'method="probed"/><script id="banner" output="{"x" * 200}"/></port>')
        out.write("</ports></host>\n")
    out.write('<runstats><finished time="1795600009"/></runstats></nmaprun>\n')


def write_masscan(out, count):
    out.write("[\n")
    for i in range(count):
        out.write(",\n" if i else "")
        out.write(f'{{ "ip": "{address(i)}", "timestamp": "1795600000", "ports": [ {{"port": {i % 60000 + 1}, '
                  '"proto": "tcp", "status": "open"} ] }\n')
    out.write("]\n")


def write_csv(out, count):
    out.write("time,ip,kind,note\n")
    for i in range(count):
        out.write(f'2026-11-25 {i % 24:02d}:00:00,{address(i)},{"scan" if i % 8 else "other"},"line {i}, quoted ""so"""\n')


def write_survey(out, count):
    out.write("org,date,等级保护测评,audit,备份\n")
    for i in range(count):
        out.write(f"h{i % 2 + 1},2026-11-20,{'是' if i % 3 else '否'},unknown,yes\n")


MAP = {"auscult_map": "csv", "columns": {"ip": "ip", "time": "time", "item": "kind", "why": "note"},
       "items": {"scan": "N4-1", "other": None}, "covers": {"items": ["N4-1"], "organizations": "named"}}
SCOPE = {"auscult": 1, "authorization": {"reference": "B-1", "authorized_by": "a", "contact": "c", "valid_from": "2026-01-01",
                                         "valid_until": "2026-12-31"},
         "organizations": [{"id": "h1", "name": "One", "ranges": ["198.18.0.0/17"]}, {"id": "h2", "name": "Two", "ranges": ["198.18.128.0/17"]}]}
FORMS = [("nmap", write_nmap, 20000), ("masscan", write_masscan, 400000), ("csv", write_csv, 400000), ("survey", write_survey, 400000)]


def run(auscult, folder, name, write, count):
    path, store = os.path.join(folder, "input"), os.path.join(folder, f"{name}{count}.db")
    with open(path, "w", encoding="utf-8") as out:
        write(out, count)
    command = [auscult, "import", name, path, "--scope", os.path.join(folder, "scope.json"), "-d", store]
    if name == "csv":
        command += ["--map", os.path.join(folder, "map.json")]
    began = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    said = child.stdout.read() + child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    if status != 0:
        sys.exit(f"{name}: {said.decode()}")
    size = os.path.getsize(path)
    print(f"{name:8} {count:8} {size / 1e6:7.1f} MB {time.monotonic() - began:7.2f} s {usage.ru_maxrss / 1024:6.1f} MiB")
    return usage.ru_maxrss


def main():
    auscult, scale = sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 1
    faults = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, content in (("scope.json", SCOPE), ("map.json", MAP)):
            with open(os.path.join(folder, name), "w", encoding="utf-8") as out:
                json.dump(content, out)
        for name, write, count in FORMS:
            small = run(auscult, folder, name, write, int(count * scale / 10))
            large = run(auscult, folder, name, write, int(count * scale))
            if large > LIMIT_KIB or large - small > GROWTH_KIB:
                print(f"{name}: memory grows with the file")
                faults += 1
    sys.exit(faults)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""How fast SYNs leave: bench_transmit.py BUILD_FOLDER [RUNS]

One thread each, over a veth whose other end drops in its driver, all in one run: a bare sendmmsg loop, a bare loop of
live XDP frames, auscult's engines that are to be had here, masscan and zmap. Probes a second are counted at the other
end, between the twentieth and the last twentieth part of them; CPU seconds per million are the program's own, start and
end included. Medians, and the ratios that the engines are held to. Needs root; the build must be a Release one.
"""

import os
import resource
import shutil
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "wire"))

import network  # noqa: E402
from network import Network, SCANNER, TARGET  # noqa: E402
from scans import Workplace  # noqa: E402

PROBES = 2**20  # a /16 × 16 ports, or a /12 × 1; live frames four times as many, since they take a quarter of the time


def version(*words):
    said = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False).stdout
    return next((line.strip() for line in said.splitlines() if "ersion" in line or line.startswith("zmap ")), "?")


class Far:
    """The other end: drops everything, and counts."""

    def __init__(self, net, programs):
        self.child = net.spawn(net.target, os.path.join(programs, "bench_drop"), "wire", stdout=subprocess.PIPE,
                               text=True)
        if self.child.stdout.readline() != "ready\n":
            network.skip("the far end can't drop in its driver")

    def count(self):
        with open("/proc/%d/net/dev" % self.child.pid, encoding="ascii") as file:
            return next(int(line.split()[2]) for line in file if line.strip().startswith("wire:"))


def cpu_seconds(pid):
    with open("/proc/%d/stat" % pid, encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(net, far, words):
    """SYNs that came, SYNs a second, and CPU seconds per million up to the last of them. A program that does not end by
    itself, as masscan may not, is ended when nothing has come for two seconds."""
    before = far.count()
    child = subprocess.Popen(["ip", "netns", "exec", net.scanner, *words], stdin=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    samples, deadline = [(time.monotonic(), 0, 0)], time.monotonic() + 20
    while child.poll() is None and time.monotonic() < deadline:
        count = far.count() - before
        if count > samples[-1][1]:
            deadline = time.monotonic() + 2
        samples.append((time.monotonic(), count, cpu_seconds(child.pid)))
        time.sleep(0.005)
    if child.poll() is None:
        child.kill()
        child.wait()
    elif child.returncode:
        raise RuntimeError("%s: exit %d" % (words[0], child.returncode))
    came = samples[-1][1]
    first, last = (next(sample for sample in samples if sample[1] > came * part) for part in (0.05, 0.95))
    end = next(sample for sample in samples if sample[1] == came)
    return came, (last[1] - first[1]) / (last[0] - first[0]), end[2] / came * 1e6


def programs_of(build, net, workplace):
    """Name: (version, words)."""
    folder = os.path.join(build, "tests", "bench", "wire")
    sweep = os.path.join(folder, "bench_sweep")
    router = network.run("ip", "netns", "exec", net.target, "cat", "/sys/class/net/wire/address").strip()
    scope = workplace.scope("scope.json", [{"id": "a", "name": "A", "ranges": ["10.1.0.0/16"]}])
    found = {"bare": ("sendmmsg", [os.path.join(folder, "bench_bare"), "wire", str(PROBES)]),
             "live": ("a bare loop of live frames", [os.path.join(folder, "bench_live"), "wire", str(4 * PROBES)]),
             "packet": ("auscult", [sweep, "-p", "1-16", "-w", "0", scope]),
             "xdp": ("auscult", [sweep, "-e", "xdp", "-p", "1-64", "-w", "0", scope]),
             "masscan": (version("masscan", "--version"),
                         ["masscan", "10.1.0.0/16", "-p1-16", "--rate", "100000000", "--wait", "0", "--adapter", "wire",
                          "--adapter-ip", SCANNER, "--router-mac", router]),
             "zmap": (version("zmap", "--version"),
                      ["zmap", "-q", "-p", "80", "-i", "wire", "-S", SCANNER, "-G", router, "-r", "0", "-T", "1", "-c",
                       "0", "-b", "/dev/null", "-o", "/dev/null", "10.16.0.0/12"])}
    absent = {"xdp", "live"} if subprocess.run(["ip", "netns", "exec", net.scanner, *found["xdp"][1]], stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL, check=False).returncode else set()
    absent |= {name for name in ("masscan", "zmap") if not shutil.which(name)}
    return {name: program for name, program in found.items() if name not in absent}


def main():
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    build, runs = os.path.abspath(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 5
    net, workplace = Network(), Workplace(os.path.join(build, "auscult"))
    network.run("ip", "-n", net.scanner, "route", "add", "10.0.0.0/8", "via", TARGET)
    far = Far(net, os.path.join(build, "tests", "bench", "wire"))
    programs = programs_of(build, net, workplace)
    taken = {name: [] for name in programs}
    for _ in range(runs):  # each in turn, so that what else the machine does meets all of them
        for name, (_, words) in programs.items():
            taken[name].append(measure(net, far, words))
    rates = {name: statistics.median(rate for _, rate, _ in each) for name, each in taken.items()}
    costs = {name: statistics.median(cost for _, _, cost in each) for name, each in taken.items()}
    print("%-8s %12s %18s %10s  %s" % ("", "SYNs/s", "CPU-s per million", "came", "version"))
    for name, (what, _) in programs.items():
        print("%-8s %12.0f %18.3f %10d  %s" % (name, rates[name], costs[name], taken[name][0][0], what))
    for name in set(rates) & {"packet", "xdp"}:
        print("%s: " % name + ", ".join("%.2f x %s's rate at %.2f of its CPU" %
                                        (rates[name] / rates[peer], peer, costs[name] / costs[peer])
                                        for peer in rates if peer != name))
    return 0


sys.exit(main())

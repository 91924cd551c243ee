"""Two namespaces and a wire between them, made by the test and taken away with it.

The scanner's side is 203.0.113.1 and 2001:db8:f::1; everything else of the documentation ranges is routed to the
target's side, where an address exists only when it was given: the others are dropped without a word. No packet leaves
the two namespaces.
"""

import atexit
import os
import shutil
import signal
import subprocess
import sys
import time

import capture

SCANNER, TARGET = "203.0.113.1", "203.0.113.2"
BROADCAST = "203.0.113.255"
SCANNER6, TARGET6 = "2001:db8:f::1", "2001:db8:f::2"
ROUTED, ROUTED6 = "192.0.2.0/24", "2001:db8::/112"
HERE = os.path.dirname(os.path.abspath(__file__))


def skip(why):
    print("skipped:", why)
    sys.exit(77)


def run(*words, **more):
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more).stdout


class Network:
    def __init__(self):
        if os.geteuid() != 0:
            skip("namespaces need root")
        for tool in ("ip", "tcpdump", "sysctl"):
            if not shutil.which(tool):
                skip(tool + " is not there")
        self.scanner = "auscult-wire-%d-s" % os.getpid()
        self.target = "auscult-wire-%d-t" % os.getpid()
        self.children = []
        atexit.register(self.close)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: sys.exit(1))
        try:
            self.make()
        except subprocess.CalledProcessError as error:
            skip("no namespaces here: " + error.stderr.strip())

    def make(self):
        for name in (self.scanner, self.target):
            run("ip", "netns", "add", name)
            self.sysctl(name, "net.ipv6.conf.all.accept_dad=0", "net.ipv6.conf.default.accept_dad=0",
                        "net.ipv6.conf.default.router_solicitations=0")
        run("ip", "link", "add", "wire", "netns", self.scanner, "type", "veth", "peer", "name", "wire", "netns",
            self.target)
        for name, own, own6 in ((self.scanner, SCANNER, SCANNER6), (self.target, TARGET, TARGET6)):
            run("ip", "-n", name, "addr", "add", own + "/24", "dev", "wire")
            run("ip", "-n", name, "addr", "add", own6 + "/64", "dev", "wire", "nodad")
            run("ip", "-n", name, "link", "set", "lo", "up")
            run("ip", "-n", name, "link", "set", "wire", "up")
        for name, other, others in ((self.scanner, self.target, (TARGET, TARGET6)),
                                    (self.target, self.scanner, (SCANNER, SCANNER6))):
            mac = run("ip", "netns", "exec", other, "cat", "/sys/class/net/wire/address").strip()
            for address in others:
                run("ip", "-n", name, "neigh", "replace", address, "lladdr", mac, "dev", "wire", "nud", "permanent")
        run("ip", "-n", self.scanner, "route", "add", ROUTED, "via", TARGET)
        run("ip", "-n", self.scanner, "-6", "route", "add", ROUTED6, "via", TARGET6)
        # A router that throws away what it has no host for; an unreachable address is one that it says so about.
        self.sysctl(self.target, "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1",
                    "net.ipv4.icmp_ratelimit=0", "net.ipv6.icmp.ratelimit=0")
        run("ip", "-n", self.target, "route", "add", "blackhole", ROUTED)
        run("ip", "-n", self.target, "-6", "route", "add", "blackhole", ROUTED6)

    def take_live_frames(self):
        """The target's end takes XDP frames, as a veth does with GRO on (ethtool's SGRO)."""
        run("ip", "netns", "exec", self.target, "python3", "-c", """if True:
            import ctypes, fcntl, socket, struct
            ask = ctypes.create_string_buffer(struct.pack("II", 0x2C, 1))
            fcntl.ioctl(socket.socket(), 0x8946, struct.pack("16sP", b"wire", ctypes.addressof(ask)))""")

    def sysctl(self, name, *settings):
        run("ip", "netns", "exec", name, "sysctl", "-qw", *settings)

    def host(self, *addresses):
        for address in addresses:
            run("ip", "-n", self.target, "addr", "add", address, "dev", "lo")

    def answer_all(self, routed, silent):
        """A range whose every address is the target's own, but for the silent parts."""
        run("ip", "-n", self.scanner, "route", "replace", routed, "via", TARGET)
        run("ip", "-n", self.target, "route", "add", "local", routed, "dev", "lo")
        for part in silent:
            run("ip", "-n", self.target, "route", "add", "blackhole", part, "table", "local")

    def take_frames(self):
        """Lets the target's end of the wire take XDP frames; False where it can't."""
        if not shutil.which("ethtool"):
            return False
        return subprocess.run(["ip", "netns", "exec", self.target, "ethtool", "-K", "wire", "gro", "on"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0

    def unreachable(self, *addresses):
        for address in addresses:
            run("ip", "-n", self.target, "-6" if ":" in address else "-4", "route", "add", "unreachable", address)

    def spawn(self, name, *words, **more):
        child = subprocess.Popen(["ip", "netns", "exec", name, *words], **more)
        self.children.append(child)
        return child

    def listen(self, places):
        """places: (address, port, conduct); returns when all of them accept."""
        words = ["%s %d %s" % place for place in places]
        child = self.spawn(self.target, "python3", "-B", os.path.join(HERE, "listeners.py"), *words,
                           stdout=subprocess.PIPE, text=True)
        if child.stdout.readline() != "ready\n":
            raise RuntimeError("the listeners did not start")
        return child

    def close(self):
        for child in self.children:
            if child.poll() is None:
                child.kill()
                child.wait()
        self.children = []
        for name in (self.scanner, self.target):
            subprocess.run(["ip", "netns", "delete", name], stderr=subprocess.DEVNULL, check=False)


class Capture:
    """Everything on the wire, as the scanner's side sees it or the one that is named, while the block runs. What the
    packet engine sends is seen on the target's side only."""

    def __init__(self, network, path, side=None, kept=128, buffer_kib=65536):
        self.network, self.path, self.side = network, path, side or network.scanner
        self.kept, self.buffer_kib = kept, buffer_kib

    def __enter__(self):
        self.child = self.network.spawn(self.side, "tcpdump", "-i", "wire", "-n", "-U", "-s", str(self.kept), "-B",
                                        str(self.buffer_kib), "--time-stamp-precision=nano", "-w", self.path,
                                        stderr=subprocess.PIPE, text=True)
        while "listening on" not in self.child.stderr.readline():
            pass
        return self

    def __exit__(self, *_):
        """Ends with a datagram of its own, so that all before it is in the file; whoever reads it stops there. It goes
        to all, because nobody says by ICMP, of which a kernel sends so many a second, that he has no use for such."""
        run("ip", "netns", "exec", self.network.scanner, "python3", "-c",
            "import socket; end = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); "
            "end.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1); end.sendto(%r, ('%s', 9))" %
            (capture.END, BROADCAST))
        deadline = time.monotonic() + 30
        while not self.has_ended():
            assert time.monotonic() < deadline, "the capture does not come to its end"
            time.sleep(0.05)
        self.child.send_signal(signal.SIGINT)
        report = self.child.stderr.read()
        self.child.wait()
        assert "0 packets dropped by kernel" in report, report

    def has_ended(self):
        with open(self.path, "rb") as file:
            file.seek(max(0, os.path.getsize(self.path) - 65536))
            return capture.END in file.read()

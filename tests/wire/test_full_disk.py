"""A disk that is full in mid-scan ends the scan with words and soon, by each engine; what was kept before stays readable,
and a resumed scan goes on when there is room again."""

import ctypes
import os
import sys

import network
from network import Network
from scans import Workplace

RANGE, PORTS = "198.18.0.0/21", 16
CLONE_NEWNS, MS_REC, MS_PRIVATE = 0x20000, 0x4000, 0x40000


def own_mounts():
    """What is mounted from now on is this process's alone, and gone with it."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNS) != 0 or libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None) != 0:
        network.skip("no mounts here: " + os.strerror(ctypes.get_errno()))


def fill(path, keep):
    """All but `keep` bytes of a file system."""
    state = os.statvfs(os.path.dirname(path))
    with open(path, "wb") as file:
        file.write(b"x" * max(0, state.f_bavail * state.f_frsize - keep))


def check(net, workplace, engine, folder):
    store = "%s/%s.db" % (folder, engine)
    scope = workplace.scope("scope.json", [{"id": "a", "name": "A", "ranges": [RANGE]}], {"max_rate_per_host": 10000})
    options = ("-p", "22000-%d" % (21999 + PORTS), "-r", "10k", "--attempts", "1", "--engine", engine)
    fill(folder + "/filler", 400_000)
    code, said = workplace.scan(scope, store, *options, inside=net.scanner)
    assert code == 1 and "full" in said, (engine, code, said)
    (position, sent, complete), = workplace.rows(store, "SELECT position, probes_sent, complete FROM runs")
    assert not complete and sent < 2048 * PORTS, (position, sent)
    os.unlink(folder + "/filler")
    code, said = workplace.scan(scope, store, *options, "--resume", inside=net.scanner)
    assert code == 0, (engine, code, said)
    counts = workplace.rows(store, "SELECT sum(open), sum(closed), sum(unreachable), sum(silent) FROM counts")[0]
    assert counts == (0, 2048 * PORTS, 0, 0), (engine, counts)
    print("%s: full after %d SYNs, and went on" % (engine, sent), flush=True)


def main():
    own_mounts()
    net, workplace = Network(), Workplace(sys.argv[1])
    net.answer_all(RANGE, [])
    folder = workplace.path("small")
    os.mkdir(folder)
    network.run("mount", "-t", "tmpfs", "-o", "size=48m", "small", folder)
    try:
        for engine in ["connect", "packet"] + (["xdp"] if net.take_frames() else []):
            check(net, workplace, engine, folder)
    finally:
        network.run("umount", folder)


main()

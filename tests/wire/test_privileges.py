"""The process that reads what comes from the network is nobody, and can become nothing else (issue 3)."""

import os
import subprocess
import sys
import time

from network import skip
from scans import Workplace

DEADLINE_S = 60


def status(process):
    with open("/proc/%d/status" % process, encoding="ascii") as file:
        return dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)


def children(process):
    with open("/proc/%d/task/%d/children" % (process, process), encoding="ascii") as file:
        return [int(child) for child in file.read().split()]


def sockets(process):
    folder = "/proc/%d/fd" % process
    return [link for link in (os.readlink(os.path.join(folder, fd)) for fd in os.listdir(folder))
            if link.startswith("socket:")]


def given_up(state):
    return (set(state["Uid"].split()) == {"65534"} and set(state["Gid"].split()) == {"65534"} and
            state["Groups"].strip() == "" and state["NoNewPrivs"] == "1" and
            all(int(state[which], 16) == 0 for which in ("CapInh", "CapPrm", "CapEff", "CapAmb")))


def wait_for(found, child):
    end = time.monotonic() + DEADLINE_S
    while time.monotonic() < end:
        value = found()
        if value:
            return value
        assert child.poll() is None, child.communicate()[1]
        time.sleep(0.01)
    raise AssertionError("it did not come to that")


def check_engine(workplace, scope, engine):
    store = engine + ".db"
    child = subprocess.Popen(workplace.words(scope, store, "-p", "22000-22019", "-r", "10", "--engine", engine),
                             stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        (scanning,) = wait_for(lambda: children(child.pid), child)
        state = wait_for(lambda: given_up(status(scanning)) and status(scanning), child)
        # While it asks it stays so, and its parent, which is still root, hears nothing.
        wait_for(lambda: workplace.begun(store) and workplace.rows(store, "SELECT 1 FROM runs WHERE probes_sent > 5"),
                 child)
        assert given_up(status(scanning))
        assert sockets(scanning) or engine == "connect"
        assert not sockets(child.pid), sockets(child.pid)
        print("%s: uid %s, capabilities %s" % (engine, state["Uid"].split()[0], state["CapEff"]))
    finally:
        child.terminate()
        said = child.communicate(timeout=DEADLINE_S)[1]
    assert child.returncode == 130, (child.returncode, said)
    try:
        os.kill(scanning, 0)
        raise AssertionError("the scanning process outlived the command")
    except ProcessLookupError:
        pass


def main():
    if os.geteuid() != 0:
        skip("there are no privileges to give up")
    workplace = Workplace(sys.argv[1])
    scope = workplace.scope("scope.json", [{"id": "a", "name": "A", "ranges": ["127.94.1.1-127.94.1.8"]}])
    for engine in ("connect", "packet"):
        check_engine(workplace, scope, engine)


main()

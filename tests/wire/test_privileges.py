"""The process that reads what comes from the network is nobody, with each of its threads, and can become
nothing else (issue 3)."""

import os
import subprocess
import sys

import network
from network import Network, skip
from scans import DEADLINE_S, wait_for, Workplace


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
        threads = [int(thread) for thread in os.listdir("/proc/%d/task" % scanning)]
        assert len(threads) > 1 and all(given_up(status(thread)) for thread in threads), threads
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


def leaves(process):
    """The processes under it that have none of their own: who works for it just now."""
    under = children(process)
    return [leaf for child in under for leaf in leaves(child)] if under else [process]


ROUTERS, NEIGHBOURS = ("203.0.113.98", "2001:db8:f::98"), ("203.0.113.97", "2001:db8:f::97")
BEHIND = ("198.51.100.1", "2001:db8:1::1")


def make_ways(net):
    """Hosts behind routers, and on our own link, whom no kernel knows: the test answers for them."""
    net.host(*BEHIND)
    for address, router in zip(BEHIND, ROUTERS):
        network.run("ip", "-n", net.scanner, "route", "add", address, "via", router)
    net.listen([(address, 22, "hello") for address in BEHIND])


def answer_for(net):
    for address in (*ROUTERS, *NEIGHBOURS):
        subprocess.run(["ip", "-n", net.scanner, "neigh", "del", address, "dev", "wire"], stderr=subprocess.DEVNULL,
                       check=False)
    child = net.spawn(net.target, "python3", "-B", os.path.join(network.HERE, "neighbours.py"), "wire", *ROUTERS,
                      *NEIGHBOURS, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout.readline() == "ready\n"
    return child


def check_questions(net, workplace, engine):
    """When a question for a router or a target leaves, whoever is to read the answer has nothing left to give up."""
    neighbours = answer_for(net)
    scope = workplace.scope("ways.json", [{"id": "a", "name": "A", "ranges": [*BEHIND, *NEIGHBOURS]}])
    store = "ways-%s.db" % engine
    child = net.spawn(net.scanner, *workplace.words(scope, store, "-p", "22", "--engine", engine),
                      stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    awaited = {*ROUTERS, *NEIGHBOURS}
    while awaited:
        address = neighbours.stdout.readline().strip()
        for leaf in leaves(child.pid):
            assert leaf != child.pid and given_up(status(leaf)), (engine, address, status(leaf))
        neighbours.stdin.write(address + "\n")
        neighbours.stdin.flush()
        awaited.remove(address)
    said = child.communicate(timeout=DEADLINE_S)[1]
    assert child.returncode == 0, (child.returncode, said)
    (opened,), = workplace.rows(store, "SELECT count(DISTINCT address) FROM observations")
    assert opened == len(BEHIND), opened
    neighbours.kill()
    neighbours.wait()
    for address in ROUTERS:
        network.run("ip", "-n", net.scanner, "neigh", "flush", "to", address, "dev", "wire")
    print("%s: who asked for routers and neighbours was nobody" % engine)


def check_silent_router(net, workplace, engine):
    """A router that does not answer is named, and nothing is begun."""
    scope = workplace.scope("silent.json", [{"id": "a", "name": "A", "ranges": [BEHIND[0]]}])
    code, said = workplace.scan(scope, "silent.db", "-p", "22", "--engine", engine, inside=net.scanner)
    assert code == 2, (code, said)
    assert "--engine %s: the router %s on wire does not answer; is it there?" % (engine, ROUTERS[0]) in said, said
    assert not os.path.exists(workplace.path("silent.db"))


def check_ways(workplace):
    net = Network()
    net.take_live_frames()
    make_ways(net)
    for engine in ("packet", "xdp"):
        code, said = workplace.scan(workplace.scope("xdp.json", [{"id": "a", "name": "A", "ranges": ["192.0.2.7"]}]),
                                    "try-%s.db" % engine, "-p", "22", "--engine", engine, inside=net.scanner)
        if code == 2 and ("without the XDP engine" in said or "does not load" in said):
            print("xdp left out:", said.strip())
            continue
        check_questions(net, workplace, engine)
        check_silent_router(net, workplace, engine)


def main():
    if os.geteuid() != 0:
        skip("there are no privileges to give up")
    workplace = Workplace(sys.argv[1])
    scope = workplace.scope("scope.json", [{"id": "a", "name": "A", "ranges": ["127.94.1.1-127.94.1.8"]}])
    for engine in ("connect", "packet"):
        check_engine(workplace, scope, engine)
    check_ways(workplace)


main()

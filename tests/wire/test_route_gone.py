"""A route that goes away in mid-scan says nothing of those behind it: the connect engine ends with words, as the others
do, and a resumed scan asks who is left (issue 3, 5)."""

import ipaddress
import subprocess
import sys

import network
from network import Network, TARGET
from scans import DEADLINE_S, wait_for, Workplace

BEHIND = ipaddress.ip_network("198.18.0.0/24")
PORTS = 4
ATTEMPTS = 2


def counts(workplace):
    return workplace.rows("gone.db", "SELECT sum(open), sum(closed), sum(unreachable), sum(silent) FROM counts")[0]


def main():
    net, workplace = Network(), Workplace(sys.argv[1])
    route = ("ip", "-n", net.scanner, "route")
    network.run("ip", "-n", net.target, "route", "replace", "blackhole", str(BEHIND))
    network.run(*route, "replace", str(BEHIND), "via", TARGET)
    # Who never had a way is counted as unreachable, all the same.
    nowhere = ipaddress.ip_network("198.51.100.0/28")
    scope = workplace.scope("scope.json", [{"id": "a", "name": "A", "ranges": [str(BEHIND), str(nowhere)]}])
    options = ("-p", "22-%d" % (21 + PORTS), "-r", "300", "--attempts", str(ATTEMPTS), "--engine", "connect")
    child = net.spawn(net.scanner, *workplace.words(scope, "gone.db", *options), stdout=subprocess.DEVNULL,
                      stderr=subprocess.PIPE, text=True)
    # Some were silent once already, and are asked again.
    wait_for(lambda: workplace.begun("gone.db") and workplace.rows("gone.db", "SELECT 1 FROM pending WHERE attempts = 2"),
             child)
    network.run(*route, "del", str(BEHIND))
    said = child.communicate(timeout=DEADLINE_S)[1]
    assert child.returncode == 1 and "Network is unreachable" in said and "--resume" in said, (child.returncode, said)
    behind = counts(workplace)
    assert behind[2] <= nowhere.num_addresses * PORTS and behind[3] < BEHIND.num_addresses * PORTS, behind
    network.run(*route, "replace", str(BEHIND), "via", TARGET)
    code, said = workplace.scan(scope, "gone.db", *options, "--resume", inside=net.scanner)
    assert code == 0, (code, said)
    assert counts(workplace) == (0, 0, nowhere.num_addresses * PORTS, BEHIND.num_addresses * PORTS), counts(workplace)


main()

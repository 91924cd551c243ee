"""Many ports at a high rate: what is kept of such a sweep is more than SQLite has in its cache, and who scans may make no
file, for it has given its privileges up."""

import sys

from network import Network
from scans import Workplace

RANGE, FIRST_PORT, PORTS = "198.18.0.0/20", 20000, 1200


def main():
    network, workplace = Network(), Workplace(sys.argv[1])
    network.answer_all(RANGE, [])
    engine = "xdp" if network.take_frames() else "packet"
    scope = workplace.scope("scope.json", [{"id": "a", "name": "A", "ranges": [RANGE]}], {"max_rate_per_host": 100000})
    code, said = workplace.scan(scope, "a.db", "-p", "%d-%d" % (FIRST_PORT, FIRST_PORT + PORTS - 1), "-r", "10M",
                                "--attempts", "1", "--seed", "3", "--engine", engine, inside=network.scanner)
    assert code == 0, (engine, code, said)
    (asked, known), = workplace.rows("a.db", "SELECT sum(open + closed + unreachable + silent), sum(open + closed) "
                                              "FROM counts")
    print("%s: %d targets, %d of them answered" % (engine, asked, known), flush=True)
    assert asked == 4096 * PORTS, asked


main()

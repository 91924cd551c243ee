"""kill -9 at random moments, --resume until done: the store is that of an undisturbed scan (issue 2, 7)."""

import os
import random
import signal
import sqlite3
import struct
import subprocess
import sys
import time

from network import HERE
from scans import Workplace

KILLS = 20
SEED = "77"
PORTS = "22000-22024"
SERVED = [("mysql", 22001), ("hello", 22003), ("http", 22007), ("vnc", 22011), ("hello", 22013), ("http", 22020)]

# Without run numbers, times, evidence and what was sent.
TABLES = {
    "runs": "scope, authorization, vantage, ports, engine, catalogue, scope_text, seed, shard, shards, attempts, "
            "complete, position, addresses",
    "counts": "organization, transport, port, open, closed, unreachable, silent, synthetic",
    "hosts": "organization, address, open, control",
    "observations": "organization, address, port, transport, state, service, tls, product, version, facts, "
                    "undetermined, truncated",
    "findings": "organization, item, address, port, transport, key, confidence, asset, exposure, count, why, facts",
    "assessed": "organization, item",
    "scorecards": "organization, whole, exact, record",
    "pending": "number, attempts",
}


def host(number):
    process = os.getpid()
    return "127.%d.%d.%d" % (1 + process // 256 % 254, process % 256, number)


def contents(workplace, store):
    run = "(SELECT max(run) FROM runs)"
    return {table: sorted(workplace.rows(store, "SELECT %s FROM %s WHERE run = %s" % (columns, table, run)), key=repr)
            for table, columns in TABLES.items()}


class Resumption:
    def __init__(self, auscult, engine):
        self.engine = engine
        self.workplace = Workplace(auscult)
        self.scope = self.workplace.scope("scope.json", [
            {"id": "a", "name": "A", "ranges": [host(1) + "-" + host(6)],
             "assets": [{"range": host(2), "value": 5, "name": "HIS"}]},
            {"id": "b", "name": "B", "ranges": [host(7) + "-" + host(10)]}],
            {"max_rate_per_host": 100})
        self.options = ["-p", PORTS, "-r", "200", "--seed", SEED, "--engine", engine]
        words = ["%s %d %s" % (host(number), port, conduct) for number in range(1, 11) for conduct, port in SERVED]
        self.servers = subprocess.Popen(["python3", "-B", os.path.join(HERE, "listeners.py"), *words],
                                        stdout=subprocess.PIPE, text=True)
        assert self.servers.stdout.readline() == "ready\n"

    def start(self, store, *options):
        return subprocess.Popen(self.workplace.words(self.scope, store, *self.options, *options),
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def finish(self, store, *options):
        child = self.start(store, *options)
        said = child.communicate(timeout=300)[1]
        return child.returncode, said

    def killed(self, store, wait_s, number=signal.SIGKILL, resume=True):
        """The exit code; -9 when the kill came in time."""
        child = self.start(store, *(["--resume"] if resume else []))
        try:
            child.communicate(timeout=wait_s)
        except subprocess.TimeoutExpired:
            child.send_signal(number)
            child.communicate()
        return child.returncode

    def left(self, store):
        """Targets not drawn or not finished, by the store; None where there is no run yet."""
        try:
            rows = self.workplace.rows(store, "SELECT (SELECT count(*) FROM pending) + 250 - position, sweep FROM runs "
                                              "LEFT JOIN paces USING (run) WHERE complete = 0")
            # The third number of a sweep's record is how many of its steps are settled.
            return rows[0][0] - (struct.unpack_from("<Q", rows[0][1], 16)[0] if rows[0][1] else 0) if rows else None
        except sqlite3.OperationalError:  # the file or its tables are not there yet
            return None

    def settle(self, store, code):
        """After a kill goes on to the end; a run that had come to its end just before the kill has nothing left."""
        if code == -9 and not self.workplace.begun(store):
            code, said = self.finish(store)
            assert code == 0, (code, said)
        elif code != 0:
            assert code in (-9, 2), code
            code, said = self.finish(store, "--resume")
            assert code == 0 or (code == 2 and "no unfinished run" in said), (code, said)

    def killed_at_the_end(self, store):
        """Between the last target and the end of the program, where findings and scorecards are stored."""
        child = self.start(store, "--resume")
        while child.poll() is None and self.left(store) != 0:
            time.sleep(0.0005)
        if child.poll() is None:
            child.kill()
        child.communicate()
        return child.returncode


def check_equal(expected, found, what):
    for table in TABLES:
        if expected[table] == found[table]:
            continue
        missing = [row for row in expected[table] if row not in found[table]]
        added = [row for row in found[table] if row not in expected[table]]
        raise AssertionError("%s: %s differs: missing %s, added %s" % (what, table, missing[:2], added[:2]))


def check_kills(resumption, expected):
    dice = random.Random(7)
    kills, stores = 0, 0
    while kills < KILLS:
        store = "killed%d.db" % stores
        stores += 1
        code = resumption.killed(store, dice.uniform(0.05, 3), resume=False)
        for _ in range(dice.randrange(0, 7)):
            if code != -9 or not resumption.workplace.begun(store):
                break
            kills += 1
            code = resumption.killed(store, dice.uniform(0.05, 3))
        kills += code == -9
        resumption.settle(store, code)
        check_equal(expected, contents(resumption.workplace, store), store)
    print("%d kills over %d stores" % (kills, stores))


def check_kills_at_the_end(resumption, expected):
    kills = 0
    for number in range(4):
        store = "end%d.db" % number
        assert resumption.killed(store, 1.5, signal.SIGTERM, resume=False) == 130
        code = resumption.killed_at_the_end(store)
        kills += code == -9
        resumption.settle(store, code)
        check_equal(expected, contents(resumption.workplace, store), store)
    print("%d kills between the last target and the end" % kills)


def check_interrupts(resumption, expected):
    for number in (signal.SIGINT, signal.SIGTERM):
        store = "signal%d.db" % number
        assert resumption.killed(store, 1, number, resume=False) == 130
        assert resumption.killed(store, 1, number) == 130
        code, said = resumption.finish(store, "--resume")
        assert code == 0, (code, said)
        check_equal(expected, contents(resumption.workplace, store), store)
        (sent,), = resumption.workplace.rows(store, "SELECT probes_sent FROM runs")
        assert sent >= 250, sent


def check_mismatches(resumption):
    """Another scan than the one that was interrupted is refused, and leaves the store as it is."""
    store, workplace = "other.db", resumption.workplace
    assert resumption.killed(store, 1, signal.SIGINT, resume=False) == 130
    before = contents(workplace, store)
    for options, word in ((["-p", "22100"], "ports"), (["--seed", "78"], "seed"), (["--shard", "1/2"], "shard"),
                          (["--attempts", "3"], "attempts"),
                          (["--engine", "packet" if resumption.engine == "connect" else "connect"], "engine")):
        code, said = resumption.finish(store, *options, "--resume")
        assert code == 2 and word in said, (options, code, said)
    with open(resumption.scope, encoding="utf-8") as file:
        text = file.read()
    with open(workplace.path("other.json"), "w", encoding="utf-8") as file:
        file.write(text.replace('"HIS"', '"PACS"'))
    code, said = workplace.scan(workplace.path("other.json"), store, *resumption.options, "--resume")
    assert code == 2 and "scope" in said, (code, said)
    assert contents(workplace, store) == before
    # A version that drew in another order, as every one before layout 3 of the store.
    for change in ("UPDATE orders SET proof = proof + 1", "DELETE FROM orders"):
        workplace.change(store, change)
        code, said = resumption.finish(store, "--resume")
        assert code == 2 and "order" in said, (code, said)
    assert contents(workplace, store) == before
    code, said = resumption.finish("none.db", "--resume")
    assert code == 2 and "no unfinished run" in said, (code, said)


def check_engine(auscult, engine):
    resumption = Resumption(auscult, engine)
    try:
        code, said = resumption.finish("whole.db")
        assert code == 0, (code, said)
        expected = contents(resumption.workplace, "whole.db")
        print("engine", engine)
        assert len(expected["observations"]) == 10 * len(SERVED) and not expected["pending"]
        assert sum(sum(row[3:]) for row in expected["counts"]) == 250
        assert len(expected["scorecards"]) == 2 and expected["findings"] is not None
        code, said = resumption.finish("whole.db", "--resume")
        assert code == 2 and "no unfinished run" in said, (code, said)
        check_interrupts(resumption, expected)
        check_mismatches(resumption)
        check_kills_at_the_end(resumption, expected)
        check_kills(resumption, expected)
    finally:
        resumption.servers.kill()
        resumption.servers.wait()


def main():
    check_engine(sys.argv[1], "connect")
    if os.geteuid() == 0:
        check_engine(sys.argv[1], "packet")


main()

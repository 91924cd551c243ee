"""Scopes, scans and their stores."""

import json
import os
import sqlite3
import subprocess
import tempfile
import time

AUSCULT_MAX_S = 300
DEADLINE_S = 60


def wait_for(found, child):
    """What `found` gives once it gives anything, while the child runs."""
    end = time.monotonic() + DEADLINE_S
    while time.monotonic() < end:
        value = found()
        if value:
            return value
        assert child.poll() is None, child.communicate()[1]
        time.sleep(0.01)
    raise AssertionError("it did not come to that")


class Workplace:
    """A folder of its own for one test's files."""

    def __init__(self, auscult):
        self.folder = tempfile.TemporaryDirectory(prefix="auscult-wire-")
        self.auscult = os.path.abspath(auscult)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def scope(self, name, organizations, authorization=None, **others):
        allowed = {"reference": "t", "authorized_by": "t", "contact": "t", "valid_from": "2020-01-01",
                   "valid_until": "2099-12-31", **(authorization or {})}
        text = {"auscult": 1, "authorization": allowed, "organizations": organizations, **others}
        with open(self.path(name), "w", encoding="utf-8") as file:
            json.dump(text, file, indent=1)
        return self.path(name)

    def words(self, scope, store, *options):
        return [self.auscult, "scan", "-q", "-o", "json=" + self.path("report"), "-d", self.path(store), *options,
                scope]

    def scan(self, scope, store, *options, inside=None, environment=None):
        """Exit code and standard error."""
        words = (["ip", "netns", "exec", inside] if inside else []) + self.words(scope, store, *options)
        done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=AUSCULT_MAX_S,
                              env={**os.environ, **(environment or {})}, check=False)
        return done.returncode, done.stderr

    def rows(self, store, question):
        database = sqlite3.connect("file:%s?mode=ro" % self.path(store), uri=True, timeout=10)
        try:
            return database.execute(question).fetchall()
        finally:
            database.close()

    def change(self, store, statement):
        database = sqlite3.connect(self.path(store), timeout=10)
        try:
            database.execute(statement)
            database.commit()
        finally:
            database.close()

    def begun(self, store):
        """Whether the store holds a run; a kill may come before it."""
        try:
            return bool(self.rows(store, "SELECT 1 FROM runs"))
        except sqlite3.OperationalError:  # the file or its tables are not there yet
            return False

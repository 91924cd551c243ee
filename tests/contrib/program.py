"""What the program says of itself: its commands, and of each the usage and the options that --help tells."""

import re
import subprocess
import sys

WITHOUT_HELP = {"facts"}  # it has no options: it lists


def said(auscult, *words):
    return subprocess.run([auscult, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=60, check=False, text=True).stdout


def commands(auscult):
    return re.findall(r"^  ([a-z][a-z-]*) ", said(auscult, "--help"), re.MULTILINE)


class Command:
    """usage: its usage lines; rows: [("--ports", ("-p", "LIST")), …], with None where there is no letter or no argument; options:
    the same by name; verbs: first words that have a --help of their own, by name."""

    def __init__(self, auscult, name):
        self.name = name
        self.help = "" if name in WITHOUT_HELP else said(auscult, *name.split(), "--help")
        self.usage, self.rows, self.verbs = [], [], {}
        lines = self.help.splitlines()
        while lines and re.match(r"Usage: | {7}", lines[0]):
            self.usage.append(lines.pop(0)[7:].strip())
        for line in lines:
            if re.match(r" +-", line):
                self._take_row(line)
        for line in self.usage:
            for option, argument in re.findall(r"(--[a-z][a-z-]*)(?: ([^-\s\[\]][^\s\]]*))?", line):
                if option not in dict(self.rows):
                    self.rows.append((option, (None, argument or None)))
        self.options = dict(self.rows)
        for line in self.usage if " " not in name else ():
            self._take_verb(auscult, line)
        for verb in self.verbs.values():
            self.rows += verb.rows

    def _take_row(self, line):
        for part in re.split(r" {2,}", line.strip()):
            match = re.fullmatch(r"(?:(-[A-Za-z]), )?(--[a-z][a-z-]*)(?: (\S+))?", part)
            if not match:
                break
            self.rows.append((match.group(2), (match.group(1), match.group(3))))

    def _take_verb(self, auscult, line):
        match = re.match(r"auscult %s ([a-z]+)" % self.name, line)
        verb = match and Command(auscult, "%s %s" % (self.name, match.group(1)))
        if verb and verb.help != self.help and verb.help.startswith("Usage: auscult %s" % verb.name):
            self.verbs[match.group(1)] = verb


def everything(auscult):
    return [Command(auscult, name) for name in commands(auscult)]


class Faults:
    """Counts what is wrong, and says it."""

    def __init__(self):
        self.count = 0

    def __call__(self, *words):
        print(*words)
        self.count += 1

    def unless(self, good, *words):
        if not good:
            self(*words)

    def end(self):
        print("%d faults" % self.count)
        sys.exit(min(self.count, 1))

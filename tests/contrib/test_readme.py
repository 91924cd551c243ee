"""README.zh-CN.md is in step with README.md: the same sections, commands, code, tables, lists and numbers."""

import os
import re
import sys

from program import Faults


def sections(path):
    """[(level, text)]: what stands before the first heading is section 0."""
    with open(path, encoding="utf-8") as file:
        parts = re.split(r"^(#+) .*$", file.read(), flags=re.MULTILINE)
    return [(0, parts[0])] + [(len(level), text) for level, text in zip(parts[1::2], parts[2::2])]


def commands(text):
    """Of the indented lines what is typed: a description stands behind two spaces, and a line of nothing else far to the right. JSON
    has neither, and stays whole."""
    found, depth = [], 0
    for line in re.findall(r"^ {4}(.*)$", text, re.MULTILINE):
        if depth or line.startswith("{"):
            depth += line.count("{") - line.count("}")
            found.append(line)
        elif "→" not in line and not re.match(r" {8,}", line):
            found.append(re.split(r" {2,}", line.strip())[0])
    return found


def prose(text):
    return re.sub(r"^ {4}.*$", "", text, flags=re.MULTILINE)


def code(text):
    return sorted(set(re.findall(r"`([^`]+)`", prose(text))))


def numbers(text):
    return sorted(re.findall(r"(?<![\w.-])\d[\d.]*\d|(?<![\w.-])\d", re.sub(r"`[^`]*`|^ *\d\. ", "", prose(text), flags=re.MULTILINE)))


def count(pattern, text):
    return len(re.findall(pattern, prose(text), re.MULTILINE))


def main():
    source = sys.argv[2]
    faults = Faults()
    english, chinese = (sections(os.path.join(source, name)) for name in ("README.md", "README.zh-CN.md"))
    faults.unless([level for level, _ in english] == [level for level, _ in chinese], "the sections are %s and %s" %
                  ([level for level, _ in english], [level for level, _ in chinese]))
    for number, ((_, one), (_, other)) in enumerate(zip(english, chinese)):
        begin = " ".join(one.split())[:50]
        for what, of in (("commands", commands), ("code", code), ("numbers", numbers)):
            faults.unless(of(one) == of(other), "section %d, %s: %s\n  %s\n  %s" % (number, begin, what, of(one), of(other)))
        for what, pattern in (("rows", r"^\|"), ("items", r"^(?:-|\d\.) "), ("paragraphs", r"\n\n(?=\S)")):
            faults.unless(count(pattern, one) == count(pattern, other), "section %d, %s: %d %s and %d" %
                          (number, begin, count(pattern, one), what, count(pattern, other)))
        faults.unless(not other.strip() or re.search("[\u4e00-\u9fff]", other), "section %d is not Chinese" % number)
    faults.end()


main()

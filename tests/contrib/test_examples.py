"""Example scopes are right and show what they are for; contrib/README.md tells of everything that is there."""

import json
import os
import re
import subprocess
import sys
import tempfile

from program import Faults


def check_scope(auscult, path, faults):
    run = subprocess.run([auscult, "scope", "check", path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, check=False,
                         text=True)
    faults.unless(run.returncode == 0, run.stdout)


def check_audit(auscult, path, faults):
    """It is read whole, and only then refused: its scope is not there."""
    with open(path, encoding="utf-8") as file:
        audit = json.load(file)
    with open("audit-example.json", "w", encoding="utf-8") as file:
        json.dump(dict(audit, scope="nowhere.json", state="audit-example"), file)
    run = subprocess.run([auscult, "audit", "audit-example.json"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, check=False,
                         text=True)
    faults.unless(run.returncode == 2 and "nowhere.json" in run.stdout and "audit-example.json:" not in run.stdout, run.stdout)


def main():
    auscult, source = sys.argv[1:3]
    faults = Faults()
    contrib = os.path.join(source, "contrib")
    examples = os.path.join(contrib, "examples")
    scopes = {}
    for name in sorted(set(os.listdir(examples)) - {"audit.json"}):
        check_scope(auscult, os.path.join(examples, name), faults)
        with open(os.path.join(examples, name), encoding="utf-8") as file:
            scopes[name] = json.load(file)["organizations"]
    faults.unless(len(scopes["hospital.json"]) == 1, "hospital.json is of one hospital")
    faults.unless(all("fragile" in one for one in scopes["group.json"]), "group.json has fragile ranges")
    faults.unless(len({one["tags"]["city"] for one in scopes["province.json"]}) > 2, "province.json has cities")
    with tempfile.TemporaryDirectory() as work:
        os.chdir(work)
        check_audit(auscult, os.path.join(examples, "audit.json"), faults)

    with open(os.path.join(contrib, "README.md"), encoding="utf-8") as file:
        told = re.findall(r"^\| `([^`]+)` \|", file.read(), re.MULTILINE)
    there = {name + ("/" if os.path.isdir(os.path.join(contrib, name)) else "") for name in os.listdir(contrib)} - {"README.md"}
    faults.unless(sorted(told) == sorted(there), "contrib/README.md tells of", sorted(set(told) ^ there), "otherwise than it is")
    faults.end()


main()

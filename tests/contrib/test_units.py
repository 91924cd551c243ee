"""The service and its timer are right in systemd's own eyes, and exposed no more than "OK" (systemd-analyze(1))."""

import os
import re
import shutil
import subprocess
import sys
import tempfile

AUSCULT, SOURCE = sys.argv[1], sys.argv[2]
UNITS = os.path.join(SOURCE, "contrib", "systemd")
EXPOSURE_MAX = 2.0


def analyze(*words):
    done = subprocess.run(["systemd-analyze", *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60,
                          check=False)
    return done.returncode, done.stdout


def write_instance(folder):
    """As it would be installed, with the program that was just built; the manual is not installed here."""
    for kind in ("service", "timer"):
        with open(os.path.join(UNITS, "auscult@.%s" % kind), encoding="utf-8") as file:
            text = file.read()
        assert kind != "service" or "ExecStart=/usr/bin/auscult audit %i\n" in text
        text = text.replace("/usr/bin/auscult", AUSCULT).replace("%i", "ward")
        text = re.sub("(?m)^Documentation=.*\n", "", text)
        with open(os.path.join(folder, "auscult@ward.%s" % kind), "w", encoding="utf-8") as file:
            file.write(text)


def check_verify(folder, kind):
    code, said = analyze("verify", os.path.join(folder, "auscult@ward.%s" % kind))
    own = [line for line in said.splitlines() if "auscult" in line]
    assert code == 0 and not own, said


def check_exposure(folder, add=""):
    path = os.path.join(folder, "auscult@ward.service")
    with open(path, "a", encoding="utf-8") as file:
        file.write(add)
    code, said = analyze("security", "--offline=true", "--threshold=%d" % (EXPOSURE_MAX * 10), path)
    level = re.search(r"Overall exposure level for \S+ ([0-9.]+) (\S+)", said)
    assert level, said
    return code, float(level.group(1)), level.group(2)


def main():
    if not shutil.which("systemd-analyze"):
        print("skipped: systemd-analyze is not there")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        write_instance(folder)
        check_verify(folder, "service")
        check_verify(folder, "timer")
        code, level, word = check_exposure(folder)
        print("exposure %.1f, %s" % (level, word))
        assert code == 0 and level < EXPOSURE_MAX and word in ("OK", "SAFE", "PERFECT"), (code, level, word)
        # The measure tells one from the other.
        code, level, word = check_exposure(folder, "\n[Service]\nProtectSystem=no\nCapabilityBoundingSet=CAP_SYS_ADMIN\nUser=root\n")
        assert code != 0 and level > EXPOSURE_MAX, (code, level, word)


main()

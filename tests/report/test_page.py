#!/usr/bin/env python3
"""test_page.py AUSCULT: the HTML report of a group and of one hospital, in both languages, in headless Chromium: nothing is
cut off, overlaps or is asked for, headings and links hold; -o pdf makes a PDF, and never half a file. Skips without Chromium."""

import html
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
WIDTHS = (1440, 768, 390, 360)
HOSPITALS, PROVINCES = 60, 8
ITEMS = (("H03-1", 3389), ("H04-1", 3306), ("H03-2", 22), ("H05-1", 6379), ("H06-1", 6379), ("A05-1", 80), ("H14-1", 104))
HOSTILE = "\"onload=\"x\"><script>document.title='owned'</script>=cmd()" + "W" * 200


def number(hospital, place, most):
    """The same in every run, and not in step with anything."""
    return (hospital * 7919 + place * 104729 + hospital * hospital * 31) % most


def records(folder, hospitals):
    organizations = []
    with open(folder / "records.jsonl", "w", encoding="utf-8") as lines:
        for i in range(hospitals):
            own = {"id": f"h{i:03}", "name": f"第{i}人民医院" if i % 3 else f"Hospital {i}", "province": f"省{i % PROVINCES}",
                   "ranges": [f"10.0.{i}.0/24"]}
            if i == 0:
                own["name"] = HOSTILE
            organizations.append(own)
            print(json.dumps({"type": "assessed", "org": own["id"], "items": [item for item, _ in ITEMS]}), file=lines)
            for j, (item, port) in enumerate(ITEMS):
                for place in range(1 + number(i, j, 3) if number(i, j, 5) < 2 or i == 0 else 0):
                    print(json.dumps({"type": "finding", "org": own["id"], "item": item, "ip": f"10.0.{i}.{place + 1}", "port": port,
                                      "transport": "tcp", "why": HOSTILE + "\u202e\x1b" if i == 0 else "greeting",
                                      "time": "2026-01-02T03:04:05Z"}), file=lines)
    scope = {"auscult": 1, "authorization": {"reference": HOSTILE, "authorized_by": "a", "contact": "b", "valid_from": "2026-01-01",
                                             "valid_until": "2026-12-31"}, "organizations": organizations}
    (folder / "scope.json").write_text(json.dumps(scope), encoding="utf-8")


def score(auscult, folder, *options, environment=None):
    return subprocess.run([auscult, "score", folder / "records.jsonl", "--scope", folder / "scope.json", *options], timeout=200,
                          check=False, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, **(environment or {})})


def frames(pages, folder):
    """The reports with the inspector in place of their policy, each in frames of all widths; what they tell stands in one place."""
    inspector = (HERE / "inspect.js").read_text(encoding="utf-8")
    lines = []
    for page in pages:
        text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page.read_text(encoding="utf-8"))
        inner = folder / f"inspected-{page.name}"
        inner.write_text(text.replace("</head>", f"<script>{inspector}</script></head>"), encoding="utf-8")
        for width in WIDTHS:
            lines.append(f'<iframe src="{inner.name}" name="{page.name} at {width}" width="{width}" height="900" style="border:0"></iframe>')
    outer = folder / "outer.html"
    outer.write_text("""<!DOCTYPE html><meta charset="utf-8"><pre id="said"></pre>
<script>const said = {}; addEventListener('message', e => {
  said[e.data.frame] = e.data.wrong; document.getElementById('said').textContent = JSON.stringify(said); })</script>
""" + "\n".join(lines), encoding="utf-8")
    return outer


def inspect(chromium, pages, folder):
    """What is wrong, for each page and width. No sandbox: where this runs as root in a container there is none to be had."""
    with tempfile.TemporaryDirectory() as profile:
        run = subprocess.run([chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                              f"--user-data-dir={profile}", "--window-size=1600,1000", "--virtual-time-budget=20000", "--dump-dom",
                              frames(pages, folder).as_uri()],
                             timeout=200, check=False, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    said = re.search(r'<pre id="said">(.+?)</pre>', run.stdout.decode(), re.DOTALL)
    told = json.loads(html.unescape(said.group(1))) if said else {}
    silent = {f"{page.name} at {width}" for page in pages for width in WIDTHS} - set(told)
    if silent:
        sys.exit(f"chromium ({run.returncode}) told nothing of {sorted(silent)}: {run.stderr.decode(errors='replace')[-2000:]}")
    return told


def check_pages(auscult, chromium, folder, name):
    pages = [folder / f"{name}-{language}.html" for language in ("zh", "en")]
    for page, language in zip(pages, ("zh", "en")):
        made = score(auscult, folder, "--lang", language, "-o", f"html={page}")
        if made.returncode != 0:
            sys.exit(f"{page.name}: {made.stderr.decode()}")
        if "<script" in page.read_text(encoding="utf-8"):
            sys.exit(f"{page.name}: a script")
    wrong = [f"{where}: {what}" for where, faults in inspect(chromium, pages, folder).items() for what in faults]
    if wrong:
        sys.exit("\n".join(wrong[:20]))


def check_sandbox(auscult, chromium, folder, pdf):
    """A browser that is refused its sandbox: root's prints without, as nobody, and it is said; a user's does not, and it is said why."""
    refused = folder / "refused"
    refused.write_text(f"""#!/bin/sh
case " $* " in *" --no-sandbox "*) exec {chromium} "$@" ;; esac
echo "No usable sandbox!" >&2
exit 1
""", encoding="utf-8")
    refused.chmod(0o755)
    made = score(auscult, folder, "-o", f"pdf={pdf}", environment={"AUSCULT_CHROMIUM": str(refused), "TMPDIR": str(folder)})
    code, words = (0, b"prints without it") if os.geteuid() == 0 else (1, b"No usable sandbox")
    if made.returncode != code or words not in made.stderr or pdf.exists() != (code == 0):
        sys.exit(f"without a sandbox: {made.returncode}: {made.stderr.decode()}")


def check_pdf(auscult, chromium, folder):
    pdf = folder / "report.pdf"
    made = score(auscult, folder, "-o", f"pdf={pdf}", environment={"TMPDIR": str(folder)})
    if made.returncode != 0 or not pdf.read_bytes().startswith(b"%PDF-") or b"%%EOF" not in pdf.read_bytes()[-1024:]:
        sys.exit(f"no PDF: {made.stderr.decode()}")
    pdf.unlink()
    for browser, code in (("/bin/false", 1), ("/nowhere/chromium", 2)):
        made = score(auscult, folder, "-o", f"pdf={pdf}", environment={"AUSCULT_CHROMIUM": browser, "TMPDIR": str(folder)})
        if made.returncode != code or pdf.exists() or (folder / "report.pdf.part").exists():
            sys.exit(f"{browser}: {made.returncode}, {sorted(folder.iterdir())}")
    check_sandbox(auscult, chromium, folder, pdf)
    left = list(folder.glob("auscult-pdf-*"))
    if left:
        sys.exit(f"left behind: {left}")


def main():
    auscult = sys.argv[1]
    chromium = os.environ.get("AUSCULT_CHROMIUM") or shutil.which("chromium")
    if not chromium:
        print("skipped: no chromium (Debian: chromium)")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        for hospitals, kind in ((1, "one"), (HOSPITALS, "group")):
            records(folder, hospitals)
            check_pages(auscult, chromium, folder, kind)
        check_pdf(auscult, chromium, folder)


main()

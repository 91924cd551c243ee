#!/usr/bin/env bash
# resume.sh SOURCE AUSCULT: a scan that is killed and resumed ends as one that was left alone.
command -v python3 >/dev/null || { echo "skipped: needs python3"; exit 77; }
exec python3 "$1/tests/scanner/resume.py" "$2"

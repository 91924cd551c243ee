#!/usr/bin/env bash
# forms.sh SOURCE AUSCULT: every form of the report, with hostile texts in it and without addresses, read by real parsers (forms.py).
exec python3 "$1/tests/forms.py" "$2"

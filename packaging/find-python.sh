#!/usr/bin/env bash
# Prints a Python that is new enough for the app. Set PYTHON to choose one yourself.
set -euo pipefail

for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11 python3.14}; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        echo "$candidate"
        exit 0
    fi
done

echo "Locution needs Python 3.11 or newer and found none${PYTHON:+ in PYTHON=$PYTHON}." >&2
echo "On Debian or Ubuntu: sudo apt-get install -y python3 python3-venv" >&2
exit 1

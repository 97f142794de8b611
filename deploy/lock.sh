#!/bin/sh
# Resolve the dependencies of pyproject.toml anew and write the lock files.
#
#   requirements.lock       what a server installs: run time, the extra `all`, the build backend
#   requirements-dev.lock   the same pins, plus tests and linters
#   deploy/interop.lock     somebody else's COSE, in an environment of its own
#   deploy/fuzz.lock        the fuzzer, beside what is in the second
#
# The locks hold for Python 3.11 and newer on every platform, carry a hash per file and name no package
# host: pip takes them from whatever index it is set up for. uv resolves from a throw-away environment,
# for it is no dependency of ours.
set -eu

python=${PYTHON:-python3}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

"$python" -m venv "$scratch/uv"
"$scratch/uv/bin/pip" install --quiet --disable-pip-version-check uv

# compile LOCK SOURCE ARGUMENT...: existing pins are kept unless UPGRADE=1 asks for the newest of everything.
compile() {
    lock=$1
    shift
    "$scratch/uv/bin/uv" pip compile "$@" \
        --output-file "$lock" \
        --quiet --no-config \
        ${UPGRADE:+--upgrade} \
        --universal --python "$python" --python-version 3.11 \
        --annotation-style line --generate-hashes --no-emit-index-url --no-emit-find-links \
        --custom-compile-command "make lock"
}

compile requirements-dev.lock pyproject.toml --extra all --group dev
# Constrained by the first, so that what is tested is what is served.
compile requirements.lock pyproject.toml --extra all --group build --constraints requirements-dev.lock
compile deploy/interop.lock deploy/interop.in
compile deploy/fuzz.lock deploy/fuzz.in

#!/bin/sh
# Makes the Python environment in $1 from requirements.lock, and installs this project into it.
set -eu
venv=$1
python=${PYTHON:-python3}

command -v "$python" >/dev/null 2>&1 || { echo "error: $python is not there; IOG needs Python 3.11 or newer" >&2; exit 1; }
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    { echo "error: $("$python" --version) is too old; IOG needs Python 3.11 or newer (make PYTHON=python3.12)" >&2; exit 1; }
"$python" -c 'import ensurepip, venv' 2>/dev/null ||
    { echo "error: $python lacks the venv module (on Debian: apt-get install python3-venv)" >&2; exit 1; }

step() { printf '%s\n' "environment: $1"; }

step "making $venv from requirements.lock; about two minutes the first time, depending on the network"
[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
total=$(grep -c '^[a-zA-Z0-9._-]*==' requirements.lock)
step "fetching and installing $total packages"
PIP_DISABLE_PIP_VERSION_CHECK=1 "$venv/bin/python" -m pip install --require-hashes -r requirements.lock 2>&1 |
    awk -v total="$total" '
        /^Collecting / { count++; if (count % 10 == 0) { printf "environment: %d of %d fetched\n", count, total; fflush() } }
        /^Installing collected/ { print "environment: installing"; fflush() }
        /^(ERROR|error)/ { print > "/dev/stderr" }'
step "installing iog itself"
PIP_DISABLE_PIP_VERSION_CHECK=1 "$venv/bin/python" -m pip install -q --no-deps --no-build-isolation -e .
"$venv/bin/python" -c 'import iog_client, iog_orchestrator, iog_worker'
: > "$venv/.made-from-lock"
step "ready"

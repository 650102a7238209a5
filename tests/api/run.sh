#!/bin/sh
# Tests the running program against its OpenAPI document, as citizen, officers and nobody.
#
#   tests/api/run.sh [PROGRAM]        default: $TONGBAN_BIN, else target/release/tongban
#
# Exit code 0: no server error, nothing undocumented; 1: findings; 2: it could not be run.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
program=${1:-${TONGBAN_BIN:-$root/target/release/tongban}}
venv=$root/target/api-venv

if [ ! -x "$program" ]; then
    echo "$program is missing; build it with: cargo build --release -p tongban" >&2
    exit 2
fi
if ! command -v python3 >/dev/null; then
    echo "python3 is missing; install it with: apt-get install -y python3 python3-venv" >&2
    exit 2
fi
if ! cmp -s "$here/requirements.txt" "$venv/requirements.txt"; then
    if ! { python3 -m venv "$venv" && "$venv/bin/pip" install -q -r "$here/requirements.txt"; }; then
        echo "schemathesis could not be installed into $venv; it needs python3-venv and a package index" >&2
        exit 2
    fi
    cp "$here/requirements.txt" "$venv/requirements.txt"
fi
exec "$venv/bin/python" "$here/run.py" "$program"

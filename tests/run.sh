#!/bin/sh
# Makes its own environment beside the checkout, installs Affetto there and runs every test.
#   PYTHON   the interpreter to use (3.11 or newer; python3 by default)
# Arguments go to pytest.
set -eu
cd "$(dirname "$0")/.."
environment=var/test-environment
"${PYTHON:-python3}" -m venv "$environment"
"$environment/bin/python" -m pip install --quiet --upgrade pip
"$environment/bin/python" -m pip install --quiet --editable '.[dev,video,features,parquet,asr,fusion]'
exec "$environment/bin/python" -m pytest "$@"

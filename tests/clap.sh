#!/bin/sh
# Runs the tests of CLAP with the real laion_clap, in an environment of their own beside the checkout.
# It is kept while pyproject.toml stays as it is.
#   PYTHON   the interpreter to use (3.11 or newer; python3 by default)
#   TORCH    what to install as torch
# Arguments go to pytest.
set -eu
cd "$(dirname "$0")/.."
environment=var/clap-environment
if ! cmp -s pyproject.toml "$environment/made-from.toml"; then
  rm -rf "$environment"
  "${PYTHON:-python3}" -m venv "$environment"
  "$environment/bin/python" -m pip install --quiet --upgrade pip
  "$environment/bin/python" -m pip install --quiet "${TORCH:-torch==2.13.0}"
  "$environment/bin/python" -m pip install --quiet --editable '.[clap]' pytest hypothesis
  cp pyproject.toml "$environment/made-from.toml"
fi
exec "$environment/bin/python" -m pytest tests/clap "$@"

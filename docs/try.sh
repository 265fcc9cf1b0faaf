#!/bin/sh
# Makes its own environment beside the checkout, installs Affetto there, takes in the sample
# library and asks it a few questions.
#   PYTHON   the interpreter to use (3.11 or newer; python3 by default)
set -eu
cd "$(dirname "$0")/.."
environment=var/try-environment
library=var/sample-library
"${PYTHON:-python3}" -m venv "$environment"
"$environment/bin/python" -m pip install --quiet --upgrade pip
"$environment/bin/python" -m pip install --quiet .
affetto="$environment/bin/affetto"
echo "\$ affetto ingest docs/sample/sounds --labels docs/sample/labels.csv"
"$affetto" ingest docs/sample/sounds --labels docs/sample/labels.csv --library "$library"
for prompt in "someone sobbing" "furious shouting" "a calm, gentle voice" "tense, ominous music"; do
    echo
    echo "\$ affetto search \"$prompt\" -k 3"
    "$affetto" search "$prompt" -k 3 --library "$library"
done
echo
echo "Now point it at your own folder:"
echo "  $affetto ingest ~/recordings && $affetto search \"bitter, holding back tears\""

#!/usr/bin/env bash
# make_venv.sh FOLDER REQUIREMENTS: a virtual environment with these packages; kept while REQUIREMENTS stays as it is.
set -euo pipefail
folder=$1 requirements=$2
if ! cmp -s "$requirements" "$folder/requirements.txt"; then
  rm -rf "$folder"
  python3 -m venv "$folder"
  "$folder/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: -r "$requirements"
  cp "$requirements" "$folder/requirements.txt"
fi

#!/usr/bin/env bash
# make_venv.sh FOLDER: a virtual environment with the vendors' clients; kept while requirements.txt stays as it is.
set -euo pipefail
folder=$1
requirements=$(dirname "$0")/requirements.txt
if ! cmp -s "$requirements" "$folder/requirements.txt"; then
  rm -rf "$folder"
  python3 -m venv "$folder"
  "$folder/bin/pip" install --quiet --disable-pip-version-check -r "$requirements"
  cp "$requirements" "$folder/requirements.txt"
fi

#!/usr/bin/env bash
# make_torch_venv.sh FOLDER REQUIREMENTS: a virtual environment upon Debian's torch (140 MB), so that PyPI's, which is gigabytes, is not
# fetched: nothing comes but what REQUIREMENTS lists. Kept while that stays as it is.
set -euo pipefail
folder=$1 requirements=$2
. "$(dirname "$0")/../../deploy/packages.sh"
install_packages python3-torch python3-torchvision python3-venv
if ! cmp -s "$requirements" "$folder/requirements.txt"; then
  rm -rf "$folder"
  /usr/bin/python3 -m venv --system-site-packages "$folder" # Debian's Python: torch is built for it
  "$folder/bin/pip" install --quiet --no-compile --disable-pip-version-check --no-deps --only-binary :all: -r "$requirements"
  cp "$requirements" "$folder/requirements.txt"
fi

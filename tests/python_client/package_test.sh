#!/usr/bin/env bash
# The wheel as a user gets it: built, installed where there is nothing else and no registry, tested as installed, and typed to mypy --strict.
set -euo pipefail
cd "$(dirname "$0")"
unset PYTHONPATH
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp -r ../../client/python "$folder/source" # a build leaves its traces
python3 -m venv "$folder/tools"
"$folder/tools/bin/pip" install --quiet --disable-pip-version-check --no-compile mypy==2.4.1
"$folder/tools/bin/pip" wheel --quiet --disable-pip-version-check --no-deps -w "$folder" "$folder/source"

python3 -m venv --without-pip "$folder/user"
"$folder/tools/bin/pip" --python "$folder/user/bin/python" install --quiet --disable-pip-version-check --no-index \
  "$folder"/harvest_client-*-py3-none-any.whl
"$folder/user/bin/python" access_test.py
"$folder/user/bin/python" dataset_test.py DatasetTest.test_formats DatasetTest.test_a_pulled_directory_reads_like_the_service

mypy() { "$folder/tools/bin/mypy" --cache-dir "$folder/cache" "$@"; }
(cd "$folder/source" && mypy)
cat >"$folder/program.py" <<'PYTHON'
from harvest_client import HarvestDataset, Jobs, Pin

dataset = HarvestDataset("http://127.0.0.1:7071", dataset="maths", rank=0, world_size=2)
pin: Pin = dataset.pin()
texts: list[str] = [record["record_id"] for record in dataset]
cost: float = float(Jobs().show("j_1").spent_usd)
PYTHON
mypy --strict --python-executable "$folder/user/bin/python" "$folder/program.py"
sed -i 's/world_size=2/world_size="2"/' "$folder/program.py"
if mypy --strict --python-executable "$folder/user/bin/python" "$folder/program.py" >"$folder/said"; then
  echo "FAILED: a wrong type was not seen" >&2
  exit 1
fi
grep -q 'incompatible type "str"; expected "int"' "$folder/said"

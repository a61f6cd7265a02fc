#!/usr/bin/env bash
# run.sh SECONDS [TARGET...]: fuzzes each target for so long; all of those below where none is named.
set -euo pipefail
cd "$(dirname "$0")/../.."
. deploy/packages.sh
seconds=${1:?"usage: run.sh SECONDS [TARGET...]"}
shift
targets=("$@")
[ $# -gt 0 ] || targets=(decode split headers frames batches note checkpoint inclusion envelope tile)

install_packages clang-16 libclang-rt-16-dev
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1
cmake --preset fuzz >/dev/null
cmake --build --preset fuzz -- $(printf 'fuzz_%s ' "${targets[@]}")
rm -rf build-fuzz/seeds && mkdir -p build-fuzz/seeds/{decode,split,headers,frames,batches,note,checkpoint,inclusion,envelope,tile}
python3 - <<'PYTHON'
import json, pathlib
count = 0
for file in sorted(pathlib.Path("tests/golden").glob("*/*.json")):
    for case in json.loads(file.read_text()):
        if "body" not in case:
            continue
        body = case["body"]
        text = "".join(part if isinstance(part, str) else json.dumps(part) for part in body) if isinstance(body, list) else body if isinstance(body, str) else json.dumps(body)
        head = f"{file.parent.name} {case.get('status', 200)}\n"
        lines = "".join(f"{name}: {value}\n" for name, value in case.get("headers", {}).items())
        for target, content in (("decode", head + text), ("split", text), ("headers", lines)):
            pathlib.Path(f"build-fuzz/seeds/{target}/golden-{count}").write_bytes(content.encode("utf-8", "surrogatepass"))
        lines = "".join(json.dumps({"custom_id": "a", "response": {"status_code": 200, "body": body}}) + "\n") if isinstance(body, dict) else text
        pathlib.Path(f"build-fuzz/seeds/batches/golden-{count}").write_bytes((file.parent.name + "\n" + lines).encode("utf-8", "surrogatepass"))
        count += 1
PYTHON
for target in "${targets[@]}"; do
  mkdir -p "build-fuzz/found/$target"
  echo "== $target, $seconds s"
  build-fuzz/bin/fuzz_$target -max_total_time="$seconds" -max_len=16384 -timeout=10 -print_final_stats=1 \
    -artifact_prefix="build-fuzz/found/$target-" "build-fuzz/found/$target" "tests/fuzz/corpus/$target" "build-fuzz/seeds/$target" \
    2>&1 | grep -E "ERROR|SUMMARY|stat::|Done" || true
  # grep's verdict is not the fuzzer's: a finding leaves a file.
  if compgen -G "build-fuzz/found/$target-*" >/dev/null; then
    echo "run.sh: $target found something: $(ls build-fuzz/found/$target-*)" >&2
    exit 1
  fi
done

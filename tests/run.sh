#!/usr/bin/env bash
# Installs what the tests need, builds, runs every test. See --help.
set -euo pipefail
cd "$(dirname "$0")/.."
. deploy/packages.sh

usage() {
  cat <<'TEXT'
Usage: bash tests/run.sh [--smoke | --all] [--help]

Installs what the tests need (Debian packages; root or sudo), builds into build/ and runs every test.

  --smoke  the unit tests, and a few minutes' worth of the rest
  --all    as without it, and the sanitized builds, the style checks, the vendors' own
           clients against the stand-in teacher and a real model as the teacher (both from PyPI), and the quickstart: what must
           hold before a change lands. Real prompts (../shared/data/prompts) must be there; else tests of them are skipped

HARVEST_TEST_SCALE (default 1; --smoke: 0.2) scales kills, seeds, power cuts and benchmark sizes.
Prints what each part took, and at the end what ctest counted.
TEXT
}

smoke= all=
for argument in "$@"; do
  case "$argument" in
    --help | -h) usage; exit 0 ;;
    --smoke) smoke=1 ;;
    --all) all=1 ;;
    *) echo "run.sh: unknown argument $argument" >&2; usage >&2; exit 2 ;;
  esac
done
export HARVEST_TEST_SCALE=${HARVEST_TEST_SCALE:-$([ -n "$smoke" ] && echo 0.2 || echo 1)}

timings=()
# part NAME COMMAND...: runs it, remembers what it took, stops everything where it fails.
part() {
  local name=$1 begin=$SECONDS
  shift
  printf '\n== %s\n' "$name"
  if ! "$@"; then
    echo "== $name: FAILED after $((SECONDS - begin)) s" >&2
    exit 1
  fi
  timings+=("$(printf '%5d s  %s' $((SECONDS - begin)) "$name")")
}

check_style() {
  git ls-files '*.cc' '*.h' | xargs clang-format --dry-run -Werror
}
# Objects are cached under paths relative to the checkout, so that a fresh clone builds from an older one's cache.
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1
build() { cmake --preset "$1" >/dev/null && cmake --build --preset "$1" -- "${@:2}"; }
unit_tests() { ctest --test-dir "$1" --output-on-failure -j 2 -L unit "${@:2}"; }
from_pypi() {
  cmake --preset release -DHARVEST_JUDGES=ON -DHARVEST_REAL=ON >/dev/null && ctest --test-dir build --output-on-failure -L "$1"
}
whole_tests() { ctest --test-dir build --output-on-failure -j 2 -L whole "$@"; }

real_prompts=../shared/data/prompts
if [ ! -d "$real_prompts" ]; then
  echo "== NOTE: $real_prompts is not there: tests that need real prompts are SKIPPED" >&2
  [ -z "$all" ] || { echo "== --all proves nothing of them: FAILED" >&2; exit 1; }
fi
[ -z "$all" ] || export HARVEST_NEED_REAL_PROMPTS=1

part "packages" install_packages "${build_packages[@]}" "${test_packages[@]}"
# DuckDB's library comes from npm; Debian's npm is large, and any other serves.
[ -z "$all" ] || command -v npm >/dev/null || part "npm" install_packages npm
[ -z "$all" ] || part "style" check_style
# Judges of what is signed and proved.
[ -z "$all" ] || part "go" install_packages golang-go golang-golang-x-mod-dev
part "build" build release
part "unit tests" unit_tests build
if [ -n "$smoke" ]; then
  part "whole-program tests (smoke)" whole_tests -LE long
else
  part "whole-program tests" whole_tests
fi
if [ -n "$all" ]; then
  # The same lists as the targets in tests/CMakeLists.txt; at a small scale, because sanitized code is slow.
  sanitized='^(proto_text|harvest_proof|harvest_corpus|store|dialect|limit|schedule|transport|flow|teachersim_dialects|fuzz_replay)_test$'
  threaded='^(store|runtime|transport|flow)_test$'
  export TSAN_OPTIONS="suppressions=$PWD/tests/tsan.supp:ignore_noninstrumented_modules=1:halt_on_error=1:second_deadlock_stack=1"
  part "build with address sanitizer" build asan sanitized_tests
  part "unit tests under address sanitizer" env HARVEST_TEST_SCALE=0.1 bash -c "$(declare -f unit_tests); unit_tests build-asan -R '$sanitized'"
  part "build with thread sanitizer" build tsan threaded_tests
  part "unit tests under thread sanitizer" env HARVEST_TEST_SCALE=0.1 bash -c "$(declare -f unit_tests); unit_tests build-tsan -R '$threaded'"
  part "vendor clients as judges" from_pypi judges
  part "a real model as the teacher" from_pypi real
  part "quickstart" bash deploy/quickstart.sh
fi

printf '\n== What each part took\n'
printf '%s\n' "${timings[@]}"

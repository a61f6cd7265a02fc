#!/usr/bin/env bash
# From a bare Debian 12 to published, verified shards: see --help.
set -euo pipefail
cd "$(dirname "$0")/.."
. deploy/packages.sh

usage() {
  cat <<'TEXT'
Usage: bash deploy/quickstart.sh [--keep] [--help]

Installs what is missing (Debian packages; root or sudo), builds into build/, starts a stand-in teacher and the service, harvests
the sample prompts of deploy/samples, publishes shards, pulls and verifies them, prints what it made and what to try next, and
stops what it started. Everything it makes is under build/quickstart/.

  --keep   leave teacher and service running (the last lines say how to stop them)
TEXT
}

keep=
for argument in "$@"; do
  case "$argument" in
    --help | -h) usage; exit 0 ;;
    --keep) keep=1 ;;
    *) echo "quickstart.sh: unknown argument $argument" >&2; usage >&2; exit 2 ;;
  esac
done

say() { printf '\n== %s\n' "$*"; }

say "Packages"
# The stand-in teacher lives among the tests, which are configured with it.
install_packages "${build_packages[@]}" catch2 python3

say "Build"
mkdir -p build
cmake --preset release >build/configure.log 2>&1 || { cat build/configure.log >&2; exit 1; }
cmake --build --preset release --target harvestd harvestctl teachersim

bin=$PWD/build/bin
home=$PWD/build/quickstart
started=()

stop_started() {
  local pid
  for pid in "${started[@]}"; do kill -TERM "$pid" 2>/dev/null || true; done
  for pid in "${started[@]}"; do wait "$pid" 2>/dev/null || true; done
  started=()
}
trap stop_started EXIT

# An earlier --keep may have left its programs running here: they go, because what they keep goes.
if [ -f "$home/pids" ]; then
  for pid in $(cat "$home/pids"); do
    case "$(readlink "/proc/$pid/exe" 2>/dev/null)" in
      "$(readlink -f "$bin")"/*) echo "Stopping what an earlier --keep left running: $pid"; kill -TERM "$pid"; tail --pid="$pid" -f /dev/null ;;
    esac
  done
fi
rm -rf "$home"
mkdir -p "$home"

# in_use PORT: does something listen there?
in_use() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
free_port() {
  local port=$1
  while in_use "$port"; do port=$((port + 10)); done
  echo "$port"
}
# wait_for WHAT COMMAND...: up to 15 seconds.
wait_for() {
  local what=$1 i
  shift
  for i in $(seq 150); do "$@" >/dev/null 2>&1 && return 0; sleep 0.1; done
  echo "$what did not come up; its log:" >&2
  tail -n 20 "$home"/*.log >&2
  return 1
}

say "A stand-in teacher: 1,200 requests a minute, 0.3 to 0.4 s an answer"
"$bin/teachersim" --listen 127.0.0.1:0 --port-file "$home/teacher.port" --ledger "$home/teacher-ledger.jsonl" \
  --latency-ms 300 --latency-jitter-ms 100 --requests-per-minute 1200 >"$home/teachersim.log" 2>&1 &
started+=($!)
wait_for "the teacher" test -s "$home/teacher.port"
teacher_port=$(head -n 1 "$home/teacher.port")

say "The service"
grpc_port=$(free_port 7070)
http_port=$(free_port 7071)
sed -e "s|@TEACHER@|http://127.0.0.1:$teacher_port/v1|" -e "s|@DATA@|$home/data|" \
  -e "s|@GRPC@|127.0.0.1:$grpc_port|" -e "s|@HTTP@|127.0.0.1:$http_port|" deploy/quickstart.yaml >"$home/harvest.yaml"
"$bin/harvestd" check --config "$home/harvest.yaml"
"$bin/harvestd" serve --config "$home/harvest.yaml" >"$home/harvestd.log" 2>&1 &
started+=($!)
export HARVEST_SERVER=127.0.0.1:$grpc_port
wait_for "harvestd" "$bin/harvestctl" status

say "Harvest the samples"
common=(--teacher sample-teacher --purpose training --dataset quickstart --max-cost 1.00)
"$bin/harvestctl" submit "${common[@]}" --watch deploy/samples/questions.jsonl deploy/samples/messages.jsonl \
  deploy/samples/batch.jsonl deploy/samples/notes.txt
"$bin/harvestctl" submit "${common[@]}" --watch \
  --template 'Sum up this review of {{product}} in one sentence: {{review}}' deploy/samples/reviews.jsonl

say "Publish, pull, verify"
"$bin/harvestctl" datasets publish quickstart
"$bin/harvestctl" datasets pull quickstart --out "$home/pulled"
"$bin/harvestctl" datasets verify "$home/pulled"

say "What was made"
"$bin/harvestctl" jobs list
"$bin/harvestctl" datasets show quickstart
"$bin/harvestctl" pairs tail quickstart --last 1 | cut -c 1-400
ls -l "$home/pulled"


cat <<TEXT

What is where
  answers, and how each came to be   $home/data/datasets/quickstart (shards and manifest)
  the same, pulled and verified      $home/pulled
  configuration                      $home/harvest.yaml
  what the teacher says it billed    $home/teacher-ledger.jsonl

Try next
TEXT
if [ -n "$keep" ]; then
  trap - EXIT
  printf '%s\n' "${started[@]}" >"$home/pids"
  cat <<TEXT
  export HARVEST_SERVER=$HARVEST_SERVER
  build/bin/harvestctl jobs list            also: status, teachers list, datasets list, pairs tail quickstart
  build/bin/harvestctl submit --teacher sample-teacher --purpose training --dataset mine --watch YOUR-PROMPTS.jsonl
  a browser on http://127.0.0.1:$http_port/

Teacher and service are left running; stop them with: kill ${started[*]}
TEXT
else
  stop_started
  trap - EXIT
  cat <<TEXT
  bash deploy/quickstart.sh --keep          the same, and teacher and service stay up for you to try harvestctl
  build/bin/harvestctl --help               what a running service can be asked
  cp deploy/harvest.example.yaml harvest.yaml   a teacher of your own: name it, its limits, prices and rights; then
  build/bin/harvestd check --config harvest.yaml
  build/bin/harvestd run --config harvest.yaml --teacher NAME --purpose training --dataset mine YOUR-PROMPTS.jsonl

What was started is stopped. Done.
TEXT
fi

#!/bin/bash
# How harvestctl ends: usage is 2, nobody there is 6, files that do not verify are 8; every command's help has an example.
ctl=$1
failures=0
unset HARVEST_SERVER HARVEST_TOKEN HARVEST_TOKEN_FILE HARVEST_CA HARVEST_CERT HARVEST_KEY

# ends CODE PART ARGUMENTS...: exits with the code and says the part somewhere.
ends() {
  local code=$1 part=$2 said got
  shift 2
  said=$("$ctl" "$@" 2>&1 </dev/null)
  got=$?
  if [ "$got" != "$code" ] || [[ "$said" != *"$part"* ]]; then
    echo "harvestctl $*: found exit code $got and '$said', expected $code and '$part'"
    failures=$((failures + 1))
  fi
}

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
echo '{"prompt":"hi"}' >"$dir/p.jsonl"
echo 'day,cost' >"$dir/empty.csv"

ends 0 "Exit codes:" --help
ends 2 "subcommand is required"
ends 2 "" nonsense
ends 2 "JOB is required" jobs show
ends 2 "JOB is required" why
ends 2 "use.purpose: found none" submit --teacher a "$dir/p.jsonl"
ends 2 "cannot be read: No such file" submit --teacher a --purpose training "$dir/absent"
ends 2 "found nothing to change" jobs retune j_1
ends 2 "--max-cost: found 'x'" jobs retune j_1 --max-cost x
ends 2 "expected both" jobs retry j_1 --where truncated
ends 2 "expected both" jobs retry j_1 --max-output 100
ends 2 "--provider-usage: found no day" audit bill --provider-usage "$dir/empty.csv"
ends 2 "absent" audit bill --provider-usage "$dir/absent"
ends 8 "manifest.json" datasets verify "$dir"
ends 8 '"ok":false' datasets verify "$dir" --json
ends 2 "--name is required" tokens new --role trainer
ends 2 "trainee" tokens new --name a --role trainee
ends 2 "2027-13-01" tokens new --name a --role trainer --expires-on 2027-13-01
ends 0 "roles: [trainer, viewer], tenant: maths, expires_on: \"2027-06-30\" }" tokens new --name a --role trainer,viewer --tenant maths --expires-on 2027-06-30
ends 0 "The token is in" tokens new --name a --role trainer --out "$dir/token"
ends 2 "expected a file that is new" tokens new --name a --role trainer --out "$dir/token"
[ "$(stat -c %a "$dir/token")" = 600 ] || { echo "a token's file is for others to read"; failures=$((failures + 1)); }
ends 2 "token file" jobs list --token-file "$dir/absent"
ends 2 "absent" jobs list --ca "$dir/absent"
ends 2 "expected both" jobs list --cert "$dir/token"
ends 6 "no harvestd answers" jobs list --server 127.0.0.1:1 --token-file "$dir/token"
for command in "jobs list" "jobs show j_1" "why j_1" "status" "halt" "teachers list" "datasets list" "pairs tail d" "audit attempts" "audit bill" \
  "submit --teacher a --purpose training $dir/p.jsonl" "datasets pull d --out $dir/out"; do
  ends 6 "no harvestd answers at 127.0.0.1:1 (" --server 127.0.0.1:1 $command
done
HARVEST_SERVER=127.0.0.1:2 ends 6 "no harvestd answers at 127.0.0.1:2 (" status

for command in submit jobs why halt status teachers datasets pairs audit; do
  ends 0 "Example:" $command --help
done
for command in list show watch pause resume cancel retry endings retune; do
  ends 0 "harvestctl jobs $command" jobs $command --help
done
for command in attempts bill; do
  ends 0 "harvestctl audit $command" audit $command --help
done
for command in list show publish pull verify; do
  ends 0 "harvestctl datasets $command" datasets $command --help
done
exit $((failures > 0))

"""Known limits are used up and never broken (promise 3): a request limit, and an input-token limit that binds instead.

Both teachers are harvested at the same time, cold, by one service. What a teacher granted is read from its ledger: over the
60 seconds (below scale 1: over 20 seconds of limits that are enforced in windows of 10) the share of the limit.

The slack. Pacing that no enforcement model answers with a 429 can use (L - b) / L * W / (W + D) of a limit L per window W,
with the network's spread D (250 ms unless told otherwise) and b = the largest reservation + L / 1000. For W = 60 s and a
reservation of at most 0.1 % of L this is above 0.99, which is what is promised; for W = 10 s it is some 0.97, and there at
least 99 % of this bound is promised. A moment at which this machine delays by more than 0.2 s is outside the promise and
cannot be made up for: so the fullest stretch of the run is held to it, and the last one to a hundredth less.
"""

import bisect
import json
import time

from house import SCALE, House, check, say, sha256

SECONDS, WINDOW = (70, 60) if SCALE >= 1 else (26, 10)
MEASURED = 60 if SCALE >= 1 else 20
NETWORK_SPREAD = 0.25
REQUESTS_PER_MINUTE = 6_000
INPUT_TOKENS_PER_MINUTE = 600_000
LONG_PROMPT = "Question {0}: " + "how would you count so far, and what would you say on the way? " * 6


def granted(ledger_path, weight):
    """(second, amount) of every request that the teacher took, by its own clock."""
    taken, refused = {}, 0
    with open(ledger_path) as lines:
        for entry in map(json.loads, (line for line in lines if line.endswith("\n"))):
            if entry["event"] == "received":
                taken[entry["id"]] = [entry["mono_us"] / 1e6, 1]
            elif entry["event"] == "answered":
                taken[entry["id"]][1] = entry[weight] if weight else 1
            elif entry["event"] == "throttled":
                del taken[entry["id"]]
                refused += 1
    return sorted(map(tuple, taken.values())), refused


def most_in_a_window(grants, seconds):
    most = running = first = 0
    for at, amount in grants:
        running += amount
        while grants[first][0] <= at - seconds:
            running -= grants[first][1]
            first += 1
        most = max(most, running)
    return most


def bound(limit_per_minute, largest):
    limit = limit_per_minute * WINDOW / 60
    return (limit - largest - limit / 1000) / limit * WINDOW / (WINDOW + NETWORK_SPREAD)


def utilisation(name, teacher, weight, limit, largest, end):
    grants, refused = granted(teacher.ledger_path, weight)
    times = [at for at, _ in grants]
    first, last = bisect.bisect_left(times, end - MEASURED), bisect.bisect_left(times, end)
    last_used = sum(amount for _, amount in grants[first:last]) / (limit * MEASURED / 60)
    used = most_in_a_window(grants, MEASURED) / (limit * MEASURED / 60)
    most = most_in_a_window(grants, WINDOW) / (limit * WINDOW / 60)
    reachable = bound(limit, largest)
    promised = 0.99 if WINDOW == 60 else 0.99 * reachable
    stats = teacher.stats()
    say(f"{name}: {used:.4f} of the limit over {MEASURED} s, {last_used:.4f} over the last, {most:.4f} in the fullest window of {WINDOW} s; pacing "
        f"without a 429 can reach {reachable:.4f}; teachersim's minutes: "
        + ", ".join(f"{window[name]['ratio']:.4f}" for window in stats["windows"]))
    check(refused == 0 and stats["throttled_total"] == 0, f"{name}: no 429 in {len(grants)} requests")
    check(most <= 1, f"{name}: no window holds more than its limit")
    check(used >= promised and last_used >= promised - 0.01, f"{name}: {used:.4f} used, {promised:.4f} promised")


def main():
    with House(__doc__.splitlines()[0]) as house:
        enforced = ["--window", WINDOW, "--latency-ms", 100, "--latency-jitter-ms", 100, "--answer-bytes", 400]
        by_requests = house.teacher(*enforced, "--rpm", REQUESTS_PER_MINUTE, "--enforcement", "sliding-log")
        by_tokens = house.teacher(*enforced, "--itpm", INPUT_TOKENS_PER_MINUTE, "--rpm", 5 * REQUESTS_PER_MINUTE,
                                  "--enforcement", "fixed-window")
        service = house.service(teachers=[
            by_requests.entry("requests", limits={"requests_per_minute": REQUESTS_PER_MINUTE, "window_seconds": WINDOW}),
            by_tokens.entry("tokens", limits={"requests_per_minute": 5 * REQUESTS_PER_MINUTE, "window_seconds": WINDOW,
                                              "input_tokens_per_minute": INPUT_TOKENS_PER_MINUTE})]).start()
        jobs = []
        for name, text in (("requests", "How would you count to {0}?"), ("tokens", LONG_PROMPT)):
            prompts = house.prompts(round(REQUESTS_PER_MINUTE * (SECONDS + 20) / 60 * 1.2), text, f"{name}.jsonl")
            jobs.append(service.ctl("submit", "--teacher", name, "--purpose", "training", "--dataset", name,
                                    "--max-output", 200, prompts)["record"]["id"])
        time.sleep(SECONDS)
        end = time.monotonic() - 0.5
        bindings = [service.job(job)["binding"] for job in jobs]
        running = [service.job(job)["record"]["state"] == "RUNNING" for job in jobs]
        check(all(running), f"both had prompts left until the end, and waited for: {', '.join(bindings)}")
        # What the service reserves for a prompt before it has learned better: 0.35 tokens a byte, 16 bytes for the message.
        largest = 0.35 * (len(LONG_PROMPT) + 16 + 16)
        check(largest <= INPUT_TOKENS_PER_MINUTE / 1000, f"a reservation is at most 0.1 % of a minute: {largest:.0f} tokens")
        utilisation("requests", by_requests, None, REQUESTS_PER_MINUTE, 1, end)
        utilisation("input_tokens", by_tokens, "input_tokens", INPUT_TOKENS_PER_MINUTE, largest, end)
        service.kill()  # attempts in flight are of no interest here


main()

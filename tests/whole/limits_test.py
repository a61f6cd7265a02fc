"""Known limits are used up and never broken (promise 3): a request limit, an input-token limit that binds instead, and a request limit ten times as high.

The first two teachers are harvested at the same time, cold, by one service, and four beside them whose limit nobody states.
Then the service is killed and started again, and harvests the rest at once: ten times as many requests, the other kinds of
enforcement, and the limit that it had to learn. What a teacher granted is read from its ledger: over 60 seconds (below scale 1, and of
the later ones: over 20 seconds of limits that are enforced in windows of 10) the share of the limit.

The slack. Pacing that no enforcement model answers with a 429 can use (L - b) / L * W / (W + D) of a limit L per window W,
with the network's spread D (250 ms unless told otherwise) and b = the largest reservation + L / 1000. For W = 60 s and a
reservation of at most 0.1 % of L this is above 0.99, which is what is promised; for W = 10 s it is some 0.97, and there at
least 99 % of this bound is promised. A moment at which this machine delays by more than 0.2 s is outside the promise and
cannot be made up for: so the fullest stretch of the run is held to it, and the last one to three hundredths less.
"""

import bisect
import collections
import json
import time

from house import SCALE, House, check, say, sha256

# All in seconds: how long it goes, over which window the limit holds, over how much of the end its use is measured.
Stretch = collections.namedtuple("Stretch", "seconds window measured")
SHORT = Stretch(26, 10, 20)
LONG = Stretch(70, 60, 60) if SCALE >= 1 else SHORT
NETWORK_SPREAD = 0.25
REQUESTS_PER_MINUTE = 6_000
MANY_REQUESTS_PER_MINUTE = 60_000
KINDS = {"bucket": ("token-bucket", 10), "counter": ("sliding-counter", 10), "second": ("fixed-window", 1)}  # enforcement, window
# Nobody states these: enforcement, requests per minute.
LEARNED = {"learned-log": ("sliding-log", REQUESTS_PER_MINUTE), "learned-fixed": ("fixed-window", REQUESTS_PER_MINUTE),
           "learned-bucket": ("token-bucket", REQUESTS_PER_MINUTE), "learned-many": ("sliding-log", MANY_REQUESTS_PER_MINUTE)}
INPUT_TOKENS_PER_MINUTE = 600_000
JOINT_TOKENS_PER_MINUTE = 900_000
# Another text each: what one teacher has answered is not asked of another that serves the same model.
SHORT_PROMPT = "How would {1} count to {0}?"
LONG_PROMPT = "Question {0}: " + "how would you count so far, and what would you say on the way? " * 6


def granted(ledger_path, weight):
    """(second, amount) of every request that the teacher took, by its own clock."""
    taken, refused = {}, 0
    with open(ledger_path) as lines:
        for entry in map(json.loads, (line for line in lines if line.endswith("\n"))):
            if entry["event"] == "received":
                taken[entry["id"]] = [entry["mono_us"] / 1e6, 1]
            elif entry["event"] == "answered":
                taken[entry["id"]][1] = sum(entry[part] for part in weight) if weight else 1
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


def bound(limit_per_minute, largest, window):
    limit = limit_per_minute * window / 60
    return (limit - largest - limit / 1000) / limit * window / (window + NETWORK_SPREAD)


def used_of(grants, limit, stretch, end):
    """The share of the limit in the fullest stretch of the run, and in the last one."""
    times = [at for at, _ in grants]
    first, last = bisect.bisect_left(times, end - stretch.measured), bisect.bisect_left(times, end)
    room = limit * stretch.measured / 60
    return most_in_a_window(grants, stretch.measured) / room, sum(amount for _, amount in grants[first:last]) / room


def utilisation(name, teacher, weight, limit, largest, end, stretch):
    window = stretch.window
    grants, refused = granted(teacher.ledger_path, weight)
    used, last_used = used_of(grants, limit, stretch, end)
    most = most_in_a_window(grants, window) / (limit * window / 60)
    reachable = bound(limit, largest, window)
    promised = 0.99 if window == 60 else 0.99 * reachable
    stats = teacher.stats()
    say(f"{name}: {used:.4f} of the limit over {stretch.measured} s, {last_used:.4f} over the last, {most:.4f} in the fullest window of {window} s; pacing "
        f"without a 429 can reach {reachable:.4f}")
    check(refused == 0 and stats["throttled_total"] == 0, f"{name}: no 429 in {len(grants)} requests")
    check(most <= 1, f"{name}: no window holds more than its limit")
    check(used >= promised and last_used >= promised - 0.03, f"{name}: {used:.4f} used, {promised:.4f} promised")


def learned(when, teacher, limit, begin, end, seconds):
    """Of a limit that nobody states: what the published table says of its kind (service/limit/TABLE.md), within 1 %. Each
    moment at which this machine delays bunches calls and may cost a 429 and what follows it: so the best stretch of those
    seconds is held to the promise, and the mean of all of them to a twentieth less."""
    with open(teacher.ledger_path) as lines:
        events = [json.loads(line) for line in lines if line.endswith("\n")]
    late = [entry for entry in events if begin <= entry["mono_us"] / 1e6 < end]
    refused = sum(entry["event"] == "throttled" for entry in late)
    asked = sum(entry["event"] == "received" for entry in late)
    grants = [grant for grant in granted(teacher.ledger_path, None)[0] if begin <= grant[0] < end]
    best = most_in_a_window(grants, seconds) / (limit * seconds / 60)
    mean = sum(amount for _, amount in grants) / (limit * (end - begin) / 60)
    say(f"learned, {when}: {best:.4f} of the limit over the best {seconds} s, {mean:.4f} over {end - begin:.0f} s, {refused} of {asked} "
        "calls refused")
    check(best >= 0.95 - 0.01, f"learned, {when}: {best:.4f} used, 0.95 promised")
    check(mean >= 0.95 - 0.05, f"learned, {when}: {mean:.4f} used in the mean, 0.90 expected")
    # One in a thousand, and what was on its way in the tenth of a second before the rate is lowered again.
    check(refused <= max(3, 2 * asked / 1000 + limit / 600), f"learned, {when}: {refused} 429s in {asked} calls")


def harvest(house, service, stretch, rates):
    """Submits what lasts longer than the stretch for each name; the time at which all of them still waited for their limits."""
    jobs = []
    for name, (per_minute, text) in rates.items():
        prompts = house.prompts(round(per_minute * (stretch.seconds + 20) / 60 * 1.2), text.replace("{1}", name), f"{name}.jsonl")
        jobs.append(service.ctl("submit", "--teacher", name, "--purpose", "training", "--dataset", name,
                                "--max-output", 200, prompts)["record"]["id"])
    time.sleep(stretch.seconds)
    end = time.monotonic() - 0.5
    now = [service.job(job) for job in jobs]
    check(all(job["record"]["state"] == "RUNNING" for job in now),
          f"prompts were left until the end, and waited for: {', '.join(job['binding'] for job in now)}")
    return end


def main():
    with House(__doc__.splitlines()[0]) as house:
        answers = ["--latency-ms", 100, "--latency-jitter-ms", 100, "--answer-bytes", 400]
        enforced = ["--window", LONG.window, *answers]
        by_requests = house.teacher(*enforced, "--rpm", REQUESTS_PER_MINUTE, "--enforcement", "sliding-log")
        by_tokens = house.teacher(*enforced, "--itpm", INPUT_TOKENS_PER_MINUTE, "--rpm", 5 * REQUESTS_PER_MINUTE,
                                  "--enforcement", "fixed-window")
        many = house.teacher("--window", SHORT.window, *answers, "--rpm", MANY_REQUESTS_PER_MINUTE, "--enforcement", "sliding-log")
        kinds = {name: house.teacher("--window", window, *answers, "--rpm", REQUESTS_PER_MINUTE, "--enforcement", enforcement)
                 for name, (enforcement, window) in KINDS.items()}
        unstated = {name: house.teacher("--window", SHORT.window, *answers, "--rpm", limit, "--enforcement", enforcement,
                                        "--no-limit-headers") for name, (enforcement, limit) in LEARNED.items()}
        joint = house.teacher("--window", SHORT.window, *answers, "--tpm", JOINT_TOKENS_PER_MINUTE, "--enforcement", "sliding-log")
        of_kinds = [teacher.entry(name, limits={"requests_per_minute": REQUESTS_PER_MINUTE, "window_seconds": KINDS[name][1]})
                    for name, teacher in kinds.items()]
        service = house.service(teachers=[
            by_requests.entry("requests", limits={"requests_per_minute": REQUESTS_PER_MINUTE, "window_seconds": LONG.window}),
            by_tokens.entry("tokens", limits={"requests_per_minute": 5 * REQUESTS_PER_MINUTE, "window_seconds": LONG.window,
                                              "input_tokens_per_minute": INPUT_TOKENS_PER_MINUTE}),
            many.entry("many", limits={"requests_per_minute": MANY_REQUESTS_PER_MINUTE, "window_seconds": SHORT.window}),
            joint.entry("joint", limits={"tokens_per_minute": JOINT_TOKENS_PER_MINUTE, "window_seconds": SHORT.window}),
            *[teacher.entry(name, limits={}) for name, teacher in unstated.items()], *of_kinds]).start()
        # What the service reserves for a prompt before it has learned better: a token for each byte, 16 bytes for the message.
        largest = len(LONG_PROMPT) + 16 + 16
        check(largest <= INPUT_TOKENS_PER_MINUTE / 1000, f"a reservation is at most 0.1 % of a minute: {largest:.0f} tokens")
        end = harvest(house, service, LONG, {"requests": (REQUESTS_PER_MINUTE, SHORT_PROMPT),
                                             "tokens": (REQUESTS_PER_MINUTE, LONG_PROMPT),
                                             **{name: (2 * limit, SHORT_PROMPT) for name, (_, limit) in LEARNED.items()}})
        utilisation("requests", by_requests, None, REQUESTS_PER_MINUTE, 1, end, LONG)
        utilisation("input_tokens", by_tokens, ["input_tokens"], INPUT_TOKENS_PER_MINUTE, largest, end, LONG)
        if LONG.seconds > 60:
            for name, teacher in unstated.items():
                learned(f"{name} after half a minute", teacher, LEARNED[name][1], end - 40, end, SHORT.measured)

        for name in ("requests", "tokens"):
            service.ctl("teachers", "pause", name)
        service.kill()
        service.start()
        end = harvest(house, service, SHORT, {"many": (MANY_REQUESTS_PER_MINUTE, SHORT_PROMPT),
                                              "joint": (REQUESTS_PER_MINUTE, LONG_PROMPT.replace("Question", "Riddle")),
                                              **{name: (REQUESTS_PER_MINUTE, SHORT_PROMPT) for name in kinds}})
        utilisation("many requests", many, None, MANY_REQUESTS_PER_MINUTE, 1, end, SHORT)
        for name, teacher in kinds.items():
            utilisation(name, teacher, None, REQUESTS_PER_MINUTE, 1, end, SHORT._replace(window=KINDS[name][1]))
        # Prompt and cap weigh on one figure until the answer is there: some 350 tokens, of which 200 are the cap.
        grants, refused = granted(joint.ledger_path, ("input_tokens", "output_tokens"))
        used, _ = used_of(grants, JOINT_TOKENS_PER_MINUTE, SHORT, end)
        say(f"joint tokens: {used:.4f} of the limit over {SHORT.measured} s")
        check(refused == 0, f"joint tokens: no 429 in {len(grants)} requests")
        check(used >= 0.9, f"joint tokens: {used:.4f} used, 0.9 expected")
        if LONG.seconds > 60:
            for name, teacher in unstated.items():
                learned(f"{name}, known from before the crash", teacher, LEARNED[name][1], end - 22, end, SHORT.measured)
        service.kill()  # attempts in flight are of no interest here


main()

"""Who gets how much: two teachers on one account share its limit, jobs get their weights, a ceiling leaves the rest to others."""

import time

from house import House, check, until

REQUESTS_PER_MINUTE = 3_000
WINDOW = 1
STRETCH = 8  # seconds over which shares are measured


def submit(service, house, teacher, name, *flags):
    prompts = house.prompts(3_000, "{0}: how would you count so far? Not as " + name, f"{name}.jsonl")
    return service.ctl("submit", "--teacher", teacher, "--purpose", "training", "--dataset", name, "--max-output", 100,
                       *flags, prompts)["record"]["id"]


def answered(service, jobs):
    return [int(service.counters(job)["answered"]) for job in jobs]


def measured(service, jobs):
    """Answers of each job over a stretch."""
    before = answered(service, jobs)
    time.sleep(STRETCH)
    return [after - was for after, was in zip(answered(service, jobs), before)]


def main():
    with House(__doc__) as house:
        sim = house.teacher("--window", WINDOW, "--rpm", REQUESTS_PER_MINUTE, "--enforcement", "fixed-window",
                            "--latency-ms", 50, "--answer-bytes", 100)
        limits = {"requests_per_minute": REQUESTS_PER_MINUTE, "window_seconds": WINDOW}
        service = house.service(teachers=[sim.entry("small", account="team", limits=limits),
                                          sim.entry("large", account="team", model="stand-in-2")]).start()
        check(service.ctl("teachers", "show", "large")["teacher"]["limits"]["requests_per_minute"]
              == str(REQUESTS_PER_MINUTE), "the limits that one teacher states are those of the account")

        jobs = [submit(service, house, "small", "one"), submit(service, house, "large", "other")]
        until("both are answered", lambda: min(answered(service, jobs)) > 50)
        one, other = measured(service, jobs)
        check(0.8 < one / other < 1.25, f"in {STRETCH} s the teachers of one account answered {one} and {other}")
        service.ctl("jobs", "retune", jobs[0], "--weight", 3)
        time.sleep(0.5)
        one, other = measured(service, jobs)
        check(2.4 < one / other < 3.6, f"with weight 3 to 1: {one} and {other}")
        service.ctl("jobs", "retune", jobs[0], "--ceiling", f"small:requests_per_minute={REQUESTS_PER_MINUTE // 10}")
        time.sleep(0.5)
        one, other = measured(service, jobs)
        check(one <= REQUESTS_PER_MINUTE / 10 * (STRETCH + 1) / 60 + 1, f"under a ceiling of a tenth: {one} and {other}")
        check(one + other > 0.6 * REQUESTS_PER_MINUTE * STRETCH / 60, "and what it leaves goes to the other")
        until("it says that its ceiling is what it waits for", lambda: service.job(jobs[0])["binding"] == "job_ceiling", 10)
        service.ctl("jobs", "retune", jobs[0], "--priority", "high", "--concurrency", 1)
        time.sleep(1)
        check(sim.ledger().throttled == 0, f"{sim.ledger().requests} requests, none of them refused for the limit")
        refused = service.ctl_raw("jobs", "retune", jobs[0], "--ceiling", "nobody:concurrency=1")
        check(refused.returncode != 0 and "shares[" in refused.stderr and "nobody" in refused.stderr,
              f"a ceiling at a teacher that the job does not ask is refused: {refused.stderr.strip()}")
        refused = service.ctl_raw("jobs", "retune", jobs[0], "--ceiling", "small:speed=1")
        check(refused.returncode != 0 and "expected one of requests_per_minute" in refused.stderr,
              f"and one of something that is no limit: {refused.stderr.strip()}")
        service.kill()  # attempts in flight are of no interest here


main()

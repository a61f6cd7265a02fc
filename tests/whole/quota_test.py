"""Quotas of a day: one that nobody states parks the teacher until the vendor's reset, one that is stated is never exceeded; both over a kill."""

import json
import time

from house import House, check, say, until

DAY_SECONDS = 16
QUOTA = 250  # a day, of the teacher whose day is that short
STATED = 120


def submit(house, service, name, prompts):
    file = house.prompts(prompts, name + ": how would you count to {0}?", f"{name}.jsonl")
    return service.ctl("submit", "--teacher", name, "--purpose", "training", "--dataset", name, "--max-output", 60,
                       file)["record"]["id"]


def refusals(teacher):
    """When it refused, in seconds of its own clock."""
    with open(teacher.ledger_path) as lines:
        entries = [json.loads(line) for line in lines if line.endswith("\n")]
    return [entry["mono_us"] / 1e6 for entry in entries if entry["event"] == "throttled"]


def bursts(times, apart):
    """How often refusals came, those within `apart` seconds of one another told as one."""
    return sum(later - earlier > apart for earlier, later in zip([-1e9, *times], times))


def main():
    with House(__doc__) as house:
        short_days = house.teacher("--requests-per-day", QUOTA, "--day-seconds", DAY_SECONDS, "--latency-ms", 40, "--answer-bytes", 120)
        stated = house.teacher("--requests-per-day", STATED, "--latency-ms", 40, "--answer-bytes", 120)
        service = house.service(teachers=[short_days.entry("found", limits={"concurrency": 8}),
                                          stated.entry("stated", limits={"requests_per_day": STATED})]).start()

        say("both run into their quotas")
        found_job, stated_job = submit(house, service, "found", 2 * QUOTA + 100), submit(house, service, "stated", 2 * STATED)
        until("the vendor's quota is met", lambda: refusals(short_days), 60)
        parked = until("the teacher is parked", lambda: service.job(found_job) if service.job(found_job)["binding"] == "requests_per_day"
                       else None, 10)
        check(parked["record"]["state"] == "RUNNING", "the job goes on, and waits for requests_per_day")
        until("the stated quota is used up", lambda: service.counters(stated_job)["answered"] == STATED, 60)

        say("a kill while both wait")
        asked = short_days.ledger().requests
        service.kill()
        service.start()
        time.sleep(2)
        check(short_days.ledger().requests == asked, "what is parked stays parked: nobody was asked since")
        until("the found quota's job ends", lambda: service.job(found_job)["record"]["state"] == "FINISHED", 4 * DAY_SECONDS)
        times = refusals(short_days)
        check(bursts(times, DAY_SECONDS / 2) <= 4 and len(times) <= 8 * 4,
              f"each day was refused once, by those in flight: {len(times)} 429s at {bursts(times, DAY_SECONDS / 2)} times")
        check(service.counters(found_job)["answered"] == 2 * QUOTA + 100, "every prompt has its answer")

        say("the stated one, still its first day")
        counters, ledger = service.counters(stated_job), stated.ledger()
        check(counters["answered"] == STATED == ledger.requests, f"{ledger.requests} of {STATED} requests were sent, over the kill too")
        check(ledger.throttled == 0, "none was refused")
        check(service.job(stated_job)["binding"] == "requests_per_day", "and what binds is named")
        told = service.ctl("why", stated_job)
        check(any("requests" in said and "day" in said for said in told["advice"]), f"what follows is said: {told['advice']}")
        check(service.stop() == 0, "it stops in order")


main()

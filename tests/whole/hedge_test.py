"""A job that asks for hedges pays for both calls, and both are on the books: to the picodollar, and by name after kill -9.

A teacher with a long tail of slow answers is asked with and without `--hedge`. What the second calls cost is in the bill; a kill
between leaves attempts of either kind, and none that the teacher billed is missing from the list.
"""

import time

from house import House, check, scaled, until

PROMPTS = scaled(3000, 800)
RATIO = 0.05
SLOW = ["--latency-ms", 60, "--latency-sigma", 1.2]
# Fresh queries take every place that is free: it is when the last ones are out that there is room for second calls.
IN_FLIGHT = 400


def submit(house, service, dataset, *flags):
    prompts = house.prompts(PROMPTS, f"{dataset}: count to {{0}}.", f"{dataset}.jsonl")
    return service.ctl("submit", "--teacher", "t", "--purpose", "training", "--dataset", dataset, "--concurrency", IN_FLIGHT,
                       *flags, prompts)["record"]["id"]


def counters(service, job):
    return {name: int(value) for name, value in service.job(job)["record"]["counters"].items()}


def settled(service, job):
    """Once no call is out that no query waits for."""
    service.wait_state(job, ["FINISHED"])
    until("nothing is out", lambda: int(service.status()["in_flight"]) == 0)
    time.sleep(0.5)
    return counters(service, job)


def books(house):
    teacher = house.teacher(*SLOW)
    service = house.service(teachers=[teacher.entry("t")]).start()
    plain = settled(service, submit(house, service, "plain"))
    check("hedges" not in plain or plain["hedges"] == 0, "without --hedge nothing is asked twice")
    asked = teacher.ledger().requests
    job = submit(house, service, "hedged", "--hedge", RATIO)
    done = settled(service, job)
    check(done["answered"] == PROMPTS, f"all {PROMPTS} are answered")
    check(0 < done["hedges"] <= RATIO * done["attempts"], f"{done['hedges']} second calls beside {PROMPTS}: at most {RATIO:.0%}")
    # One whose first call was answered while the second one's bound went to the disk is counted, and not sent.
    seen = teacher.ledger().requests - asked
    check(PROMPTS < seen <= done["attempts"] == PROMPTS + done["hedges"], f"the teacher saw {seen} calls")
    spent = plain["spent_picodollars"] + done["spent_picodollars"]
    check(spent == teacher.ledger().picodollars, f"both calls are billed and booked: {spent} picodollars")
    check(done.get("at_risk_picodollars", 0) == 0 and not service.ctl_lines("audit", "attempts"), "and nothing is left at risk")
    check("hedges)" in service.ctl_raw("jobs", "show", job).stdout, "jobs show tells of them")
    refused = service.ctl_raw("submit", "--teacher", "t", "--purpose", "training", "--hedge", "0.5", str(house.path("plain.jsonl")))
    check(refused.returncode == 2 and "--hedge" in refused.stderr, f"half of all is refused: {refused.stderr.strip()[:120]}")
    check(service.stop() == 0, "it stops in order")


def killed(house):
    teacher = house.teacher(*SLOW)
    service = house.service(teachers=[teacher.entry("t")], data_dir=str(house.path("data-killed"))).start()
    job = submit(house, service, "killed", "--hedge", RATIO)
    for goal in (0.4, 0.7):
        until("second calls are made", lambda: counters(service, job)["answered"] >= goal * PROMPTS, 60, 0.02)
        service.kill()
        service.start()
    done = settled(service, job)
    ledger = teacher.ledger()
    lost = service.ctl_lines("audit", "attempts")
    check(done["answered"] == PROMPTS and done["hedges"] > 0, f"all are answered, with {done['hedges']} second calls over two kills")
    booked = done["spent_picodollars"] + done["at_risk_picodollars"]
    check(ledger.picodollars <= booked, f"billed {ledger.picodollars}, booked {booked} picodollars")
    bounds = sum(round(float(attempt["cost_max_usd"]) * 1e12) for attempt in lost)
    check(bounds == done["at_risk_picodollars"], f"what is at risk are {len(lost)} attempts by name")
    check(service.stop() == 0, "it stops in order")


def main():
    with House(__doc__.splitlines()[0]) as house:
        books(house)
        killed(house)


main()

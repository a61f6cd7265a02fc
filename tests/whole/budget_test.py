"""A cap in dollars is never passed: not at concurrency 256, not across kill -9, not by the teacher's own books (promise 4)."""

import time

from house import SCALE, House, check, say, until

PROMPTS = 4000
KILLS = max(3, round(50 * SCALE))
IN_FLIGHT = 256
MAX_OUTPUT = 400
ANSWERS_BYTES = "400:1500"  # a quarter to all of what is reserved


def submit(house, service, dataset, *flags, prompts=PROMPTS):
    prompts = house.prompts(prompts, name=f"{dataset}.jsonl",
                            text=f"{dataset}: how would you count to {{0}}? Say why {{0}}, and take your time.")
    return service.ctl("submit", "--teacher", "t", "--purpose", "training", "--dataset", dataset, "--max-output",
                       MAX_OUTPUT, *flags, prompts)["record"]["id"]


def booked(job):
    counters = job["record"]["counters"]
    return (int(counters["spent_picodollars"]) + int(counters["at_risk_picodollars"])) / 1e12


def largest_query_usd(service):
    """What one query is reserved at, at most: 400 output tokens, and an input of some hundred bytes."""
    input_usd, output_usd = 1.0, 10.0
    return (MAX_OUTPUT * output_usd + 300 * input_usd) / 1e6


def kill_while_it_asks(house, service, job, settled_before):
    """At a random moment after it has begun to ask. `settled_before`: not before the last kill's attempts have ended, since an
    intent that is open in three crashes in a row is quarantined."""
    answered = service.counters(job)["answered"]

    def ready():
        now = service.job(job)
        enough = int(now["record"]["counters"]["answered"]) >= answered + (2 * IN_FLIGHT if settled_before else 0)
        return now["record"]["state"] != "RUNNING" or (int(now["in_flight"]) > 0 and enough)

    until("it asks", ready, 60, 0.02)
    time.sleep(house.random.uniform(0, 0.6))
    service.kill()
    service.start()


def capped_under_kills(house):
    """Random kills while it asks, until the cap is used up: most of them leave 256 attempts that may have been billed."""
    teacher = house.teacher("--latency-ms", 300, "--latency-sigma", 0.5, "--answer-bytes", ANSWERS_BYTES)
    cap = 1.6 * KILLS * IN_FLIGHT * MAX_OUTPUT * 10 / 1e6  # what they may leave at risk, and answers
    service = house.service(teachers=[teacher.entry("t")], harvest={"concurrency_max": IN_FLIGHT},
                            data_dir=str(house.path("data-under-kills"))).start()
    job = submit(house, service, "under-kills", "--max-cost", f"{cap:.4f}", prompts=int(2 * cap / 0.002))
    for number in range(KILLS):
        kill_while_it_asks(house, service, job, settled_before=number % 3 == 2)
        now = service.job(job)
        if number % 10 == 0 or booked(now) > cap:
            check(booked(now) <= cap, f"after {number + 1} kills ${booked(now):.4f} of ${cap:.4f} are booked, "
                  f"${now['at_risk_usd']} of it at risk")
    stopped = service.wait_state(job, ["PAUSED", "FINISHED"], 240)
    ledger = teacher.ledger()
    check(stopped["record"]["state"] == "PAUSED" and stopped["record"]["reason"].startswith("budget"),
          f"the job is paused: {stopped['record']['reason']}")
    check(ledger.usd <= booked(stopped) <= cap, f"{KILLS} kills: billed ${ledger.usd:.6f}, booked ${booked(stopped):.6f} of ${cap:.6f}")
    check(booked(stopped) > cap - largest_query_usd(service), "booked up to the last query that fits")
    check(service.stop() == 0, "it stops in order")


def capped_job(house):
    teacher = house.teacher("--latency-ms", 500, "--latency-sigma", 0.3, "--answer-bytes", ANSWERS_BYTES)
    service = house.service(teachers=[teacher.entry("t")], harvest={"concurrency_max": IN_FLIGHT}).start()
    cap = 7.0
    job = submit(house, service, "capped", "--max-cost", cap)
    stopped = service.wait_state(job, ["PAUSED", "FINISHED"])
    reason = stopped["record"]["reason"]
    left = PROMPTS - int(stopped["record"]["counters"]["answered"])
    ledger = teacher.ledger()
    check(teacher.stats()["peak_in_flight"] >= IN_FLIGHT * 0.9,
          f"{teacher.stats()['peak_in_flight']} attempts were in flight at once")
    check(stopped["record"]["state"] == "PAUSED" and left > 0, f"the job is paused with {left} prompts left")
    check(reason.startswith("budget") and f"{left} queries are not asked" in reason, f"it says: {reason}")
    check(ledger.usd <= cap, f"billed ${ledger.usd:.6f} of ${cap:.2f}, booked ${booked(stopped):.6f}, "
          f"of which ${stopped['at_risk_usd']} at risk")
    check(ledger.usd <= booked(stopped) <= cap, "booked is no less than billed, and no more than the cap")
    check(booked(stopped) > cap - largest_query_usd(service), "and what is left of the cap would not pay one more query")

    # ---- a higher cap goes on; a restart changes nothing about it ----
    check(service.stop() == 0, "it stops in order")
    service.start()
    check(service.job(job)["record"]["state"] == "PAUSED", "a restart does not resume it")
    requests = teacher.ledger().requests
    raised = cap + 1.5
    service.ctl("jobs", "retune", job, "--max-cost", raised)
    service.ctl("jobs", "resume", job)
    stopped = service.wait_state(job, ["PAUSED", "FINISHED"])
    ledger = teacher.ledger()
    check(ledger.requests > requests, f"with the cap at ${raised:.2f}, {ledger.requests - requests} more were asked")
    check(stopped["record"]["state"] == "PAUSED" and ledger.usd <= raised, f"billed ${ledger.usd:.6f} of ${raised:.2f}")
    service.ctl("jobs", "retune", job, "--max-cost", 100)
    service.ctl("jobs", "resume", job)
    done = service.wait_state(job, ["PAUSED", "FINISHED"])
    check(done["record"]["state"] == "FINISHED" and int(done["record"]["counters"]["answered"]) == PROMPTS,
          "with enough money the job finishes")
    check(service.stop() == 0, "it stops in order")


def capped_without_a_stated_length(house):
    """Nobody says how long an answer may be, and the teacher would write four times what is reserved."""
    teacher = house.teacher("--latency-ms", 50, "--answer-bytes", 16000)
    service = house.service(teachers=[teacher.entry("t")], data_dir=str(house.path("data-without-length"))).start()
    cap = 0.5
    prompts = house.prompts(200, name="without-length.jsonl")
    job = service.ctl("submit", "--teacher", "t", "--purpose", "training", "--dataset", "unstated", "--max-cost", cap,
                      prompts)["record"]["id"]
    stopped = service.wait_state(job, ["PAUSED", "FINISHED"])
    ledger = teacher.ledger()
    check(stopped["record"]["state"] == "PAUSED" and stopped["record"]["reason"].startswith("budget"),
          f"without --max-output the job is paused too: {stopped['record']['reason']}")
    check(0 < ledger.usd <= booked(stopped) <= cap, f"billed ${ledger.usd:.6f}, booked ${booked(stopped):.6f} of ${cap:.2f}")
    check(service.stop() == 0, "it stops in order")


def capped_period(house, binding, cap, entry=None, **config):
    """Two jobs and a kill under a cap that neither of them owns: a teacher's day, a tenant's month."""
    teacher = house.teacher("--latency-ms", 500, "--latency-sigma", 0.3, "--answer-bytes", ANSWERS_BYTES)
    day = time.gmtime().tm_yday
    service = house.service(teachers=[teacher.entry("t", **(entry or {}))], harvest={"concurrency_max": IN_FLIGHT},
                            data_dir=str(house.path(f"data-of-{binding}")), **config).start()
    jobs = [submit(house, service, f"{binding}-{name}") for name in ("first", "second")]
    until("something is booked", lambda: booked(service.job(jobs[0])) + booked(service.job(jobs[1])) > cap / 4, 60, 0.05)
    service.kill()
    service.start()
    until(f"the {binding} is used up", lambda: all(
        service.job(job)["binding"] == binding and service.job(job)["in_flight"] == "0" for job in jobs), 60)
    (budget,) = service.ctl("status")["budgets"]
    ledger = teacher.ledger()
    if time.gmtime().tm_yday != day:
        say("midnight (UTC) passed meanwhile: a new day may have money of its own; nothing is proved")
        return
    used = float(budget["spent_usd"]) + float(budget["at_risk_usd"])
    check(ledger.usd <= used <= cap, f"two jobs and a kill; billed ${ledger.usd:.6f} of ${cap:.2f} for the {budget['period']} "
          f"of {budget['owner']}, spent ${budget['spent_usd']}, at risk ${budget['at_risk_usd']}")
    check(cap - largest_query_usd(service) < used, "booked up to the last query that fits")
    check(abs(sum(booked(service.job(job)) for job in jobs) - used) < 1e-9, "the jobs' books say the same")
    check(all(service.job(job)["record"]["state"] == "RUNNING" for job in jobs), "the jobs wait for the next one and say so")
    check(service.process.said(f'"period":"{budget["period"]}","percent":95'), "the log warned before")
    check(service.stop() == 0, "it stops in order")


def main():
    with House(__doc__) as house:
        capped_without_a_stated_length(house)
        capped_job(house)
        capped_under_kills(house)
        capped_period(house, "teacher_budget", 4.0, {"max_cost_usd_per_day": "4.00"})
        capped_period(house, "tenant_budget", 4.0, tenants=[{"name": "default", "max_cost_usd_per_month": "4.00"}])


main()

"""The guards: a crash loop halts the service, a poisonous query is quarantined, a halt outlives restarts, SIGTERM drains."""

import time

from house import House, check, say, sha256, until

POISON = "[sim:slow] the query that is always under way when the service ends"


def submit(service, prompts):
    return service.ctl("submit", "--teacher", "t", "--purpose", "training", "--dataset", "d", prompts)["record"]["id"]


def silent(teacher, seconds=2):
    """Whether the teacher is asked nothing for so long."""
    before = teacher.ledger().requests
    time.sleep(seconds)
    return teacher.ledger().requests == before


def finishes(service, job, answered):
    done = service.wait_state(job, ["FINISHED", "PAUSED"])["record"]
    check(done["state"] == "FINISHED" and int(done["counters"]["answered"]) == answered,
          f"the job finishes with {done['counters']['answered']} answers")


def a_crash_loop_halts(house):
    say("three crashes in a row without a settled answer")
    teacher = house.teacher("--latency-ms", 3000)
    service = house.service(teachers=[teacher.entry("t", limits={"requests_per_minute": 60000})], data_dir=str(house.path("loop"))).start()
    for _ in range(2):
        service.kill()
        service.start()
        check(not service.status()["halted"], "not halted yet")
    job = submit(service, house.prompts(40))
    until("attempts are under way", lambda: teacher.ledger().requests >= 40, 2.5, 0.02)
    service.kill()
    service.start()
    status = service.status()
    check(status["halted"] and "3 crashes in a row" in status["halt_reason"], f"halted: {status['halt_reason']}")
    check(len(status["crash_intents"]) == 40, "the forty attempts under way are named")
    check(silent(teacher), "nothing is asked")
    check(service.job(job)["service_halted"] and service.job(job)["binding"] == "halt", "the job says what it waits for")
    service.ctl("halt", "--lift")
    finishes(service, job, 40)
    check(service.stop() == 0, "it stops in order")


def a_poisonous_query_is_quarantined(house):
    say("one query is open in three crashes in a row")
    teacher = house.teacher("--latency-ms", 50, "--slow-seconds", 100)
    service = house.service(teachers=[teacher.entry("t", limits={"requests_per_minute": 1200})],
                            data_dir=str(house.path("poison"))).start()
    prompts = house.prompts(300, name="poisoned.jsonl")
    prompts.write_text(f'{{"prompt": "{POISON}", "custom_id": "poison"}}\n' + prompts.read_text())
    job = submit(service, prompts)
    for crash in range(1, 4):
        answered = service.counters(job)["answered"]
        until("the poison is under way, others are answered", lambda: teacher.ledger().received[sha256(POISON)] == crash
              and service.counters(job)["answered"] >= answered + 20)
        service.kill()
        service.start()
        check(not service.status()["halted"], f"crash {crash}: not halted, since answers settle between")
    counters = service.counters(job)
    check(counters["quarantined"] == 1, "the query is quarantined at the third")
    endings = service.ctl_lines("jobs", "endings", job)
    check(len(endings) == 1 and endings[0]["custom_id"] == "poison" and endings[0]["outcome"] == "quarantined",
          f"by name: line {endings[0]['line']} {endings[0]['custom_id']}: {endings[0]['message']}")
    finishes(service, job, 300)
    check(teacher.ledger().received[sha256(POISON)] == 3, "it was asked three times and never again")
    check(service.stop() == 0, "it stops in order")


def a_halt_outlives_restarts(house):
    say("an operator halts")
    teacher = house.teacher("--latency-ms", 300)
    service = house.service(teachers=[teacher.entry("t", limits={"requests_per_minute": 3000})],
                            data_dir=str(house.path("halted"))).start()
    job = submit(service, house.prompts(300))
    until("answers come", lambda: service.counters(job)["answered"] >= 30)
    service.ctl("halt", "--reason", "unexpected bill")
    until("what was under way has settled", lambda: service.status()["in_flight"] == "0")
    check(silent(teacher), "nothing is asked")
    check(service.stop() == 0, "it stops in order")
    service.start()
    check(service.status()["halt_reason"] == "unexpected bill" and silent(teacher), "halted after a restart, with the reason")
    service.kill()
    service.start()
    check(service.status()["halted"] and silent(teacher), "and after a crash")
    service.ctl("halt", "--lift")
    finishes(service, job, 300)
    check(not teacher.ledger().doubles(), "nothing was asked twice")
    check(service.stop() == 0, "it stops in order")


def sigterm_drains(house):
    say("SIGTERM with attempts in flight")
    teacher = house.teacher("--latency-ms", 1500)
    service = house.service(teachers=[teacher.entry("t", limits={"requests_per_minute": 3000})],
                            data_dir=str(house.path("drained"))).start()
    job = submit(service, house.prompts(400))
    until("attempts are in flight", lambda: int(service.status()["in_flight"]) >= 50)
    begin = time.monotonic()
    check(service.stop() == 0, f"it exits 0, {time.monotonic() - begin:.1f} s later")
    ledger = teacher.ledger()
    check(ledger.requests == sum(map(len, ledger.answers.values())), f"all {ledger.requests} attempts were answered")
    service.start()
    status, counters = service.status(), service.counters(job)
    check(not status["crash_intents"] and counters["at_risk_picodollars"] == 0, "nothing is at risk")
    check(counters["answered"] >= ledger.requests, f"{counters['answered']} answers are kept")
    finishes(service, job, 400)
    check(not teacher.ledger().doubles(), "nothing was asked twice")
    check(service.stop() == 0, "it stops in order")


def main():
    with House(__doc__) as house:
        a_crash_loop_halts(house)
        a_poisonous_query_is_quarantined(house)
        a_halt_outlives_restarts(house)
        sigterm_drains(house)


main()

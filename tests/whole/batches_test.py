"""Batch routes of every vendor that has one: to the cent of the bill at the batch price, over crashes, expiry, failed lines, a full queue and a
deadline."""

import json
import random
import time
import urllib.request

from batch_teachers import DIALECTS, batches_of, creates_batch, entry, flags_of, submit
from go_between import go_between
from house import House, check, say, scaled, until


def finished(service, job, seconds=90):
    return service.wait_state(job, ["FINISHED", "PAUSED"], seconds)["record"]


def check_bill(stand_in, record, name):
    spent, billed = int(record["counters"]["spent_picodollars"]), stand_in.ledger().picodollars
    check(spent == billed, f"{name}: what it cost, ${spent / 1e12:.6f}, is what the teacher bills, ${billed / 1e12:.6f}")


def files_of(stand_in, path):
    request = urllib.request.Request(f"http://127.0.0.1:{stand_in.port}{path}/files", headers={"Authorization": "Bearer x"})
    with urllib.request.urlopen(request, timeout=10) as reply:
        return json.load(reply)["data"]


def all_dialects(house):
    say("every vendor's batches, several each")
    stand_ins, entries = {}, []
    for dialect in DIALECTS:
        stand_ins[dialect] = house.teacher("--batch-seconds", 2, *flags_of(dialect))
        entries.append(entry(stand_ins[dialect], dialect, dialect, {"members_max": 20}))
    service = house.service(teachers=entries).start()
    jobs = {dialect: submit(service, dialect, house.prompts(50, text=f"{dialect}: tell me of the number {{0}}."), "--route", "batch")
            for dialect in DIALECTS}
    for dialect, job in jobs.items():
        record = finished(service, job)
        counters = record["counters"]
        check(counters["answered"] == "50" and counters["attempts"] == "50",
              f"{dialect}: {counters['answered']} answers from {counters['attempts']} attempts {record['reason']}")
        check_bill(stand_ins[dialect], record, dialect)
        check(len(batches_of(stand_ins[dialect])) == 3, f"{dialect}: three batches of at most twenty")
        check(not stand_ins[dialect].ledger().doubles(), f"{dialect}: nothing is asked twice")
    for dialect in ("openai-chat", "azure-openai"):
        until(f"{dialect}: no file is left with the vendor", lambda: not files_of(stand_ins[dialect], DIALECTS[dialect][0]), 20)
    check(service.stop() == 0, "it stops in order")


def crashes(house):
    for dialect in ("openai-chat", "anthropic-messages"):
        say(f"{dialect}: kill -9 at random moments of gathering, handing in, waiting and taking over")
        count = scaled(400, 100)
        stand_in = house.teacher("--batch-seconds", 2, "--latency-ms", 20, *flags_of(dialect))
        name = f"crash-{dialect}"
        service = house.service(teachers=[entry(stand_in, name, dialect, {"members_max": 60})]).start()
        job = submit(service, name, house.prompts(count, text=f"{name}: tell me of the number {{0}}."), "--route", "batch")
        for _ in range(scaled(12, 4)):
            time.sleep(random.uniform(0.05, 1.5))
            service.kill()
            service.start()
            if service.ctl("halt", "--lift") and service.job(job)["record"]["state"] == "FINISHED":
                break
        record = finished(service, job, 120)
        check(record["counters"]["answered"] == str(count), f"every prompt has its answer {record['reason']}")
        check(record["counters"]["at_risk_picodollars"] == "0", "nothing is at risk")
        ledger = stand_in.ledger()
        check(not ledger.doubles(), "no batch was made twice, and none was lost")
        check_bill(stand_in, record, name)
        check(service.stop() == 0, "it stops in order")


def lost_answers(house):
    say("the answer to a batch's creation is lost: it is found again, not made again")
    for dialect in DIALECTS:
        stand_in = house.teacher("--batch-seconds", 1, *flags_of(dialect))
        created = []

        def forget_each_second(method, path, ask):
            answer = ask()
            if creates_batch(method, path):
                created.append(path)
                return answer if len(created) % 2 == 0 else None
            return answer

        with go_between(stand_in, forget_each_second) as port:
            name = f"lost-{dialect}"
            service = house.service(teachers=[entry(stand_in, name, dialect, {"members_max": 10}, port=port)]).start()
            job = submit(service, name, house.prompts(30, text=f"{name}: tell me of the number {{0}}."), "--route", "batch")
            record = finished(service, job, 60)
            check(record["counters"]["answered"] == "30", f"{dialect}: every prompt has its answer {record['reason']}")
            check(len(created) == 3 and len(batches_of(stand_in)) == 3, f"{dialect}: {len(created)} batches were created, 2 of them unheard")
            check(not stand_in.ledger().doubles(), f"{dialect}: none is made twice")
            check_bill(stand_in, record, dialect)
            check(service.stop() == 0, "it stops in order")


def troubles(house):
    say("failed lines, batches that expire, a queue that is full")
    stand_in = house.teacher("--batch-seconds", 1, "--batch-expire-rate", 0.5, "--batch-failed-lines-rate", 0.1)
    full = house.teacher("--batch-seconds", 2, "--batch-enqueued-tokens", 900)
    service = house.service(teachers=[entry(stand_in, "troubled", "openai-chat", {"members_max": 25}),
                                      entry(full, "full", "anthropic-messages", {"members_max": 20})]).start()
    jobs = {name: submit(service, name, house.prompts(60, text=f"{name}: tell me of the number {{0}}."), "--route", "batch")
            for name in ("troubled", "full")}
    for name, stand in (("troubled", stand_in), ("full", full)):
        record = finished(service, jobs[name], 150)
        check(record["counters"]["answered"] == "60", f"{name}: every prompt has its answer all the same {record['reason']}")
        check_bill(stand, record, name)
        check(not stand.ledger().doubles(), f"{name}: and only one")
    check(service.stop() == 0, "it stops in order")


def samples(house):
    say("several samples of a prompt: in one line of a batch where the vendor has n, in lines of their own where not")
    for dialect, lines in (("openai-chat", 30), ("anthropic-messages", 90)):
        stand_in = house.teacher("--batch-seconds", 1, *flags_of(dialect))
        name = f"samples-{dialect}"
        service = house.service(teachers=[entry(stand_in, name, dialect, {"members_max": 40})]).start()
        job = submit(service, name, house.prompts(30, text=f"{name}: tell me of the number {{0}}."), "--route", "batch", "--samples", 3)
        time.sleep(random.uniform(0.5, 2.5))
        service.kill()
        service.start()
        record = finished(service, job, 60)
        check(record["counters"]["answered"] == "90", f"{dialect}: {record['counters']['answered']} pairs {record['reason']}")
        check(stand_in.ledger().requests == lines, f"{dialect}: {stand_in.ledger().requests} lines")
        check_bill(stand_in, record, dialect)
        check(service.stop() == 0, "it stops in order")


def deadline(house):
    say("auto: by batch, and what is late goes online before the deadline")
    stand_in = house.teacher("--batch-seconds", 600)
    service = house.service(teachers=[entry(stand_in, "late", "openai-chat", {"members_max": 1000})]).start()
    end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 40))
    job = submit(service, "late", house.prompts(80, text="late: tell me of the number {0}."), "--route", "auto", "--deadline", end)
    until("the batch is with the vendor", lambda: len(batches_of(stand_in)) == 1, 20)
    shown = service.job(job)
    check(int(shown["in_batches"]) == 80, f"{shown['in_batches']} queries are in batches")
    record = finished(service, job, 60)
    check(record["counters"]["answered"] == "80", f"every prompt has its answer {record['reason']}")
    check_bill(stand_in, record, "late")
    check(not stand_in.ledger().doubles(), "what the batch had answered is not asked again")
    job = submit(service, "late", house.prompts(5, text="soon: tell me of the number {0}."), "--route", "auto", "--fresh")
    check(int(until("it goes by batch without a deadline", lambda: int(service.job(job)["in_batches"]), 20)) == 5, "auto without a deadline: by batch")
    service.ctl("jobs", "cancel", job)
    until("the vendor is told", lambda: service.process.said("batch_cancelled"), 20)
    check(service.stop() == 0, "it stops in order")


def refused(service, *arguments):
    done = service.ctl_raw(*arguments)
    return done.returncode, done.stderr.strip()


def bad_input(house):
    say("what cannot be is said at once")
    stand_in = house.teacher()
    service = house.service(teachers=[stand_in.entry("vllm", profile="vllm"), entry(stand_in, "plain", "openai-chat")]).start()
    prompts = house.prompts(2)
    code, error = refused(service, "submit", "--teacher", "vllm", "--purpose", "evaluation", "--route", "batch", prompts)
    check(code != 0 and "takes no batches" in error, error)
    code, error = refused(service, "submit", "--teacher", "plain", "--purpose", "evaluation", "--route", "batch", "--ask", "spread", prompts)
    check(code != 0 and "expected ask: each" in error, error)
    check(service.stop() == 0, "it stops in order")


def main():
    for part in (all_dialects, crashes, lost_answers, samples, troubles, deadline, bad_input):
        with House(__doc__) as house:
            part(house)


main()

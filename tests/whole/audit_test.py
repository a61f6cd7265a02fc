"""Nothing is paid twice unknowingly, and what was paid is what the vendor billed (promise 2, `harvestctl audit`).

A second identical job costs nothing and says what it saved; answers too old, or not permitted for the new use, are asked anew. What
a cap cut off is bought again, and nothing else. The bill is the teacher's ledger to the picodollar, and a vendor's export made from
the ledger reconciles with it. A kill -9 leaves attempts that are listed by name for good.
"""

import collections
import datetime
import time

from house import PICO, House, check, json, say, scaled, until

PROMPTS = scaled(60, 20)
CRASH_PROMPTS = scaled(600, 200)
SUBMIT = ["submit", "--teacher", "t", "--purpose", "training"]


def answered(teacher):
    """The ledger's answered calls, each with its model."""
    lines = [json.loads(line) for line in open(teacher.ledger_path) if line.endswith("\n")]
    models = {line["id"]: line["model"] for line in lines if line["event"] == "received"}
    return [{**line, "model": models[line["id"]]} for line in lines if line["event"] == "answered"]


def by_day(teacher):
    days = collections.defaultdict(lambda: collections.Counter())
    for line in answered(teacher):
        days[line["utc_us"] // 86_400_000_000].update(
            {"pico": line["cost_picodollars"], "in": line["input_tokens"], "out": line["output_tokens"]})
    return days


def costs_page(teacher, more_usd=0.0):
    """As OpenAI's interface tells costs."""
    return json.dumps({"object": "page", "has_more": False, "data": [
        {"object": "bucket", "start_time": day * 86_400, "end_time": (day + 1) * 86_400, "results": [
            {"object": "organization.costs.result", "amount": {"value": sums["pico"] / PICO + more_usd, "currency": "usd"}}]}
        for day, sums in by_day(teacher).items()]})


def usage_csv(teacher, model):
    rows = ["Date,Model,Cost,Input_Tokens,Output_Tokens"]
    for day, sums in by_day(teacher).items():
        date = datetime.date(1970, 1, 1) + datetime.timedelta(days=day)
        rows.append(f"{date},{model},{sums['pico'] // PICO}.{sums['pico'] % PICO:012},{sums['in']},{sums['out']}")
    return "\n".join(rows) + "\n"


def pico(usd):
    whole, _, decimals = usd.partition(".")
    return int(whole) * PICO + int(decimals.ljust(12, "0"))


def finished(service, *submit):
    job = service.ctl(*submit)["record"]["id"]
    return service.wait_state(job, ["FINISHED"])


def reuse(service, teacher, prompts):
    first = finished(service, *SUBMIT, "--dataset", "first", prompts)
    asked, spent = teacher.ledger().requests, first["spent_usd"]
    check(asked == PROMPTS and pico(spent) == teacher.ledger().picodollars,
          f"the first job spent what the teacher billed: ${spent}")
    second = finished(service, *SUBMIT, "--dataset", "second", prompts)
    check(teacher.ledger().requests == asked, "an identical job asks nothing")
    check(pico(second["spent_usd"]) == 0 and second["saved_usd"] == spent, f"costs nothing, and saved ${second['saved_usd']}")
    check(service.ctl("jobs", "list")["jobs"][1]["saved_usd"] == spent, "which the list says too")
    shown = service.ctl_raw("jobs", "show", second["record"]["id"]).stdout
    check(f"saved          ${spent}" in shown, "and people are told")

    time.sleep(1.1)
    young = finished(service, *SUBMIT, "--dataset", "third", "--max-age", "1h", prompts)
    check(int(young["record"]["counters"]["reused"]) == PROMPTS, "answers younger than --max-age are reused")
    old = finished(service, *SUBMIT, "--dataset", "third", "--max-age", "1s", prompts)
    check(int(old["record"]["counters"]["reused"]) == 0, "older ones are asked anew")
    refused = service.ctl_raw(*SUBMIT, "--max-age", "soon", prompts)
    check(refused.returncode == 2 and "max_age: found 'soon'" in refused.stderr, "an age that is none is refused by its field")


def rights_gate(service, house):
    prompts = house.prompts(5, "What may {0} be used for?", "gate.jsonl")
    evaluation = ["submit", "--purpose", "evaluation", "--dataset", "gate", "--teacher"]
    finished(service, *evaluation, "narrow", prompts)
    training = finished(service, *SUBMIT, "--dataset", "gate", prompts)
    check(int(training["record"]["counters"]["reused"]) == 0,
          "an answer of a teacher that permits evaluation alone is not reused for training")
    again = finished(service, *SUBMIT, "--dataset", "gate", prompts)
    check(int(again["record"]["counters"]["reused"]) == 5, "one of a teacher that permits it is")


def repeats(service, house):
    path = house.path("repeats.jsonl")
    path.write_text("".join(json.dumps({"prompt": text, "custom_id": str(i)}) + "\n"
                            for i, text in enumerate(["one", "two", "one", "three", "two", "one"])))
    done = service.ctl_raw(*SUBMIT, "--dataset", "repeats", "--json", path)
    check(f"3 lines repeat an earlier one (first: {path}:3 as {path}:1)" in done.stderr, "repeated lines are told at submit")
    job = service.wait_state(json.loads(done.stdout)["record"]["id"], ["FINISHED"])["record"]["counters"]
    check(int(job["answered"]) == 6 and int(job["attempts"]) == 3, "each is asked once and its answer serves them all")


def truncated(service, teacher, house):
    prompts = house.prompts(PROMPTS, "Tell the long story of {0}.", "cut.jsonl")
    first = finished(service, *SUBMIT, "--dataset", "cut", "--max-output", "200", prompts)
    cut = int(first["record"]["counters"]["truncated"])
    check(0 < cut < PROMPTS, f"a cap of 200 tokens cut off {cut} of {PROMPTS} answers")
    asked = teacher.ledger().requests
    retry = ["jobs", "retry", first["record"]["id"], "--where", "truncated", "--max-output"]
    small = service.ctl_raw(*retry, "200")
    check(small.returncode == 2 and "was cut off at 200; expected more" in small.stderr, "a cap that is no larger is refused")
    again = service.wait_state(service.ctl(*retry, "4000")["record"]["id"], ["FINISHED"])
    counters = again["record"]["counters"]
    check(int(counters["prompts"]) == int(counters["attempts"]) == cut and int(counters["truncated"]) == 0,
          "a retry under a larger one buys these and nothing else")
    check(teacher.ledger().requests == asked + cut, "says the teacher's ledger too")
    check(service.ctl(*retry, "4000")["record"]["id"] == again["record"]["id"], "the same command finds the same job")
    nothing = service.ctl_raw("jobs", "retry", again["record"]["id"], "--where", "truncated", "--max-output", "5000")
    check(nothing.returncode == 7 and "nothing to buy" in nothing.stderr, "where nothing was cut off it says so")


def bill_is_the_ledger(service, teacher, house):
    bill = service.ctl("audit", "bill")
    days = by_day(teacher)
    spent = sum(sums["pico"] for sums in days.values())
    check(pico(bill["spent_usd"]) == spent and pico(bill["at_risk_usd"]) == 0,
          f"the bill is the teacher's ledger to the picodollar: ${bill['spent_usd']}")
    for name, column in (("input_tokens", "in"), ("output_tokens", "out")):
        check(sum(int(line[name]) for line in bill["lines"]) == sum(sums[column] for sums in days.values()), f"in {name} too")

    def reconcile(text, name, code):
        path = house.path(name)
        path.write_text(text)
        return service.ctl("audit", "bill", "--provider-usage", path, code=code)

    exact = reconcile(costs_page(teacher), "costs.json", 0)
    check(exact["total"]["agrees"], "a vendor's costs made of the ledger reconcile")
    check(not reconcile(costs_page(teacher, 1.0), "dear.json", 8)["total"]["agrees"], "a dollar more does not: exit code 8")
    by_model = reconcile(usage_csv(teacher, "stand-in-1"), "usage.csv", 0)
    check(by_model["total"]["difference_usd"] == "0.00", "a CSV by model reconciles to the picodollar")
    check(not reconcile(usage_csv(teacher, "another"), "other.csv", 8)["total"]["agrees"], "one of another model does not")
    house.path("bad.csv").write_text("day,price\n")
    bad = service.ctl_raw("audit", "bill", "--provider-usage", house.path("bad.csv"))
    check(bad.returncode == 2 and "found the columns 'day', 'price', expected day" in bad.stderr, "a bad file is refused in words")
    table = service.ctl_raw("audit", "bill", "--provider-usage", house.path("dear.json"))
    check(table.returncode == 8 and "DIFFERS" in table.stdout, "people are shown which line differs")


def crash(service, teacher, house):
    check(service.ctl_lines("audit", "attempts") == [], "no crash yet, no attempt lost")
    prompts = house.prompts(CRASH_PROMPTS, "Which crash was number {0}?", "crash.jsonl")
    job = service.ctl(*SUBMIT, "--dataset", "crash", "--max-cost", "20", prompts)["record"]["id"]
    until("some answers", lambda: service.counters(job)["answered"] > CRASH_PROMPTS // 4, 60, 0.02)
    service.kill()
    service.start()
    named = {intent["attempt_id"]: intent for intent in service.status()["crash_intents"]}
    lost = service.ctl_lines("audit", "attempts")
    check(named and {attempt["attempt_id"] for attempt in lost} == set(named), f"the crash's {len(named)} attempts are listed")
    check(all(attempt["job_id"] == job and attempt["cost_max_usd"] == named[attempt["attempt_id"]]["cost_max_usd"]
              and int(attempt["found_at_us"]) > int(attempt["started_at_us"]) for attempt in lost), "each with its job and its bound")
    done = service.wait_state(job, ["FINISHED"])
    check(int(done["record"]["counters"]["answered"]) == CRASH_PROMPTS, "every prompt is answered")
    bill = service.ctl("audit", "bill")
    risk = sum(pico(attempt["cost_max_usd"]) for attempt in lost)
    check(pico(bill["at_risk_usd"]) == risk, f"what is at risk is the sum of their bounds: ${bill['at_risk_usd']}")
    last = {line["prompt_sha256"]: line["cost_picodollars"] for line in answered(teacher) if line["utc_us"] > CRASH_BEGAN_US}
    spent = pico(done["spent_usd"])
    check(spent == sum(last.values()), f"the job spent what its answers cost: ${done['spent_usd']}")
    billed = teacher.ledger().picodollars
    check(pico(bill["spent_usd"]) <= billed <= pico(bill["spent_usd"]) + risk, "the teacher billed no more than what is at risk besides")
    house.path("after.json").write_text(costs_page(teacher))
    check(service.ctl("audit", "bill", "--provider-usage", house.path("after.json"))["total"]["agrees"], "so its export reconciles")

    for restart in ("in order", "by another kill"):
        service.kill() if restart.startswith("by") else service.stop()
        service.start()
        check(service.ctl_lines("audit", "attempts") == lost, f"after a restart {restart} they are listed as before")
    check(service.status()["crash_intents"] == [], "though the start itself had none")
    check(service.ctl_lines("audit", "attempts", "--job", job) == lost, "by their job too")
    other = service.ctl("jobs", "list")["jobs"][0]["record"]["id"]
    check(service.ctl_lines("audit", "attempts", "--job", other) == [], "and not by another's")
    told = service.ctl_raw("audit", "attempts").stdout
    check(f"{len(lost)} attempts may have been billed without an answer, at most $" in told, "people are told the bound of all")
    check(service.ctl_raw("audit", "attempts", "--job", "j_none").returncode == 5, "a job that is not there is not found")


def main():
    global CRASH_BEGAN_US
    with House(__doc__.splitlines()[0]) as house:
        teacher = house.teacher("--latency-ms", 80, "--latency-sigma", 0, "--answer-bytes", "200:2500")
        narrow = teacher.entry("narrow")
        narrow["rights"] = {**narrow["rights"], "permits": ["evaluation"]}
        service = house.service(teachers=[teacher.entry("t", limits={"concurrency": 32}), narrow]).start()
        reuse(service, teacher, house.prompts(PROMPTS))
        rights_gate(service, house)
        repeats(service, house)
        truncated(service, teacher, house)
        say("the bill")
        bill_is_the_ledger(service, teacher, house)
        say("a crash")
        CRASH_BEGAN_US = time.time_ns() // 1000
        crash(service, teacher, house)
        check(service.stop() == 0, "it stops in order")


main()

"""Spend protection and drift watch: a wasteful job pauses after few paid answers, a teacher that changes silently is told of.

A guarded job whose teacher begins to refuse (or to cut off, to say nothing, or always the same) is paused within a bounded number of
answers, by the teacher's own ledger, and goes on when it is resumed. A teacher that reports another model from one answer to the next
gets its second epoch: on every record of the shards, in the log, in the metrics and in `teachers show`, over a kill -9.
"""

import urllib.request

from house import House, Ledger, check, json, pulled_records, say, until

TURN = 300  # answers, then the teacher is another
IN_FLIGHT = 16
PROMPTS = 900
SUBMIT = ["submit", "--teacher", "t", "--purpose", "training"]
QUICK = ("--latency-ms", 20, "--latency-sigma", 0, "--answer-bytes", "200:400")


def answers(teacher):
    return sum(len(answers) for answers in Ledger(teacher.ledger_path).answers.values())


def metric(service, name, **labels):
    with urllib.request.urlopen(f"http://{service.config['http']['listen']}/metrics", timeout=10) as reply:
        text = reply.read().decode()
    found = [line for line in text.splitlines() if line.startswith(name + "{")
             and all(f'{label}="{value}"' in line for label, value in labels.items())]
    return sum(float(line.rsplit(" ", 1)[1]) for line in found)


def stopped(house, flag, guard, words, most):
    """A job at a teacher that turns: how it is paused, and what was paid after the turn."""
    say(f"a teacher with {flag}")
    teacher = house.teacher(*QUICK, "--turn-after", TURN, flag, 0.95)
    service = house.service(teachers=[teacher.entry("t", limits={"concurrency": IN_FLIGHT})],
                            data_dir=str(house.path(f"data-{teacher.port}"))).start()
    prompts = house.prompts(PROMPTS, name="guarded.jsonl")
    job = service.ctl(*SUBMIT, "--dataset", "d", "--guard", guard, prompts)["record"]["id"]
    paused = service.wait_state(job, ["PAUSED", "FINISHED"])
    reason = paused["record"]["reason"]
    check(paused["record"]["state"] == "PAUSED" and reason.startswith("guard: of t's last 200 answers ") and words in reason,
          f"the job pauses: {reason}")
    check("harvestctl pairs tail" in reason and "harvestctl jobs resume" in reason, "and says what to do")
    paid = answers(teacher) - TURN
    check(0 < paid <= most + IN_FLIGHT, f"{paid} answers were paid between the turn and the pause, of them {IN_FLIGHT} in flight")
    counters = service.counters(job)
    kept = counters["answered"] + counters["refused"]
    check(kept == answers(teacher), f"all {kept} that were paid are kept")
    return teacher, service, job, paused


def a_wasteful_job_pauses(house):
    # Of 200 answers 63 prove that 20 % is passed, and 95 % of those after the turn are so.
    teacher, service, job, paused = stopped(house, "--turned-refusal-rate", "refused=20%,truncated=50%", "were refused", 90)
    rates = paused["answer_rates"]
    check(len(rates) == 1 and rates[0]["teacher"] == "t" and int(rates[0]["answers"]) == 200 and int(rates[0]["refused"]) >= 63,
          f"jobs show has the rates: {rates[0]['refused']} of {rates[0]['answers']}")
    shown = service.ctl_raw("jobs", "show", job).stdout
    check("refused=20%,truncated=50%" in shown and "LAST ANSWERS" in shown, "for people too")
    check(metric(service, "harvest_answers_total", trait="refused") == service.counters(job)["refused"], "and the metric agrees")
    before = answers(teacher)
    service.kill()
    service.start()
    check(service.job(job)["record"]["state"] == "PAUSED" and answers(teacher) == before, "it stays paused over a kill")
    service.ctl("jobs", "resume", job)
    again = service.wait_state(job, ["PAUSED", "FINISHED"])
    check(again["record"]["state"] == "PAUSED" and 20 <= answers(teacher) - before <= 30 + IN_FLIGHT,
          f"resumed at a teacher that still refuses it pauses again after {answers(teacher) - before} answers")
    service.ctl("jobs", "retune", job, "--guard", "off")
    done = service.wait_state(job, ["FINISHED"])["record"]["counters"]
    check(int(done["answered"]) + int(done["refused"]) == PROMPTS, "with --guard off it goes on to its end")
    check(service.stop() == 0, "it stops in order")


def every_trait(house):
    for flag, guard, words in (("--turned-truncation-rate", "truncated=20%", "were truncated"),
                               ("--turned-empty-rate", "empty=20%", "were empty"),
                               ("--turned-duplicate-rate", "duplicate=20%", "had the text of another")):
        teacher, service, job, _ = stopped(house, flag, guard, words, 90)
        name = {"truncated": "truncated", "empty": "empty", "duplicate": "duplicates"}[guard.split("=")[0]]
        check(service.counters(job)[name] > 50, f"its counters tell {service.counters(job)[name]} {name}")
        check(service.stop() == 0, "it stops in order")


def nothing_stops_without_a_guard(house):
    say("no guard")
    teacher = house.teacher(*QUICK, "--turn-after", 0, "--turned-refusal-rate", 1)
    service = house.service(teachers=[teacher.entry("t", limits={"concurrency": IN_FLIGHT})], data_dir=str(house.path("free"))).start()
    prompts = house.prompts(100, name="free.jsonl")
    job = service.ctl(*SUBMIT, "--dataset", "d", prompts)["record"]["id"]
    check(int(service.wait_state(job, ["FINISHED", "PAUSED"])["record"]["counters"]["refused"]) == 100, "a job without one is asked to its end")
    for guard, said in (("refused=120%", "a share from 0% to 100%"), ("refused=-1%", "a share from 0% to 100%"),
                        ("refused=20%,refused=30%", "refused once"), ("rude=10%", "refused, truncated, empty, duplicate or window"),
                        ("window=5,refused=20%", "window=N with N from 20 to 100000"), ("refused", "a share from 0% to 100%")):
        wrong = service.ctl_raw(*SUBMIT, "--dataset", "d", "--guard", guard, prompts)
        check(wrong.returncode == 2 and "--guard: found " in wrong.stderr and said in wrong.stderr, f"--guard {guard} is refused in words")
    service.config["harvest"] = {"guard": {"refused_max": 1.5, "window_answers": 3}}
    service.config["teachers"][0]["drift"] = {"canaries": ["", "x"], "every_minutes": 20000, "max_output_tokens": 5000}
    service.write_config()
    wrong = service.check()
    for field in ("harvest.guard.refused_max", "harvest.guard.window_answers", "teachers[0].drift.canaries[0]",
                  "teachers[0].drift.every_minutes", "teachers[0].drift.max_output_tokens"):
        check(field in wrong.stderr + wrong.stdout, f"the configuration's mistake at {field} is named")
    check(wrong.returncode == 2, "all at once, with exit code 2")
    check(service.stop() == 0, "it stops in order")


def a_silent_change_is_told(house):
    say("a teacher that changes silently")
    teacher = house.teacher(*QUICK, "--turn-after", TURN, "--turned-model", "stand-in-1-0806", "--turned-fingerprint", "fp_other",
                            "--turned-seed", 99)
    entry = teacher.entry("t", limits={"concurrency": IN_FLIGHT}, drift={"canaries": ["What is two and two?"]})
    service = house.service(teachers=[entry], data_dir=str(house.path("drift"))).start()
    job = service.ctl(*SUBMIT, "--dataset", "drifting", house.prompts(TURN + 200, name="drift.jsonl"))["record"]["id"]
    service.wait_state(job, ["FINISHED"])
    check(service.process.said('"event":"teacher_changed"') and service.process.said('"epoch":2'), "the log alerts")
    check(metric(service, "harvest_teacher_epochs_total", cause="model_reported") == 1, "so does the metric")

    def told():
        status = service.ctl("teachers", "show", "t")
        check([(epoch["number"], epoch["cause"]) for epoch in status["epochs"]] == [(1, "first"), (2, "model_reported")],
              "teachers show has both epochs")
        check(status["epochs"][1]["model_reported"] == "stand-in-1-0806" and "stand-in-1 " in status["epochs"][1]["detail"],
              f"and what changed: {status['epochs'][1]['detail']}")
        check(int(status["canaries_asked_at_us"]) > 0, "and that the canary was asked")

    told()
    check("ready, changed" in service.ctl_raw("teachers", "list").stdout, "teachers list marks it")
    check("teacher t changed at" in service.ctl_raw("jobs", "show", job).stdout, "jobs show names it")
    service.kill()
    service.start()
    told()
    more = service.ctl(*SUBMIT, "--dataset", "drifting", house.prompts(50, "And {0}?", "after.jsonl"))["record"]["id"]
    service.wait_state(more, ["FINISHED"])
    told()
    service.ctl("datasets", "publish", "drifting")
    out = house.path("pulled")
    service.ctl("datasets", "pull", "drifting", "--out", out)
    check(service.ctl_raw("datasets", "verify", out).returncode == 0, "the shards verify")
    epochs = {1: set(), 2: set()}
    late = 0
    for record in pulled_records(out):
        epochs[record["teacher_epoch"]].add(record["model_reported"])
        late += record["teacher_epoch"] == 2 and record["model_reported"] == "stand-in-1"
    check(epochs[1] == {"stand-in-1"} and "stand-in-1-0806" in epochs[2], "records of epoch 1 are of the old model alone")
    check(late <= IN_FLIGHT, f"of the old one's answers {late} came home after the change")
    bill = service.ctl("audit", "bill")
    check(abs(float(bill["spent_usd"]) - Ledger(teacher.ledger_path).usd) < 1e-9, "and the canary is on the bill, to the picodollar")
    check(service.stop() == 0, "it stops in order")


def main():
    with House(__doc__.splitlines()[0]) as house:
        a_wasteful_job_pauses(house)
        every_trait(house)
        nothing_stops_without_a_guard(house)
        a_silent_change_is_told(house)


main()

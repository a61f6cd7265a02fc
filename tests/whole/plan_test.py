"""Plan before paying (`harvestctl plan`): what a job will cost and take, from a small pilot that is kept.

Three kinds of real prompts, answers of log-normal lengths, several teachers: for each a plan is made, the job is run, and the bill
is held beside the plan. The pilot is not paid again, to the teacher's ledger; the bill lies within the interval as often as the
interval claims; `jobs show` says so. Then what binds, and every mistake with its message.
"""

import collections

from house import GSM8K, House, check, json, need_real_prompts, say, scaled

SUBMIT = ["--purpose", "training"]
TEACHERS = scaled(5, 2)  # each answers at lengths of its own
PILOT = 32
COVERED_MIN = 0.7  # of plans whose intervals claim 0.9; some fifteen tell no more


def prompts_of(house):
    """Kind → a file of its prompts."""
    directory = GSM8K.parent
    lines = {
        "maths": [row["question"] for row in rows(GSM8K)[:250]],
        "chat": [turn for row in rows(directory / "mt-bench-questions.jsonl") for turn in row["turns"]],
        "tasks": [row["instruction"] + "\n" + row["instances"][0]["input"]
                  for row in rows(directory / "self-instruct-seed-tasks.jsonl")],
    }
    paths = {}
    for kind, texts in lines.items():
        paths[kind] = house.path(f"{kind}.jsonl")
        paths[kind].write_text("".join(json.dumps({"prompt": text}) + "\n" for text in texts))
    return paths


def rows(path):
    return [json.loads(line) for line in open(path)]


def within(truth, interval):
    return interval["low"] <= truth <= interval["high"]


def spent(job):
    return float(job["spent_usd"])


def seconds(job):
    return (int(job["record"]["finished_at_us"]) - int(job["record"]["created_at_us"])) / 1e6


def run(service, teacher, kind, path, *flags):
    """Plan and job of one kind at one teacher."""
    job = ["--teacher", teacher, *SUBMIT, "--dataset", kind, *flags, path]
    plan = service.ctl("plan", "--pilot", PILOT, *job)
    done = service.wait_state(service.ctl("submit", *job)["record"]["id"], ["FINISHED"])
    check(done["record"]["plan"]["id"] == plan["id"], f"{kind} at {teacher}: the job goes with the plan that was made for it")
    return plan, done


def calibration(service, teachers, paths):
    """Nine of ten bills lie within their plans."""
    inside = collections.Counter()
    runs = timed = 0
    for name, teacher in teachers.items():
        for kind, path in paths.items():
            asked = teacher.ledger().requests
            plan, job = run(service, name, kind, path)
            counters = job["record"]["counters"]
            distinct = int(counters["prompts"]) - int(plan["repeated_prompts"])
            pilot = int(plan["parts"][0]["pilot_answers"])
            cut_off = teacher.ledger().requests - asked - distinct  # of the pilot: no answer to another query
            check(pilot >= PILOT - 2 and int(counters["reused"]) == pilot - cut_off + int(plan["repeated_prompts"]),
                  f"{kind} at {name}: the pilot's {pilot - cut_off} whole answers are not asked and paid again")
            cost, low, high = spent(job), plan["cost_usd"]["low"], plan["cost_usd"]["high"]
            runs += 1
            inside["dollars"] += within(cost, plan["cost_usd"])
            timed += within(seconds(job), plan["seconds"])
            print(f"      {kind:6} {name}: plan ${low:.4f} to ${high:.4f}, bill ${cost:.4f}; {plan['seconds']['low']:.1f} to "
                  f"{plan['seconds']['high']:.1f} s, took {seconds(job):.1f} s", flush=True)
            check(high < 4 * low, f"{kind} at {name}: the plan says something")
    print(f"      calibration: {inside['dollars']} of {runs} bills and {timed} of {runs} times lay within their intervals of 90 %")
    check(inside["dollars"] >= COVERED_MIN * runs, f"{inside['dollars']} of {runs} bills lay within their plans")
    check(timed >= COVERED_MIN * runs, f"and {timed} of {runs} times")


def what_binds(service, teacher, path):
    plan, job = run(service, "limited", "limited", path)
    check(plan["binding"] == "requests" and plan["parts"][0]["basis"] == "pilot", "the limit of requests will bind")
    check(within(seconds(job), plan["seconds"]),
          f"it took {seconds(job):.1f} s, of {plan['seconds']['low']:.1f} to {plan['seconds']['high']:.1f} planned")
    shown = service.ctl_raw("jobs", "show", job["record"]["id"]).stdout
    check("plan: $" in shown and "(requests binds); bill: $" in shown, "`jobs show` holds the bill beside the plan")
    check(shown.count(": within") == 1 or ": dollars " in shown, "and says whether it lay within")
    again = service.ctl("plan", "--teacher", "limited", *SUBMIT, "--dataset", "limited", path)
    check(again["known_share"] == 1 and again["cost_usd"]["high"] == 0, "planned once more, all is known and costs nothing")


def without_pilot(service, teacher, paths):
    asked = teacher.ledger().requests
    flags = ["--teacher", "fresh-limits", *SUBMIT, "--max-output", "300", paths["chat"]]
    plan = service.ctl("plan", "--no-pilot", *flags)
    check(plan["parts"][0]["basis"] == "bounds" and plan["pilot_job_id"] == "", "without a pilot a plan is bounds")
    check(any("no limit is stated for requests" in note for note in plan["notes"]), "and says what it does not know")
    check(teacher.ledger().requests == asked, "and asks nobody")
    table = service.ctl_raw("plan", "--no-pilot", *flags).stdout
    check("TEACHER" in table and "bounds" in table and "note: " in table, "people get a table and notes")


def mistakes(service, teacher, house, path):
    asked, jobs = teacher.ledger().requests, len(service.ctl("jobs", "list")["jobs"])

    def refused(code, words, *arguments):
        done = service.ctl_raw("plan", *arguments)
        check(done.returncode == code and words in done.stderr, f"refused with {code}: {words}")

    base = ["--teacher", "t0", *SUBMIT]
    empty = house.path("empty.jsonl")
    empty.write_text("\n")
    bad = house.path("bad.jsonl")
    bad.write_text('{"prompt": "fine"}\n{"prompt": 7}\n')
    refused(2, "found no prompt, expected at least one to plan for", *base, empty)
    refused(2, "bad.jsonl:2: ", *base, bad)
    refused(5, "teacher nobody not found", "--teacher", "nobody", *SUBMIT, path)
    refused(2, "--pilot", *base, "--pilot", "0", path)
    refused(7, "an unknown price is not zero", "--teacher", "unpriced", *SUBMIT, path)
    refused(7, "evaluation", "--teacher", "narrow", *SUBMIT, path)
    new = house.prompts(40, "Of what use is {0}?", "new.jsonl")
    refused(2, "--pilot-max-cost: found $0.000001, but the pilot may cost $", *base, "--pilot-max-cost", "0.000001", new)
    refused(2, "--pilot-max-cost: ", *base, "--pilot-max-cost", "little", new)
    check(teacher.ledger().requests == asked, "nobody was asked")
    check(len(service.ctl("jobs", "list")["jobs"]) == jobs, "and no job was made")


def main():
    need_real_prompts()
    with House(__doc__.splitlines()[0]) as house:
        paths = prompts_of(house)
        teachers = {f"t{i}": house.teacher("--latency-ms", 150, "--latency-sigma", 0.3, "--seed", house.seed + i, "--answer-bytes",
                                           1200, "--answer-sigma", 0.4 + 0.15 * i) for i in range(TEACHERS)}
        entries = [{**teacher.entry(name, limits={"concurrency": 16}), "model": f"stand-in-{name}"}
                   for name, teacher in teachers.items()]
        first = teachers["t0"]
        narrow = first.entry("narrow", model="stand-in-narrow")
        narrow["rights"] = {**narrow["rights"], "permits": ["evaluation"]}
        unpriced = first.entry("unpriced", model="stand-in-unpriced")
        del unpriced["prices"]
        service = house.service(teachers=[
            *entries, narrow, unpriced, first.entry("fresh-limits", model="stand-in-new"),
            first.entry("limited", model="stand-in-limited", limits={"requests_per_minute": 1800, "window_seconds": 10})]).start()
        say("what is wrong")
        mistakes(service, first, house, paths["chat"])
        without_pilot(service, first, paths)
        say("what binds")
        what_binds(service, first, paths["maths"])
        say("calibration")
        calibration(service, teachers, paths)
        check(service.stop() == 0, "it stops in order")


main()

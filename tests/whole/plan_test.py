"""Plan before paying (`harvestctl plan`): what a job will cost and take, from a small pilot that is kept.

Three kinds of real prompts, answers of log-normal lengths, several teachers: for each a plan is made, the job is run, and the bill
is held beside the plan. The pilot is not paid again, to the teacher's ledger; the bill lies within the interval as often as the
interval claims; `jobs show` says so. Then what binds, and every mistake with its message.
"""

from house import House, check, json, need_real_prompts, say, scaled
from plan_runs import CLAIMED, PILOT, SUBMIT, prompts_of, run, teachers_of, within

TEACHERS = scaled(5, 2)
COVERED_MIN = 0.7  # of plans whose intervals claim 0.9; some fifteen tell no more


def calibration(service, teachers, paths):
    """Nine of ten bills lie within their plans."""
    runs = [run(service, name, teacher, kind, path) for name, teacher in teachers.items() for kind, path in paths.items()]
    for made in runs:
        plan, what = made.plan, f"{made.kind} at {made.teacher}"
        check(made.job["record"]["plan"]["id"] == plan["id"], f"{what}: the job goes with the plan that was made for it")
        counters = made.job["record"]["counters"]
        distinct = int(counters["prompts"]) - int(plan["repeated_prompts"])
        pilot = int(plan["parts"][0]["pilot_answers"])
        cut_off = made.asked - distinct  # of the pilot: no answer to another query
        check(pilot >= PILOT - 2 and int(counters["reused"]) == pilot - cut_off + int(plan["repeated_prompts"]),
              f"{what}: the pilot's {pilot - cut_off} whole answers are not asked and paid again")
        low, high = plan["cost_usd"]["low"], plan["cost_usd"]["high"]
        print(f"      {what}: plan ${low:.4f} to ${high:.4f}, bill ${made.cost_usd:.4f}; {plan['seconds']['low']:.1f} to "
              f"{plan['seconds']['high']:.1f} s, took {made.seconds:.1f} s", flush=True)
        check(high < 4 * low, f"{what}: the plan says something")
    bills = sum(within(made.cost_usd, made.plan["cost_usd"]) for made in runs)
    times = sum(within(made.seconds, made.plan["seconds"]) for made in runs)
    print(f"      calibration: {bills} of {len(runs)} bills and {times} of {len(runs)} times lay within their intervals of {CLAIMED:.0%}")
    check(bills >= COVERED_MIN * len(runs), f"{bills} of {len(runs)} bills lay within their plans")
    check(times >= COVERED_MIN * len(runs), f"and {times} of {len(runs)} times")


def what_binds(service, teacher, path):
    _, _, plan, job, _, seconds, _ = run(service, "limited", teacher, "limited", path)
    check(plan["binding"] == "requests" and plan["parts"][0]["basis"] == "pilot", "the limit of requests will bind")
    check(within(seconds, plan["seconds"]),
          f"it took {seconds:.1f} s, of {plan['seconds']['low']:.1f} to {plan['seconds']['high']:.1f} planned")
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
        teachers, entries = teachers_of(house, TEACHERS)
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

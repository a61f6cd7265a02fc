"""Plans and the bills that followed: three kinds of real prompts at teachers whose answers are log-normally long."""

import collections
import json

from house import GSM8K, rows

SUBMIT = ["--purpose", "training"]
PILOT = 32
CLAIMED = 0.9  # what a plan's intervals claim to hold

Run = collections.namedtuple("Run", "kind teacher plan job cost_usd seconds asked")


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


def teachers_of(house, count):
    """Name → a teacher with a spread of lengths of its own, and their entries."""
    teachers = {f"t{i}": house.teacher("--latency-ms", 150, "--latency-sigma", 0.3, "--seed", house.seed + i, "--answer-bytes", 1200,
                                       "--answer-sigma", 0.4 + 0.15 * i) for i in range(count)}
    entries = [{**teacher.entry(name, limits={"concurrency": 16}), "model": f"stand-in-{name}"} for name, teacher in teachers.items()]
    return teachers, entries


def within(truth, interval):
    return interval["low"] <= truth <= interval["high"]


def run(service, name, teacher, kind, path, *flags):
    """Plan and job of one kind at one teacher."""
    job = ["--teacher", name, *SUBMIT, "--dataset", kind, *flags, path]
    asked = teacher.ledger().requests
    plan = service.ctl("plan", "--pilot", PILOT, *job)
    done = service.wait_state(service.ctl("submit", *job)["record"]["id"], ["FINISHED"])
    record = done["record"]
    seconds = (int(record["finished_at_us"]) - int(record["created_at_us"])) / 1e6
    return Run(kind, name, plan, done, float(done["spent_usd"]), seconds, teacher.ledger().requests - asked)

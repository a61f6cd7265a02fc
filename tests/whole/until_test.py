"""Samples are asked one after the other until one is accepted, by verdicts that are brought in and by labels of ours, over kills.

A third of the prompts is accepted at its first sample, a third at its second, a third never. What was asked and paid for is
compared with the teacher's ledger.
"""

import collections
import subprocess

from house import House, check, json, pulled_records, sha256, until

PROMPTS, SAMPLES = 30, 3
SUBMIT = ["submit", "--teacher", "t", "--purpose", "training", "--samples", SAMPLES]
RULE = "labels has 'tests=pass'"


def text_of(prompt):
    return f"Write the function number {prompt} and say why it is right."


def asked_of(prompt):
    """How many samples of it are asked."""
    return {0: 1, 1: 2, 2: SAMPLES}[prompt % 3]


def records_of(service, dataset):
    """Its records by prompt and sample."""
    records = {}
    for pair in service.ctl_lines("pairs", "list", dataset):
        record = json.loads(pair["record_json"])
        place = (int(record["prompt_id"].rsplit("/", 1)[1]), record["sample_index"])
        assert place not in records, f"sample {place} is there once"
        records[place] = record
    return records


def import_verdicts(service, house, dataset, sample, prompts):
    """What the team's own tests say of these prompts' sample."""
    records = records_of(service, dataset)
    path = house.path("verdicts.jsonl")
    path.write_text("".join(json.dumps({"record_id": records[prompt, sample]["record_id"], "rule": "tests",
                                        "value": "pass" if sample + 1 == asked_of(prompt) < SAMPLES else "fail"}) + "\n"
                            for prompt in prompts))
    reply = service.ctl("labels", "import", path, "--dataset", dataset)
    check(int(reply["labels"]) == len(prompts), f"{len(prompts)} verdicts on sample {sample} come in")


def answered(service, job, count):
    until(f"{count} are answered", lambda: service.counters(job)["answered"] == count and
          int(service.job(job)["in_flight"]) == 0, 60)


def by_verdicts(house, service, teacher):
    path = house.path("functions.jsonl")
    path.write_text("".join(json.dumps({"prompt": text_of(i)}) + "\n" for i in range(PROMPTS)))
    job = service.ctl(*SUBMIT, "--dataset", "d", "--max-output", 900, "--until", RULE, path)["record"]["id"]
    counters = service.counters(job)
    check(counters["queries"] == PROMPTS * SAMPLES, "every sample counts as a query")
    answered(service, job, PROMPTS)
    until("it waits for labels", lambda: service.job(job)["binding"] == "labels", 20)
    until("why says so", lambda: any(cause["cause"] == "labels" for cause in service.ctl("why", job)["causes"]), 20)
    check(any("labels import" in advice for advice in service.ctl("why", job)["advice"]), "and what to do")
    check(teacher.ledger().requests == PROMPTS, "nothing more is asked meanwhile")

    service.kill()  # before any verdict
    service.start()
    import_verdicts(service, house, "d", 0, range(PROMPTS // 2))
    service.kill()  # while second samples are out
    service.start()
    import_verdicts(service, house, "d", 0, range(PROMPTS // 2, PROMPTS))
    answered(service, job, PROMPTS + sum(asked_of(prompt) > 1 for prompt in range(PROMPTS)))
    import_verdicts(service, house, "d", 1, [prompt for prompt in range(PROMPTS) if asked_of(prompt) > 1])
    done = service.wait_state(job, ["FINISHED", "PAUSED"])["record"]
    counters = {name: int(value) for name, value in done["counters"].items()}
    expected = sum(map(asked_of, range(PROMPTS)))
    check(done["state"] == "FINISHED" and counters["answered"] == expected, f"{expected} samples are answered, and it is finished")
    check(counters["unasked"] == PROMPTS * SAMPLES - expected, f"{counters['unasked']} need no asking")
    samples = collections.Counter(prompt for prompt, _ in records_of(service, "d"))
    check(samples == {prompt: asked_of(prompt) for prompt in range(PROMPTS)}, "each prompt has as many as it took")

    ledger, lost = teacher.ledger(), int(service.status()["crash_intents_total"])
    over = {prompt: ledger.received[sha256(text_of(prompt))] - asked_of(prompt) for prompt in range(PROMPTS)}
    check(all(extra >= 0 for extra in over.values()) and sum(over.values()) <= lost,
          f"the teacher was asked no more than that, but for {sum(over.values())} of {lost} attempts that a kill left open")
    check(all(over[prompt] == 0 for prompt in range(PROMPTS) if asked_of(prompt) == 1), "what is accepted at once is asked once")
    booked = counters["spent_picodollars"] + counters["at_risk_picodollars"]
    check(counters["spent_picodollars"] <= ledger.picodollars <= booked, "what the teacher billed is booked")
    watched = service.ctl_raw("jobs", "watch", job)
    check(watched.returncode == 0 and f"{counters['unasked']} queries were not asked: samples after one" in watched.stderr,
          "whoever watches is told, and all is well")
    service.ctl("datasets", "publish", "d", "--view", "accepted", "--where", RULE)
    service.ctl("datasets", "pull", "d", "--view", "accepted", "--out", house.path("accepted"))
    accepted = sorted(int(record["prompt_id"].rsplit("/", 1)[1]) for record in pulled_records(house.path("accepted")))
    check(accepted == [prompt for prompt in range(PROMPTS) if prompt % 3 < 2], "a filter publishes one sample of each that was accepted")


def by_rules_of_ours(house, service):
    path = house.path("stories.jsonl")
    path.write_text("".join(json.dumps({"prompt": f"Tell the story of number {i}."}) + "\n" for i in range(40)))
    job = service.ctl(*SUBMIT, "--dataset", "own", "--max-output", 300, "--until", "not labels has 'truncated'", path)["record"]["id"]
    counters = {name: int(value) for name, value in service.wait_state(job, ["FINISHED"])["record"]["counters"].items()}
    check(counters["answered"] + counters["unasked"] == counters["queries"] == 40 * SAMPLES, "a rule of ours decides by itself")
    cut = collections.defaultdict(list)
    for (prompt, sample), record in sorted(records_of(service, "own").items()):
        cut[prompt].append("truncated" in record["labels"].split("|"))
    check(all(samples == [True] * (len(samples) - 1) + samples[-1:] and (not samples[-1] or len(samples) == SAMPLES)
              for samples in cut.values()), "of each prompt every sample but the last was cut off")
    check(len({len(samples) for samples in cut.values()}) > 1, "some take one sample, some more")


def refused(service, house):
    path = house.path("functions.jsonl")
    for wrong, words in (("labels like '%pass%'", "labels: found another test than has"), ("colour = 1", "until: "), (" ", "until: ")):
        reply = service.ctl_raw(*SUBMIT, "--dataset", "d", "--until", wrong, path)
        check(reply.returncode == 2 and words in reply.stderr, f"{wrong!r} is refused: {reply.stderr.strip()}")
    service.stop()
    service.config["quality"] = {"near_duplicates_off": True}
    service.write_config()
    service.start()
    reply = service.ctl_raw(*SUBMIT, "--dataset", "d", "--until", "near_dup_cluster = ''", path)
    check(reply.returncode == 2 and "near_duplicates_off" in reply.stderr, "so is what nothing is looked for by")


def in_the_foreground(house, service, teacher):
    before = teacher.ledger().requests
    done = subprocess.run([str(house.binary("harvestd")), "run", "--config", str(service.config_path), "--teacher", "t", "--purpose",
                           "training", "--dataset", "run", "--max-output", "900", "--samples", "3", "--until", "finish_reason = 'stop'",
                           str(house.prompts(5))], capture_output=True, text=True, timeout=60)
    check(done.returncode == 0 and teacher.ledger().requests == before + 5, "run asks five prompts once each, and is done")


with House(__doc__.splitlines()[0]) as house:
    teacher = house.teacher("--latency-ms", 200, "--answer-bytes", "200:2000")
    service = house.service(teachers=[teacher.entry("t")]).start()
    by_verdicts(house, service, teacher)
    by_rules_of_ours(house, service)
    refused(service, house)
    check(service.stop() == 0, "it stops in order")
    in_the_foreground(house, service, teacher)

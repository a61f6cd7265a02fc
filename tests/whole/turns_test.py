"""Real conversations of two turns are asked turn by turn, over kills, and every turn is there once with all that was said.

MT-bench's 80 questions go to the stand-in teacher; the service is killed twice on the way. What a turn's record holds is compared
with what the teacher's ledger says it was asked and answered.
"""

import collections

from batch_teachers import batches_of, entry, flags_of
from house import GSM8K, House, check, json, need_real_prompts, pulled_records, sha256, until

MT_BENCH = GSM8K.parent / "mt-bench-questions.jsonl"


def harvested(house, service, job, queries):
    for share in (0.3, 0.7):
        until(f"{share:.0%} is answered", lambda: service.counters(job)["answered"] >= share * queries, 60, 0.05)
        service.kill()
        service.start()
    return service.wait_state(job, ["FINISHED", "PAUSED"])["record"]


def by_batch(house, asked):
    """A batch of first turns, then one of second turns, over a kill while each is out."""
    dialect = "anthropic-messages"
    stand_in = house.teacher("--batch-seconds", 2, *flags_of(dialect))
    service = house.service(teachers=[entry(stand_in, "batches", dialect)]).start()
    job = service.ctl("submit", "--teacher", "batches", "--purpose", "evaluation", "--dataset", "batched", "--route", "batch",
                      "--max-output", 800, MT_BENCH)["record"]["id"]
    for made in (1, 2):
        until(f"batch {made} is out", lambda made=made: len(batches_of(stand_in)) == made, 60)
        service.kill()
        service.start()
    counters = service.wait_state(job, ["FINISHED", "PAUSED"], 90)["record"]["counters"]
    check(counters["answered"] == counters["attempts"] == str(sum(map(len, asked))), "by batch every turn is asked once")
    check(len(batches_of(stand_in)) == 2 and not stand_in.ledger().doubles(), "the first ones in one batch, the second in another")
    check(int(counters["spent_picodollars"]) == stand_in.ledger().picodollars, "what they cost is what the teacher bills")
    service.ctl("datasets", "publish", "batched")
    service.ctl("datasets", "pull", "batched", "--out", house.path("batched"))
    check(service.ctl("datasets", "verify", house.path("batched"))["ok"], "their shards verify")
    of_turn = collections.Counter(len(record["messages"]) for record in pulled_records(house.path("batched")))
    check(of_turn == {2: len(asked), 4: len(asked)}, "and hold what was said")
    check(service.stop() == 0, "it stops in order")


def main():
    need_real_prompts(MT_BENCH)
    asked = [json.loads(line)["turns"] for line in MT_BENCH.read_text().splitlines()]
    queries = sum(map(len, asked))

    with House(__doc__.splitlines()[0]) as house:
        teacher = house.teacher("--latency-ms", 150, "--answer-bytes", "100:900")
        service = house.service(teachers=[teacher.entry("t", limits={"concurrency": 16})]).start()
        submit = ["submit", "--teacher", "t", "--purpose", "evaluation", "--dataset", "bench", "--max-output", 800]
        job = service.ctl(*submit, MT_BENCH)["record"]["id"]
        counters = service.counters(job)
        check(counters["queries"] == queries == 160, f"every turn is a query: {queries}")

        done = harvested(house, service, job, queries)
        counters = {name: int(value) for name, value in done["counters"].items()}
        check(done["state"] == "FINISHED", f"the job finished {done['reason']}")
        check(counters["answered"] == queries and counters["unasked"] == 0, f"{queries} turns are answered, none left out")

        service.ctl("datasets", "publish", "bench")
        service.ctl("datasets", "pull", "bench", "--out", house.path("out"))
        check(service.ctl("datasets", "verify", house.path("out"))["ok"], "the shards verify")
        records = list(pulled_records(house.path("out")))
        of_prompt = collections.defaultdict(dict)
        for record in records:
            parents = json.loads(record["parent_record_ids_json"])
            of_prompt[int(record["prompt_id"].rsplit("/", 1)[1])][len(parents)] = (record, parents)
        check(len(records) == queries and all(sorted(turns) == list(range(len(asked[index])))
                                              for index, turns in of_prompt.items()), "every turn is a record, once")

        ledger = teacher.ledger()
        for index, turns in of_prompt.items():
            said, ids = [], []
            for number in sorted(turns):
                record, parents = turns[number]
                messages = record["messages"]
                assert parents == ids, f"question {index} turn {number} names the turns before it"
                expected = said + [("user", asked[index][number])]
                assert [(m["role"], m["content"]) for m in messages[:-1]] == expected, f"question {index} turn {number}"
                assert sha256(messages[-1]["content"]) in ledger.answers[sha256(asked[index][number])]
                said = expected + [("assistant", messages[-1]["content"])]
                ids.append(record["record_id"])
        check(True, "each holds the whole conversation up to its answer, in the teacher's own words, and names its parents")
        booked = counters["spent_picodollars"] + counters["at_risk_picodollars"]
        total = int(service.status()["crash_intents_total"])
        check(sum(ledger.doubles().values()) <= total, f"{sum(ledger.doubles().values())} answers were paid twice, "
              f"{total} open intents were named")
        check(ledger.picodollars <= booked, "what the teacher billed is booked")

        plan = service.ctl("plan", "--teacher", "t", "--purpose", "evaluation", "--no-pilot", "--max-output", 700, MT_BENCH)
        check(any("several turns" in note for note in plan["notes"]), "a plan says that it foretells first turns alone")

        # ---- what is known is not paid for again; what is cut off ends its conversation ----
        before = teacher.ledger().requests
        again = service.ctl(*submit[:-3], "again", "--max-output", 800, MT_BENCH)["record"]["id"]
        service.wait_state(again, ["FINISHED"])
        check(service.counters(again)["reused"] == queries and teacher.ledger().requests == before,
              "the same conversations into another dataset cost nothing")
        short = service.ctl(*submit[:-3], "short", "--max-output", 5, "--fresh", MT_BENCH)["record"]["id"]
        service.wait_state(short, ["FINISHED"])
        cut = service.counters(short)
        check(cut["truncated"] == cut["answered"] == cut["unasked"] == len(asked),
              f"{cut['unasked']} turns after an answer that was cut off are not asked")
        watched = service.ctl_raw("jobs", "watch", short)
        check(watched.returncode == 3 and f"{cut['unasked']} queries were not asked" in watched.stderr,
              "and whoever watches is told")
        check(service.stop() == 0, "it stops in order")

    with House("the same by batch") as house:
        by_batch(house, asked)


main()

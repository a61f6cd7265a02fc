"""Quality labels: pairs are labelled behind the harvest, filters and verdicts of one's own choose rows, personal data stays at home.

What is published bears labels of the configured rules; a benchmark that is configured later labels all pairs anew and asks no
teacher; verdicts are brought in by record id; answers that are nearly those of earlier pairs name the earliest, over a kill;
`--personal-data` masks, blocks or flags, judged by what the teacher received.
"""

import random
import subprocess

from house import House, check, json, pulled_records, sha256, until

PROMPTS = 60
SUBMIT = ["submit", "--teacher", "t", "--purpose", "training"]
HELD_OUT = "Name the third of the seven hills on which the old town of Lisbon was built and say why."
MAIL = "ana.silva@mail.example.org"


def finished(service, *arguments):
    return service.wait_state(service.ctl(*SUBMIT, *arguments)["record"]["id"], ["FINISHED"])


def rows(service, house, view, where, name="d"):
    service.ctl("datasets", "publish", name, "--view", view, "--where", where)
    directory = house.path(f"pulled-{view}")
    service.ctl("datasets", "pull", name, "--view", view, "--out", directory)
    return list(pulled_records(directory))


def dataset(service, name="d"):
    return service.ctl("datasets", "show", name)["record"]


def labelled(service, name="d"):
    until("all pairs are labelled", lambda: dataset(service, name)["labelled"] == dataset(service, name)["pairs"], 30)


def labels_are_made(service, house):
    path = house.path("prompts.jsonl")
    texts = [f"Tell the story of number {i}." for i in range(PROMPTS - 1)] + [HELD_OUT]
    path.write_text("".join(json.dumps({"prompt": text, "custom_id": str(i)}) + "\n" for i, text in enumerate(texts)))
    job = finished(service, "--dataset", "d", "--max-output", "300", path)
    cut = int(job["record"]["counters"]["truncated"])
    labelled(service)
    check(dataset(service)["label_rules"].startswith("contaminated/1,empty/1"), "pairs are labelled by themselves")
    records = [json.loads(pair["record_json"]) for pair in service.ctl_lines("pairs", "list", "d")]
    check(all(record["label_rules"] == dataset(service)["label_rules"] for record in records), "records name the rules")
    check(sum("truncated" in record["labels"].split("|") for record in records) == cut > 0, f"{cut} answers are truncated")
    whole = rows(service, house, "whole", "not labels has 'truncated'")
    check(len(whole) == PROMPTS - cut and not any("truncated" in record["labels"] for record in whole), "a filter leaves them out")
    return records


def a_benchmark_labels_anew(service, teacher, house):
    asked = teacher.ledger().requests
    service.stop()
    held_out = house.path("held-out.txt")
    service.config["quality"] = {"benchmarks": [{"name": "hills", "file": str(house.path("nowhere.txt"))}]}
    service.write_config()
    wrong = service.check()
    check(wrong.returncode == 2 and "quality.benchmarks[0].file" in wrong.stderr, "a benchmark that is not there is told by check")
    held_out.write_text(json.dumps({"question": HELD_OUT}) + "\n")
    service.config["quality"]["benchmarks"][0]["file"] = str(held_out)
    service.write_config()
    service.start()
    until("all pairs are labelled anew", lambda: "hills:" in dataset(service)["label_rules"], 30)
    labelled(service)
    dirty = rows(service, house, "dirty", "decontam_flags has 'hills'")
    check([record["custom_id"] for record in dirty] == [str(PROMPTS - 1)], "the one that repeats the benchmark is flagged")
    check(teacher.ledger().requests == asked, "and no teacher was asked for that")


def verdicts_are_brought_in(service, house, records):
    good = [record["record_id"] for record in records[:7]]
    path = house.path("verdicts.jsonl")
    path.write_text("".join(json.dumps({"record_id": one, "rule": "tests_pass", "value": True}) + "\n" for one in good))
    reply = service.ctl("labels", "import", path, "--dataset", "d")
    check(int(reply["labels"]) == 7 and int(reply["unknown"]) == 0, "seven verdicts come in")
    passed = rows(service, house, "passed", "labels has 'tests_pass=true'")
    check(sorted(record["record_id"] for record in passed) == sorted(good), "and choose seven rows")
    path.write_text(json.dumps({"record_id": good[0], "rule": "x"}) + "\nnonsense\n" + json.dumps({"rule": "y"}) + "\n")
    bad = service.ctl_raw("labels", "import", path, "--dataset", "d")
    check(bad.returncode == 2 and f"{path}:2: found no JSON" in bad.stderr and f"{path}:3: record_id: found none" in bad.stderr,
          "bad lines are told by number")
    shown = json.loads(service.ctl("pairs", "show", good[0])["record_json"])
    check("x" not in shown["labels"].split("|"), "and then nothing comes in")
    path.write_text(json.dumps({"record_id": "r_01JD0000000000000000000000", "rule": "x"}) + "\n")
    unknown = service.ctl_raw("labels", "import", path, "--dataset", "d")
    check(unknown.returncode == 5 and "r_01JD0000000000000000000000" in unknown.stderr, "an unknown record is named")
    check(service.ctl_raw("labels", "import", path, "--dataset", "none").returncode == 5, "so is a dataset")
    piped = subprocess.run([str(house.binary("harvestctl")), "--server", service.address, "labels", "import", "-", "--dataset", "d"],
                           input=json.dumps({"record_id": good[0], "rule": "x", "value": 1}), capture_output=True, text=True, timeout=60)
    check(piped.returncode == 0 and "1 label brought in" in piped.stdout, "standard input serves too")
    rules = service.ctl_lines("labels", "rules")
    check({"refused", "truncated", "personal_data"} <= {rule["rule"] for rule in rules}, "labels rules lists the rules")


def story(number, ending):
    words = random.Random(number)
    return " ".join(f"w{words.randrange(5000)}" for _ in range(150)) + " " + ending


def near_duplicates(service, house):
    path = house.path("stories.jsonl")

    def bring_in(numbers, ending):
        path.write_text("".join(json.dumps({"prompt": f"Tell of {ending}, {i}.", "completion": story(i, ending), "story": i}) + "\n" for i in numbers))
        service.ctl("pairs", "import", path, "--dataset", "near", "--teacher-model", "gpt-x", "--vendor", "openai", "--purpose", "training",
                    "--rights", "{licence: CC-BY-4.0, permits: [training], evidence: the terms of the day}")

    bring_in(range(400), "a house")
    bring_in(range(0, 400, 10), "a garden")
    labelled(service, "near")
    service.kill()
    service.start()
    bring_in(range(5, 400, 10), "a street")
    labelled(service, "near")
    records = [json.loads(pair["record_json"]) for pair in service.ctl_lines("pairs", "list", "near")]
    story_of = {record["record_id"]: json.loads(record["fields_json"])["story"] for record in records}
    later = [record for record in records if record["near_dup_cluster"]]
    check(len(records) == 480 and len(later) == 80, f"of 480 pairs {len(later)} are nearly what an earlier one is")
    check(all(story_of[record["near_dup_cluster"]] == story_of[record["record_id"]] for record in later), "each names its story's first")
    check(all(record["near_dup_cluster"] < record["record_id"] for record in later), "which came before it")
    single = rows(service, house, "single", "not labels has 'near_duplicate'", "near")
    check(sorted(story_of[record["record_id"]] for record in single) == list(range(400)), "a filter keeps one of each story")


def personal_data(service, teacher, house):
    path = house.path("letters.jsonl")

    def asked(text):
        path.write_text(json.dumps({"prompt": "How are you?"}) + "\n" + json.dumps({"prompt": text}) + "\n")
        return text

    text = asked(f"Write to {MAIL}, once.")
    blocked = service.ctl_raw(*SUBMIT, "--dataset", "letters", "--personal-data", "block", path)
    check(blocked.returncode == 2 and f"{path}:2" in blocked.stderr and "email" in blocked.stderr, "a blocked line is told by number and rule")
    check(MAIL not in blocked.stderr + blocked.stdout, "and not by its text")
    finished(service, "--dataset", "letters", "--personal-data", "mask", path)
    received = teacher.ledger().received
    check(received[sha256(text)] == 0 and received[sha256("Write to [EMAIL_1], once.")] == 1, "masked, it never leaves")
    finished(service, "--dataset", "flagged", path)
    check(teacher.ledger().received[sha256(text)] == 1, "flagged, it does")
    until("it is labelled", lambda: [pair for pair in service.ctl_lines("pairs", "list", "flagged", "--where", "pii_flags has 'prompt:email'")], 30)
    check(not service.ctl_lines("pairs", "list", "letters", "--where", "pii_flags has 'prompt:email'"), "the masked one bears no flag")
    check(MAIL.encode() not in house.path("harvestd.log").read_bytes(), "no log has it")


with House(__doc__) as house:
    teacher = house.teacher("--latency-ms", 5, "--answer-bytes", "200:3000")
    service = house.service(teachers=[teacher.entry("t")]).start()
    records = labels_are_made(service, house)
    a_benchmark_labels_anew(service, teacher, house)
    verdicts_are_brought_in(service, house, records)
    near_duplicates(service, house)
    personal_data(service, teacher, house)

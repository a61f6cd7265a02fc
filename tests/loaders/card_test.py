"""Dataset cards: mlcroissant validates the Croissant document and loads the very ids of the shards, in every format that it reads."""

import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "whole"))

from house import House, check, pulled_records  # noqa: E402

FORMATS = {"default": "jsonl.gz", "plain": "jsonl", "tar": "webdataset"}
LOADED = ("default", "plain")
SAME = ("prompt_id", "teacher_id", "response_sha256", "licence_id")


def validated(path):
    """The program that others run."""
    done = subprocess.run([str(pathlib.Path(sys.executable).with_name("mlcroissant")), "validate", "--jsonld", str(path)],
                          capture_output=True, text=True, timeout=120)
    check(done.returncode == 0 and "Done." in done.stderr + done.stdout,
          f"mlcroissant validates {path.parent.name}: {done.stderr.strip()[-300:]}")
    warned = [line for line in (done.stderr + done.stdout).splitlines() if "warning" in line.lower()]
    check(not warned, f"without a warning: {warned[:2]}")


def loaded(path):
    import mlcroissant

    records = mlcroissant.Dataset(jsonld=str(path)).records("records")
    return [{name.removeprefix("records/"): value for name, value in record.items()} for record in records]


def text(value):
    return value.decode() if isinstance(value, bytes) else value


def main():
    with House(__doc__.splitlines()[0]) as house:
        teacher = house.teacher("--latency-ms", 5)
        service = house.service(teachers=[teacher.entry("t")]).start()
        for number in range(2):  # a segment each, so a shard each
            job = service.ctl("submit", "--teacher", "t", "--purpose", "training", "--dataset", "maths",
                              house.prompts(40, f"{number}: how far is {{0}}?", f"p{number}.jsonl"))["record"]["id"]
            service.wait_state(job, ["FINISHED"])
            for view, format in FORMATS.items():
                service.ctl("datasets", "publish", "maths", "--view", view, "--format", format)
        for view in FORMATS:
            out = house.path(f"pulled-{view}")
            service.ctl("datasets", "pull", "maths", "--view", view, "--out", out)
            document = out / "croissant.json"
            told = service.ctl("datasets", "card", "maths", "--view", view, "--out", document)
            check((told["view"], told["version"]) == (view, 2), f"{view}: the latest version is described")
            told = json.loads(document.read_text())
            check(len(told["distribution"]) == 3, f"{view}: two shards and their set")
            validated(document)
            if view not in LOADED:
                continue
            records = loaded(document)
            expected = {record["record_id"]: record for record in pulled_records(house.path("pulled-default"))}
            check(len(records) == len(expected) == 80, f"{view}: {len(records)} records of {len(expected)}")
            others = [held["record_id"] for record in records for held in [expected[text(record["record_id"])]]
                      if any(text(record[name]) != held[name] for name in SAME) or record["completion_tokens"] != held["completion_tokens"]]
            check(not others, f"{view}: every record is the same, {others[:3]} are not")

        service.stop()


main()

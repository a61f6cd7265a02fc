"""Pairs that are held are asked about: linked to their parents, under their licences, refused where those do not permit it.

Prompts come as CSV and, where DuckDB's library is (HARVEST_DUCKDB_LIB), as Parquet.
"""

import csv
import json
import os
import subprocess

from house import House, check, pulled_records, say


def submitted(service, *arguments):
    job = service.ctl("submit", *arguments)["record"]["id"]
    check(service.wait_state(job, ["FINISHED", "PAUSED"])["record"]["state"] == "FINISHED", f"{job} finished")
    return job


def pulled(house, service, dataset, *more):
    service.ctl("datasets", "publish", dataset, *more)
    service.ctl("datasets", "pull", dataset, "--out", house.path(dataset))
    check(service.ctl("datasets", "verify", house.path(dataset))["ok"], f"{dataset} verifies")
    return json.loads((house.path(dataset) / "manifest.json").read_text())


def table(house, count):
    path = house.path("questions.csv")
    with open(path, "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "question", "gold"])
        for i in range(count):
            rows.writerow([i, f'What is "{i}",\nplus one?', i + 1])
    return path


def parquet_is_read(house, service):
    """A dataset's own Parquet shard is asked about as a file."""
    duckdb = os.environ.get("HARVEST_DUCKDB_LIB", "")
    if not os.path.exists(duckdb):
        path = house.path("any.parquet")
        path.write_bytes(b"PAR1")
        done = service.ctl_raw("submit", "--teacher", "judge", "--purpose", "training", "--template", "{{a}}", path)
        check(done.returncode == 7 and "DuckDB's library is not there" in done.stderr, "without DuckDB's library it is said so")
        return say("SKIPPED: Parquet, HARVEST_DUCKDB_LIB names no library")
    rows = house.path("rows.jsonl")
    rows.write_text("".join(json.dumps({"record_id": f"r{i}", "finish_reason": f"question {i}"}) + "\n" for i in range(50)))
    parquet = house.path("rows.parquet")
    subprocess.run([str(house.binary("harvest-duckdb")), "to-parquet", str(rows), str(parquet)], check=True)
    job = submitted(service, "--teacher", "judge", "--purpose", "training", "--dataset", "fromparquet", "--template",
                    "{{record_id}}: {{finish_reason}}?", parquet)
    check(service.counters(job)["answered"] == 50, "every row of a Parquet file was asked")
    pulled(house, service, "fromparquet")
    asked = {record["messages"][0]["content"] for record in pulled_records(house.path("fromparquet"))}
    check(asked == {f"r{i}: question {i}?" for i in range(50)}, "as the template says")
    broken = house.path("broken.parquet")
    broken.write_bytes(b"PAR1 and no more")
    done = service.ctl_raw("submit", "--teacher", "judge", "--purpose", "training", "--template", "{{a}}", broken)
    check(done.returncode == 2 and "broken.parquet" in done.stderr, "a file that is no Parquet is named")


def main():
    with House(__doc__.splitlines()[0]) as house:
        teacher = house.teacher("--latency-ms", 20, "--answer-bytes", "100:900")
        open_rights = teacher.entry("t")["rights"]
        service = house.service(teachers=[
            teacher.entry("t"),
            teacher.entry("judge", model="stand-in-2", rights={**open_rights, "licence": "MIT"}),
            teacher.entry("closed", model="stand-in-3",
                          rights={**open_rights, "licence": "LicenseRef-closed", "permits": ["evaluation"]})]).start()

        # ---- CSV ----
        job = submitted(service, "--teacher", "t", "--purpose", "training", "--dataset", "sums", "--template",
                        "{{question}}", "--prompt-source", "own", "--prompt-source-licence", "CC-BY-4.0", table(house, 40))
        check(service.counters(job)["answered"] == 40, "every row of a CSV file was asked")
        done = service.ctl_raw("submit", "--teacher", "t", "--purpose", "training", house.path("questions.csv"))
        check(done.returncode == 2 and "--template" in done.stderr, "without a template the columns are named")

        # ---- a chain ----
        job = submitted(service, "--teacher", "judge", "--purpose", "training", "--dataset", "verdicts", "--template",
                        "{{prompt}} Somebody said: {{answer}} ({{fields.gold}}, {{record_id}})", "--where",
                        "completion_tokens >= 100", "dataset:sums")
        pulled(house, service, "sums")
        parents = {record["record_id"]: record for record in pulled_records(house.path("sums"))}
        wanted = {record_id for record_id, record in parents.items() if record["completion_tokens"] >= 100}
        check(0 < len(wanted) < 40, f"the filter chooses {len(wanted)} of 40")
        manifest = pulled(house, service, "verdicts")
        verdicts = list(pulled_records(house.path("verdicts")))
        check({tuple(json.loads(verdict["parent_record_ids_json"])) for verdict in verdicts}
              == {(record_id,) for record_id in wanted}, "each that it chose was asked about once, and is named as the parent")
        for verdict in verdicts:
            parent = parents[json.loads(verdict["parent_record_ids_json"])[0]]
            said = [message["content"] for message in parent["messages"]]
            gold = json.loads(parent["fields_json"])["gold"]
            assert verdict["messages"][0]["content"] == (f"{said[0]} Somebody said: {said[-1]} ({gold}, "
                                                         f"{parent['record_id']})")
        check(all(verdict["licence_id"] == "Apache-2.0 AND CC-BY-4.0 AND MIT" for verdict in verdicts),
              "a verdict is under the licences of its teacher, its parent's, and its parent's prompt")
        check({licence for shard in manifest["shards"] for licence in shard["licences"]}
              == {"Apache-2.0 AND CC-BY-4.0 AND MIT"}, "and the manifest says so")

        # ---- rights ----
        submitted(service, "--teacher", "closed", "--purpose", "evaluation", "--dataset", "secret", house.prompts(3))
        done = service.ctl_raw("submit", "--teacher", "judge", "--purpose", "training", "--dataset", "verdicts",
                               "--template", "{{answer}}", "dataset:secret")
        check(done.returncode == 7 and "closed" in done.stderr, f"it is refused what a parent does not permit: "
              f"{done.stderr.strip()}")
        done = service.ctl_raw("submit", "--teacher", "judge", "--purpose", "training", "--template", "{{x}}",
                               "dataset:nothing")
        check(done.returncode == 5, "a dataset that is not there is not found")
        done = service.ctl_raw("submit", "--teacher", "judge", "--purpose", "training", "--template", "{{answer}}",
                               "--where", "no_such = 1", "dataset:sums")
        check(done.returncode == 2 and "no_such" in done.stderr, "a filter that is wrong says why")
        parquet_is_read(house, service)
        check(service.stop() == 0, "it stops in order")

        # ---- in the foreground, on the same store ----
        run = [str(house.binary("harvestd")), "run", "--config", str(service.config_path), "--teacher", "judge", "--purpose",
               "training", "--dataset", "again", "--template", "Shorter, please: {{answer}}", "--where", "not refused",
               "dataset:sums"]
        done = subprocess.run(run, capture_output=True, text=True, timeout=120)
        check(done.returncode == 0, f"harvestd run asks about a dataset as well {done.stderr[-300:] if done.returncode else ''}")


main()

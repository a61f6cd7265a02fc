"""Pairs made elsewhere: plain lines and OpenAI Batch files, rights stated or not, twice, over a crash, by whom, and for which tenant."""
import gzip
import hashlib
import json
import os
import subprocess

from house import House, check, pulled_records, say, until

RIGHTS = "{licence: CC-BY-4.0, permits: [training], evidence: the terms of the day}"
STATED = ("--teacher-model", "gpt-x", "--vendor", "openai", "--purpose", "training")


def plain_lines(count):
    return "".join(json.dumps({"prompt": f"What is {i} and {i}?", "completion": f"It is {2 * i}.", "level": i}) + "\n"
                   for i in range(count))


def batch_files(house, answered, failed):
    """An input file, and an output file in another order, the last ones of which failed."""
    ids = [f"request-{i}" for i in range(answered + failed)]
    requests = [{"custom_id": i, "method": "POST", "url": "/v1/chat/completions",
                 "body": {"model": "gpt-x", "temperature": 0.5, "messages": [{"role": "user", "content": f"ask {i}"}]}} for i in ids]
    bodies = {i: {"id": f"chatcmpl-{i}", "object": "chat.completion", "created": 1780000000, "model": "gpt-x-2026",
                  "choices": [{"index": 0, "message": {"role": "assistant", "content": f"answer to {i}"}, "finish_reason": "stop"}],
                  "usage": {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}} for i in ids[:answered]}
    output = [{"id": f"batch_req_{i}", "custom_id": i, "response": {"status_code": 200, "request_id": f"req-{i}", "body": bodies[i]},
               "error": None} for i in reversed(ids[:answered])]
    output += [{"id": f"batch_req_{i}", "custom_id": i, "response": None, "error": {"code": "batch_expired", "message": "late"}}
               for i in ids[answered:]]
    paths = house.path("input.jsonl"), house.path("output.jsonl")
    for path, rows in zip(paths, (requests, output)):
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return *paths, bodies


def refused(service, code, said, *arguments):
    done = service.ctl_raw("pairs", "import", *arguments)
    check(done.returncode == code and said in done.stderr, f"import {arguments[0].name}: exit code {done.returncode}: {done.stderr.strip()[:300]}")


def wrong_input(house, service):
    broken = house.path("broken.jsonl")
    broken.write_text(plain_lines(3) + '{"prompt": "and the answer?"}\nno json\n')
    stated = ("--dataset", "wrong", *STATED)
    refused(service, 2, "broken.jsonl:4: found no answer", broken, *stated)
    refused(service, 2, "broken.jsonl:5: is not JSON", broken, *stated)
    broken.write_text(plain_lines(1))
    refused(service, 2, "--purpose", broken, "--dataset", "wrong", "--teacher-model", "gpt-x")
    refused(service, 2, "licence", broken, *stated, "--rights", "{permits: [training]}")
    refused(service, 2, "permitz", broken, *stated, "--rights", "{licence: x, permitz: [training]}")
    refused(service, 2, "not-there.jsonl", house.path("not-there.jsonl"), *stated)
    check(service.ctl_raw("datasets", "show", "wrong").returncode == 5, "of all this nothing was held")


def unknown_rights(house, service):
    lines = house.path("plain.jsonl.gz")
    lines.write_bytes(gzip.compress(plain_lines(3000).encode()))
    arguments = ("pairs", "import", lines, "--dataset", "unknown", *STATED)
    first = service.ctl(*arguments)
    check((first["pairs"], first["held_before"], first["rights_stated"]) == (3000, 0, False), "3,000 plain lines are imported")
    check("no export lets them through" in service.ctl_raw(*arguments).stdout, "and it is said that nothing of unknown rights is exported")
    again = service.ctl(*arguments)
    check((again["pairs"], again["held_before"]) == (0, 3000), "the same file again changes nothing")
    service.kill()
    service.start()
    check(service.ctl(*arguments)["held_before"] == 3000, "not after kill -9 either")
    service.ctl("datasets", "publish", "unknown")
    out = house.path("unknown")
    service.ctl("datasets", "pull", "unknown", "--out", out)
    manifest = json.loads((out / "manifest.json").read_text())
    check(manifest["rows"] == 0 and manifest["dropped"] == {"rights_missing": 3000},
          f"published without rights: no row, and the rule is named: {manifest['dropped']}")


def batch_output(house, service):
    requests, output, bodies = batch_files(house, 40, 2)
    arguments = ("pairs", "import", output, "--requests", requests, "--dataset", "batch", *STATED, "--rights", RIGHTS)
    done = service.ctl(*arguments, code=3)
    check((done["pairs"], done["failed"], done["unanswered"]) == (40, 2, 0), "a Batch output: its answers, and its failures counted")
    check("request-41" in service.ctl_raw(*arguments).stderr, "and named")
    refused(service, 2, "custom_id: found none", requests.with_name("plain.jsonl.gz"), "--requests", requests, "--dataset", "batch", *STATED)
    service.ctl("datasets", "publish", "batch")
    out = house.path("batch")
    service.ctl("datasets", "pull", "batch", "--out", out)
    check(service.ctl("datasets", "verify", out)["ok"], "stated rights: published, pulled, verified")
    rows = {row["custom_id"]: row for row in pulled_records(out)}
    check(len(rows) == 40 and json.loads((out / "manifest.json").read_text())["dropped"] == {}, "all 40 of them")
    row = rows["request-7"]
    digest = "sha256:" + hashlib.sha256(output.read_bytes()).hexdigest()
    check([m["content"] for m in row["messages"]] == ["ask request-7", "answer to request-7"], "joined by custom_id")
    check((row["teacher_id"], row["model_requested"], row["model_reported"], row["endpoint_id"]) ==
          ("import:gpt-x", "gpt-x", "gpt-x-2026", "import:" + digest), "whose it is, and from which file")
    check((row["licence_id"], row["purposes"], row["self_attested"], row["cost_micros"], row["reused"]) ==
          ("CC-BY-4.0", "training", True, 0, False), "under the rights that were stated, and no bill")
    check((row["prompt_tokens"], row["completion_tokens"], json.loads(row["params_json"])["temperature"]) == (7, 3, 0.5), "as it was asked")
    raw = json.dumps(bodies["request-7"])
    check(row["raw_response_sha256"] == "sha256:" + hashlib.sha256(raw.encode()).hexdigest(), "the vendor's body is kept to the byte")
    check(row["record_commit"].startswith("sha256:") and row["log_index"] >= 0, "with a commitment of its own, in the log")
    shown = service.ctl("pairs", "show", row["record_id"])
    check(json.loads(shown["record_json"])["record_id"] == row["record_id"], "and it is found by its id")


def beside_a_harvest(house, service):
    """One dataset of both kinds; what is imported costs nothing and is asked about like any other pair."""
    job = service.ctl("submit", "--teacher", "t", "--purpose", "training", "--dataset", "batch", house.prompts(5))["record"]["id"]
    service.wait_state(job, ["FINISHED"])
    asked = service.ctl("submit", "--teacher", "t", "--purpose", "training", "--dataset", "judged", "--where", "teacher_id = 'import:gpt-x'",
                        "--template", "Is this right? {{prompt}} {{answer}}", "dataset:batch")["record"]["id"]
    judged = service.wait_state(asked, ["FINISHED"])["record"]
    check(int(judged["counters"]["answered"]) == 40, "imported pairs can be asked about")
    refused_chain = service.ctl_raw("submit", "--teacher", "t", "--purpose", "training", "--dataset", "judged-unknown", "--template",
                                    "Is this right? {{prompt}} {{answer}}", "dataset:unknown")
    check(refused_chain.returncode in (2, 7) and "rights" in refused_chain.stderr, f"those of unknown rights not: {refused_chain.stderr.strip()[:200]}")
    service.ctl("datasets", "publish", "batch")
    out = house.path("batch")
    service.ctl("datasets", "pull", "batch", "--out", out)
    rows = list(pulled_records(out))
    check(len(rows) == 45 and len({row["teacher_id"] for row in rows}) == 2, "and stand beside pairs of our own")
    check(all(row["state"] == "FINISHED" for row in (entry["record"] for entry in service.ctl("jobs", "list")["jobs"])),
          "imports are finished jobs")


def tenants_and_roles(house, teacher):
    tokens, entries = {}, []
    for name, role, tenant in (("sue", "submitter", "maths"), ("rita", "submitter,rights", "maths"), ("ann", "trainer", "maths"),
                               ("pat", "submitter,rights", "poems")):
        made = subprocess.run([house.binary("harvestctl"), "--json", "tokens", "new", "--name", name, "--role", role, "--tenant", tenant],
                              capture_output=True, text=True, check=True)
        entry = json.loads(made.stdout)
        tokens[name] = entry.pop("token")
        entries.append({field: value for field, value in entry.items() if value})
    service = house.service(teachers=[teacher.entry("t")], tokens=entries, data_dir=str(house.path("guarded")),
                            tenants=[{"name": "maths"}, {"name": "poems"}])
    service.launch()
    house_path = house.path("few.jsonl")
    house_path.write_text(plain_lines(4))

    def ctl(name, *arguments):
        env = {**os.environ, "HARVEST_TOKEN": tokens[name]}
        return subprocess.run([str(house.binary("harvestctl")), "--server", service.address, *map(str, arguments)], env=env,
                              capture_output=True, text=True, timeout=60)

    until("harvestd comes up", lambda: ctl("sue", "status").returncode == 0, 60)
    bring = ("pairs", "import", house_path, "--dataset", "theirs", *STATED)
    for name, code, words, more in (("ann", 7, "", ()), ("sue", 7, "role rights", ("--rights", RIGHTS)), ("sue", 0, "", ()),
                                    ("rita", 0, "", ("--rights", RIGHTS)), ("pat", 7, "another tenant", ()),
                                    ("pat", 7, "another tenant", ("--rights", RIGHTS))):
        done = ctl(name, *bring, *more)
        check(done.returncode == code and words in done.stderr, f"{name} {more[:1]}: exit code {done.returncode}: {done.stderr.strip()[:200]}")
    check(ctl("pat", "pairs", "list", "theirs").returncode == 5 and len(ctl("ann", "pairs", "list", "theirs").stdout.splitlines()) == 8,
          "the pairs are their tenant's alone")


def main():
    with House(__doc__) as house:
        teacher = house.teacher("--latency-ms", 5)
        service = house.service(teachers=[teacher.entry("t")]).start()
        wrong_input(house, service)
        say("plain lines")
        unknown_rights(house, service)
        say("a Batch output")
        batch_output(house, service)
        beside_a_harvest(house, service)
        say("tokens")
        tenants_and_roles(house, teacher)


if __name__ == "__main__":
    main()

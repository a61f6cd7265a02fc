"""What a version says of its jobs, many small shards made few, rows of several samples and how far they agree, the order of submission."""
import collections
import json

from house import House, check, say, until


def pulled(house, service, view, name, *flags):
    """The rows of a version in the order of its shards, as bytes; and its manifest."""
    out = house.path(name)
    service.ctl("datasets", "pull", "crumbs", "--view", view, "--out", out, *flags)
    check(service.ctl("datasets", "verify", out)["ok"], f"{name} verifies")
    manifest = json.loads((out / "manifest.json").read_text())
    return b"".join((out / "shards" / shard["path"]).read_bytes() for shard in manifest["shards"]), manifest


def harvest(house, service, number, prompts):
    file = house.prompts(prompts, text=f"({number}) How would you count to {{0}}?", name=f"prompts-{number}.jsonl")
    job = service.ctl("submit", "--teacher", "t", "--purpose", "training", "--dataset", "crumbs", "--samples", 3, file)["record"]["id"]
    service.wait_state(job, ["FINISHED"])


def compaction(house, service):
    for number in range(3):
        harvest(house, service, number, 5)
        service.ctl("datasets", "publish", "crumbs", "--format", "jsonl")
    rows, before = pulled(house, service, "default", "seen")
    check(len(before["shards"]) == 3 and before["major"] == 0, "three small segments, three shards")
    check([(job["asked"], job["answered"], job["ended"], job["waiting"]) for job in before["coverage"]] == [(15, 15, 0, 0)] * 3,
          "the manifest says how much of each job was asked, answered and waiting")
    check("covers  15 answered of 15 asked by" in service.ctl_raw("datasets", "show", "crumbs").stdout, "and so does `datasets show`")
    compacted = service.ctl("datasets", "compact", "crumbs")
    check(compacted["views"][0]["record"]["major"] == 1 and int(compacted["views"][0]["shards"]) == 1, "compacted")
    merged, after = pulled(house, service, "default", "seen", "--prune")
    check(merged == rows and rows, "the rows are the same to the byte, in the same order")
    check((after["kind"], after["version"], after["major"]) == ("rewrite", 4, 1), "as a version that replaces")
    check(len(list((house.path("seen") / "shards").glob("*.jsonl"))) == 1, "who pulled before takes over, and drops what was replaced")
    old, earlier = pulled(house, service, "default", "old", "--version", 3)
    check(old == rows and earlier == before, "the version of before is still there, to the byte")
    check(int(service.ctl("datasets", "compact", "crumbs")["views"][0]["record"]["version"]) == 4, "with nothing to merge nothing is made")
    service.kill()
    service.start()
    check(pulled(house, service, "default", "seen")[1] == after, "and after a crash it stands")
    for words, code, said in ((("nope",), 5, "there is no dataset nope"), (("crumbs", "--view", "none"), 5, "has no view none")):
        refused = service.ctl_raw("datasets", "compact", *words)
        check(refused.returncode == code and said in refused.stderr, f"compact {words}: {refused.stderr.strip()}")


def samples(house, service):
    told = [json.loads(line) for line in pulled(house, service, "default", "seen")[0].splitlines()]
    check({row["agreement"] for row in told} == {-1}, "a growing view does not know how far samples agree")
    service.ctl("datasets", "publish", "crumbs", "--view", "whole", "--format", "jsonl", "--shards", 2)
    rows = [json.loads(line) for line in pulled(house, service, "whole", "whole")[0].splitlines()]
    check(len(rows) == 45 and all(1 / 3 - 1e-6 <= row["agreement"] <= 1 for row in rows), "a snapshot does, of every prompt's three")

    better = ("datasets", "publish", "crumbs", "--view", "better", "--profile", "preference", "--format", "jsonl")
    for flags, said in ((("--prefer", "sample_index desc"), "only a snapshot (--shards K)"),
                        (("--shards", 2), "expected a rule: COLUMN asc"),
                        (("--shards", 2, "--prefer", "teacher_id asc"), "expected a column of numbers")):
        refused = service.ctl_raw(*better, *flags)
        check(refused.returncode == 2 and said in refused.stderr, refused.stderr.strip())
    service.ctl(*better, "--shards", 2, "--prefer", "sample_index desc")
    rows, manifest = pulled(house, service, "better", "better")
    by_id = {row["record_id"]: row for row in told}
    counted = collections.Counter()
    for row in map(json.loads, rows.splitlines()):
        chosen, rejected = by_id[row["record_id"]], by_id[row["rejected_record_id"]]
        right = (chosen["sample_index"], rejected["sample_index"], chosen["prompt_id"]) == (2, 0, rejected["prompt_id"])
        right = right and row["chosen"][0]["content"] == chosen["messages"][-1]["content"]
        counted[right and row["rejected"][0]["content"] == rejected["messages"][-1]["content"]] += 1
    check(counted == {True: 15}, f"a row a prompt, the last sample chosen and the first rejected: {counted}")
    check(manifest["dropped"] == {"prefer": 15} and manifest["where"] == "; prefer sample_index desc", "and the manifest says by what rule")


def in_order(house, service):
    """One slow answer, of the fourth of twelve prompts."""
    texts = [f"{'[sim:slow] ' if number == 3 else ''}What comes after {number}?" for number in range(12)]
    file = house.path("ordered.jsonl")
    file.write_text("".join(json.dumps({"prompt": text}) + "\n" for text in texts))
    publish = ("datasets", "publish", "ordered", "--view", "whole", "--format", "jsonl", "--complete-only")
    job = service.ctl("submit", "--teacher", "t", "--purpose", "training", "--dataset", "ordered", file)["record"]["id"]
    until("all but the slow one are answered", lambda: service.counters(job)["answered"] == 11, 30)

    def prompts():
        service.ctl("datasets", "pull", "ordered", "--view", "whole", "--out", house.path("ordered"))
        check(service.ctl("datasets", "verify", house.path("ordered"))["ok"], "it verifies")
        manifest = json.loads((house.path("ordered") / "manifest.json").read_text())
        rows = [json.loads(line) for shard in manifest["shards"] for line in (house.path("ordered") / "shards" / shard["path"]).open()]
        return [int(row["prompt_id"].split("/")[1]) for row in rows], manifest["coverage"][0]

    service.ctl(*publish)
    held, covered = prompts()
    check(held == [0, 1, 2] and covered["watermark"] == 3, f"what was submitted behind the slow prompt waits: {held}")
    service.kill()
    service.start()
    service.wait_state(job, ["FINISHED"])
    service.ctl(*publish)
    check(prompts()[0] == list(range(12)), "then all follow, in their order")
    refused = service.ctl_raw(*publish, "--shards", 2)
    check(refused.returncode == 2 and "ordered by a hash" in refused.stderr, refused.stderr.strip())


def main():
    with House(__doc__) as house:
        teacher = house.teacher("--latency-ms", 5)
        service = house.service(teachers=[teacher.entry("t")]).start()
        say("many small shards made few")
        compaction(house, service)
        say("several samples of a prompt")
        samples(house, service)
        say("the order of submission")
        in_order(house, service)


main()

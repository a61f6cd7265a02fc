"""The real loaders read a harvested dataset in every format and from the running service, and find the same ids and texts."""

import hashlib
import json
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "whole"))

from house import GSM8K, House, check, need_real_prompts, say, scaled  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
PROMPTS = GSM8K.parent
FORMATS = {"default": "jsonl.gz", "zst": "jsonl.zst", "plain": "jsonl", "tar": "webdataset", "parquet": "parquet"}
PROFILES = ("trl", "axolotl", "llama-factory", "nemo", "openai", "prompt-completion")
TEMPLATES = {"gsm8k-train.jsonl": ("--template", "{{question}}"), "mt-bench-questions.jsonl": ("--template", "{{turns}}"),
             "self-instruct-seed-tasks.jsonl": ("--template", "{{instruction}}")}
FILTER = "sample_index = 0 and not refused"


def harvest(house):
    """A few lines of every prompt file there is, two answers each."""
    teacher = house.teacher("--latency-ms", 5)
    service = house.service(teachers=[teacher.entry("t")]).start()
    for number, path in enumerate(sorted(PROMPTS.glob("*.jsonl"))):
        few = house.path(f"prompts-{number}.jsonl")
        with open(path) as lines:
            few.write_text("".join(line for line, _ in zip(lines, range(scaled(60, 5)))))
        job = service.ctl("submit", "--teacher", "t", "--purpose", "training", "--dataset", "all", "--samples", 2,
                          *TEMPLATES.get(path.name, ()), few)["record"]["id"]
        done = service.wait_state(job, ["FINISHED", "PAUSED"])["record"]
        check(done["state"] == "FINISHED" and int(done["counters"]["answered"]) > 0, f"{path.name}: harvested")
    return service


def publish(service, view, *flags):
    service.ctl("datasets", "publish", "all", "--view", view, *flags)


def pull(house, service, view):
    out = house.path(f"pulled-{view}")
    service.ctl("datasets", "pull", "all", "--view", view, "--out", out)
    check(service.ctl("datasets", "verify", out)["ok"], f"{view}: what was pulled verifies")
    return out


def shards(directory):
    manifest = json.loads((directory / "manifest.json").read_text())
    return [str(directory / "shards" / shard["path"]) for shard in manifest["shards"]]


def row(record):
    """What a loader must not change: the id and every text."""
    return record["record_id"], tuple((m["role"], m["content"], m["reasoning_content"]) for m in record["messages"])


def same(loader, found, expected):
    found = list(found)
    check(len(found) == len(expected), f"{loader}: found {len(found)} rows, expected {len(expected)}")
    check(sorted(found) == sorted(expected), f"{loader}: the same ids and texts")


def with_datasets(house, service, pulled, expected):
    import datasets

    datasets.disable_progress_bars()
    cache = str(house.path("cache"))
    for kind, view in (("json", "default"), ("json", "zst"), ("json", "plain"), ("parquet", "parquet")):
        loaded = datasets.load_dataset(kind, data_files=shards(pulled[view]), split="train", cache_dir=cache)
        same(f"datasets {kind} ({view})", map(row, loaded), expected)
    loaded = datasets.load_dataset("webdataset", data_files=shards(pulled["tar"]), split="train", cache_dir=cache)
    same("datasets webdataset", (row(sample["json"]) for sample in loaded), expected)

    # The directory itself: its card says which files are the training split.
    service.ctl("datasets", "card", "all", "--format", "hugging-face", "--out", pulled["default"] / "README.md")
    loaded = datasets.load_dataset(str(pulled["default"]), split="train", cache_dir=cache)
    same("datasets, by the card", map(row, loaded), expected)

    base = f"http://{service.config['http']['listen']}/v1/datasets/all"
    import urllib.request

    with urllib.request.urlopen(f"{base}/urls.txt") as reply:
        urls = reply.read().decode().split()
    stream = datasets.load_dataset("json", data_files=urls, split="train", streaming=True)
    same("datasets json over HTTP, streaming", map(row, stream), expected)
    from datasets.distributed import split_dataset_by_node

    halves = [list(map(row, split_dataset_by_node(stream, rank=rank, world_size=2))) for rank in range(2)]
    same("datasets split by node", halves[0] + halves[1], expected)


def with_webdataset(pulled, expected):
    import webdataset

    def read(urls):
        return webdataset.WebDataset(urls, shardshuffle=False).decode()

    same("webdataset", (row(sample["json"]) for sample in read(shards(pulled["tar"]))), expected)
    check(all(sample["__key__"] == sample["json"]["record_id"] for sample in read(shards(pulled["tar"]))),
          "webdataset: a sample's key is its record")


def with_tables(pulled, expected):
    import duckdb
    import polars
    import pyarrow.json
    import pyarrow.parquet

    tables = [pyarrow.parquet.read_table(shard) for shard in shards(pulled["parquet"])]
    same("pyarrow parquet", (row(record) for table in tables for record in table.to_pylist()), expected)
    check(all(table.schema == tables[0].schema for table in tables), "pyarrow: every shard has the same schema")
    lines = [pyarrow.json.read_json(shard) for shard in shards(pulled["plain"])]
    same("pyarrow json", (row(record) for table in lines for record in table.to_pylist()), expected)
    same("polars parquet", map(row, polars.read_parquet(shards(pulled["parquet"])).to_dicts()), expected)
    same("polars json", map(row, polars.concat([polars.read_ndjson(s) for s in shards(pulled["plain"])]).to_dicts()), expected)
    for view, reader in (("parquet", "read_parquet"), ("default", "read_json"), ("zst", "read_json")):
        found = duckdb.sql(f"select record_id, messages from {reader}({shards(pulled[view])!r})").fetchall()
        same(f"duckdb {reader} ({view})", (row({"record_id": i, "messages": m}) for i, m in found), expected)


def with_mosaic(house, pulled, expected):
    """The package reads with torch, whose Python is another than this one."""
    python = os.environ.get("HARVEST_TORCH_PYTHON")
    if not python:
        say("HARVEST_TORCH_PYTHON is not set: mosaicml-streaming is not asked")
        return

    done = subprocess.run([python, HERE / "read_mosaic.py", pulled["plain"], house.path("mosaic-copy")], capture_output=True,
                          text=True)
    check(done.returncode == 0, f"mosaicml-streaming reads it {done.stderr[-500:]}")
    same("mosaicml-streaming", (row(json.loads(line)) for line in done.stdout.splitlines()), expected)
    for shard in json.loads((pulled["plain"] / "index.json").read_text())["shards"]:
        data = (pulled["plain"] / shard["raw_data"]["basename"]).read_bytes()
        check(hashlib.sha256(data).hexdigest() == shard["raw_data"]["hashes"]["sha256"], "mosaic: the hash as listed")


def with_profiles(house, service, expected):
    import datasets

    profiles = {}
    for profile in PROFILES:
        publish(service, profile, "--profile", profile)
        out = pull(house, service, profile)
        loaded = datasets.load_dataset("json", data_files=shards(out), split="train", cache_dir=str(house.path("cache")))
        turns = [tuple((m["role"], m["content"]) for m in record.get("messages") or record["prompt"] + record["completion"])
                 for record in loaded]
        profiles[profile] = loaded
        check(sorted(turns) == sorted(tuple((role, content) for role, content, _ in texts) for _, texts in expected),
              f"profile {profile}: the same texts in {len(turns)} rows")
    return profiles


def with_preferences(house, service, expected):
    import datasets

    publish(service, "preference", "--profile", "preference", "--prefer", "sample_index asc", "--shards", 2)
    loaded = datasets.load_dataset("json", data_files=shards(pull(house, service, "preference")), split="train",
                                   cache_dir=str(house.path("cache")))
    texts = {record_id: [content for _, content, _ in turns] for record_id, turns in expected}
    told = [(record["record_id"], record["rejected_record_id"], [m["content"] for m in record["prompt"]],
             record["chosen"][0]["content"], record["rejected"][0]["content"]) for record in loaded]
    check(len(told) == len(expected) // 2, f"profile preference: {len(told)} rows of two samples each")
    check(all(texts[better] == [*prompt, chosen] and texts[worse] == [*prompt, rejected]
              for better, worse, prompt, chosen, rejected in told), "of one prompt, with both answers as they were given")
    return loaded


def with_trl(loaded):
    """What its trainers ask of a dataset before they train: the columns tell the kind, the turns are conversations that a chat
    template renders, pairs come apart. Its trainers themselves want torch 2 and accelerate."""
    import trl.data_utils
    from tokenizers import Tokenizer, models
    from transformers import PreTrainedTokenizerFast

    tokenizer = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.BPE()))
    tokenizer.chat_template = ("{% for m in messages %}<{{ m.role }}>{{ m.content }}</{{ m.role }}>{% endfor %}"
                               "{% if add_generation_prompt %}<assistant>{% endif %}")
    kinds = {"trl": ["text"], "prompt-completion": ["completion", "prompt"], "preference": ["chosen", "prompt", "rejected"]}
    for profile, columns in kinds.items():
        rows = list(loaded[profile])
        rendered = [trl.data_utils.apply_chat_template(row, tokenizer) for row in rows]
        check(all(trl.data_utils.is_conversational(row) for row in rows) and all(sorted(text) == columns for text in rendered),
              f"trl takes profile {profile} for what it is")
        turns = [row.get("messages") or row["prompt"] + (row.get("completion") or row["chosen"]) for row in rows]
        check([text.get("text") or text["prompt"] + (text.get("completion") or text["chosen"]) for text in rendered]
              == ["".join(f"<{m['role']}>{m['content']}</{m['role']}>" for m in turn) for turn in turns] != [],
              f"and renders its {len(rows)} rows whole")
    pairs = loaded["preference"]
    apart = trl.data_utils.unpair_preference_dataset(pairs.select_columns(["prompt", "chosen", "rejected"]))
    check(sum(apart["label"]) == len(pairs) == len(apart) - len(pairs), "trl takes pairs apart into answers with a label")


def with_soft_labels(house):
    """The stand-in tells no token ids: a row as the profile writes it, to Parquet and back."""
    import pyarrow.parquet

    line = {"record_id": "r_1", "messages": [{"role": "user", "content": "2+2?", "reasoning_content": ""},
                                             {"role": "assistant", "content": "4", "reasoning_content": ""}],
            "tools": "[]", "tokenizer_id": "t", "logprobs": [[-0.5, -1.0], [-0.25, -2.0]], "target_token_ids": [[19, 7], [2, 8]],
            "input_ids": [19, 2], "token_ids": [[2, 8]], "top_values": [[-0.25, -2.0]]}
    lines, out = house.path("soft.jsonl"), house.path("soft.parquet")
    lines.write_text(json.dumps(line) + "\n")
    subprocess.run([house.binary("harvest-duckdb"), "to-parquet", lines, out, "soft-labels"], check=True)
    table = pyarrow.parquet.read_table(out)
    check(table.to_pylist() == [line], "soft labels come back from Parquet as they were written")
    kinds = {name: str(table.schema.field(name).type) for name in ("logprobs", "target_token_ids", "input_ids")}
    check("float" in kinds["logprobs"] and kinds["logprobs"].count("list<") == 2 and kinds["target_token_ids"].count("list<") == 2
          and "int32" in kinds["target_token_ids"] and "uint64" in kinds["input_ids"], f"typed and nested: {kinds}")


def main():
    need_real_prompts()
    with House(__doc__) as house:
        service = harvest(house)
        say("published in every format")
        for view, form in FORMATS.items():
            publish(service, view, "--format", form)
        publish(service, "long", "--where", FILTER)
        pulled = {view: pull(house, service, view) for view in FORMATS}

        expected = []
        for shard in shards(pulled["plain"]):
            expected += [row(json.loads(line)) for line in open(shard)]
        check(len(expected) == len({i for i, _ in expected}) > 100, f"{len(expected)} records, each once")
        raw = [shard["raw_sha256"] for shard in json.loads((pulled["plain"] / "manifest.json").read_text())["shards"]]
        for view in FORMATS:
            listed = json.loads((pulled[view] / "manifest.json").read_text())["shards"]
            check([shard["raw_sha256"] for shard in listed] == raw, f"{view}: packed from the same lines")

        publish(service, "parquet-again", "--format", "parquet")
        listed = [[shard["sha256"] for shard in json.loads((pull(house, service, view) / "manifest.json").read_text())["shards"]]
                  for view in ("parquet", "parquet-again")]
        check(listed[0] == listed[1], "Parquet made twice is the same bytes")

        say("loaders")
        with_tables(pulled, expected)
        with_webdataset(pulled, expected)
        with_mosaic(house, pulled, expected)
        with_datasets(house, service, pulled, expected)
        profiles = with_profiles(house, service, expected)
        profiles["preference"] = with_preferences(house, service, expected)
        with_trl(profiles)
        with_soft_labels(house)

        say("a filter, and SQL")
        long = pull(house, service, "long")
        import gzip
        kept = [json.loads(line) for shard in shards(long) for line in gzip.open(shard, "rt")]
        wanted = [json.loads(line) for shard in shards(pulled["plain"]) for line in open(shard)]
        wanted = [r["record_id"] for r in wanted if r["sample_index"] == 0 and not r["refused"]]
        check([r["record_id"] for r in kept] == wanted and 0 < len(wanted) < len(expected),
              f"the filter kept {len(wanted)} of {len(expected)}")
        manifest = json.loads((long / "manifest.json").read_text())
        check(manifest["dropped"] == {"where": len(expected) - len(wanted)}, "and the manifest counts the rest")

        counted = service.ctl_raw("sql", "--in", pulled["parquet"], "select count(*) as n, min(teacher_id) as t from pairs")
        check(counted.stdout == f"n\tt\n{len(expected)}\tt\n", f"harvestctl sql: {counted.stdout!r} {counted.stderr}")
        lines = service.ctl_lines("sql", "--in", pulled["parquet"], "select record_id from pairs order by 1 limit 2")
        check([line["record_id"] for line in lines] == sorted(i for i, _ in expected)[:2], "and as JSON")
        for wrong, words in (("select nonsense from pairs", "nonsense"),
                             ("select * from read_csv('/etc/passwd')", "disabled by configuration"),
                             ("drop view pairs", "syntax error")):
            refused = service.ctl_raw("sql", "--in", pulled["parquet"], wrong)
            check(refused.returncode == 2 and words in refused.stderr, f"{wrong}: {refused.stderr.strip()[:100]!r}")

        say("without DuckDB's library")
        bare = house.service(teachers=service.config["teachers"], env={"HARVEST_DUCKDB_LIB": "/nowhere/libduckdb.so"})
        bare.config["data_dir"] = service.config["data_dir"]
        bare.write_config()
        service.stop()
        bare.start()
        refused = bare.ctl_raw("datasets", "publish", "all", "--view", "again", "--format", "parquet")
        check(refused.returncode != 0 and "DuckDB's library is not there" in refused.stderr, refused.stderr.strip())
        views = [view["record"]["view"]["name"] for view in bare.ctl("datasets", "show", "all")["views"]]
        check("again" not in views and "parquet" in views, "nothing was fixed, and what was published stands")


if __name__ == "__main__":
    main()

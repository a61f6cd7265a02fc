"""A real open-weight model, served by llama.cpp: logprobs, streams, a JSON schema and two samples, from submit to pulled shards."""

import base64
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "whole"))

from house import GSM8K, House, check, need_real_prompts, pulled_records, say, scaled, until  # noqa: E402

QUESTIONS = GSM8K.parent / "mt-bench-questions.jsonl"
SCHEMA = {"type": "json_schema",
          "json_schema": {"name": "verdict", "schema": {
              "type": "object", "properties": {"verdict": {"type": "string", "enum": ["yes", "no"]}},
              "required": ["verdict"], "additionalProperties": False}}}


def serve(house):
    here = pathlib.Path(__file__).resolve().parent
    address = house.path("address")
    server = house.run([sys.argv[2], here / "serve_model.py", house.path("weights.gguf"), address], "model.log")
    until("the model is loaded", address.exists, 120)
    return server, address.read_text()


def teacher(name, address, **more):
    return {"name": name, "dialect": "openai-chat", "profile": "llama.cpp", "endpoint": f"{address}/v1",
            "model": "gemma-3-270m", "prices": "free", "limits": {"concurrency": 4}, "tokenizer": "gemma-3",
            "rights": {"licence": "Gemma", "permits": ["training", "evaluation"], "evidence": "licence of the weights",
                       "obligations": ["terms pass on"]}, **more}


def harvest(house, service, name, *flags, lines, dataset):
    file = house.path(f"{dataset}.jsonl")
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    job = service.ctl("submit", "--teacher", name, "--purpose", "training", "--dataset", dataset, *flags, file)["record"]["id"]
    record = service.wait_state(job, ["FINISHED", "PAUSED"], 400)["record"]
    check(record["state"] == "FINISHED" and record["counters"]["rejected"] == "0", f"{dataset}: every query was answered")
    service.ctl("datasets", "publish", dataset)
    out = house.path(f"pulled-{dataset}")
    service.ctl("datasets", "pull", dataset, "--out", out)
    check(service.ctl("datasets", "verify", out)["ok"], f"{dataset}: the pulled shards verify")
    return list(pulled_records(out))


def chat(text, **sampling):
    return {"messages": [{"role": "user", "content": text}], **sampling}


def main():
    need_real_prompts(QUESTIONS)
    questions = [json.loads(line)["turns"][0] for line in QUESTIONS.read_text().splitlines()][:scaled(6, 2)]
    with House(__doc__) as house:
        server, address = serve(house)
        service = house.service(teachers=[teacher("whole", address, streaming="never"),
                                          teacher("streamed", address, streaming="always")]).start()
        say("a probe")
        probe = service.ctl("teachers", "probe", "streamed")
        found = {capability["name"]: capability["state"] for capability in probe["capabilities"]}
        check(probe["live"] and found["logprobs"] == found["streaming"] == found["usage"] == "found",
              f"{probe['model_reported']} can {found}")

        say("MT-bench, two samples, streamed with logprobs")
        records = harvest(house, service, "streamed", "--samples", "2", "--max-output", "48",
                          lines=[chat(question, logprobs=True, top_logprobs=3) for question in questions], dataset="streamed")
        check(len(records) == 2 * len(questions), f"{len(records)} pairs")
        answer = service.ctl("pairs", "show", records[0]["record_id"])
        check(base64.b64decode(answer["raw"]).startswith(b"data:"), "the raw bytes are the stream's")
        check(all(record["completion_tokens"] > 0 and record["usage_reported"] for record in records), "usage came with every stream")
        check(all(json.loads(record["api_logprobs_json"]) for record in records), "and the logprobs of its tokens")

        say("a JSON schema, whole")
        records = harvest(house, service, "whole", "--max-output", "64",
                          lines=[chat(f"Is {number} even? Answer yes or no.", response_format=SCHEMA, temperature=0) for number in range(1, 5)],
                          dataset="schema")
        verdicts = [json.loads(record["messages"][-1]["content"])["verdict"] for record in records]
        check(set(verdicts) <= {"yes", "no"}, f"the answers hold to the schema: {verdicts}")
        check(service.stop() == 0, "it stops in order")
        server.stop()


main()

"""Every dialect, and every server of the OpenAI family that deviates, against the stand-in that the vendors' own clients have judged: whole
and streamed, one sample and several, to the last cent of the bill, under the name of who serves it."""

import json
import os

from batch_teachers import DIALECTS
from house import House, check, say

# name: (path behind the stand-in's address, model, more of the teacher's YAML); the dialect's, or its own name and the dialect
TEACHERS = {
    **DIALECTS,
    "bedrock-converse": ("", "anthropic.claude-3-haiku-20240307-v1:0", {"region": "us-east-1", "api_key": {"env": "AWS_TEST_KEY"}, "flags": [
        "--aws-key-env", "AWS_TEST_KEY"]}),
    "cohere-v2": ("/v2", "command-a", {}),
    "ollama": ("", "llama3.2", {}),
    "vertex": ("/v1/projects/p/locations/eu/publishers/google", "gemini-2.5-flash", {
        "dialect": "gemini", "profile": "vertex", "api_key": {"env": "VERTEX_TOKEN"}, "flags": ["--api-key-env", "VERTEX_TOKEN"]}),
    # What a server does not know it refuses: each is told in its own words.
    **{name: ("/v1", "llama-3.1-8b", {"dialect": "openai-chat", "profile": profile, "flags": ["--vendor", name, "--strict-parameters"]})
       for name, profile in {"deepseek": "deepseek", "groq": "groq", "together": "together", "openrouter": "openrouter", "vllm": "vllm",
                             "sglang": "sglang", "llamacpp": "llama.cpp", "tgi": "tgi"}.items()},
}
# The vendor in the pairs, where it is not the dialect's.
VENDORS = {"vertex": "gcp.vertex_ai", "llamacpp": "llama.cpp",
           **{name: name for name in ("deepseek", "groq", "together", "openrouter", "vllm", "sglang", "tgi")}}
# Those that give several answers to one request.
WITH_N = {"openai-chat", "openai-completions", "azure-openai", "mistral", "gemini", "vertex", "vllm", "sglang"}
PROMPTS = 12
SAMPLES = 3


def harvest(house, service, name, prompts, dataset=None, *flags):
    job = service.ctl("submit", "--teacher", name, "--purpose", "evaluation", "--dataset", dataset or name, *flags,
                      prompts)["record"]["id"]
    return service.wait_state(job, ["FINISHED", "PAUSED"])["record"]


def several_samples(house, service, name, with_n):
    """Each prompt as often as asked for, in one call where the dialect can; the picodollars spent."""
    dataset = f"{name}-samples"
    prompts = house.prompts(PROMPTS, text=f"{name}: tell me, several times, of the number {{0}}.")
    record = harvest(house, service, name, prompts, dataset, "--samples", SAMPLES)
    counters = record["counters"]
    calls, pairs = (PROMPTS if with_n else PROMPTS * SAMPLES), PROMPTS * SAMPLES
    check(counters["answered"] == str(pairs) and counters["attempts"] == str(calls),
          f"{dataset}: {counters['answered']} answers from {counters['attempts']} calls {record['reason']}")
    spent = int(counters["spent_picodollars"])
    records = [json.loads(line["record_json"]) for line in service.ctl_lines("pairs", "tail", dataset, "--last", pairs)]
    check(len({(line["prompt_id"], line["sample_index"]) for line in records}) == pairs, f"{dataset}: a pair for each sample")
    check({line["answer_samples"] for line in records} == {SAMPLES if with_n else 1} and
          all(line["messages"][-1]["content"] and line["finish_reason"] for line in records), f"{dataset}: whole, each of them")
    check(abs(sum(line["cost_micros"] for line in records) - spent / 1e6) <= calls / 2, f"{dataset}: the pairs' costs sum up")
    return spent


def main():
    os.environ["AWS_TEST_KEY"] = "AKIDTEST:a-secret-of-nobody"  # signed here, checked by the stand-in
    os.environ["VERTEX_TOKEN"] = "a-token-of-nobody"  # shown as Authorization, which alone this door looks at
    with House(__doc__) as house:
        teachers, entries = {}, []
        for kind, (path, model, more) in TEACHERS.items():
            more = {"dialect": kind, **more}
            stand_in = house.teacher("--latency-ms", 5, *more.pop("flags", []))
            teachers[kind] = stand_in
            for way in ("never", "always"):
                entries.append(stand_in.entry(f"{kind}-{way}", model=model, streaming=way,
                                              endpoint=f"http://127.0.0.1:{stand_in.port}{path}", **more))
        service = house.service(teachers=entries).start()
        for kind, stand_in in teachers.items():
            say(kind)
            spent = 0
            for way in ("never", "always"):
                name = f"{kind}-{way}"
                record = harvest(house, service, name, house.prompts(PROMPTS, text=f"{name}: tell me of the number {{0}}."))
                counters = record["counters"]
                check(counters["answered"] == str(PROMPTS) and counters["attempts"] == str(PROMPTS),
                      f"{name}: {counters['answered']} answers from {counters['attempts']} calls {record['reason']}")
                spent += int(counters["spent_picodollars"])
                line = service.ctl_lines("pairs", "tail", name)[0]
                record = json.loads(line["record_json"])
                check(record["usage_reported"] and record["messages"][-1]["content"] and record["finish_reason"],
                      f"{name}: text, usage, and why it ended: {record['finish_reason']}")
                check(record["provider"] == VENDORS.get(kind, record["provider"]), f"{name}: served by {record['provider']}")
                spent += several_samples(house, service, name, kind in WITH_N)
            billed = stand_in.ledger().usd
            check(abs(spent / 1e12 - billed) < 1e-9, f"what it cost is what the teacher bills: ${billed:.6f}")
            probe = service.ctl("teachers", "probe", f"{kind}-always")
            check(probe["outcome"] == "answered" and not probe["live"],
                  f"a probe: {', '.join(found['name'] for found in probe['capabilities'] if found['state'] == 'found')}")
        check(service.stop() == 0, "it stops in order")


main()

"""Every dialect against the stand-in that the vendors' own clients have judged: whole and streamed, one sample and several, to the last
cent of the bill."""

import json
import os

from house import House, check, say

# dialect: (path behind the stand-in's address, model, more of the teacher's YAML)
DIALECTS = {
    "openai-chat": ("/v1", "gpt-4o-mini", {"vendor": "openai"}),
    "openai-responses": ("/v1", "gpt-4o-mini", {}),
    "openai-completions": ("/v1", "gpt-3.5-turbo-instruct", {}),
    "azure-openai": ("/openai", "deployment-1", {"api_version": "2024-10-21"}),
    "mistral": ("/v1", "mistral-small-latest", {"flags": ["--vendor", "mistral"]}),
    "anthropic-messages": ("/v1", "claude-sonnet-4-5", {}),
    "gemini": ("/v1beta", "gemini-2.5-flash", {}),
    "bedrock-converse": ("", "anthropic.claude-3-haiku-20240307-v1:0", {"region": "us-east-1", "api_key": {"env": "AWS_TEST_KEY"}, "flags": [
        "--aws-key-env", "AWS_TEST_KEY"]}),
    "cohere-v2": ("/v2", "command-a", {}),
    "ollama": ("", "llama3.2", {}),
}
# Those that give several answers to one request.
WITH_N = {"openai-chat", "openai-completions", "azure-openai", "mistral", "gemini"}
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
    with House(__doc__) as house:
        teachers, entries = {}, []
        for dialect, (path, model, more) in DIALECTS.items():
            more = dict(more)
            stand_in = house.teacher("--latency-ms", 5, *more.pop("flags", []))
            teachers[dialect] = stand_in
            for way in ("never", "always"):
                entries.append(stand_in.entry(f"{dialect}-{way}", dialect=dialect, model=model, streaming=way,
                                              endpoint=f"http://127.0.0.1:{stand_in.port}{path}", **more))
        service = house.service(teachers=entries).start()
        for dialect, stand_in in teachers.items():
            say(dialect)
            spent = 0
            for way in ("never", "always"):
                name = f"{dialect}-{way}"
                record = harvest(house, service, name, house.prompts(PROMPTS, text=f"{name}: tell me of the number {{0}}."))
                counters = record["counters"]
                check(counters["answered"] == str(PROMPTS) and counters["attempts"] == str(PROMPTS),
                      f"{name}: {counters['answered']} answers from {counters['attempts']} calls {record['reason']}")
                spent += int(counters["spent_picodollars"])
                line = service.ctl_lines("pairs", "tail", name)[0]
                record = json.loads(line["record_json"])
                check(record["usage_reported"] and record["messages"][-1]["content"] and record["finish_reason"],
                      f"{name}: text, usage, and why it ended: {record['finish_reason']}")
                spent += several_samples(house, service, name, dialect in WITH_N)
            billed = stand_in.ledger().usd
            check(abs(spent / 1e12 - billed) < 1e-9, f"what it cost is what the teacher bills: ${billed:.6f}")
            probe = service.ctl("teachers", "probe", f"{dialect}-always")
            check(probe["outcome"] == "answered" and not probe["live"],
                  f"a probe: {', '.join(found['name'] for found in probe['capabilities'] if found['state'] == 'found')}")
        check(service.stop() == 0, "it stops in order")


main()

"""Teachers that take batches, as the tests of batches set them up."""

import json

# dialect: (path behind the stand-in's address, model, more of the teacher's YAML)
DIALECTS = {
    "openai-chat": ("/v1", "gpt-4o-mini", {"vendor": "openai"}),
    "openai-responses": ("/v1", "gpt-4o-mini", {}),
    "openai-completions": ("/v1", "gpt-3.5-turbo-instruct", {}),
    "azure-openai": ("/openai", "deployment-1", {"api_version": "2024-10-21", "model_owner": "openai", "model_family": "gpt"}),
    "mistral": ("/v1", "mistral-small-latest", {"flags": ["--vendor", "mistral"]}),
    "anthropic-messages": ("/v1", "claude-sonnet-4-5", {}),
    "gemini": ("/v1beta", "gemini-2.5-flash", {}),
}
HALF = {"route": "batch", "input_usd_per_mtok": "0.5", "cached_input_usd_per_mtok": "0.5", "output_usd_per_mtok": "5"}


def entry(stand_in, name, dialect, batch=None, port=None, **options):
    path, model, more = DIALECTS[dialect]
    more = {key: value for key, value in more.items() if key != "flags"}
    return stand_in.entry(name, dialect=dialect, model=model, endpoint=f"http://127.0.0.1:{port or stand_in.port}{path}",
                          prices={"input_usd_per_mtok": "1", "cached_input_usd_per_mtok": "1", "output_usd_per_mtok": "10",
                                  "special": [HALF]},
                          batch={"poll_seconds": 1, "gather_seconds": 1, **(batch or {})}, **more, **options)


def flags_of(dialect):
    return DIALECTS[dialect][2].get("flags", [])


def submit(service, name, prompts, *flags, purpose="evaluation"):
    return service.ctl("submit", "--teacher", name, "--purpose", purpose, "--dataset", name, *flags, prompts)["record"]["id"]


def batches_of(stand_in):
    with open(stand_in.ledger_path) as lines:
        return [entry for entry in map(json.loads, lines) if entry["event"] == "batch"]


def creates_batch(method, path):
    return method == "POST" and path.endswith(("/batches", "/batch/jobs", ":batchGenerateContent"))

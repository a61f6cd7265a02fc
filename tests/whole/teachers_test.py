"""Teachers from an operator's side: probes, imported prices that the bill follows, rights alerts, refused configurations."""

import json
import os

from house import House, check, free_ports, say, until

MODELS = {"gpt": "gpt-4o-mini", "same": "openai/gpt-4o", "qwen": "Qwen2.5-7B"}


def states(reply):
    return {capability["name"]: capability["state"] for capability in reply["capabilities"]}


def probes(house, service, dead):
    say("probes")
    reply = service.ctl("teachers", "probe", "gpt", "--record", house.path("golden"))
    check(reply["outcome"] == "answered" and reply["reachable"] and reply["model_reported"] == MODELS["gpt"],
          f"the teacher answers as {reply['model_reported']}, in {reply['calls']} call")
    check(not reply["live"], "the stand-in is told from the teacher itself")
    check(states(reply)["n"] == states(reply)["streaming"] == "found", f"it can {states(reply)}")
    check(reply["limits"][0]["dimension"] == "requests" and reply["limits"][0]["limit"] == "6000",
          "its limit is learned from the headers")
    shown = until("it is booked to its day", lambda: (now := service.ctl("teachers", "show", "gpt"))
                  and now["requests_today"] == str(reply["calls"]) and float(now["spent_today_usd"]) > 0 and now)
    check(shown["verification"]["model_reported"] == MODELS["gpt"], f"booked to its day: ${shown['spent_today_usd']}")
    recorded = house.path("golden") / "gpt.json"
    cases = json.loads(recorded.read_text())
    check(len(cases) == 2 and cases[1]["status"] == 200, "the exchange is kept as golden cases")
    check("sesame" not in recorded.read_text(), "without the key")
    reply = service.ctl("teachers", "probe", "dead", code=3)
    check(not reply["reachable"] and str(dead) in reply["message"], f"a dead one is told: {reply['message']}")
    service.ctl("teachers", "probe", "nobody", code=5)


def imports_prices(house, service, teacher):
    say("prices from a file")
    file = house.path("prices.json")
    entry = {"litellm_provider": "openai", "input_cost_per_token": 2e-06, "output_cost_per_token": 4e-06}
    file.write_text(json.dumps({"openai/gpt-4o": entry, "holey": {"litellm_provider": "openai"}}))
    refused = service.ctl_raw("teachers", "prices", "import", file)
    check(refused.returncode == 2 and "no entry for teacher gpt" in refused.stderr
          and "nothing was imported" in refused.stderr, "a file with holes is refused by name")
    check("prices_in_force" in service.ctl("teachers", "show", "same")
          and service.ctl("teachers", "show", "same")["prices_in_force"]["input_usd_per_mtok"] == "1.0", "and changes nothing")
    service.ctl("teachers", "prices", "import", file, "--teacher", "same")
    check(service.ctl("teachers", "show", "same")["prices_in_force"]["output_usd_per_mtok"] == "4", "one teacher's are taken")
    job = service.ctl("submit", "--teacher", "same", "--purpose", "evaluation", "--dataset", "priced",
                      house.prompts(20))["record"]["id"]
    record = service.wait_state(job, ["FINISHED"])["record"]["counters"]
    owed = int(record["input_tokens"]) * 2_000_000 + int(record["output_tokens"]) * 4_000_000
    check(int(record["spent_picodollars"]) == owed, f"twenty pairs are billed at these prices, to the picodollar: {owed}")
    for line in service.ctl_lines("pairs", "tail", "priced"):
        record = json.loads(line["record_json"])
        check(service.ctl("pairs", "show", record["record_id"])["sequence"] == line["sequence"], "a pair is shown by its id")
        break
    service.stop()
    service.start()
    check(service.ctl("teachers", "show", "same")["prices_in_force"]["output_usd_per_mtok"] == "4", "a restart keeps them")
    service.ctl("teachers", "prices", "drop", "same")
    check(service.ctl("teachers", "show", "same")["prices_in_force"]["output_usd_per_mtok"] == "10.0",
          "dropped, the configuration's hold again")


def alerts(house, service):
    say("access taken away")
    prompts = house.path("cut.jsonl")
    prompts.write_text('{"prompt": "hello"}\n{"prompt": "and now [sim:401]"}\n')
    job = service.ctl("submit", "--teacher", "gpt", "--purpose", "training", "--dataset", "cut", prompts)["record"]["id"]
    reason = service.wait_state(job, ["PAUSED"])["record"]["reason"]
    check("rights alert 1 on openai gpt" in reason, f"training pauses: {reason}")
    refused = service.ctl_raw("submit", "--teacher", "same", "--purpose", "training", "--dataset", "cut", house.prompts(3))
    check(refused.returncode == 7 and "rights alert 1" in refused.stderr, "another account's model of the family is refused")
    for teacher, purpose in (("qwen", "training"), ("same", "evaluation")):
        other = service.ctl("submit", "--teacher", teacher, "--purpose", purpose, "--dataset", f"on-{teacher}",
                            house.prompts(3))["record"]["id"]
        service.wait_state(other, ["FINISHED"])
        check(True, f"{teacher} goes on for {purpose}")
    service.kill()
    service.start()
    check(service.ctl("teachers", "alerts")["alerts"][0]["decision"] == "UNDECIDED", "a crash does not lift it")
    check(service.ctl_raw("teachers", "decide", "1", "--lift").returncode == 2, "nobody lifts it without a note")
    service.ctl("teachers", "decide", "1", "--lift", "--note", "the key was rotated by us")
    service.ctl("teachers", "resume", "gpt")
    service.ctl("submit", "--teacher", "same", "--purpose", "training", "--dataset", "lifted", house.prompts(3))
    check(True, "lifted, training is taken again")


def distillation(house, service):
    say("a refusal that speaks of distillation")
    prompts = house.path("frontier.jsonl")
    prompts.write_text("".join(json.dumps({"prompt": f"question {i}" + (" [sim:refuse:frontier_llm]" if i == 0 else "")}) + "\n"
                               for i in range(2000)))
    job = service.ctl("submit", "--teacher", "claude", "--purpose", "training", "--dataset", "frontier", prompts)["record"]["id"]
    record = service.wait_state(job, ["PAUSED"])["record"]
    check("rights alert 2 on anthropic claude (distillation_refused" in record["reason"], f"training pauses: {record['reason']}")
    check(record["counters"]["refused"] == "1", "the refusal is kept as the answer that it is")
    alert = service.ctl("teachers", "alerts")["alerts"][1]
    check(alert["cause"] == "DISTILLATION_REFUSED" and alert["vendor_code"] == "frontier_llm", "its cause and the vendor's word are kept")
    refused = service.ctl_raw("submit", "--teacher", "claude", "--purpose", "training", "--dataset", "frontier", house.prompts(3))
    check(refused.returncode == 7 and "rights alert 2" in refused.stderr, "no other training job is taken")
    other = service.ctl("submit", "--teacher", "claude", "--purpose", "evaluation", "--dataset", "claude-ev", house.prompts(3))["record"]["id"]
    service.wait_state(other, ["FINISHED"])
    check(True, "evaluation goes on")


def refused_configurations(house, teacher):
    say("configurations that are refused by name")
    entry = teacher.entry("t")
    wrong = {"dialect: found 'openai-chatt'": {"dialect": "openai-chatt"},
             "profile: found 'vlm', expected one of": {"profile": "vlm"},
             "found a user name or password in the address": {"endpoint": "http://me:sesame@127.0.0.1:1/v1"},
             "model_owner: found none, but the name prod-chat": {"dialect": "azure-openai", "model": "prod-chat"},
             "price_changes[0]: found no effective_on": {"price_changes": [entry["prices"]]}}
    for message, changed in wrong.items():
        service = house.service(teachers=[{**entry, **changed}], data_dir=str(house.path("never")))
        done = service.check()
        check(done.returncode == 2 and message in done.stderr and "sesame" not in done.stderr, message)
    os.environ["BROKEN_KEY"] = "sesame\nX-Injected: 1"
    service = house.service(teachers=[{**entry, "api_key": {"env": "BROKEN_KEY"}}], data_dir=str(house.path("never")))
    done = service.check()
    check("holds a control character" in done.stdout and "sesame" not in done.stdout, "a key with a line break")
    wrapped = house.path("wrapped.key")
    wrapped.write_text("sesame\nopen\n")
    service = house.service(teachers=[{**entry, "api_key": {"file": str(wrapped)}}], data_dir=str(house.path("never")))
    done = service.check()
    check("holds more than one line" in done.stdout and "sesame" not in done.stdout, "and one in a file")


def main():
    os.environ["SESAME_KEY"] = "sesame"
    with House(__doc__) as house:
        teacher = house.teacher("--latency-ms", 20, "--rpm", 6000)
        dead = free_ports(1)[0]
        entries = [teacher.entry(name, model=model, vendor="openai", api_key={"env": "SESAME_KEY"})
                   for name, model in MODELS.items()]
        entries.append(teacher.entry("claude", dialect="anthropic-messages", model="claude-sonnet-4-5"))
        entries.append(teacher.entry("dead", endpoint=f"http://127.0.0.1:{dead}/v1"))
        service = house.service(teachers=entries).start()
        probes(house, service, dead)
        imports_prices(house, service, teacher)
        alerts(house, service)
        distillation(house, service)
        check(service.stop() == 0, "it stops in order")
        refused_configurations(house, teacher)


main()

"""Every second has a cause: `why` names what a job waited for and what would help, while it runs, after a kill, and afterwards."""

from house import House, check, say, scaled, until

PROMPTS = scaled(150, 90)
OUTPUT_TOKENS_PER_MINUTE = 240_000
CAP = 500  # some eight times what an answer has


def by_cause(explanation):
    sums = {}
    for cause in explanation["causes"]:
        sums[cause["cause"]] = sums.get(cause["cause"], 0) + cause["seconds"]
    return sums


def adds_up(explanation, what):
    """One teacher: its seconds and the whole job's are the job's life."""
    life, told = explanation["seconds"], sum(by_cause(explanation).values())
    check(abs(told - life) <= max(0.1 * life, 0.5), f"{what}: causes of {told:.1f} s in a life of {life:.1f} s")
    check(abs(sum(cause["share"] for cause in explanation["causes"]) - 1) < 1e-6, "the shares come to one")


def submit(house, service, name, *flags):
    file = house.prompts(PROMPTS, name + ": how would you count to {0}?", f"{name}.jsonl")
    return service.ctl("submit", "--teacher", "t", "--purpose", "training", "--dataset", name, "--max-output", CAP, *flags,
                       file)["record"]["id"]


def output_tokens_bind(service, job):
    explanation = service.ctl("why", job)
    first = explanation["causes"][0]
    check(first["teacher"] == "t" and first["cause"] == "output_tokens" and first["share"] > 0.6,
          f"output tokens are what it waited for: {first['share']:.0%} of {explanation['seconds']:.1f} s; {first['detail']}")
    adds_up(explanation, "it")
    tokens = service.ctl("teachers", "show", "t")["tokens"]
    check(int(tokens["answers"]) > 0, f"the tokens of {tokens['answers']} answers are counted")
    advice = [said for said in explanation["advice"] if "output tokens bind at teacher t" in said]
    check(len(advice) == 1 and f"lower max_output_tokens from {CAP} to " in advice[0], f"what follows is said: {advice}")
    lower = int(advice[0].split(f"from {CAP} to ")[1].split(";")[0])
    p99 = int(tokens["output_tokens_p99"])
    check(p99 <= lower < CAP / 2, f"{lower} is enough for the longest answers ({p99}) and well below {CAP}")
    return explanation


def main():
    with House(__doc__) as house:
        teacher = house.teacher("--otpm", OUTPUT_TOKENS_PER_MINUTE, "--window", 1, "--latency-ms", 300,
                                "--answer-bytes", "150:350")
        service = house.service(teachers=[teacher.entry("t", limits={
            "output_tokens_per_minute": OUTPUT_TOKENS_PER_MINUTE, "window_seconds": 1})]).start()

        say("a job that output tokens bind")
        job = submit(house, service, "tokens")
        until("it is half done", lambda: service.counters(job)["answered"] > PROMPTS / 2, 60)
        adds_up(service.ctl("why", job), "half done, it")
        service.wait_state(job, ["FINISHED"])
        ended = output_tokens_bind(service, job)
        shown = service.ctl_raw("why", job)
        lines = shown.stdout.splitlines()
        check(shown.returncode == 0 and lines[0].startswith(f"{job}: finished after "), f"for people: {lines[0]}")
        check(lines[1].split("\t") == ["TEACHER", "CAUSE", "SECONDS", "SHARE", "WHAT STANDS BEHIND IT"]
              and lines[2].startswith("t\toutput_tokens\t"), f"and {lines[2]!r}")
        check([line for line in lines if line in ended["advice"]] == ended["advice"], "the advice stands at the end")

        say("a job over a kill, beside another")
        first, second = submit(house, service, "first"), submit(house, service, "second")
        until("both go on", lambda: min(service.counters(job)["answered"] for job in (first, second)) > PROMPTS / 4, 60)
        fair = by_cause(service.ctl("why", first))
        check(0.5 < fair["fairness"] / fair["output_tokens"] < 2, f"two take turns: {fair}")
        service.kill()
        service.start()
        service.wait_state(first, ["FINISHED"])
        service.wait_state(second, ["FINISHED"])
        killed = service.ctl("why", first)
        adds_up(killed, "after a kill it")
        check(0 < by_cause(killed)["idle"] < 25, f"what the kill took is told as idle: {by_cause(killed)}")

        say("a pause, and a job that has ended for long")
        paused = submit(house, service, "paused")
        until("it has begun", lambda: service.counters(paused)["answered"] > 0, 30)
        service.ctl("jobs", "pause", paused, "--reason", "looking at answers")
        check(service.stop() == 0, "the service stops in order")
        service.start()
        explanation = service.ctl("why", paused)
        adds_up(explanation, "paused, over a restart, it")
        check(any("the job is paused: looking at answers" in said for said in explanation["advice"]),
              f"how it goes on is said: {explanation['advice']}")
        again = service.ctl("why", job)
        check(by_cause(again) == by_cause(ended) and again["seconds"] == ended["seconds"], "an ended job's book is closed")
        unknown, shown = service.ctl_raw("why", "j_none"), service.ctl_raw("jobs", "show", "j_none")
        check(unknown.returncode == shown.returncode != 0 and "j_none" in unknown.stderr,
              f"a job that nobody knows is exit code {unknown.returncode}: {unknown.stderr.strip()}")
        check(service.stop() == 0, "it stops in order")


main()

"""Bad teachers: whatever they do, every query ends under a name, money is booked, and the job goes on (promises 6, 7)."""

import collections
import time

from house import House, check, say, scaled, sha256, until

PROMPTS = scaled(800, 200)
NEVER_ANSWERED = ["[sim:400] a prompt that the teacher rejects", "[sim:garbage] a prompt whose answers are broken JSON",
                  "[sim:error-in-200] a prompt whose answers are errors in disguise", "[sim:deep-json] a prompt with a bomb"]
MENDED = ["[sim:500*2] fails twice", "[sim:reset*1] is cut off once", "[sim:vanish*1] vanishes once",
          "[sim:bad-utf8] has bytes that are no text", "[sim:no-usage] tells no usage"]


def submit(service, prompts, *flags):
    return service.ctl("submit", "--teacher", "t", "--purpose", "training", "--dataset", "d", *flags,
                       prompts)["record"]["id"]


def faults_of_all_kinds(house):
    say("errors, resets, stalls, garbage, refusals")
    teacher = house.teacher("--latency-ms", 50, "--error-rate", 0.05, "--reset-rate", 0.01, "--vanish-rate", 0.01,
                            "--stall-rate", 0.005, "--garbage-rate", 0.01, "--error-in-200-rate", 0.01, "--refusal-rate",
                            0.01, "--stall-seconds", 60)
    service = house.service(teachers=[teacher.entry("t", timeouts={"first_byte_seconds": 3, "total_seconds": 5},
                                                    limits={"requests_per_minute": 6000})],
                            harvest={"attempts_max": 5, "retry_ratio": 0.5}, data_dir=str(house.path("faults"))).start()
    prompts = house.prompts(PROMPTS)
    with open(prompts, "a") as more:
        more.writelines(f'{{"prompt": "{text}"}}\n' for text in NEVER_ANSWERED + MENDED)
    queries = PROMPTS + len(NEVER_ANSWERED) + len(MENDED)
    job = submit(service, prompts)
    watched = service.ctl_raw("jobs", "watch", job, "--json", seconds=180)
    check(watched.returncode == 3, "`jobs watch` ends with 3: some ended otherwise than in an answer")
    done = service.wait_state(job, ["FINISHED", "PAUSED"])
    counters = {name: int(value) for name, value in done["record"]["counters"].items()}
    endings = service.ctl_lines("jobs", "endings", job)
    check(done["record"]["state"] == "FINISHED", f"the job finished {done['record']['reason']}")
    check(counters["answered"] + counters["refused"] + counters["rejected"] == counters["queries"] == queries,
          f"{counters['answered']} answered, {counters['refused']} refused, {counters['rejected']} rejected of {queries}, "
          f"{counters['retries']} retries")
    check(len(endings) == counters["rejected"] + counters["quarantined"] + counters["refused"]
          and all(e["outcome"] for e in endings),
          f"each of {len(endings)} endings has a name: {dict(collections.Counter(e['outcome'] for e in endings))}")
    ended = {int(ending["prompt"]) for ending in endings if ending["outcome"] != "refused"}
    hopeless = set(range(PROMPTS, PROMPTS + len(NEVER_ANSWERED)))
    check(hopeless <= ended, "the prompts that are never answered are among them")
    check(len(ended - hopeless) <= max(3, PROMPTS // 100), f"and {len(ended - hopeless)} unlucky ones")
    ledger = teacher.ledger()
    check(ledger.received[sha256(NEVER_ANSWERED[0])] == 1, "a rejected prompt was asked once")
    check(ledger.picodollars <= counters["spent_picodollars"] + counters["at_risk_picodollars"],
          f"billed ${ledger.usd:.4f}; booked ${counters['spent_picodollars'] / 1e12:.4f} spent and "
          f"${counters['at_risk_picodollars'] / 1e12:.4f} at risk")
    check(service.stop() == 0, "it stops in order")


def wrong_key(house):
    say("a key that the teacher does not accept")
    teacher = house.teacher("--latency-ms", 20, "--api-key-env", "TEACHERS_KEY", env={"TEACHERS_KEY": "the-right-key"})
    entry = teacher.entry("t", api_key={"env": "HARVEST_TEST_KEY"})
    wrong, right = {"HARVEST_TEST_KEY": "a-wrong-key"}, {"HARVEST_TEST_KEY": "the-right-key"}
    service = house.service(teachers=[entry], env=wrong, data_dir=str(house.path("wrong-key"))).start()
    job = submit(service, house.prompts(100))
    paused = service.wait_state(job, ["PAUSED", "FINISHED"], 30)["record"]
    check(paused["state"] == "PAUSED" and "teacher t is halted" in paused["reason"], f"the job is paused: {paused['reason']}")
    shown = service.ctl("teachers", "show", "t")
    check(shown["halted"] and shown["halt_reason"], f"the teacher is halted: {shown['halt_reason']}")
    asked = teacher.ledger().requests
    time.sleep(1.5)
    check(teacher.ledger().requests == asked, f"after {asked} attempts it is asked no more")
    check(service.stop() == 0, "it stops in order")
    service.env = right
    service.start()
    check(service.job(job)["record"]["state"] == "PAUSED", "a restart alone does not ask again: an operator does")
    service.ctl("teachers", "resume", "t")
    service.ctl("jobs", "resume", job)
    done = service.wait_state(job, ["PAUSED", "FINISHED"])["record"]
    check(done["state"] == "FINISHED" and done["counters"]["answered"] == "100", "with the right key all are answered")
    check(service.stop() == 0, "it stops in order")

    # ---- the same by `harvestd run` ----
    config = house.service(teachers=[entry], data_dir=str(house.path("wrong-key-run"))).config_path
    command = [house.binary("harvestd"), "run", "--config", config, "--teacher", "t", "--purpose", "training",
               house.prompts(100, name="run.jsonl")]
    refused = house.run(command, "run-refused.log", env=wrong)
    check(refused.popen.wait(60) == 7 and refused.said("is halted"), "`harvestd run` ends with 7 and says why")
    answered = house.run(command, "run-answered.log", env=right)
    check(answered.popen.wait(60) == 0, "the same command with the right key goes on and ends with 0")
    for log in house.directory.glob("*.log"):
        text = log.read_text(errors="replace")
        check("the-right-key" not in text and "a-wrong-key" not in text, f"no key in {log.name}")


def dead_teacher(house):
    say("a teacher that is not there yet")
    # Retries are rationed to a tenth of the first attempts and one a second: so few prompts, or this lasts minutes.
    teacher = house.teacher("--latency-ms", 20)
    teacher.process.kill()
    service = house.service(teachers=[teacher.entry("t")], data_dir=str(house.path("dead"))).start()
    job = submit(service, house.prompts(25))
    time.sleep(4)
    waiting = service.job(job)
    check(waiting["record"]["state"] == "RUNNING", f"the job waits, for: {waiting['binding']}")
    check(not service.ctl("teachers", "show", "t")["endpoints"][0]["healthy"], "its endpoint is known to be down")
    teacher.start()
    done = service.wait_state(job, ["PAUSED", "FINISHED"])["record"]
    check(done["state"] == "FINISHED" and done["counters"]["answered"] == "25",
          f"once it is there all are answered, after {done['counters']['attempts']} attempts")
    check(done["counters"]["at_risk_picodollars"] == "0", "a connection that was refused put nothing at risk")
    check(service.stop() == 0, "it stops in order")


def main():
    with House(__doc__) as house:
        faults_of_all_kinds(house)
        wrong_key(house)
        dead_teacher(house)


main()

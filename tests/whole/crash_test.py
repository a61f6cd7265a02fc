"""kill -9 at random moments loses nothing, and what was paid twice was named beforehand (promises 1, 2, 3).

The service harvests 7,473 real prompts and is killed while it is fed, while it harvests, as it comes up, and while it
publishes. A limit that is known is held by the teacher all the while: a restart must break none either.
"""

import collections
import subprocess
import threading
import time

from house import GSM8K, House, check, json, need_real_prompts, pulled_records, say, scaled, sha256, until

KILLS_FEEDING = scaled(4)
KILLS_HARVESTING = scaled(26, 3)  # a third of them strike twice: again while it comes up
KILLS_PUBLISHING = scaled(5)
PROMPTS = scaled(7473, 600)
REQUESTS_PER_MINUTE = 6_000
SETTLED_BETWEEN = 100  # some thirty are in flight at any time
SUBMIT = ["submit", "--teacher", "t", "--purpose", "training", "--dataset", "maths", "--template", "{{question}}",
          "--max-output", "500", "--submission-id", "once", "--json", "-"]


class Crashes:
    """Kills the service, brings it back, and writes down what it says about the crash."""

    def __init__(self, service):
        self.service = service
        self.kills = 0
        self.named = collections.Counter()  # prompt index → how often named as open
        self.total = 0
        self.at_rest = False  # the job is done: nothing is answered between crashes any more

    def kill(self):
        self.service.kill()
        self.kills += 1

    def come_back(self, may_be_halted=False):
        self.service.start()
        status = self.service.status()
        for intent in status["crash_intents"]:
            self.named[int(intent["prompt"])] += 1
        total = int(status["crash_intents_total"])
        assert total >= self.total + len(status["crash_intents"]), "the total of open intents shrank"
        self.total = total
        # Three crashes in a row before anything was answered are the guard's business (guards_test.py).
        if status["halted"]:
            assert may_be_halted or self.at_rest, status["halt_reason"]
            self.service.ctl("halt", "--lift")


def feed(house, service, lines):
    """harvestctl submit, its prompts trickling in over some two seconds."""
    client = subprocess.Popen([str(house.binary("harvestctl")), "--server", service.address, *SUBMIT],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def trickle():
        try:
            for first in range(0, len(lines), 200):
                client.stdin.write("".join(lines[first : first + 200]).encode())
                client.stdin.flush()
                time.sleep(0.05)
            client.stdin.close()
        except BrokenPipeError:
            pass  # the client gave up: its exit code says so

    threading.Thread(target=trickle, daemon=True).start()
    return client


def submitted_despite_kills(house, service, crashes, lines):
    """The job; the same submission is said again where the client gave up."""
    client = feed(house, service, lines)
    for _ in range(KILLS_FEEDING):
        time.sleep(house.random.uniform(0.05, 0.6))
        crashes.kill()
        crashes.come_back(may_be_halted=True)
        if client.poll() is not None and client.returncode != 0:
            client = feed(house, service, lines)
    for _ in range(3):
        said, complained = client.stdout.read(), client.stderr.read()
        if client.wait(120) == 0:
            return json.loads(said)["record"]["id"]
        say(f"submit ended with {client.returncode}: {complained.decode().strip()}; said again")
        client = feed(house, service, lines)
    raise AssertionError("the prompts were not taken in three times")


class Versions:
    """Every published version that was seen, and the bytes of its shards."""

    def __init__(self, house, service):
        self.house, self.service = house, service
        self.shards = {}  # file name → sha256
        self.rows = {}  # version → rows

    def pull(self, version=0, directory="seen"):
        out = self.house.path(directory)
        pulled = self.service.ctl("datasets", "pull", "maths", "--out", out, "--version", version)
        for file in (out / "shards").iterdir():
            known = self.shards.setdefault(file.name, sha256(file.read_bytes()))
            assert known == sha256(file.read_bytes()), f"{file.name} changed after it was published"
        self.rows[pulled["version"]] = pulled["rows"]
        return pulled

    def unchanged(self):
        """Each version, pulled anew, is what it was."""
        for version, rows in sorted(self.rows.items()):
            again = self.pull(version, f"again-{version}")
            if again["rows"] != rows:
                return False
        return True


def killed_while_publishing(house, service, crashes, versions):
    client = subprocess.Popen([str(house.binary("harvestctl")), "--server", service.address, "datasets", "publish",
                               "maths"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(house.random.uniform(0.01, 0.15))
    crashes.kill()
    crashes.come_back()
    client.wait(60)
    service.ctl("datasets", "publish", "maths")
    versions.pull()


def harvested_despite_kills(house, service, crashes, versions, job):
    """Kills spread over the harvest by what was answered, so that they are on any machine."""
    def answered():
        record = service.job(job)["record"]
        return PROMPTS * 2 if record["state"] == "FINISHED" else int(record["counters"]["answered"])

    strikes = [("harvest", i) for i in range(KILLS_HARVESTING)] + [("publish", i) for i in range(KILLS_PUBLISHING)]
    house.random.shuffle(strikes)
    alive_kills = 0
    for number, (kind, which) in enumerate(strikes):
        # At least so many since the last strike that what it left open has settled: an intent that is open in three
        # crashes in a row is quarantined, which is not this test's business.
        goal = max(PROMPTS * (number + 0.5) / (len(strikes) + 1), service.counters(job)["answered"] + SETTLED_BETWEEN)
        until(f"{goal:.0f} answers", lambda: answered() >= goal, 60, 0.05)
        time.sleep(house.random.uniform(0, 0.3))
        crashes.at_rest = service.job(job)["record"]["state"] != "RUNNING"
        alive_kills += not crashes.at_rest
        if kind == "publish":
            killed_while_publishing(house, service, crashes, versions)
            continue
        crashes.kill()
        if which % 3 == 0:
            service.launch()
            time.sleep(house.random.uniform(0, 0.25))
            crashes.kill()
        crashes.come_back()
    return alive_kills


def main():
    need_real_prompts()
    lines = GSM8K.read_text().splitlines(keepends=True)[:PROMPTS]
    texts = [json.loads(line)["question"] for line in lines]
    index_of = {sha256(text): index for index, text in enumerate(texts)}
    assert len(index_of) == len(texts), "the prompts are all different"

    with House(__doc__.splitlines()[0]) as house:
        teacher = house.teacher("--latency-ms", 150, "--latency-sigma", 0.4, "--rpm", REQUESTS_PER_MINUTE,
                                "--enforcement", "sliding-log", "--answer-bytes", "200:2500")
        service = house.service(
            teachers=[teacher.entry("t", limits={"requests_per_minute": REQUESTS_PER_MINUTE})],
            publish={"segment_megabytes": 1, "segment_age_seconds": 7, "segment_kilobytes_min": 1}).start()
        crashes, versions = Crashes(service), Versions(house, service)

        job = submitted_despite_kills(house, service, crashes, lines)
        feeding = crashes.kills
        alive = harvested_despite_kills(house, service, crashes, versions, job)
        say(f"{crashes.kills} kills: {feeding} while feeding, {alive} strikes while the job ran")
        if KILLS_HARVESTING >= 25:
            check(alive >= 25, f"at least 25 kills struck while the job ran: {alive}")

        # ---- everything is there, once ----
        done = service.wait_state(job, ["FINISHED", "PAUSED"])["record"]
        counters = {name: int(value) for name, value in done["counters"].items()}
        check(done["state"] == "FINISHED", f"the job finished {done['reason']}")
        check(counters["answered"] == counters["queries"] == PROMPTS,
              f"{counters['answered']} of {PROMPTS} prompts are answered, none quarantined or rejected")
        published = service.ctl("datasets", "publish", "maths")
        versions.pull()
        verified = service.ctl("datasets", "verify", house.path("seen"))
        check(verified["ok"] and verified["rows"] == PROMPTS, f"{verified['rows']} pairs verify in {verified['shards']} "
              f"shards, version {published['views'][0]['record']['version']}")
        records = list(pulled_records(house.path("seen")))
        indices = collections.Counter(int(record["prompt_id"].rsplit("/", 1)[1]) for record in records)
        check(len(records) == PROMPTS and set(indices) == set(range(PROMPTS)), "the shards hold every prompt exactly once")
        check(len({record["record_id"] for record in records}) == PROMPTS
              and {record["sequence"] for record in records} == set(range(PROMPTS)), "under names and numbers of its own")
        check(versions.unchanged(), f"{len(versions.rows)} versions pulled on the way are the same when pulled again")

        # ---- and is what the teacher says it said ----
        ledger = teacher.ledger()
        strangers = [record for record in records
                     if sha256(record["messages"][-1]["content"]) not in
                     ledger.answers[sha256(texts[int(record["prompt_id"].rsplit("/", 1)[1])])]]
        check(not strangers, "every pair holds an answer that the teacher gave to this very prompt")

        # ---- what was paid twice was named ----
        doubles = {index_of[prompt]: count for prompt, count in ledger.doubles().items()}
        unseen = crashes.total - sum(crashes.named.values())  # named at starts that were killed before they could be asked
        not_named = sum(max(0, count - crashes.named[prompt]) for prompt, count in doubles.items())
        check(sum(doubles.values()) <= crashes.total,
              f"{sum(doubles.values())} answers were paid twice, {crashes.total} open intents were reported")
        check(not_named <= unseen, f"each by name: {not_named} of them not in the {crashes.total - unseen} that were read")
        booked = counters["spent_picodollars"] + counters["at_risk_picodollars"]
        check(ledger.picodollars <= booked, f"the teacher billed ${ledger.usd:.4f}, booked are "
              f"${booked / 1e12:.4f}, of which ${counters['at_risk_picodollars'] / 1e12:.4f} at risk")
        paid_for_pairs = sum(record["cost_micros"] for record in records)
        check(abs(counters["spent_picodollars"] / 1e6 - paid_for_pairs) <= PROMPTS, "the pairs' costs sum to what was spent")
        check(ledger.throttled == 0, "no restart broke the limit: no 429")
        check(service.stop() == 0, "it stops in order")


main()

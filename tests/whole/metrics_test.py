"""Every metric family that can move does, with a plausible value, on the /metrics of a service that harvests."""

import json
import re
import urllib.request

from house import ROOT, House, check, say, until

# What this test cannot move: store errors need a broken disk, and a teacher that changes is guard_test's.
UNMOVED = {"harvest_store_errors_total", "harvest_teacher_epochs_total"}
PROMPTS = 600
SLOTS = 8
CAP_USD = 50


class Scrape:
    """One look at /metrics: samples by name and labels."""

    seen = []  # every look of this test

    def __init__(self, service):
        with urllib.request.urlopen(f"http://{service.config['http']['listen']}/metrics", timeout=10) as reply:
            text = reply.read().decode()
        self.types = dict(line.split()[2:4] for line in text.splitlines() if line.startswith("# TYPE "))
        self.samples = []
        for line in text.splitlines():
            if not line.startswith("#"):
                name, labels, value = re.fullmatch(r"(\w+)(?:\{(.*)\})? (\S+)", line).groups()
                self.samples.append((name, dict(re.findall(r'(\w+)="([^"]*)"', labels or "")), float(value)))
        Scrape.seen.append(self)

    def all(self, name, **labels):
        return [(have, value) for found, have, value in self.samples
                if found == name and labels.items() <= have.items()]

    def __call__(self, name, **labels):
        """The one sample so named; None where there is none."""
        found = self.all(name, **labels)
        assert len(found) <= 1, found
        return found[0][1] if found else None

    def dimensions(self, teacher):
        return {labels["dimension"] for labels, _ in self.all("harvest_limit_utilization_ratio", teacher=teacher)}


def until_seen(service, what, holds, seconds=30):
    """Looks until a look has it, and returns that look."""
    def look():
        scrape = Scrape(service)
        return scrape if holds(scrape) else None

    found = until(what, look, seconds, 0.1)
    check(True, what)
    return found


def submit(house, service, teacher, prompts, *flags):
    file = house.prompts(prompts, f"{teacher}: how would you count to {{0}}? Say why {{0}}.", f"{teacher}.jsonl")
    return service.ctl("submit", "--teacher", teacher, "--purpose", "training", "--dataset", f"d-{teacher}",
                       "--max-output", 200, *flags, file)["record"]["id"]


def waiting(service, *jobs):
    return sum(int(service.job(job)["waiting"]) for job in jobs)


def while_it_harvests(service, job):
    say("a job runs")
    now = until_seen(service, "pairs are counted, attempts are on the wire",
                     lambda now: (now("harvest_job_pairs", job=job) or 0) > 20
                     and now("harvest_inflight_requests", teacher="paced"))
    now = until_seen(service, "a teacher with a backlog has waited for its slots",
                     lambda now: (now("harvest_wait_seconds_total", teacher="paced", cause="concurrency") or 0) > 0.4)
    pairs, answered = now("harvest_job_pairs", job=job), service.counters(job)["answered"]
    check(0 < pairs <= answered and pairs == int(pairs), f"{pairs:g} pairs of the job, {answered} answered a moment later")
    check(pairs <= now("harvest_pairs_committed_total") <= answered, "and as many in all")
    check(now("harvest_concurrency_limit", teacher="paced") == SLOTS, "the concurrency limit is the teacher's")
    check(now.dimensions("paced") == {"requests", "requests_per_day", "concurrency", "teacher_budget"},
          "the use of each limit that is configured is told, and of no other")
    check(not now.dimensions("throttling"), "and none of a teacher without limits")
    for labels, share in now.all("harvest_limit_utilization_ratio", teacher="paced"):
        check(0 <= share <= 1, f"{labels['dimension']} is used to {share:.4f}")
    check(now("harvest_limit_utilization_ratio", teacher="paced", dimension="teacher_budget") > 0,
          "the day's budget is being used")
    states = {labels["state"]: value for labels, value in now.all("harvest_queue_prompts")}
    check(states["ready"] > 0 and states["in_flight"] > 0 and states["paused"] == 0, f"queries stand so: {states}")
    check(abs(sum(states.values()) - now("harvest_job_remaining_prompts", job=job)) <= 2 * SLOTS, "which is all that remain")
    check(0 < now("harvest_oldest_ready_prompt_age_seconds") < 120, "the oldest ready query has an age")
    commits, took = now("harvest_commit_duration_seconds_count"), now("harvest_commit_duration_seconds_sum")
    check(commits > 10 and 0 < took / commits < 5, f"{commits:g} commits took {1000 * took / commits:.2f} ms each")
    check(0 < now("harvest_job_spend_dollars", job=job) < now("harvest_job_budget_dollars", job=job) == CAP_USD,
          "spend and cap are told")


def a_pause_is_no_backlog(service, job):
    say("the job is paused")
    service.ctl("jobs", "pause", job)
    service.wait_state(job, ["PAUSED"])
    left = waiting(service, job)
    until_seen(service, f"its {left} queries are paused, none is ready",
               lambda now: now("harvest_queue_prompts", state="paused") == left
               and now("harvest_queue_prompts", state="ready") == 0)
    check(service.stop() == 0, "it stops in order")
    service.start()
    until_seen(service, "and so they are after a restart", lambda now: now("harvest_queue_prompts", state="paused") == left)


def bad_teachers(house, service):
    say("a teacher that throttles, one that fails, one that cuts us off")
    prompts = {"throttling": 30, "failing": 30, "cutting": 40}
    jobs = {name: submit(house, service, name, count) for name, count in prompts.items()}
    now = until_seen(service, "the 429s are told by dimension, and asking again is a retry", lambda now: (
        now("harvest_rate_limited_total", teacher="throttling", dimension="requests")
        and now("harvest_wire_attempts_total", teacher="throttling", kind="retry")))
    check(now("harvest_wire_attempts_total", teacher="throttling", kind="first") <= prompts["throttling"], "no query is asked first twice")
    until_seen(service, "some wait for another try", lambda now: now("harvest_queue_prompts", state="postponed"))
    until_seen(service, "the breaker is open as `teachers show` says, and waited for", lambda now: (
        now("harvest_breaker_open", teacher="failing") == 1
        and not service.ctl("teachers", "show", "failing")["endpoints"][0].get("healthy")
        and now("harvest_wait_seconds_total", teacher="failing", cause="breaker")))
    now = until_seen(service, "the teacher that cut us off is halted",
                     lambda now: now("harvest_teacher_halted", teacher="cutting") == 1)
    check(now("harvest_breaker_open", teacher="paced") == 0 and now("harvest_teacher_halted", teacher="paced") == 0,
          "the others are not")
    service.wait_state(jobs["cutting"], ["PAUSED"])
    for name in ("throttling", "failing"):
        # One whose limit was found soon may have finished by now.
        check(service.ctl_raw("jobs", "cancel", jobs[name]).returncode in (0, 7), f"no more is asked of {name}")


def after_a_crash(service, job):
    say("a kill with attempts on the wire")
    service.ctl("jobs", "resume", job)
    until_seen(service, "they are on the wire", lambda now: now("harvest_inflight_requests", teacher="paced") == SLOTS)
    service.kill()
    service.start()
    bound = float(service.job(job)["at_risk_usd"])
    now = until_seen(service, "dollars at risk are counted",
                     lambda now: now("harvest_spend_at_risk_dollars_total", teacher="paced"))
    at_risk = now("harvest_spend_at_risk_dollars_total", teacher="paced")
    check(abs(at_risk - bound) < 1e-9, f"${at_risk:.6f}, as the job says")
    opened = [intent for intent in service.status()["crash_intents"] if intent["teacher"] == "paced"]
    check(now("harvest_ambiguous_requests_total", teacher="paced") == len(opened), "for each of its intents found open")
    check(now("harvest_teacher_halted", teacher="cutting") == 1, "a halted teacher is halted after it")


def a_version_is_published(service, job):
    say("the job ends and is published")
    service.ctl("halt", "--reason", "to be seen")
    until_seen(service, "a halt is told", lambda now: now("harvest_halted") == 1)
    service.ctl("halt", "--lift")
    check(service.wait_state(job, ["FINISHED", "PAUSED"])["record"]["state"] == "FINISHED", "it finishes")
    shards = int(service.ctl("datasets", "publish", "d-paced")["views"][0]["shards"])
    now = until_seen(service, "the job's gauges are gone", lambda now: now("harvest_job_pairs", job=job) is None)
    check(now("harvest_export_shards_total", outcome="sealed") == shards > 0,
          f"{shards} shards are sealed")
    check(now("harvest_export_shards_total", outcome="failed") == 0, "none failed")
    check(now("harvest_store_free_bytes") > 0 and now("harvest_last_commit_timestamp_seconds") > 1.7e9,
          "disk and last commit are told")


def the_list_is_whole():
    say("the list of families")
    table = set(re.findall(r"^\| `([a-z_]+)` \|", (ROOT / "deploy" / "README.md").read_text(), re.MULTILINE))
    types = {}
    for scrape in Scrape.seen:
        types.update(scrape.types)
    check(set(types) == table, f"{len(types)} families are told; not in the list: {sorted(set(types) - table)}, "
          f"missing: {sorted(table - set(types))}")
    moved = {name.removesuffix("_count") if types.get(name) is None else name
             for scrape in Scrape.seen for name, _, value in scrape.samples
             if value > 0 and not name.endswith(("_sum", "_bucket"))}
    still = set(types) - moved - UNMOVED
    check(not still, f"all but {sorted(UNMOVED)} have moved; not: {sorted(still)}")
    others = {name for scrape in Scrape.seen for name, labels, value in scrape.samples
              if value > 0 and "other" in labels.values()}
    check(not others, f"no word was outside its closed set: {sorted(others)}")
    shown = {name for scrape in Scrape.seen for name, _, _ in scrape.samples}
    board = json.loads((ROOT / "deploy" / "grafana" / "harvest.json").read_text())
    for panel in board["panels"]:
        names = {name for target in panel["targets"]
                 for name in re.findall(r"\b(?:harvest|gen_ai_client)_\w+", target["expr"])}
        check(names and names <= shown, f"the panel '{panel['title']}' has something to show")


def main():
    with House(__doc__) as house:
        paced = house.teacher("--latency-ms", 400)
        throttling = house.teacher("--latency-ms", 20, "--rpm", 120, "--window", 1, "--no-limit-headers", "--event-gap-ms", 5)
        failing = house.teacher("--fail-endpoint", 0)
        cutting = house.teacher("--cut-off-after", 5)
        service = house.service(teachers=[
            paced.entry("paced", max_cost_usd_per_day=str(CAP_USD), limits={
                "requests_per_minute": 6000, "requests_per_day": 100000, "concurrency": SLOTS}),
            throttling.entry("throttling", streaming="always"), failing.entry("failing"),
            cutting.entry("cutting", model="cut-off-1", limits={"concurrency": 2})]).start()
        Scrape(service)
        job = submit(house, service, "paced", PROMPTS, "--max-cost", CAP_USD)
        while_it_harvests(service, job)
        a_pause_is_no_backlog(service, job)
        bad_teachers(house, service)
        after_a_crash(service, job)
        a_version_is_published(service, job)
        the_list_is_whole()
        check(service.stop() == 0, "it stops in order")


main()

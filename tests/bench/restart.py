"""From kill -9 to the first request of the run after it, with a full store."""
import time

from parts import Service, Teacher, until


# What was in flight holds its share of the teacher's concurrency for a minute after a crash; so the teacher's is larger here.
LIMITS = {"limits": "concurrency: 4096", "harvest": "{ concurrency_max: 512 }", "core": None}


def first_request_seconds(bench, stored, waiting):
    with Teacher(bench, ["--canned", "--latency-ms", "0"]) as teacher:
        with Service(bench, teacher, **LIMITS) as house:
            house.ctl("halt")
            house.submit(bench.prompts(stored, 300), "--priority", "high", core=None)
            house.submit(bench.prompts(waiting, 300, "later"), "--priority", "low", core=None)
            house.ctl("halt", "--lift")
            until(f"{stored} pairs", lambda: house.pairs() >= stored, 1800, every=0.05)
            house.kill()
        asked = teacher.stats()["requests"]
        # The clock starts with exec: the service is only watched from outside, at the teacher.
        house = Service(bench, teacher, fresh=False, wait=False, **LIMITS)
        with house:
            until("the first request", lambda: teacher.stats()["requests"] > asked, 120, every=0.005)
            return time.monotonic() - house.started_at

"""How much of a limit is used, and whether a single 429 came, over whole windows of a teacher that enforces it."""
import time

from parts import Service, Teacher


def used(bench, windows, limits, flags, what, per_minute):
    """Granted over the limit, from the second window on: the first holds the start."""
    seconds = 60
    with Teacher(bench, [*flags, "--latency-ms", "200", "--answer-bytes", "400"]) as teacher:
        with Service(bench, teacher, limits) as house:
            house.submit(bench.prompts(per_minute * (windows + 2), 300), "--max-output", "200")
            time.sleep(seconds)
            before = teacher.stats()
            time.sleep(seconds * windows)
            after = teacher.stats()
    grown = what(after) - what(before)
    return {"used": grown / (per_minute * windows), "throttled": sum(after["throttled"].values())}

"""Plans: how often bill and time fall within the intervals that `harvestctl plan` gave for them."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../whole"))

from house import GSM8K, House  # noqa: E402
from plan_runs import CLAIMED, prompts_of, run, teachers_of, within  # noqa: E402


def calibration(bench, teachers):
    """Of a job of each kind of prompts at each teacher: the shares within, how wide the intervals are, what was claimed. None
    where the real prompts are not beside the checkout."""
    if not GSM8K.exists():
        return None
    with House("plans and bills", bench.binaries) as house:
        paths = prompts_of(house)
        started, entries = teachers_of(house, teachers)
        service = house.service(teachers=entries).start()
        runs = [run(service, name, teacher, kind, path) for name, teacher in started.items() for kind, path in paths.items()]
        service.stop()
    widths = sorted(made.plan["cost_usd"]["high"] / made.plan["cost_usd"]["low"] for made in runs)
    share = lambda holds: sum(holds) / len(runs)
    return {"runs": len(runs), "claimed": CLAIMED, "width": widths[len(widths) // 2],
            "bills": share(within(made.cost_usd, made.plan["cost_usd"]) for made in runs),
            "times": share(within(made.seconds, made.plan["seconds"]) for made in runs)}

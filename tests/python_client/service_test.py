"""The Python package with the real programs: prompts are submitted, watched, published, and read over HTTP by ranks of which all
are killed and resumed in another number; what they read is what `datasets pull` brings."""

import itertools
import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "whole"))

from harvest_client import CommandFailed, HarvestDataset, Jobs, ManifestMismatch  # noqa: E402
from house import House, check, pulled_records, say  # noqa: E402

PROMPTS = 200
READER = """
import json, os, signal, sys
from harvest_client import HarvestDataset
url, cache, digest, rank, world, stop, out = sys.argv[1:]
dataset = HarvestDataset(url, dataset="d", digest=digest, seed=11, rank=int(rank), world_size=int(world), cache=cache, mix=2)
with open(out, "w") as file:
    for count, record in enumerate(dataset, 1):
        print(record["record_id"], file=file, flush=True)
        if count == int(stop):
            with open(out + ".state", "w") as state:
                json.dump(dataset.state_dict(), state)
            os.kill(os.getpid(), signal.SIGKILL)
"""


def ids(records):
    return [record["record_id"] for record in records]


def harvest(house, service, jobs):
    job = jobs.submit([{"prompt": f"How would you count to {i}?"} for i in range(PROMPTS // 2)], teachers="t", purpose="training",
                      dataset="d", submission_id="first")
    again = jobs.submit([{"prompt": f"How would you count to {i}?"} for i in range(PROMPTS // 2)], teachers=["t"],
                        purpose="training", dataset="d", submission_id="first")
    check(job.id == again.id, "a submission that has a name is submitted once")
    seen = list(jobs.watch(job.id))
    check(seen[-1].state == "FINISHED" and seen[-1].answered == PROMPTS // 2, f"watched to its end: {seen[-1]}")
    service.ctl("datasets", "publish", "d")
    more = jobs.submit(house.prompts(PROMPTS // 2, "And why {0}, of all numbers?"), teachers="t", purpose="training", dataset="d",
                       max_cost="5", flags=["--priority", "high"])
    next(jobs.watch(more.id))  # and looks away
    check(jobs.wait(more.id).answered == PROMPTS // 2, "a file's prompts are answered too")
    check({status.id for status in jobs.list()} == {job.id, more.id}, "both are listed")
    check(jobs.show(more.id).spent_usd > 0, "what was spent is told")


def mistakes(house, service, jobs, url):
    for code, call in ((5, lambda: jobs.show("j_absent")), (5, lambda: list(jobs.watch("j_absent"))),
                       (2, lambda: jobs.submit([{"prompt": "x"}], teachers="t", purpose="fun", dataset="d")),
                       (6, lambda: Jobs("127.0.0.1:1", house.binary("harvestctl")).list())):
        try:
            call()
            check(False, f"exit code {code} is an error")
        except CommandFailed as failed:
            check(failed.code == code, f"typed, with its exit code: {failed}")
    try:
        HarvestDataset(url, dataset="absent").pin()
        check(False, "a dataset that is not there is an error")
    except ManifestMismatch as error:
        check("absent" in str(error), str(error))


def read_and_die(house, url, digest, world, stop):
    """Ranks as processes of their own, killed after so many records. What they read, and a state."""
    readers = []
    for rank in range(world):
        out = house.path(f"read-{rank}")
        arguments = (url, house.path("cache"), digest, rank, world, stop, out)
        readers.append((out, subprocess.Popen([sys.executable, "-c", READER, *map(str, arguments)])))
    for _, process in readers:
        check(process.wait(60) == -9, "a rank was killed")
    states = {(out.with_name(out.name + ".state")).read_text() for out, _ in readers}
    check(len(states) == 1, f"all say the same state: {states}")
    return [line for out, _ in readers for line in out.read_text().split()], json.loads(states.pop())


def main():
    with House(__doc__) as house:
        teacher = house.teacher("--latency-ms", 5)
        service = house.service(teachers=[teacher.entry("t")]).start()
        url = f"http://{service.config['http']['listen']}"
        jobs = Jobs(service.address, house.binary("harvestctl"))

        say("harvest")
        harvest(house, service, jobs)
        mistakes(house, service, jobs, url)
        early = HarvestDataset(url, dataset="d", seed=11, cache=house.path("cache"))
        check(early.pin().version == 1 and early.newer() is None, "the first version is the latest")
        service.ctl("datasets", "publish", "d")

        say("a newer version")
        newer = early.newer()
        check(newer is not None and newer.version == 2, f"a successor is seen: {newer}")
        early.switch(newer, at_epoch=1)
        check(len(ids(early)) == PROMPTS // 2 and len(ids(early)) == PROMPTS, "and read from the next epoch on")

        say("read, killed, resumed")
        pulled = house.path("pulled")
        service.ctl("datasets", "pull", "d", "--out", pulled)
        expected = sorted(ids(pulled_records(pulled)))
        check(len(set(expected)) == PROMPTS, f"{PROMPTS} records were pulled")
        size = house.random.choice((2, 3, 5))
        stop = house.random.randint(1, PROMPTS // size - 1)
        before, state = read_and_die(house, url, newer.sha256, world=size, stop=stop)
        check(state["position"] == stop * size == len(set(before)), f"{size} ranks had read {stop} records each")
        for world in (1, 2, 3, 5, 8):
            after = []
            for rank in range(world):
                resumed = HarvestDataset(url, dataset="d", seed=11, rank=rank, world_size=world, cache=house.path("cache"), mix=2)
                resumed.load_state_dict(state)
                after += ids(resumed)
            check(sorted(before + after) == expected, f"with {world} ranks after it, every record was read once")

        say("from the directory")
        over_http = ids(HarvestDataset(url, dataset="d", cache=house.path("cache"), seed=2))
        check(ids(HarvestDataset(pulled, dataset="d", seed=2)) == over_http, "what was pulled is read in the same order")
        service.ctl("datasets", "publish", "d", "--view", "tar", "--format", "webdataset")
        tar = HarvestDataset(url, dataset="d", view="tar", cache=house.path("cache"))
        check(sorted(ids(tar)) == expected, "a WebDataset view holds the same records")
        first = list(itertools.islice(tar, 1))[0]
        check(first["messages"][-1]["role"] == "assistant" and first["messages"][-1]["content"] != "", "with their answers")

        say("the service goes away")
        service.stop()
        check(ids(HarvestDataset(pulled, dataset="d", seed=2)) == over_http, "a pulled directory needs no service")


if __name__ == "__main__":
    main()

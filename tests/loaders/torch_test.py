"""The real torch reads a harvested dataset: ranks of torch.distributed, DataLoaders with and without workers, killed at a random record
and resumed by others; and what ranks do when a shard is recalled under them."""

import json
import multiprocessing
import os
import pathlib
import signal
import sys
import time

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "whole"), str(TESTS / "python_client")]

from fake_service import FakeService  # noqa: E402
from house import House, check, scaled, say  # noqa: E402

BATCH = 4
ROWS = (13, 9, 21, 8, 17, 12)


def join(meeting, rank, world):
    import torch.distributed

    if world > 1:
        torch.distributed.init_process_group("gloo", init_method=f"file://{meeting}", rank=rank, world_size=world)
    return torch.distributed


def loader(dataset, workers, **options):
    from torch.utils.data import DataLoader

    # Forked, as by default: forkserver's, which this process came from, would outlive one that is killed.
    return DataLoader(dataset, batch_size=BATCH, num_workers=workers, collate_fn=list,
                      multiprocessing_context="fork" if workers else None, **options)


def row(record):
    return [record["record_id"], [message["content"] for message in record["messages"]]]


def train(rank, world, meeting, workers, url, cache, state, stop, out):
    """A rank. It reads to the epoch's end, or dies when it has had `stop` records, in the middle of a batch too."""
    from harvest_client.torch_adapter import TorchDataset

    join(meeting, rank, world)
    dataset = TorchDataset(url, dataset="d", seed=7, mix=2, chunk=BATCH, cache=cache)
    if state:
        dataset.load_state_dict(state)
    read = []
    for batch in loader(dataset, workers):
        for record in batch:
            read.append(row(record))
            if len(read) == stop:
                out.write_text(json.dumps([read, dataset.state_dict(consumed=stop)]))
                os.kill(os.getpid(), signal.SIGKILL)
    out.write_text(json.dumps([read, dataset.state_dict(consumed=len(read))]))


def meet_a_recall(rank, world, meeting, on_recall, url, cache, withdrawn, out):
    """A rank in step with the others. Rank 1 alone asks after the shard was withdrawn: what the others have lies in their memory."""
    from harvest_client import Recalled
    from harvest_client.torch_adapter import TorchDataset, agree

    distributed = join(meeting, rank, world)
    dataset = TorchDataset(url, dataset="d", mix=1, even=True, on_recall=on_recall, agree=agree, cache=f"{cache}-{rank}")
    if rank != 1:
        ask = dataset.dataset._source.shard
        paths = {shard.sha256: ask(shard) for shard in dataset.dataset.manifest.shards}
        dataset.dataset._source.shard = lambda shard: paths[shard.sha256]
    distributed.barrier()
    read, recalled = [], None
    try:
        for record in dataset:
            read.append(record["record_id"])
            distributed.barrier()
            if len(read) == 2 and rank == 0:
                withdrawn.with_suffix(".asked").touch()
            while len(read) == 2 and not withdrawn.exists():
                time.sleep(0.01)
    except Recalled as error:
        recalled = error.shards
    out.write_text(json.dumps([read, recalled]))


def meet_a_recall_in_a_worker(url, cache, out):
    from harvest_client import Recalled
    from harvest_client.torch_adapter import TorchDataset

    dataset = TorchDataset(url, dataset="d", chunk=BATCH, cache=cache)
    try:
        list(loader(dataset, 2))
        found = None
    except Recalled as error:
        found = error.shards
        dataset.set_epoch(1)
        dataset.dataset.leave_out(found)
    rest = [record["record_id"] for batch in loader(dataset, 2) for record in batch]
    out.write_text(json.dumps([found, rest]))


def misuse(url, cache, out):
    from harvest_client import StateMismatch
    from harvest_client.torch_adapter import TorchDataset

    said = []
    try:
        list(loader(TorchDataset(url, dataset="d", cache=cache), 2))
    except ValueError as error:
        said.append(str(error))
    again = loader(TorchDataset(url, dataset="d", cache=cache, chunk=BATCH), 1, persistent_workers=True)
    list(again)
    try:
        list(again)
    except StateMismatch as error:
        said.append(str(error))
    out.write_text(json.dumps(said))


class Ranks:
    """Processes that have torch already: it takes seconds to import."""

    def __init__(self, house):
        self.house, self.runs = house, 0
        self.context = multiprocessing.get_context("forkserver")
        self.context.set_forkserver_preload(["torch", "torch.utils.data", "torch.distributed", "harvest_client.torch_adapter"])

    def start(self, target, *arguments):
        self.runs += 1
        out = self.house.path(f"out-{self.runs}.json")
        process = self.context.Process(target=target, args=(*arguments, out), daemon=False)
        process.start()
        return process, out

    def world(self, target, size, *arguments):
        meeting = self.house.path(f"meeting-{self.runs}")
        return [self.start(target, rank, size, meeting, *arguments) for rank in range(size)]

    def end(self, started, code=0):
        for process, _ in started:
            process.join(120)
            check(process.exitcode == code, f"a process ended with {process.exitcode}, expected {code}")
        return [json.loads(out.read_text()) for _, out in started]


def killed_and_resumed(house, ranks, url, expected):
    cache = house.path("cache")
    for (first, before_workers), (second, after_workers) in (((2, 0), (2, 2)), ((2, 2), (1, 0)), ((1, 2), (3, 2))):
        stop = house.random.randint(1, len(expected) // first - 1)
        killed = ranks.end(ranks.world(train, first, before_workers, url, cache, None, stop), -signal.SIGKILL)
        check(all(state == killed[0][1] for _, state in killed), f"killed after {stop} records, all ranks say the same state")
        resumed = ranks.end(ranks.world(train, second, after_workers, url, cache, killed[0][1], 0))
        read = [record for records, _ in killed + resumed for record in records]
        check(sorted(read) == expected, f"{first} ranks with {before_workers} workers, then {second} with {after_workers}: "
                                        f"the {len(read)} ids and texts, each once")


def recalled_under_them(house, ranks):
    for on_recall in ("skip", "error"):
        with FakeService(ROWS) as service:
            started_with, withdrawn = ranks.runs, house.path(f"withdrawn-{on_recall}")
            started = ranks.world(meet_a_recall, 2, on_recall, service.url, house.path(f"cache-{on_recall}"), withdrawn)
            while not withdrawn.with_suffix(".asked").exists():
                check_running(started)
                time.sleep(0.01)
            fetched = {path for path in service.files if len(service.shard_gets(path)) == 2}
            number = next(i for i in range(len(ROWS)) if service.path(i) not in fetched)
            service.gone.add(service.path(number))
            withdrawn.touch()
            told = ranks.end(started)
            read = [record for records, _ in told for record in records]
            sizes = [len(records) for records, _ in told]
            check(sizes[0] == sizes[1] and len(read) == len(set(read)), f"{on_recall}: both ranks read {sizes[0]}")
            if on_recall == "skip":
                kept = service.ids(without=[number])
                check(set(read) <= set(kept) and len(read) == len(kept) // 2 * 2, "and skipped what one of them found recalled")
            else:
                check([shards for _, shards in told] == [[service.shards[number]["sha256"]]] * 2, "and both were told the shard")
            check(ranks.runs == started_with + 2, "two processes did it")


def check_running(started):
    if any(process.exitcode is not None for process, _ in started):
        raise AssertionError(f"a rank ended: {[process.exitcode for process, _ in started]}")


def workers_meet_it(house, ranks):
    with FakeService(ROWS) as service:
        service.gone.add(service.path(2))
        found, rest = ranks.end([ranks.start(meet_a_recall_in_a_worker, service.url, house.path("cache-workers"))])[0]
        check(found == [service.shards[2]["sha256"]], "a recall that a worker meets is Recalled in the trainer, and names the shard")
        check(sorted(rest) == service.ids(without=[2]), "which goes on without it from the next epoch on")
        service.gone.clear()
        chunk, persistent = ranks.end([ranks.start(misuse, service.url, house.path("cache-misuse"))])[0]
        check("expected the DataLoader's batch_size" in chunk, "several workers without a chunk are refused")
        check("no persistent_workers" in persistent, "and workers that outlive an epoch")


def harvest(house):
    teacher = house.teacher("--latency-ms", 2)
    service = house.service(teachers=[teacher.entry("t")]).start()
    for part in range(5):  # each a shard
        job = service.ctl("submit", "--teacher", "t", "--purpose", "training", "--dataset", "d",
                          house.prompts(scaled(40, 15) + part, f"Why {part}, and not {{0}}?"))["record"]["id"]
        check(service.wait_state(job, ["FINISHED", "PAUSED"])["record"]["state"] == "FINISHED", "harvested")
        service.ctl("datasets", "publish", "d")
    return f"http://{service.config['http']['listen']}"


def main():
    with House(__doc__) as house:
        from harvest_client import HarvestDataset

        ranks = Ranks(house)
        url = harvest(house)
        expected = sorted(map(row, HarvestDataset(url, dataset="d", cache=house.path("cache-alone"))))
        say("killed and resumed")
        killed_and_resumed(house, ranks, url, expected)
        say("recalled")
        recalled_under_them(house, ranks)
        workers_meet_it(house, ranks)


if __name__ == "__main__":
    main()

"""Readers killed at a random record, resumed by any number of ranks, with recalls at random moments: whatever happens, a record is
read once. Ranks step in turn, so a case is the same each time its seed is told."""

import itertools
import json
import os
import random
import tempfile
import unittest
from pathlib import Path

from fake_service import FakeService
from harvest_client import HarvestDataset, Recalled

WORLDS = (1, 2, 3, 5, 8)
SEED = int(os.environ.get("HARVEST_TEST_SEED", "1"))


def ids(records):
    return [record["record_id"] for record in records]


def shard_of(record_id):
    return int(record_id.split("-")[1])


class Corpus:
    """A pulled directory of a few shards of random size, some smaller than a world, some empty."""

    def __init__(self, folder, rng):
        self.service = FakeService([rng.choice((1, 3, 8, 20)), *(rng.choice((0, 1, 3, 8, 20)) for _ in range(rng.randint(2, 9)))], "jsonl")
        self.folder = folder
        (folder / "shards").mkdir(parents=True)
        (folder / "manifest.json").write_bytes(self.service.versions[0])
        for path, content in self.service.files.items():
            (folder / "shards" / path).write_bytes(content)
        self.numbers = {shard["sha256"]: i for i, shard in enumerate(self.service.shards)}

    def ids(self, without=()):
        return self.service.ids({self.numbers[sha256] for sha256 in without})


class Training:
    """Ranks in step. `withdrawn` grows between steps; rank `finder` alone finds it, the others hear of it by agreement."""

    def __init__(self, corpus, size, state, withdrawn, finder, **options):
        self.withdrawn, self.read, self.agreed = withdrawn, [[] for _ in range(size)], [0] * size
        self.ranks = [HarvestDataset(corpus.folder, dataset="d", rank=rank, world_size=size, agree=self._agree_as(rank), **options)
                      for rank in range(size)]
        for rank, dataset in enumerate(self.ranks):
            if state:
                dataset.load_state_dict(json.loads(state))
            if rank == finder % size:
                self._let_find(dataset)
        self._passes = [iter(dataset) for dataset in self.ranks]
        self.shards = sorted(corpus.numbers)
        self.recalled = []  # rank, records it had read, shards

    def step(self):
        """Records that all have read together."""
        for rank, one in enumerate(self._passes):
            try:
                self.read[rank] += ids(itertools.islice(one, 1))
            except Recalled as error:
                self.recalled.append((rank, len(self.read[rank]), error.shards))
        return sum(map(len, self.read))

    def state(self):
        return {json.dumps(dataset.state_dict()) for dataset in self.ranks}

    def _agree_as(self, rank):
        def agree(found):
            self.agreed[rank] += 1
            return found | self.withdrawn  # what the finder says in the same step

        return agree

    def _let_find(self, dataset):
        ask = dataset._source.shard

        def shard(asked):
            if asked.sha256 in self.withdrawn:
                raise Recalled(f"{asked.path}: found status 410", [asked.sha256])
            return ask(asked)

        dataset._source.shard = shard


class ResumeTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="harvest-python-")
        self.addCleanup(folder.cleanup)
        self.folder, self.corpora = Path(folder.name), itertools.count()

    def corpus(self, rng):
        return Corpus(self.folder / str(next(self.corpora)), rng)

    def cases(self, *worlds):
        for case in itertools.product(*worlds):
            self.case = f"HARVEST_TEST_SEED={SEED}, worlds {case}"
            yield random.Random(f"{SEED} {case}"), *case

    def holds(self, fact, what):
        self.assertTrue(fact, f"{self.case}: {what}")

    def test_a_reader_killed_at_a_random_record_resumes_exactly(self):
        """Killed twice. A checkpoint is taken at a step; ranks go on to different records until they die."""
        for rng, *worlds in self.cases(WORLDS, WORLDS, WORLDS):
            corpus, state, kept = self.corpus(rng), None, []
            options = {"dataset": "d", "seed": rng.randint(0, 9), "mix": rng.randint(1, 4)}
            order = ids(HarvestDataset(corpus.folder, **options))
            for size in worlds[:2]:
                read, step = [], rng.randint(0, (len(order) - len(kept)) // size)
                states = set()
                for rank in range(size):
                    dataset = HarvestDataset(corpus.folder, rank=rank, world_size=size, **options)
                    if state:
                        dataset.load_state_dict(json.loads(state))
                    one = iter(dataset)
                    read += ids(itertools.islice(one, step))
                    states.add(json.dumps(dataset.state_dict()))
                    ids(itertools.islice(one, rng.randint(0, 5)))
                kept += read
                self.holds(len(states) == 1, "the ranks say the same")
                state = states.pop()
                self.holds(sorted(kept) == sorted(order[:len(kept)]), "what was read is a beginning of the order")
            rest = []
            for rank in range(worlds[2]):
                dataset = HarvestDataset(corpus.folder, rank=rank, world_size=worlds[2], **options)
                dataset.load_state_dict(json.loads(state))
                rest += ids(dataset)
            self.holds(sorted(kept + rest) == corpus.ids(), "every record once")

    def test_a_recall_at_a_random_step_is_skipped_by_all_ranks_there_and_after_a_resume(self):
        skipped = stopped = 0
        for rng, first, second in self.cases(WORLDS, WORLDS):
            corpus, withdrawn = self.corpus(rng), set()
            options = {"seed": rng.randint(0, 9), "mix": rng.randint(1, 3), "on_recall": "skip"}
            read, state = self.train(rng, Training(corpus, first, None, withdrawn, rng.randint(0, 7), **options), rng.randint(0, 20))
            if state["epoch"] == 0:
                resumed = Training(corpus, second, json.dumps(state), withdrawn, rng.randint(0, 7), **options)
                rest, state = self.train(rng, resumed, 10**9)
                if state is None:
                    stopped += 1
                    continue
                read += rest
            skipped += bool(state["recalled"])
            self.holds(set(state["recalled"]) <= withdrawn, "no shard was left out but what was withdrawn")
            self.holds(sorted(read) == corpus.ids(without=state["recalled"]), "and all the others were read, each record once")
        self.holds(skipped > 0, f"some were skipped, {stopped} stopped")

    def train(self, rng, training, steps):
        """So many steps, or to the epoch's end. What was read, and the state; none where a recall in the block that was resumed
        midway stopped all ranks before they read any more."""
        size, had = len(training.ranks), 0
        for number in range(steps):
            if rng.random() < 0.1:
                training.withdrawn.add(rng.choice(training.shards))
            now = training.step()
            if training.recalled:
                self.holds([rank for rank, _, _ in training.recalled] == list(range(size)), "all ranks stop")
                self.holds(number == now == 0, "before the first step of a resumed pass")
                return [], None
            self.holds(len(set(training.agreed)) == 1, "every rank has agreed as often")
            if now < had + size:  # the last step: some ranks had no record, and the others end now
                training.step()
                break
            had = now
        states = training.state()
        self.holds(len(states) == 1, "the ranks say the same")
        return sum(training.read, []), json.loads(states.pop())

    def test_a_recall_that_is_an_error_stops_all_ranks_at_the_same_step(self):
        stopped = 0
        for rng, size, other in self.cases(WORLDS, WORLDS):
            corpus, withdrawn = self.corpus(rng), set()
            options = {"seed": rng.randint(0, 9), "mix": rng.randint(1, 3), "on_recall": "error"}
            training = Training(corpus, size, None, withdrawn, rng.randint(0, 7), **options)
            had, when = -1, rng.randint(0, 3)
            for number in itertools.count():
                if number == when:
                    withdrawn.update(rng.sample(training.shards, min(2, len(training.shards))))
                now = training.step()
                if training.recalled or now == had:
                    break
                had = now
            if not training.recalled:
                self.holds(sorted(sum(training.read, [])) == corpus.ids(), "what was read before it was withdrawn is read")
                continue
            stopped += 1
            self.holds([rank for rank, _, _ in training.recalled] == list(range(size)), "all ranks stop")
            told = {shards for _, _, shards in training.recalled}
            self.holds(len(told) == len({count for _, count, _ in training.recalled}) == 1, "at the same step, told the same shards")
            shards = told.pop()
            read_of = {shard_of(one) for one in sum(training.read, [])}
            self.holds(set(shards) <= withdrawn and not read_of & {corpus.numbers[one] for one in shards}, "nothing of them was read")
            # Without them it goes on in the next epoch, with another number of ranks.
            after = []
            for rank in range(other):
                dataset = HarvestDataset(corpus.folder, dataset="d", rank=rank, world_size=other, **options)
                dataset.set_epoch(1)
                dataset.leave_out(shards)
                after += ids(dataset)
            self.holds(sorted(after) == corpus.ids(without=shards), "all but them")
        self.holds(stopped > 0, "some were stopped")


if __name__ == "__main__":
    unittest.main()

"""HarvestDataset against a small service: what is read, resumed, switched, recalled, and what is refused."""

import importlib.util
import itertools
import json
import pickle
import random
import tempfile
import threading
import unittest
from pathlib import Path
from unittest import mock

from fake_service import FakeService, sha256
from harvest_client import (FetchFailed, HarvestDataset, HarvestError, ManifestMismatch, NotASuccessor, Pin, Recalled,
                            ShardDamaged, Share, StateMismatch)
from harvest_client import download

ROWS = (13, 5, 0, 21, 8, 17)


def ids(records):
    return [record["record_id"] for record in records]


def at_most(count, dataset):
    return ids(itertools.islice(dataset, count))


class DatasetTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="harvest-python-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.caches = itertools.count()
        no_waiting = mock.patch.object(download, "_pause", lambda attempt: None)
        no_waiting.start()
        self.addCleanup(no_waiting.stop)

    def serve(self, rows=ROWS, form="jsonl.gz"):
        service = FakeService(rows, form)
        service.__enter__()
        self.addCleanup(service.__exit__)
        return service

    def dataset(self, service, **options):
        return HarvestDataset(service.url, dataset="d", **{"cache": self.folder / "cache", "mix": 2, **options})

    def fresh_cache(self):
        return self.folder / f"cache-{next(self.caches)}"

    def world(self, service, size, **options):
        return [self.dataset(service, rank=rank, world_size=size, **options) for rank in range(size)]

    # Reading

    def test_every_record_is_read_once_whatever_the_world(self):
        service = self.serve()
        for size, workers, even in itertools.product((1, 2, 3, 7), (1, 2), (False, True)):
            parts = [ids(self.dataset(service, rank=rank, world_size=size, worker=worker, workers=workers, even=even, seed=4))
                     for rank in range(size) for worker in range(workers)]
            read = sorted(sum(parts, []))
            if not even:
                self.assertEqual(read, service.ids())
            self.assertEqual(len(read), len(set(read)))
            self.assertEqual(len(read), len(service.ids()) // size * size if even else len(service.ids()))

    def test_the_order_is_a_function_of_version_seed_and_epoch(self):
        service = self.serve()
        first, other = self.dataset(service), self.dataset(service, seed=1)
        again = self.dataset(service, cache=self.fresh_cache())
        orders = [ids(first), ids(again), ids(first), ids(other)]
        self.assertEqual(orders[0], orders[1])
        self.assertNotEqual(orders[0], orders[2])
        self.assertNotEqual(orders[0], orders[3])
        self.assertEqual((first.epoch, again.epoch), (2, 1))
        again.set_epoch(1)
        self.assertEqual(ids(again), orders[2])

    def test_formats(self):
        for form in ("jsonl", "jsonl.gz", "webdataset"):
            service = self.serve((4, 3), form)
            self.assertEqual(sorted(ids(self.dataset(service))), service.ids(), form)
        for form, module in (("jsonl.zst", "zstandard"), ("parquet", "pyarrow")):
            if importlib.util.find_spec(module):
                service = self.serve((4, 3), form)
                self.assertEqual(sorted(ids(self.dataset(service))), service.ids(), form)
            else:
                service = self.serve((4, 3), "jsonl")
                service.versions[0] = service.versions[0].replace(b'"format": "jsonl"', f'"format": "{form}"'.encode())
                with self.assertRaisesRegex(HarvestError, f"found no module {module}"):
                    ids(self.dataset(service))
        service = self.serve((4,), "jsonl")
        service.versions[0] = service.versions[0].replace(b'"format": "jsonl"', b'"format": "xml"')
        with self.assertRaisesRegex(HarvestError, "found format 'xml', expected jsonl or"):
            ids(self.dataset(service))

    def test_a_pulled_directory_reads_like_the_service(self):
        service = self.serve()
        (self.folder / "shards").mkdir()
        (self.folder / "manifest.json").write_bytes(service.versions[0])
        for path, content in service.files.items():
            (self.folder / "shards" / path).write_bytes(content)
        pulled = HarvestDataset(self.folder, dataset="d", mix=2)
        self.assertEqual(ids(pulled), ids(self.dataset(service)))
        self.assertIsNone(pulled.newer())
        (self.folder / "shards" / service.path(0)).write_bytes(b"something else")
        with self.assertRaisesRegex(ShardDamaged, service.path(0)):
            ids(pulled)

    def test_it_can_be_sent_to_a_worker(self):
        service = self.serve()
        dataset = self.dataset(service)
        self.assertEqual(ids(pickle.loads(pickle.dumps(dataset))), ids(dataset))

    # Resuming

    def test_a_state_resumes_with_any_world_size_to_the_record(self):
        service = self.serve()
        cuts = random.Random(3)
        for first, second in itertools.product((1, 2, 3), (1, 2, 5)):
            ranks = self.world(service, first, seed=9)
            step = cuts.randint(0, len(service.ids()) // first)
            before = sum((at_most(step, rank) for rank in ranks), [])
            states = [json.dumps(rank.state_dict()) for rank in ranks]
            self.assertEqual(len(set(states)), 1, "the ranks say the same")
            resumed = self.world(service, second, seed=9)
            for rank in resumed:
                rank.load_state_dict(json.loads(states[0]))
            after = sum(map(ids, resumed), [])
            self.assertEqual(sorted(before + after), service.ids(), (first, second, step))
            self.assertEqual({rank.epoch for rank in resumed}, {1})

    def test_iterating_again_goes_on_where_it_was_left(self):
        service = self.serve()
        dataset = self.dataset(service)
        parts = at_most(10, dataset)
        dataset.set_epoch(0)
        self.assertEqual(sorted(parts + ids(dataset)), service.ids())

    def test_a_state_of_a_loader_with_workers_counts_what_was_consumed(self):
        service = self.serve()
        whole = ids(self.dataset(service, rank=1, world_size=2))
        dataset = self.dataset(service, rank=1, world_size=2)
        worker = dataset.with_share(Share(1, 2, worker=1, workers=2, chunk=4))
        self.assertEqual(ids(worker)[:4], whole[4:8])
        with self.assertRaisesRegex(StateMismatch, "consumed"):
            worker.state_dict()
        dataset.load_state_dict(dataset.state_dict(consumed=12))
        self.assertEqual(ids(dataset), whole[12:])

    def test_a_state_of_something_else_is_refused(self):
        service = self.serve()
        state = self.dataset(service).state_dict()
        for name, value in (("seed", 1), ("mix", 3), ("dataset", "e"), ("view", "v")):
            with self.assertRaisesRegex(StateMismatch, f"state: {name}: found {value!r}"):
                self.dataset(service).load_state_dict({**state, name: value})
        with self.assertRaises(ManifestMismatch):
            self.dataset(service).load_state_dict({**state, "manifest_sha256": "0" * 64})

    # Versions

    def test_all_ranks_go_to_a_newer_version_at_the_epoch_they_agreed_on(self):
        service = self.serve()
        first = self.dataset(service, world_size=2)
        pin = first.pin()
        self.assertIsNone(first.newer())
        old = service.ids()
        service.publish((6,)).publish((7, 3))
        second = self.dataset(service, rank=1, world_size=2, digest=pin.sha256)
        newer = first.newer()
        self.assertEqual((newer.version, second.pin()), (3, pin))
        for rank in (first, second):
            rank.switch(newer, at_epoch=1)
        state = first.state_dict()
        self.assertEqual(sorted(ids(first) + ids(second)), old)
        self.assertEqual((first.pin(), second.pin()), (newer, newer))
        self.assertEqual(sorted(ids(first) + ids(second)), service.ids())
        resumed = self.dataset(service)
        resumed.load_state_dict(state)
        self.assertEqual((sorted(ids(resumed)), sorted(ids(resumed))), (old, service.ids()), "a state knows of the switch")

    def test_a_switch_in_the_middle_of_an_epoch_is_refused(self):
        service = self.serve()
        dataset = self.dataset(service)
        dataset.pin()
        newer = Pin(2, sha256(service.publish((6,)).versions[1]))
        at_most(1, dataset)
        for epoch in (-1, 0):
            with self.assertRaisesRegex(StateMismatch, "epoch 0 begun"):
                dataset.switch(newer, at_epoch=epoch)

    def test_a_version_that_does_not_lead_back_is_no_successor(self):
        service = self.serve()
        dataset = self.dataset(service)
        dataset.pin()
        service.publish((6,), parent="0" * 64)
        with self.assertRaises(NotASuccessor):
            dataset.newer()
        service.publish((6,))
        with self.assertRaises(NotASuccessor):
            dataset.newer()

    def test_a_pinned_digest_is_found_or_refused(self):
        service = self.serve()
        digest = self.dataset(service).pin().sha256
        service.publish((6,)).publish((7,))
        self.assertEqual(self.dataset(service, digest=digest).pin(), Pin(1, digest))
        self.assertEqual(self.dataset(service, version=2).pin().version, 2)
        for wrong in ({"digest": "0" * 64}, {"version": 2, "digest": digest}, {"version": 9}, {"view": "absent"}):
            with self.assertRaises(ManifestMismatch):
                self.dataset(service, **wrong).pin()

    def test_a_manifest_that_is_none_is_refused(self):
        service = self.serve()
        good = json.loads(service.versions[0])
        for change, words in (({"rows": 3}, "rows: found 3, expected 64"), ({"version": "1"}, "version: found '1'"),
                              ({"shards": [{**good["shards"][0], "path": "../x"}], "rows": 13}, "a bare file name"),
                              ({"shards": [{**good["shards"][0], "sha256": "12"}], "rows": 13}, "64 hexadecimal"),
                              ({"dataset": "e"}, "found e, view default")):
            service.versions[0] = json.dumps({**good, **change}).encode()
            with self.assertRaisesRegex(ManifestMismatch, words):
                self.dataset(service).pin()

    # Transfers

    def test_a_transfer_that_breaks_off_goes_on_where_it_was(self):
        service = self.serve()
        service.cut_after[service.path(3)] = 40
        self.assertEqual(sorted(ids(self.dataset(service))), service.ids())
        asked = service.shard_gets(service.path(3))
        self.assertEqual(asked[:3], [None, "bytes=40-", "bytes=80-"])

    def test_a_service_without_ranges_is_read_from_the_begin(self):
        service = self.serve()
        service.ranges = False
        part = self.folder / "cache" / f"{service.shards[3]['sha256'][:16]}-{service.path(3)}.part"
        part.parent.mkdir()
        part.write_bytes(b"of another attempt")
        self.assertEqual(sorted(ids(self.dataset(service))), service.ids())

    def test_what_a_dead_process_left_damaged_is_fetched_again(self):
        service = self.serve()
        for left in (b"xx", b"x" * len(service.files[service.path(3)]), b"x" * 5000):
            cache = self.fresh_cache()
            cache.mkdir()
            (cache / f"{service.shards[3]['sha256'][:16]}-{service.path(3)}.part").write_bytes(left)
            self.assertEqual(sorted(ids(self.dataset(service, cache=cache))), service.ids())

    def test_a_damaged_shard_is_never_handed_out(self):
        service = self.serve()
        path, good = service.path(3), service.files[service.path(3)]
        for bad in (good[:-1] + b"x", good + b"x"):
            service.files[path] = bad
            with self.assertRaisesRegex(ShardDamaged, path):
                ids(self.dataset(service))
            self.assertEqual([file.name for file in (self.folder / "cache").glob(f"*{path}")], [])
        service.files[path] = good
        self.assertEqual(sorted(ids(self.dataset(service))), service.ids())
        (cached,) = (self.folder / "cache").glob(f"*{path}")
        cached.write_bytes(bad)
        self.assertEqual(sorted(ids(self.dataset(service))), service.ids(), "and one that rots in the cache is fetched again")

    def test_rows_that_the_manifest_does_not_count_are_damage(self):
        service = self.serve((4, 3))
        manifest = json.loads(service.versions[0])
        manifest["shards"][0]["rows"], manifest["rows"] = 5, 8
        service.versions[0] = json.dumps(manifest).encode()
        with self.assertRaisesRegex(ShardDamaged, "found 4 rows, expected 5"):
            ids(self.dataset(service))

    def test_a_busy_service_is_asked_again_and_one_that_refuses_is_not(self):
        service = self.serve()
        service.failures = [503, 429, 500]
        self.assertEqual(sorted(ids(self.dataset(service))), service.ids())
        service.failures = [503] * 20
        with self.assertRaisesRegex(FetchFailed, "status 503 6 times in a row"):
            self.dataset(service).pin()
        service.failures = [403]
        with self.assertRaisesRegex(FetchFailed, "found status 403"):
            self.dataset(service).pin()
        self.assertEqual(service.failures, [])

    def test_readers_of_one_machine_fetch_a_shard_once(self):
        service = self.serve()
        ranks = self.world(service, 4)
        threads = [threading.Thread(target=ids, args=(rank,)) for rank in ranks]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for shard in service.shards:
            self.assertLessEqual(len(service.shard_gets(shard["path"])), 1)

    # Recalls

    def test_a_recall_is_an_error_that_names_the_shard(self):
        service = self.serve()
        service.gone.add(service.path(3))
        for options in ({}, {"on_recall": "skip", "world_size": 2}):  # to skip alone would part the ranks
            with self.assertRaisesRegex(Recalled, service.path(3)) as raised:
                ids(self.dataset(service, **options))
            self.assertEqual(raised.exception.shards, (service.shards[3]["sha256"],))

    def test_a_recall_reaches_what_lies_in_the_cache(self):
        service = self.serve()
        ids(self.dataset(service))
        service.gone.add(service.path(3))
        with self.assertRaises(Recalled):
            ids(self.dataset(service))
        self.assertEqual(list((self.folder / "cache").glob(f"*{service.path(3)}")), [])

    def test_one_reader_skips_what_was_recalled(self):
        service = self.serve()
        service.gone.add(service.path(3))
        dataset = self.dataset(service, on_recall="skip")
        self.assertEqual(sorted(ids(dataset)), service.ids(without=[3]))
        state = dataset.state_dict()
        self.assertEqual(state["recalled"], [service.shards[3]["sha256"]])
        self.assertEqual(sorted(ids(dataset)), service.ids(without=[3]))

    def test_all_ranks_skip_a_recall_at_the_same_step(self):
        """Ranks in lockstep as in training: a barrier at every step stands for the gradients' exchange. One rank alone is
        told of each recall, in the middle of the epoch."""
        for size, even, number in itertools.product((2, 3), (True, False), range(len(ROWS))):
            service = self.serve()
            read, states = run_in_lockstep(self, service, size, even, number)
            expected = service.ids(without=[number]) if ROWS[number] else service.ids()
            together = sorted(sum(read, []))
            self.assertEqual(len(together), len(set(together)))
            if not even:
                self.assertEqual(together, expected)
            self.assertLessEqual(set(together), set(expected))
            if even:
                self.assertEqual({len(part) for part in read}, {len(expected) // size})
            self.assertEqual(len({json.dumps(state) for state in states}), 1)

    def test_ranks_that_stopped_leave_a_recall_out_from_the_next_epoch_on(self):
        service = self.serve()
        ranks = self.world(service, 2, on_recall="skip")
        service.gone.add(service.path(3))
        found = set()
        for rank in ranks:
            with self.assertRaises(Recalled) as raised:
                ids(rank)
            found.update(raised.exception.shards)
        for rank in ranks:
            rank.set_epoch(1)
            rank.leave_out(found)
        self.assertEqual(sorted(ids(ranks[0]) + ids(ranks[1])), service.ids(without=[3]))

    def test_a_recall_in_a_block_that_was_resumed_midway_is_an_error(self):
        service = self.serve()
        dataset = self.dataset(service, on_recall="skip", mix=100)
        at_most(5, dataset)
        service.gone.add(service.path(3))
        with self.assertRaisesRegex(Recalled, "resumed midway"):
            ids(dataset)
        with self.assertRaisesRegex(StateMismatch, "epoch 0 begun"):
            dataset.leave_out([service.shards[3]["sha256"]])


def run_in_lockstep(test, service, size, even, number):
    barrier = threading.Barrier(size, timeout=10)
    said = [frozenset()] * size
    read, states, errors = [[] for _ in range(size)], [None] * size, []

    def agree_as(rank):
        def agree(found):
            said[rank] = found
            barrier.wait()
            together = frozenset().union(*said)
            barrier.wait()
            return together
        return agree

    def run(rank):
        try:
            dataset = test.dataset(service, rank=rank, world_size=size, even=even, on_recall="skip", agree=agree_as(rank),
                                   cache=test.fresh_cache())
            whole = dataset._source.shard

            def shard(asked):
                if rank == 1 and asked.path == service.path(number):
                    raise Recalled("recalled", [asked.sha256])
                return whole(asked)

            dataset._source.shard = shard
            for record in dataset:
                read[rank].append(record["record_id"])
                if even:
                    barrier.wait()
            states[rank] = dataset.state_dict()
        except BaseException as error:  # noqa: B902
            errors.append(error)
            barrier.abort()

    threads = [threading.Thread(target=run, args=(rank,)) for rank in range(size)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    test.assertEqual(errors, [])
    return read, states


if __name__ == "__main__":
    unittest.main()

"""The adapters: PyTorch's by a stand-in that has the few names it uses, Hugging Face's by the real package where it is there."""

import copy
import importlib
import sys
import tempfile
import types
import unittest
from unittest import mock

from fake_service import FakeService
from harvest_client import HarvestDataset, StateMismatch, hf_adapter


def ids(records):
    return [record["record_id"] for record in records]


class FakeTorch:
    """torch as one rank sees it. `said` is what the ranks have in common."""

    def __init__(self, rank=0, world=1, said=None):
        self.worker = None
        data = types.ModuleType("torch.utils.data")
        data.IterableDataset = type("IterableDataset", (), {})
        data.get_worker_info = lambda: self.worker
        distributed = types.ModuleType("torch.distributed")
        distributed.is_available = lambda: True
        distributed.is_initialized = lambda: world > 1
        distributed.get_rank, distributed.get_world_size = lambda: rank, lambda: world

        def broadcast(values, src):
            if rank == src:
                said[:] = values
            values[:] = said

        def all_gather(values, mine):
            values[:] = [mine, *[frozenset({"of another"})] * (world - 1)]

        distributed.broadcast_object_list, distributed.all_gather_object = broadcast, all_gather
        torch, utils = types.ModuleType("torch"), types.ModuleType("torch.utils")
        torch.utils, utils.data, torch.distributed = utils, data, distributed
        self.modules = {"torch": torch, "torch.utils": utils, "torch.utils.data": data, "torch.distributed": distributed}

    def __enter__(self):
        self.patch = mock.patch.dict(sys.modules, self.modules)
        self.patch.start()
        sys.modules.pop("harvest_client.torch_adapter", None)
        return importlib.import_module("harvest_client.torch_adapter")  # anew: its base class is this torch's

    def __exit__(self, *_):
        self.patch.stop()


class AdaptersTest(unittest.TestCase):
    def setUp(self):
        self.service = FakeService((13, 5, 21)).__enter__()
        self.addCleanup(self.service.__exit__)
        folder = tempfile.TemporaryDirectory(prefix="harvest-python-")
        self.addCleanup(folder.cleanup)
        self.options = {"dataset": "d", "cache": folder.name}

    def test_torch_ranks_read_the_version_that_rank_0_chose(self):
        said, read = [], []
        for rank in range(2):
            with FakeTorch(rank, 2, said) as adapter:
                dataset = adapter.TorchDataset(self.service.url, **self.options)
                expected = self.service.ids() if rank == 0 else expected
                read += ids(dataset)
                self.service.publish((7,))  # after rank 0 chose
        self.assertEqual(sorted(read), expected)

    def test_torch_workers_share_their_rank_part(self):
        torch = FakeTorch()
        with torch as adapter:
            dataset = adapter.TorchDataset(self.service.url, chunk=4, **self.options)
            read = []
            for number in range(3):
                torch.worker = types.SimpleNamespace(id=number, num_workers=3)
                read.append(ids(copy.copy(dataset)))  # a worker has its own
            self.assertEqual(sorted(sum(read, [])), self.service.ids())
            torch.worker = None
            state = dataset.state_dict(consumed=8)
            dataset.load_state_dict(state)
            rest = ids(dataset)
            self.assertEqual(sorted(read[0][:4] + read[1][:4] + rest), self.service.ids())
            self.assertEqual(dataset.dataset.epoch, 1)

    def test_torch_workers_in_an_order_that_no_state_could_tell_are_refused(self):
        torch = FakeTorch()
        with torch as adapter:
            torch.worker = types.SimpleNamespace(id=0, num_workers=2)
            with self.assertRaisesRegex(ValueError, "expected the DataLoader's batch_size"):
                ids(adapter.TorchDataset(self.service.url, **self.options))
            dataset = adapter.TorchDataset(self.service.url, chunk=4, **self.options)
            ids(dataset)
            with self.assertRaisesRegex(StateMismatch, "no persistent_workers"):  # it has not heard of the next epoch
                ids(dataset)

    def test_torch_states_count_the_same_without_workers(self):
        with FakeTorch() as adapter:
            dataset = adapter.TorchDataset(self.service.url, **self.options)
            whole = ids(dataset)
            dataset.set_epoch(0)
            records = iter(dataset)
            self.assertEqual([next(records)["record_id"] for _ in range(8)], whole[:8])  # two batches
            state = dataset.state_dict(consumed=7)  # of which one record was not used yet
            resumed = adapter.TorchDataset(self.service.url, **self.options)
            resumed.load_state_dict(state)
            self.assertEqual(ids(resumed), whole[7:])
            end = resumed.state_dict(consumed=len(whole) - 7)
            self.assertEqual((end["epoch"], end["position"]), (1, 0))

    def test_torch_ranks_agree_on_what_any_of_them_found(self):
        with FakeTorch(0, 2) as adapter:
            self.assertEqual(adapter.agree(frozenset({"mine"})), {"mine", "of another"})
        with FakeTorch() as adapter:
            self.assertEqual(adapter.agree(frozenset({"mine"})), {"mine"})

    def test_hugging_face_reads_the_same_records_twice(self):
        try:
            import datasets  # noqa: F401
        except ImportError:
            self.skipTest("the package datasets is not there")
        dataset = HarvestDataset(self.service.url, rank=1, world_size=2, **self.options)
        stream = hf_adapter.iterable_dataset(dataset)
        self.assertEqual(ids(stream), ids(stream))
        first = ids(stream)
        self.assertEqual(first, ids(dataset))
        self.assertNotEqual(ids(stream), first, "and the next epoch once the dataset stands there")


if __name__ == "__main__":
    unittest.main()

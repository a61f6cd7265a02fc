"""For PyTorch's DataLoader. Rank and world size are those of torch.distributed where it is initialised."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Dict, FrozenSet, Iterator, List, Mapping, Optional

import torch.utils.data

from .dataset import HarvestDataset
from .errors import StateMismatch
from .manifest import Pin


def _distributed() -> Any:
    import torch.distributed as distributed

    return distributed if distributed.is_available() and distributed.is_initialized() else None


def shared_pin(pin: Optional[Pin]) -> Optional[Pin]:
    """What rank 0 says, on every rank."""
    distributed = _distributed()
    if distributed is None:
        return pin
    said = [pin]
    distributed.broadcast_object_list(said, src=0)
    return said[0]


def agree(found: FrozenSet[str]) -> FrozenSet[str]:
    """What any rank found recalled. For HarvestDataset(agree=…) where the DataLoader has no workers."""
    distributed = _distributed()
    if distributed is None:
        return found
    of_all: List[FrozenSet[str]] = [frozenset()] * distributed.get_world_size()
    distributed.all_gather_object(of_all, found)
    return frozenset().union(*of_all)


class TorchDataset(torch.utils.data.IterableDataset):  # type: ignore
    """Call set_epoch before every epoch, and take states with `consumed`, the records this rank has had since then or since a
    state was loaded: so it is the same with any number of workers. With several, `chunk` is the DataLoader's batch_size (1 without
    batches), and they are not persistent: workers read copies."""

    def __init__(self, url: str, *, dataset: str, chunk: Optional[int] = None, **options: Any) -> None:
        super().__init__()
        self._chunk, self._read = chunk, False
        distributed = _distributed()
        if distributed is not None:
            options.setdefault("rank", distributed.get_rank())
            options.setdefault("world_size", distributed.get_world_size())
            if options.get("digest") is None:
                first = options["rank"] == 0
                pin = shared_pin(HarvestDataset(url, dataset=dataset, **options).pin() if first else None)
                assert pin is not None
                options.update(version=pin.version, digest=pin.sha256)
        self.dataset = HarvestDataset(url, dataset=dataset, chunk=chunk or 1, **options)

    def set_epoch(self, epoch: int) -> None:
        self.dataset.set_epoch(epoch)

    def __iter__(self) -> Iterator[Dict[str, Any]]:
        info = torch.utils.data.get_worker_info()
        return iter(self.dataset) if info is None else self._as_worker(info.id, info.num_workers)

    def _as_worker(self, worker: int, workers: int) -> Iterator[Dict[str, Any]]:
        """A generator, so that what it refuses it refuses at the first record: there a loader hands errors on."""
        if workers > 1 and self._chunk is None:
            # Records would come in another order than the plan's, and a state that counts them would mean others.
            raise ValueError("chunk: found none with several workers, expected the DataLoader's batch_size")
        if self._read:
            raise StateMismatch.at("a DataLoader's worker", "a second epoch", "a worker for each: no persistent_workers")
        self._read = True
        yield from self.dataset.with_share(replace(self.dataset.share, worker=worker, workers=workers))

    def state_dict(self, consumed: int) -> Dict[str, Any]:
        return self.dataset.state_dict(consumed)

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self.dataset.load_state_dict(state)

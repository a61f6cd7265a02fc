"""HarvestDataset: start here. The records of a dataset, shuffled by a seed and shared among ranks and workers."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, Iterable, Iterator, Mapping, Optional, Tuple, Union

from .access import Access
from .epoch_reader import Agree, Epoch, EpochReader
from .errors import StateMismatch
from .manifest import Manifest, Pin
from .plan import Plan, Share
from .shard_source import open_source
from .versions import newer_version, open_pin, open_version, successor


class HarvestDataset:
    """Iterating reads from where the dataset stands to the end of the epoch, and then stands at the next one's begin.

    A rank that has read n records stands at the common position start + n * world_size: a state taken when every rank has read
    the same n resumes with any world size, each record once. Used by one thread.
    """

    def __init__(self, url: Union[str, Path], *, dataset: str, view: str = "default", version: Optional[int] = None,
                 digest: Optional[str] = None, seed: int = 0, rank: int = 0, world_size: int = 1, worker: int = 0,
                 workers: int = 1, chunk: int = 1, even: bool = False, mix: int = 4, on_recall: str = "error",
                 agree: Optional[Agree] = None, recalled: Iterable[str] = (),
                 cache: Union[str, Path, None] = None, access: Optional[Access] = None) -> None:
        """`url`: of the service's HTTP face, or a pulled directory. `mix`: shards whose rows are mixed with each other, and
        held in memory together. `access`: what lets us in, else the environment's (access.py). `even`: the same number of records for every rank. `agree`: see epoch_reader."""
        if on_recall not in ("error", "skip"):
            raise ValueError(f"on_recall: found {on_recall!r}, expected 'error' or 'skip'")
        if agree is not None and workers > 1:
            raise ValueError("agree: found several workers, expected one: ranks agree with each other, workers cannot")
        self._dataset, self._view, self._version, self._digest = dataset, view, version, digest
        self._seed, self._mix, self._skip, self._agree = seed, mix, on_recall == "skip", agree
        self._source = open_source(url, dataset, view, cache, Access.of_environment() if access is None else access)
        self._share = Share(rank, world_size, worker, workers, chunk, even)
        self._recalled = frozenset(recalled)
        self._manifest: Optional[Manifest] = None
        self._epoch, self._position = 0, 0
        self._start, self._ended = 0, False  # where counting of what is consumed begins; whether iterating ended an epoch there
        self._switch: Optional[Tuple[int, Manifest]] = None

    @property
    def manifest(self) -> Manifest:
        if self._manifest is None:
            self._manifest = open_version(self._source, self._version, self._digest)
        return self._manifest

    @property
    def epoch(self) -> int:
        return self._epoch

    @property
    def share(self) -> Share:
        return self._share

    @property
    def position(self) -> int:
        """Records of this epoch that all ranks together have read, if each has read as many as this one."""
        return self._position

    @property
    def plan(self) -> Plan:
        return self._this_epoch().plan(self._recalled)

    def pin(self) -> Pin:
        """The version that is read. Rank 0 asks, and the others are made with its version and digest."""
        return self.manifest.pin

    def newer(self) -> Optional[Pin]:
        """A later version that continues this one, if there is one."""
        found = newer_version(self._source, self._switch[1] if self._switch else self.manifest)
        return found.pin if found else None

    def switch(self, pin: Pin, at_epoch: int) -> None:
        """Reads this version from an epoch on. Every rank is told the same."""
        if at_epoch < self._epoch or (at_epoch == self._epoch and self._position > 0):
            raise StateMismatch.at(f"switch at epoch {at_epoch}", f"epoch {self._epoch} begun", "an epoch that is still to come")
        self._switch = (at_epoch, successor(self._source, self.manifest, open_pin(self._source, pin)))
        self._take_switch()

    def leave_out(self, recalled: Iterable[str]) -> None:
        """Reads no rows of these shards from this epoch on, before any of it is read. Every rank is told the same."""
        if self._position > 0:
            raise StateMismatch.at("leave_out", f"epoch {self._epoch} begun", "an epoch of which nothing was read")
        self._recalled |= frozenset(recalled)

    def set_epoch(self, epoch: int) -> None:
        """Goes to the begin of an epoch; stays where it is in the one that it is in."""
        if epoch != self._epoch:
            self._epoch, self._position = epoch, 0
            self._take_switch()
        self._start, self._ended = self._position, False

    def with_share(self, share: Share) -> "HarvestDataset":
        """The same reading from the same place for another rank or worker."""
        if self._agree is not None and share.workers > 1:
            raise ValueError("agree: found several workers, expected one: ranks agree with each other, workers cannot")
        other = HarvestDataset.__new__(HarvestDataset)
        other.__dict__.update(self.__dict__)
        other._share = share
        return other

    def __iter__(self) -> Iterator[Dict[str, Any]]:
        start, self._ended = self._position, False
        reader = EpochReader(self._this_epoch(), self._source, self._share, start, self._recalled, self._skip, self._agree)
        for step, record in reader:
            self._recalled = frozenset(reader.recalled)
            self._position = start + (step + 1) * self._share.world_size
            yield record
        self._recalled = frozenset(reader.recalled)
        self.set_epoch(self._epoch + 1)
        self._ended = True

    def state_dict(self, consumed: Optional[int] = None) -> Dict[str, Any]:
        """Plain values. `consumed`: records that this rank has had since a state was loaded or set_epoch called, where a loader
        stands between: its workers read for us, or a batch is taken in parts."""
        if consumed is None and self._share.workers > 1:
            raise StateMismatch.at("state_dict", f"{self._share.workers} workers",
                                   "`consumed`, as a worker knows its own part alone")
        position = self._position
        if consumed is not None and not self._ended:  # what was consumed of an epoch that has ended is all of it
            position = self._start + consumed * self._share.world_size
        return {"dataset": self._dataset, "view": self._view, "version": self.manifest.version,
                "manifest_sha256": self.manifest.sha256, "seed": self._seed, "mix": self._mix, "epoch": self._epoch,
                "position": position, "recalled": sorted(self._recalled),
                "switch": [self._switch[0], self._switch[1].version, self._switch[1].sha256] if self._switch else None}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Stands where the state was taken, at its version. World size and rank may be others."""
        for name, expected in (("dataset", self._dataset), ("view", self._view), ("seed", self._seed), ("mix", self._mix)):
            if state.get(name) != expected:
                raise StateMismatch.at(f"state: {name}", repr(state.get(name)), repr(expected))
        manifest = open_pin(self._source, Pin(state["version"], state["manifest_sha256"]))
        switch = state["switch"] and (state["switch"][0], open_pin(self._source, Pin(*state["switch"][1:])))
        self._manifest, self._switch = manifest, switch
        self._epoch, self._position, self._recalled = state["epoch"], state["position"], frozenset(state["recalled"])
        self._start, self._ended = self._position, False

    def _this_epoch(self) -> Epoch:
        return Epoch(self.manifest, self._seed, self._epoch, self._mix)

    def _take_switch(self) -> None:
        if self._switch and self._epoch >= self._switch[0]:
            self._manifest, self._switch = self._switch[1], None

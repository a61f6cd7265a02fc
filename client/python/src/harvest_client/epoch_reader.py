"""One pass of one reader, from a position to the end of an epoch.

A block is *entered* before the first step that touches it: its shards are fetched and verified, and what was recalled is agreed
upon. Steps are the same for all ranks, so all enter it at the same step, when none of them has read any of it; the rows that
are left out then move nothing that was read before.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import AbstractSet, Any, Callable, Dict, FrozenSet, Iterator, Optional, Set, Tuple

from .errors import Recalled, ShardDamaged
from .manifest import Manifest
from .plan import Block, Plan, Share
from .shard_file import Row, record, rows
from .shard_source import Source

# Takes the digests that this rank found recalled, returns what any rank found. Every rank calls it at the same steps.
Agree = Callable[[FrozenSet[str]], AbstractSet[str]]


@dataclass(frozen=True)
class Epoch:
    """What makes an epoch's plan."""

    manifest: Manifest
    seed: int
    number: int
    mix: int

    def plan(self, recalled: AbstractSet[str]) -> Plan:
        shards = [(shard.sha256, shard.rows) for shard in self.manifest.shards]
        return Plan(self.manifest.sha256, shards, self.seed, self.number, self.mix, recalled)


class EpochReader:
    def __init__(self, epoch: Epoch, source: Source, share: Share, start: int, recalled: AbstractSet[str], skip: bool,
                 agree: Optional[Agree]) -> None:
        self._epoch, self._source, self._share, self._start = epoch, source, share, start
        self.recalled: Set[str] = set(recalled)
        self._skip, self._agree = skip, agree
        self._plan = epoch.plan(self.recalled)
        self._next_block = sum(block.end <= start for block in self._plan.blocks)
        self._paths: Dict[int, Path] = {}
        self._rows: Dict[int, Row] = {}  # by position, of the blocks that are being read

    def __iter__(self) -> Iterator[Tuple[int, Dict[str, Any]]]:
        """Step and record."""
        step, loaded = 0, -1
        while step < self._steps():
            if self._enter(step):
                continue  # a recall has made the epoch shorter
            position = self._share.position(self._start, step)
            if self._share.mine(step) and position < len(self._plan):
                block = self._plan.block_at(position)
                if block.number != loaded:
                    self._load(block, step)
                    loaded = block.number
                yield step, record(self._rows.pop(position))
            step += 1

    def _steps(self) -> int:
        return self._share.steps(len(self._plan) - self._start)

    def _enter(self, step: int) -> bool:
        """All blocks that this step touches; whether rows were left out."""
        end = self._start + (step + 1) * self._share.world_size
        rows_before = len(self._plan)
        while self._next_block < len(self._plan.blocks) and self._plan.blocks[self._next_block].first < end:
            self._fetch(self._plan.blocks[self._next_block])
            self._next_block += 1
        return len(self._plan) < rows_before

    def _fetch(self, block: Block) -> None:
        found: Set[str] = set()
        said = []
        for i in block.shards:
            try:
                self._paths[i] = self._source.shard(self._epoch.manifest.shards[i])
            except Recalled as recalled:
                found.update(recalled.shards)
                said.append(str(recalled))
        if self._agree is not None:
            # Only this block's: an agreement must not reach back into what was read.
            found = set(self._agree(frozenset(found))) & {self._epoch.manifest.shards[i].sha256 for i in block.shards}
        if not found:
            return
        alone = self._share.world_size == self._share.workers == 1
        if not self._skip or (self._agree is None and not alone):
            raise Recalled("; ".join(said) or f"recalled, as another rank found: {', '.join(sorted(found))}", sorted(found))
        if block.first < self._start:
            # Some of its rows were read before this pass; without the others its order would be another.
            said.append("this block was resumed midway: leave them out from the next epoch on")
            raise Recalled("; ".join(said), sorted(found))
        self.recalled |= found
        self._plan = self._epoch.plan(self.recalled)

    def _load(self, block: Block, step: int) -> None:
        """This reader's rows of a block, from a step on. Each shard is read once, front to back."""
        wanted: Dict[int, Dict[int, int]] = {i: {} for i in block.shards}
        for position in self._share.positions(self._start, len(self._plan), step, block.end):
            shard, row = block.locate(position)
            wanted[shard][row] = position
        for i, places in wanted.items():
            if places:
                self._read(i, places)

    def _read(self, i: int, places: Dict[int, int]) -> None:
        shard, count = self._epoch.manifest.shards[i], 0
        for row in rows(self._paths[i], self._epoch.manifest.format):
            if count in places:
                self._rows[places[count]] = row
            count += 1
        if count != shard.rows:
            raise ShardDamaged.at(self._paths[i], f"{count} rows", shard.rows)

"""Which record comes when, and to whom. Pure: a manifest's digest, its list of shards and a seed go in; no file, network,
clock or random number. So every rank makes the same plan by itself, and makes it again after a restart.

    shards, in an order keyed by digest, seed and epoch     S3 S0 | S4 S1 | S2
    blocks of `mix` shards, each one permutation of rows    (S3,7) (S0,2) (S3,1) … | (S1,0) (S4,5) … | …
    positions in the epoch                                   0      1      2       …

From a start on, step n of rank r reads position start + n * world_size + r. What was read up to a common step is therefore
always a beginning of the epoch, whatever the world's size was, and lengths of ranks differ by one record at most.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from math import isqrt
from typing import AbstractSet, Iterator, Optional, Sequence, Tuple

_ROUNDS = 6


class Permutation:
    """A keyed order of range(size) in constant memory: a Feistel network over the smallest a × b that holds it. What falls
    outside is put through again until it falls inside, which keeps it one to one."""

    def __init__(self, size: int, key: bytes) -> None:
        self._size = size
        self._a = isqrt(max(size - 1, 0)) + 1
        self._b = -(-max(size, 1) // self._a)
        self._keys = tuple(key + bytes([number]) for number in range(_ROUNDS))

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, index: int) -> int:
        if not 0 <= index < self._size:
            raise IndexError(index)
        while True:
            index = self._once(index)
            if index < self._size:
                return index

    def _once(self, index: int) -> int:
        left, right = divmod(index, self._b)
        for number in range(0, _ROUNDS, 2):
            left = (left + self._mixed(number, right)) % self._a
            right = (right + self._mixed(number + 1, left)) % self._b
        return left * self._b + right

    def _mixed(self, number: int, value: int) -> int:
        return int.from_bytes(hashlib.blake2b(value.to_bytes(8, "big"), key=self._keys[number], digest_size=8).digest(), "big")


@dataclass(frozen=True)
class Block:
    """Shards whose rows are mixed with each other, and read before the next block's."""

    number: int
    first: int  # position of its first record
    shards: Tuple[int, ...]  # as the manifest numbers them
    starts: Tuple[int, ...]  # rows of the block before each shard
    order: Permutation

    @property
    def end(self) -> int:
        return self.first + len(self.order)

    def locate(self, position: int) -> Tuple[int, int]:
        """Shard and row."""
        at = self.order[position - self.first]
        which = bisect_right(self.starts, at) - 1
        return self.shards[which], at - self.starts[which]


class Plan:
    """An epoch's order. Rows of `recalled` shards are left out; blocks are formed before that, so that a recall moves nothing in
    the blocks before its own."""

    def __init__(self, digest: str, shards: Sequence[Tuple[str, int]], seed: int = 0, epoch: int = 0, mix: int = 4,
                 recalled: AbstractSet[str] = frozenset()) -> None:
        """`shards`: SHA-256 and rows of each."""
        if mix < 1:
            raise ValueError(f"mix: found {mix}, expected at least 1")
        name = f"{digest}|{seed}|{epoch}|"
        ordered = sorted(range(len(shards)), key=lambda i: (hashlib.sha256((name + shards[i][0]).encode()).digest(), i))
        blocks, first = [], 0
        for number, begin in enumerate(range(0, len(ordered), mix)):
            kept = [i for i in ordered[begin:begin + mix] if shards[i][0] not in recalled and shards[i][1] > 0]
            sums = list(accumulate((shards[i][1] for i in kept), initial=0))
            key = hashlib.sha256("|".join([name, *(shards[i][0] for i in kept)]).encode()).digest()
            blocks.append(Block(number, first, tuple(kept), tuple(sums[:-1]), Permutation(sums[-1], key)))
            first += sums[-1]
        self.blocks: Tuple[Block, ...] = tuple(blocks)
        self._ends = [block.end for block in blocks]
        self._rows = first

    def __len__(self) -> int:
        return self._rows

    def block_at(self, position: int) -> Block:
        """The block that holds this position."""
        return self.blocks[bisect_right(self._ends, position)]

    def locate(self, position: int) -> Tuple[int, int]:
        """Shard and row."""
        if not 0 <= position < self._rows:
            raise IndexError(position)
        return self.block_at(position).locate(position)


@dataclass(frozen=True)
class Share:
    """One reader's part. A rank's workers take its steps in turn, `chunk` at a time: with the loader's batch size as the chunk,
    a rank sees the same records in the same order whatever the number of its workers."""

    rank: int = 0
    world_size: int = 1
    worker: int = 0
    workers: int = 1
    chunk: int = 1
    even: bool = False  # all ranks get the same number: up to world_size - 1 records at the end are left out

    def __post_init__(self) -> None:
        for name, value, size in (("rank", self.rank, self.world_size), ("worker", self.worker, self.workers)):
            if not 0 <= value < size:
                raise ValueError(f"{name}: found {value} of {size}, expected a number from 0 to below the size")
        if self.chunk < 1:
            raise ValueError(f"chunk: found {self.chunk}, expected at least 1")

    def steps(self, records: int) -> int:
        """Of each rank, for so many records that are left. The last may be empty for some ranks unless `even`."""
        return records // self.world_size if self.even else -(-records // self.world_size)

    def position(self, start: int, step: int) -> int:
        return start + step * self.world_size + self.rank

    def mine(self, step: int) -> bool:
        return step // self.chunk % self.workers == self.worker

    def positions(self, start: int, records: int, first_step: int = 0, end: Optional[int] = None) -> Iterator[int]:
        """What this reader reads of `records` in all, from a step on and before a position."""
        end = records if end is None else min(end, records)
        for step in range(first_step, min(self.steps(records - start), -(-(end - start) // self.world_size))):
            position = self.position(start, step)
            if self.mine(step) and position < end:
                yield position

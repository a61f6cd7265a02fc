"""What can go wrong, by type. A message says where, what was found and what was expected."""

from __future__ import annotations

import re
from typing import Iterable, Tuple

_SHA256 = re.compile(r"\b[0-9a-f]{64}\b")


class HarvestError(Exception):
    """Everything that this package raises of its own."""

    @classmethod
    def at(cls, place: object, found: object, expected: object) -> "HarvestError":
        return cls(f"{place}: found {found}, expected {expected}")


class ManifestMismatch(HarvestError):
    """A manifest that is not there, not readable, or not the one with this digest."""


class ShardDamaged(HarvestError):
    """A shard whose bytes or rows are not what the manifest lists."""


class FetchFailed(HarvestError):
    """The service did not hand it out: no answer, or an HTTP status that trying again does not mend."""


class NotASuccessor(HarvestError):
    """A version whose chain of parents does not lead back to the one that is read."""


class StateMismatch(HarvestError):
    """A state of another reading, or a change asked for where it would part the ranks."""


class CommandFailed(HarvestError):
    """harvestctl ended otherwise than well; `code` is one of its documented exit codes."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


class Recalled(HarvestError):
    """Shards that were withdrawn after the version was published; `shards` are their SHA-256, and the message names them too."""

    def __init__(self, message: str, shards: Iterable[str] = ()) -> None:
        super().__init__(message)
        # A DataLoader hands on the text alone of what its worker raised.
        self.shards: Tuple[str, ...] = tuple(shards) or tuple(sorted(set(_SHA256.findall(message))))

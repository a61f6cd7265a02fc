"""A version of a dataset: the list of its shards, known by the SHA-256 of its exact bytes."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any, Mapping, Tuple

from .errors import ManifestMismatch

_SHA256 = re.compile(r"[0-9a-f]{64}\Z")


@dataclass(frozen=True)
class Shard:
    """A sealed file."""

    path: str
    sha256: str
    bytes: int
    rows: int


@dataclass(frozen=True)
class Pin:
    """Which version is read. The digest alone decides; the number says where to look for it."""

    version: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    dataset: str
    view: str
    version: int
    format: str
    parent_sha256: str
    rows: int
    shards: Tuple[Shard, ...]
    sha256: str  # of the manifest's own bytes

    @property
    def pin(self) -> Pin:
        return Pin(self.version, self.sha256)

    @staticmethod
    def parse(content: bytes, place: str) -> "Manifest":
        try:
            fields = json.loads(content)
        except ValueError:
            raise ManifestMismatch.at(place, "bytes that are not JSON", "a manifest") from None
        if not isinstance(fields, dict):
            raise ManifestMismatch.at(place, type(fields).__name__, "a JSON object")
        shards = tuple(_shard(shard, f"{place}: shards[{i}]") for i, shard in enumerate(_field(fields, "shards", list, place)))
        manifest = Manifest(
            dataset=_field(fields, "dataset", str, place),
            view=_field(fields, "view", str, place),
            version=_field(fields, "version", int, place),
            format=_field(fields, "format", str, place),
            parent_sha256=_field(fields, "parent_sha256", str, place),
            rows=_field(fields, "rows", int, place),
            shards=shards,
            sha256=hashlib.sha256(content).hexdigest(),
        )
        listed = sum(shard.rows for shard in shards)
        if listed != manifest.rows:
            raise ManifestMismatch.at(f"{place}: rows", manifest.rows, f"{listed}, the sum over its shards")
        return manifest


def _field(fields: Mapping[str, Any], name: str, kind: type, place: str) -> Any:
    value = fields.get(name)
    if not isinstance(value, kind) or isinstance(value, bool) or (isinstance(value, int) and value < 0):
        raise ManifestMismatch.at(f"{place}: {name}", repr(value), f"a value of type {kind.__name__}")
    return value


def _shard(fields: Any, place: str) -> Shard:
    if not isinstance(fields, dict):
        raise ManifestMismatch.at(place, type(fields).__name__, "a JSON object")
    path = _field(fields, "path", str, place)
    # It becomes a file's name in the cache: nothing may lead out of there.
    if not path or path.startswith(".") or "/" in path or "\\" in path or "\0" in path:
        raise ManifestMismatch.at(f"{place}: path", repr(path), "a bare file name that does not begin with a dot")
    sha256 = _field(fields, "sha256", str, place)
    if not _SHA256.match(sha256):
        raise ManifestMismatch.at(f"{place}: sha256", repr(sha256), "64 hexadecimal digits")
    return Shard(path, sha256, _field(fields, "bytes", int, place), _field(fields, "rows", int, place))

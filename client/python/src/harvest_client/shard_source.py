"""Where manifests and shards come from: a service over HTTP, through a cache on disk, or a directory that was pulled.

A source hands out paths of verified files: what it cannot verify it does not hand out.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Optional, Protocol, Union
from urllib.parse import quote

from .access import NOBODY, Access
from .download import Gone, Missing, download, get, is_gone, part_of
from .errors import ManifestMismatch, Recalled, ShardDamaged
from .manifest import Manifest, Shard


class Source(Protocol):
    def manifest(self, version: Optional[int] = None) -> Manifest:
        """Of a version; the latest without one."""

    def shard(self, shard: Shard) -> Path:
        """The verified file. Recalled where the service has withdrawn it."""


def open_source(url: Union[str, Path], dataset: str, view: str, cache: Union[str, Path, None],
                access: Access = NOBODY) -> Source:
    """`url`: where a service's HTTP face is, or a directory that `harvestctl datasets pull` filled."""
    if str(url).startswith(("http://", "https://")):
        return ServiceSource(str(url), dataset, view, Path(cache) if cache is not None else default_cache(), access)
    return PulledSource(Path(url), dataset, view)


def default_cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "harvest"


def file_sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


class PulledSource:
    """A directory: manifest.json and shards/."""

    def __init__(self, directory: Path, dataset: str, view: str) -> None:
        self._directory, self._dataset, self._view = directory, dataset, view

    def manifest(self, version: Optional[int] = None) -> Manifest:
        path = self._directory / "manifest.json"
        try:
            found = Manifest.parse(path.read_bytes(), str(path))
        except OSError as error:
            raise ManifestMismatch.at(path, error.strerror, "the manifest of a pulled dataset") from None
        return _expect(found, str(path), self._dataset, self._view, version)

    def shard(self, shard: Shard) -> Path:
        path = self._directory / "shards" / shard.path
        if not path.is_file():
            raise ShardDamaged.at(path, "no such file", "a shard that the manifest lists")
        found = file_sha256(path)
        if found != shard.sha256:
            raise ShardDamaged.at(path, f"sha256 {found}", shard.sha256)
        return path


class ServiceSource:
    """A service. The cache may be shared by every rank and worker of a machine: a shard is fetched once, by one of them."""

    def __init__(self, url: str, dataset: str, view: str, cache: Path, access: Access = NOBODY) -> None:
        self._base = f"{url.rstrip('/')}/v1/datasets/{quote(dataset, safe='')}"
        self._dataset, self._view, self._cache, self._access = dataset, view, cache, access

    def manifest(self, version: Optional[int] = None) -> Manifest:
        url = f"{self._base}/views/{quote(self._view, safe='')}"
        url += "/manifest.json" if version is None else f"/versions/{version}/manifest.json"
        try:
            found = Manifest.parse(get(url, self._access), url)
        except (Missing, Gone) as error:
            raise ManifestMismatch.at(url, f"status {error.status}", "a published version") from None
        return _expect(found, url, self._dataset, self._view, version)

    def shard(self, shard: Shard) -> Path:
        url = f"{self._base}/shards/{quote(shard.path, safe='')}"
        path = self._cache / f"{shard.sha256[:16]}-{shard.path}"
        try:
            if path.is_file():
                if file_sha256(path) == shard.sha256:
                    # A recall reaches what lies in the cache too. A service that is away does not stop a reader that has it.
                    if is_gone(url, self._access):
                        raise Gone(url)
                    return path
                path.unlink(missing_ok=True)
            return download(url, path, shard, self._access)
        except Gone:
            for left in (path, part_of(path)):
                left.unlink(missing_ok=True)
            raise Recalled(f"{url}: found status 410, expected the shard {shard.sha256}: it was recalled", [shard.sha256]) from None
        except Missing as error:
            raise ManifestMismatch.at(url, f"status {error.status}", "a shard that the manifest lists") from None


def _expect(found: Manifest, place: str, dataset: str, view: str, version: Optional[int]) -> Manifest:
    expected = (dataset, view, found.version if version is None else version)
    if (found.dataset, found.view, found.version) != expected:
        raise ManifestMismatch.at(place, f"{found.dataset}, view {found.view}, version {found.version}",
                                  "{}, view {}, version {}".format(*expected))
    return found

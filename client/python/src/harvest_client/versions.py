"""Which version is read, and whether another continues it. Manifests are chained: each names the digest of the one before."""

from __future__ import annotations

from typing import Optional

from .errors import ManifestMismatch, NotASuccessor
from .manifest import Manifest, Pin
from .shard_source import Source


def open_version(source: Source, version: Optional[int], digest: Optional[str]) -> Manifest:
    """The latest, or that version, or the one with that digest."""
    manifest = source.manifest(version)
    if digest is None or manifest.sha256 == digest:
        return manifest
    if version is not None:
        raise ManifestMismatch.at(f"{manifest.dataset}, version {version}", f"sha256 {manifest.sha256}", digest)
    older = _back(source, manifest, digest, 0)
    if older is None:
        raise ManifestMismatch.at(manifest.dataset, f"versions 1 to {manifest.version} with other digests", digest)
    return older


def newer_version(source: Source, current: Manifest) -> Optional[Manifest]:
    """The latest version, where it is another than this. NotASuccessor where it does not continue it."""
    latest = source.manifest()
    return None if latest.sha256 == current.sha256 else successor(source, current, latest)


def successor(source: Source, current: Manifest, later: Manifest) -> Manifest:
    if later.sha256 != current.sha256 and _back(source, later, current.sha256, current.version - 1) is None:
        raise NotASuccessor.at(f"{later.dataset}, version {later.version}",
                               f"a chain of parents without {current.sha256}", f"version {current.version} among them")
    return later


def open_pin(source: Source, pin: Pin) -> Manifest:
    return open_version(source, pin.version, pin.sha256)


def _back(source: Source, manifest: Manifest, digest: str, until: int) -> Optional[Manifest]:
    """The ancestor with this digest, among versions above `until`. The chain is checked link by link."""
    while manifest.sha256 != digest:
        if not manifest.parent_sha256 or manifest.version - 1 <= until:
            return None
        manifest = _parent(source, manifest)
    return manifest


def _parent(source: Source, manifest: Manifest) -> Manifest:
    parent = source.manifest(manifest.version - 1)
    if parent.sha256 != manifest.parent_sha256:
        raise NotASuccessor.at(f"{manifest.dataset}, version {parent.version}", f"sha256 {parent.sha256}",
                               f"{manifest.parent_sha256}, which version {manifest.version} names as its parent")
    return parent

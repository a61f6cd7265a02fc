"""GET, and a shard's file: begun transfers go on where they broke off, and a file has its name only once it is verified."""

from __future__ import annotations

import fcntl
import hashlib
import http.client
import os
import ssl
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import IO, Any, Dict, Optional

from .access import NOBODY, Access
from .errors import FetchFailed, ShardDamaged
from .manifest import Shard

TIMEOUT_SECONDS = 60
_ATTEMPTS = 6  # without progress; their pauses sum up to some six seconds, a service's restart
_PIECE = 1 << 20
_TROUBLE = (OSError, http.client.HTTPException)  # URLError and time-outs are OSErrors


class Missing(Exception):
    """404."""

    status = 404


class Gone(Exception):
    """410: it was there and was withdrawn."""

    status = 410


def _pause(attempt: int) -> None:
    time.sleep(0.2 * 2**attempt)


def _open(url: str, access: Access, method: str = "GET", headers: Optional[Dict[str, str]] = None) -> Any:
    """Trouble that may pass is an OSError; what stays is Missing, Gone or FetchFailed."""
    request = urllib.request.Request(url, headers=headers or {}, method=method)
    for name, value in access.headers(url).items():
        request.add_unredirected_header(name, value)  # a redirect to elsewhere does not take the token along
    try:
        return urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS, context=access.context())
    except urllib.error.URLError as error:
        if isinstance(error.reason, ssl.SSLCertVerificationError):
            raise FetchFailed.at(url, str(error.reason), "a certificate that `ca` vouches for") from None
        if not isinstance(error, urllib.error.HTTPError):
            raise
        error.close()
        if error.code == 404:
            raise Missing(url) from None
        if error.code == 410:
            raise Gone(url) from None
        if error.code in (408, 416, 429) or error.code >= 500:
            raise OSError(f"status {error.code}") from None
        if error.code == 401:
            raise FetchFailed.at(url, "status 401", "a token that is known there and has not expired") from None
        if error.code == 403:
            raise FetchFailed.at(url, "status 403", "the token of one who may read this") from None
        raise FetchFailed.at(url, f"status {error.code}", "200") from None


def get(url: str, access: Access = NOBODY) -> bytes:
    for attempt in range(_ATTEMPTS):
        try:
            with _open(url, access) as reply:
                content: bytes = reply.read()
                return content
        except _TROUBLE as error:
            trouble = error
        if attempt + 1 < _ATTEMPTS:
            _pause(attempt)
    raise FetchFailed.at(url, f"{trouble} {_ATTEMPTS} times in a row", "an answer")


def is_gone(url: str, access: Access = NOBODY) -> bool:
    try:
        _open(url, access, "HEAD").close()
    except Gone:
        return True
    except (Missing, FetchFailed, *_TROUBLE):
        pass
    return False


def part_of(path: Path) -> Path:
    """What there is of it until it is whole."""
    return path.with_name(path.name + ".part")


def download(url: str, path: Path, shard: Shard, access: Access = NOBODY) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = part_of(path)
    with open(path.with_name(path.name + ".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one fetches, the others of this machine find it done
        if not (path.is_file() and path.stat().st_size == shard.bytes):
            _fetch_verified(url, part, shard, access)
            os.replace(part, path)
    return path


def _fetch_verified(url: str, part: Path, shard: Shard, access: Access) -> None:
    for last in (False, True):
        _fetch(url, part, shard, access)
        with open(part, "rb") as file:
            found = _sha256(file)
        if found == shard.sha256:
            return
        # Perhaps what an earlier process left was damaged: once more, all of it.
        part.unlink()
    raise ShardDamaged.at(url, f"sha256 {found}", shard.sha256)


def _sha256(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while piece := file.read(_PIECE):
        digest.update(piece)
    return digest.hexdigest()


def _fetch(url: str, part: Path, shard: Shard, access: Access) -> None:
    """Until all bytes are there, in as many transfers as it takes."""
    with open(part, "ab") as file:
        if file.tell() > shard.bytes:
            _empty(file)
        attempt, trouble = 0, "the end"
        while file.tell() != shard.bytes:
            before = file.tell()
            try:
                _append(url, file, shard, access)
            except _TROUBLE as error:
                trouble = str(error)
            attempt = 0 if file.tell() > before else attempt + 1
            if attempt == _ATTEMPTS:
                raise FetchFailed.at(url, f"{trouble} at byte {file.tell()}, {attempt} times in a row", f"{shard.bytes} bytes")
            if attempt > 0:
                _pause(attempt - 1)
        file.flush()
        os.fsync(file.fileno())


def _append(url: str, file: IO[bytes], shard: Shard, access: Access) -> None:
    have = file.tell()
    with _open(url, access, headers={"Range": f"bytes={have}-"} if have else {}) as reply:
        if have and reply.status != 206:  # all of it again
            have = _empty(file)
        while piece := reply.read(min(_PIECE, shard.bytes - have + 1)):
            have += file.write(piece)
            if have > shard.bytes:
                _empty(file)
                raise ShardDamaged.at(url, f"more than {shard.bytes} bytes", f"{shard.bytes}")


def _empty(file: IO[bytes]) -> int:
    file.truncate(0)
    return file.seek(0)

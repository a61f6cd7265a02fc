"""The rows of a shard's file, in the file's order."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from pathlib import Path
from typing import Any, Dict, IO, Iterator, Union

from .errors import HarvestError

# A row as it lies in the file; parsed only where it is wanted.
Row = Union[bytes, Dict[str, Any]]


def rows(path: Path, form: str) -> Iterator[Row]:
    """`form` as the manifest names it."""
    readers = {"jsonl": _plain, "jsonl.gz": _gzip, "jsonl.zst": _zstd, "webdataset": _tar, "parquet": _parquet}
    if form not in readers:
        raise HarvestError.at(path, f"format {form!r}", " or ".join(readers))
    return readers[form](path)


def record(row: Row) -> Dict[str, Any]:
    return json.loads(row) if isinstance(row, bytes) else row


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    return (line for line in file if line.strip())


def _plain(path: Path) -> Iterator[Row]:
    with open(path, "rb") as file:
        yield from _lines(file)


def _gzip(path: Path) -> Iterator[Row]:
    with gzip.open(path, "rb") as file:
        yield from _lines(file)  # type: ignore[arg-type]


def _zstd(path: Path) -> Iterator[Row]:
    try:
        import zstandard
    except ImportError:
        raise HarvestError.at(path, "no module zstandard", "it installed, to read jsonl.zst") from None
    with open(path, "rb") as packed, zstandard.ZstdDecompressor().stream_reader(packed, read_across_frames=True) as file:
        yield from _lines(io.BufferedReader(file))


def _tar(path: Path) -> Iterator[Row]:
    with tarfile.open(path, "r:") as archive:
        for member in archive:
            file = archive.extractfile(member) if member.isfile() and member.name.endswith(".json") else None
            if file is not None:
                yield file.read()


def _parquet(path: Path) -> Iterator[Row]:
    try:
        import pyarrow.parquet
    except ImportError:
        raise HarvestError.at(path, "no module pyarrow", "it installed, to read parquet") from None
    with pyarrow.parquet.ParquetFile(path) as file:
        for batch in file.iter_batches():
            yield from batch.to_pylist()

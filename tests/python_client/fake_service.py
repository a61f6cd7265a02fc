"""A service's HTTP face, small: manifests, shards with Range, and on demand damaged, cut off, withdrawn or out of order."""

import gzip
import hashlib
import http.server
import io
import json
import re
import tarfile
import threading


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def packed(records, form):
    lines = [json.dumps(record).encode() for record in records]
    if form == "webdataset":
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w") as archive:
            for record, line in zip(records, lines):
                member = tarfile.TarInfo(record["record_id"] + ".json")
                member.size = len(line)
                archive.addfile(member, io.BytesIO(line))
        return out.getvalue()
    text = b"".join(line + b"\n" for line in lines)
    if form == "parquet":
        import pyarrow
        import pyarrow.parquet
        out = io.BytesIO()
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(records), out)
        return out.getvalue()
    if form == "jsonl.zst":
        import zstandard
        return zstandard.compress(text)
    return gzip.compress(text, mtime=0) if form == "jsonl.gz" else text


class FakeService:
    """One dataset `d`. Records are named by shard and row: `r-2-7`."""

    def __init__(self, rows=(), form="jsonl.gz"):
        self.form = form
        self.versions = []  # bytes of manifests, from version 1 on
        self.files = {}  # path → bytes
        self.shards = []
        self.gone = set()  # paths
        self.cut_after = {}  # path → bytes that a transfer gets before it breaks off
        self.failures = []  # statuses of the next answers
        self.ranges = True
        self.seen = []  # (method, path, range)
        if rows:
            self.publish(rows)

    def __enter__(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def publish(self, rows, parent=None):
        """A version with these shards more."""
        for count in rows:
            number = len(self.shards)
            content = packed([{"record_id": f"r-{number}-{row}", "text": "x" * 50} for row in range(count)], self.form)
            path = f"d-{number:06}-{sha256(content)[:8]}.{self.form}"
            self.files[path] = content
            self.shards.append({"path": path, "bytes": len(content), "sha256": sha256(content), "rows": count})
        before = sha256(self.versions[-1]) if self.versions else ""
        self.versions.append(json.dumps({
            "dataset": "d", "view": "default", "version": len(self.versions) + 1, "format": self.form, "shards": self.shards,
            "parent_sha256": before if parent is None else parent, "rows": sum(shard["rows"] for shard in self.shards)}).encode())
        return self

    def ids(self, without=()):
        return sorted(f"r-{i}-{row}" for i, shard in enumerate(self.shards) if i not in without for row in range(shard["rows"]))

    def path(self, number):
        return self.shards[number]["path"]

    def shard_gets(self, path):
        return [range_ for method, seen, range_ in self.seen if method == "GET" and seen.endswith(path)]

    def content(self, path):
        """Status and bytes."""
        listing = re.fullmatch(r"/v1/datasets/d/views/default(?:/versions/(\d+))?/manifest\.json", path)
        if listing:
            number = int(listing[1] or len(self.versions))
            return (200, self.versions[number - 1]) if 0 < number <= len(self.versions) else (404, b"")
        name = path.rsplit("/", 1)[1]
        if path != f"/v1/datasets/d/shards/{name}" or name not in self.files:
            return 404, b""
        return (410, b"") if name in self.gone else (200, self.files[name])


def _handler_of(service):
    class Handler(http.server.BaseHTTPRequestHandler):
        def answer(self):
            asked = self.headers.get("Range")
            service.seen.append((self.command, self.path, asked))
            status, content = (service.failures.pop(0), b"") if service.failures else service.content(self.path)
            if status == 200 and asked and service.ranges:
                status, content = 206, content[int(re.fullmatch(r"bytes=(\d+)-", asked)[1]):]
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            cut = service.cut_after.get(self.path.rsplit("/", 1)[1])
            if self.command == "GET":
                self.wfile.write(content[:cut])
            self.close_connection = True

        do_GET = do_HEAD = answer

        def log_message(self, *_):
            pass

    return Handler

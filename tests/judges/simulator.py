"""A teachersim of one's own, for as long as a test needs it."""

import json
import os
import subprocess
import sys
import tempfile
import time
import unittest

BINARY = None

SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
    "required": ["name", "age"],
    "additionalProperties": False,
}
KEY = "sim-key"


class Simulator:
    """Use with `with`; `url` is its address without a path. With `tls`, `certificate` is the file to trust."""

    def __init__(self, *flags, tls=False, **environment):
        self.flags = flags
        self.tls = tls
        self.environment = environment

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        ports = os.path.join(self.folder.name, "ports")
        self.ledger_path = os.path.join(self.folder.name, "ledger.jsonl")
        command = [BINARY, "--listen", "127.0.0.1:0", "--port-file", ports, "--ledger", self.ledger_path,
                   "--latency-ms", "0", "--answer-bytes", "300", *self.flags]
        if "--batch-seconds" not in self.flags:
            command += ["--batch-seconds", "0.3"]
        if self.tls:
            command += self.make_certificate()
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env={**os.environ, **self.environment})
        deadline = time.monotonic() + 10
        while not os.path.exists(ports):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("teachersim did not start")
            time.sleep(0.01)
        with open(ports, encoding="ascii") as file:
            self.url = f"{'https' if self.tls else 'http'}://127.0.0.1:{file.read().split()[0]}"
        return self

    def make_certificate(self):
        self.certificate = os.path.join(self.folder.name, "cert.pem")
        key = os.path.join(self.folder.name, "key.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-keyout", key, "-out", self.certificate, "-days", "2", "-subj", "/CN=127.0.0.1",
                        "-addext", "subjectAltName=IP:127.0.0.1"], check=True, stderr=subprocess.DEVNULL)
        return ["--tls-cert", self.certificate, "--tls-key", key]

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)
        self.folder.cleanup()

    def ledger(self, event):
        with open(self.ledger_path, encoding="utf-8") as file:
            return [line for line in map(json.loads, file) if line["event"] == event]


def wait_until(condition, seconds=10):
    """What `condition` returns as soon as that is true."""
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError("it never came true")
        time.sleep(0.05)


def main():
    global BINARY
    sys.modules.setdefault("simulator", sys.modules[__name__])
    BINARY = sys.argv.pop(1)
    unittest.main(module="__main__", argv=sys.argv)

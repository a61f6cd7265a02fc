"""Hands for whole-program tests: a house is a stand-in teacher, a service and a temporary folder around them.

    with House(__doc__) as house:
        teacher = house.teacher("--latency-ms", 100)
        service = house.service(teachers=[teacher.entry("t")])
        job = service.ctl("submit", "--teacher", "t", ...)

Everything runs on loopback at free ports and is ended by its own process id. Facts come from outside alone: harvestctl's
--json, the teacher's ledger, the files that were pulled. `check` states what must hold and ends the test where it does not.
"""

import collections
import contextlib
import gzip
import hashlib
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
GSM8K = ROOT.parent / "shared" / "data" / "prompts" / "gsm8k-train.jsonl"
SCALE = float(os.environ.get("HARVEST_TEST_SCALE", "1"))
SKIPPED = 77  # ctest's SKIP_RETURN_CODE
PICO = 10**12  # picodollars in a dollar


def skip(reason):
    print(f"SKIPPED: {reason}")
    sys.exit(SKIPPED)


def need_real_prompts(path=GSM8K):
    """The real prompts lie beside the checkout. Without them a test that is about them is skipped, and said so; where all must be
    proved (tests/run.sh --all) it fails."""
    if path.exists():
        return
    if os.environ.get("HARVEST_NEED_REAL_PROMPTS"):
        sys.exit(f"FAILED: {path} is not there")
    skip(f"{path} is not there")


def rows(path):
    return [json.loads(line) for line in open(path)]


def scaled(count, least=1):
    return max(least, round(count * SCALE))


def check(holds, what):
    """A fact that must hold. Said either way, so that the log of a passed test tells what it proved."""
    print(f"{'ok    ' if holds else 'FAILED'} {what}", flush=True)
    if not holds:
        raise AssertionError(what)


BEGIN = time.monotonic()


def say(what):
    print(f"{time.monotonic() - BEGIN:5.1f} s {what}", flush=True)


def sha256(text):
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()


def free_ports(count):
    with contextlib.ExitStack() as open_sockets:
        ports = []
        for _ in range(count):
            taken = open_sockets.enter_context(socket.socket())
            taken.bind(("127.0.0.1", 0))
            ports.append(taken.getsockname()[1])
        return ports


def until(what, holds, seconds=60, every=0.1):
    """Waits until `holds()` is true and returns what it said."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        said = holds()
        if said:
            return said
        time.sleep(every)
    raise AssertionError(f"waited {seconds:g} s in vain: {what}")


class Process:
    """A program of ours, its output in a file."""

    def __init__(self, command, log, env=None):
        self.log = log
        with open(log, "ab") as out:
            self.popen = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=out,
                                          stderr=out, env={**os.environ, **(env or {})})

    def running(self):
        return self.popen.poll() is None

    def kill(self):
        self.popen.kill()
        self.popen.wait()

    def stop(self, seconds=60):
        """SIGTERM; the exit code."""
        self.popen.terminate()
        return self.popen.wait(seconds)

    def log_size(self):
        return os.path.getsize(self.log)

    def said(self, text, since=0):
        """Whether its log holds the text, from a size of before on."""
        return text.encode() in pathlib.Path(self.log).read_bytes()[since:]


class Teacher:
    """A teachersim with a ledger. Prices are dollars per million tokens."""

    def __init__(self, house, flags, port=None, input_usd=1.0, output_usd=10.0, env=None):
        self.port = port or free_ports(1)[0]
        self.prices = (input_usd, output_usd)
        self.ledger_path = house.path(f"ledger-{self.port}.jsonl")
        self.house, self.flags, self.env = house, list(flags), env
        self.process = None

    def start(self):
        self.process = self.house.run(
            [self.house.binary("teachersim"), "--listen", f"127.0.0.1:{self.port}", "--ledger", self.ledger_path,
             "--input-usd-per-mtok", self.prices[0], "--output-usd-per-mtok", self.prices[1], *self.flags],
            f"teachersim-{self.port}.log", env=self.env)
        until("the teacher comes up", lambda: self.process.said("listening "), 30, 0.02)
        return self

    def entry(self, name, **more):
        """This teacher in harvest.yaml."""
        return {"name": name, "dialect": "openai-chat", "endpoint": f"http://127.0.0.1:{self.port}/v1",
                "model": "stand-in-1",
                "prices": {"input_usd_per_mtok": str(self.prices[0]), "output_usd_per_mtok": str(self.prices[1])},
                "rights": {"licence": "Apache-2.0", "permits": ["training", "evaluation"],
                           "evidence": "the stand-in teacher is part of this repository",
                           "reviewed_by": "data-governance", "reviewed_on": "2026-01-01", "expires_on": "2099-12-31"},
                **more}

    def stats(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/sim/stats", timeout=10) as reply:
            return json.load(reply)

    def ledger(self):
        return Ledger(self.ledger_path)


class Ledger:
    """What the teacher wrote into its own books. Prompts and answers are told by the SHA-256 of their text."""

    def __init__(self, path):
        self.received = collections.Counter()  # prompt → requests
        self.answers = collections.defaultdict(list)  # prompt → answers, billed each
        self.throttled = 0
        self.picodollars = 0
        # A line that is being written has no end yet.
        with open(path) as lines:
            whole = (line for line in lines if line.endswith("\n"))
            for entry in map(json.loads, whole):
                if entry["event"] == "batch":
                    continue  # its lines have entries of their own
                prompt = entry["prompt_sha256"]
                if entry["event"] == "received":
                    self.received[prompt] += 1
                elif entry["event"] == "answered":
                    self.answers[prompt].append(entry["answer_sha256"][0])
                    self.picodollars += entry["cost_picodollars"]
                elif entry["event"] == "throttled":
                    self.throttled += 1

    @property
    def requests(self):
        return sum(self.received.values())

    @property
    def usd(self):
        return self.picodollars / PICO

    def doubles(self):
        """Prompt → answers beyond the first."""
        return {prompt: len(answers) - 1 for prompt, answers in self.answers.items() if len(answers) > 1}


class Service:
    """A harvestd with its data and configuration; it may die and come back."""

    def __init__(self, house, config, env=None):
        self.house, self.env = house, env
        grpc, http = free_ports(2)
        self.address = f"127.0.0.1:{grpc}"
        self.config = {"data_dir": str(house.path("data")), "grpc": {"listen": self.address},
                       "http": {"listen": f"127.0.0.1:{http}"}, **config}
        self.config_path = house.path(f"harvest-{grpc}.yaml")
        self.write_config()
        self.process = None
        self.ever_up = False

    def write_config(self):
        self.config_path.write_text(json.dumps(self.config))  # JSON is YAML too

    def check(self):
        """harvestd check on this configuration."""
        return subprocess.run([str(self.house.binary("harvestd")), "check", "--config", str(self.config_path)],
                              capture_output=True, text=True, timeout=60)

    def launch(self):
        """Starts it and does not wait."""
        self.process = self.house.run([self.house.binary("harvestd"), "serve", "--config", self.config_path],
                                      "harvestd.log", env=self.env)

    def start(self):
        self.launch()
        return self.wait_up()

    def wait_up(self):
        def up():
            check_alive = self.process.running()
            if not check_alive:
                raise AssertionError(f"harvestd ended with {self.process.popen.returncode}")
            return self.ctl_raw("status", "--json").returncode == 0

        until("harvestd comes up", up, 60, 0.02)
        self.ever_up = True
        return self

    def kill(self):
        """kill -9."""
        self.process.kill()

    def stop(self):
        return self.process.stop()

    def ctl_raw(self, *arguments, stdin=subprocess.DEVNULL, seconds=120):
        return subprocess.run([str(self.house.binary("harvestctl")), "--server", self.address,
                               *[str(argument) for argument in arguments]],
                              stdin=stdin, capture_output=True, text=True, timeout=seconds)

    def ctl(self, *arguments, code=0):
        """harvestctl --json: its last line as an object."""
        done = self.ctl_raw(*arguments, "--json")
        if done.returncode != code:
            raise AssertionError(f"harvestctl {' '.join(map(str, arguments))}: found exit code {done.returncode}, "
                                 f"expected {code}: {done.stderr.strip()}")
        lines = done.stdout.splitlines()
        return json.loads(lines[-1]) if lines else {}

    def ctl_lines(self, *arguments):
        return [json.loads(line) for line in self.ctl_raw(*arguments, "--json").stdout.splitlines()]

    def status(self):
        return self.ctl("status")

    def job(self, job_id):
        return self.ctl("jobs", "show", job_id)

    def counters(self, job_id):
        return {name: int(value) for name, value in self.job(job_id)["record"]["counters"].items()}

    def wait_state(self, job_id, states, seconds=120):
        """Until the job is in one of these states and nothing of it is in flight."""
        def there():
            job = self.job(job_id)
            return job if job["record"]["state"] in states and int(job["in_flight"]) == 0 else None

        try:
            return until(f"job {job_id} becomes {' or '.join(states)}", there, seconds, 0.2)
        except AssertionError as late:
            raise AssertionError(f"{late}; it is {json.dumps(self.job(job_id))}") from None


class House:
    """The temporary folder and everything that was started in it."""

    def __init__(self, name, binaries=None):
        self.name = name
        self.binaries = pathlib.Path(binaries or (sys.argv[1] if len(sys.argv) > 1 else os.environ["HARVEST_BINARIES"])).resolve()
        self.seed = int(os.environ.get("HARVEST_TEST_SEED", random.SystemRandom().randrange(2**31)))
        self.random = random.Random(self.seed)
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="harvest-whole-"))
        self.processes = []
        self.at_end = contextlib.ExitStack()

    def __enter__(self):
        print(f"{self.name}; HARVEST_TEST_SEED={self.seed} HARVEST_TEST_SCALE={SCALE:g}", flush=True)
        return self

    def __exit__(self, kind, error, trace):
        for process in reversed(self.processes):
            if process.running():
                process.kill()
        if error is not None and not isinstance(error, SystemExit):
            for log in sorted(self.directory.glob("*.log")):
                print(f"-- the end of {log.name}:\n" + "\n".join(log.read_text(errors="replace").splitlines()[-25:]))
        self.at_end.close()
        if os.environ.get("HARVEST_TEST_KEEP"):
            print(f"kept: {self.directory}")
        else:
            shutil.rmtree(self.directory, ignore_errors=True)
        say("the end")

    def path(self, name):
        return self.directory / name

    def binary(self, name):
        return self.binaries / name

    def run(self, command, log, env=None):
        process = Process(command, self.path(log), env)
        self.processes.append(process)
        return process

    def teacher(self, *flags, **options):
        return Teacher(self, flags, **options).start()

    def service(self, env=None, **config):
        return Service(self, config, env)

    def prompts(self, count, text="How would you count to {0}? Tell it in a few sentences, and say why {0}.",
                name="prompts.jsonl"):
        """A file of prompts of our own, all different."""
        path = self.path(name)
        path.write_text("".join(json.dumps({"prompt": text.format(i)}) + "\n" for i in range(count)))
        return path


def pulled_records(directory):
    """Every record of a directory that `datasets pull` filled, shard by shard as the manifest names them."""
    manifest = json.loads((directory / "manifest.json").read_text())
    for shard in manifest["shards"]:
        with gzip.open(directory / "shards" / shard["path"], "rt") as lines:
            yield from map(json.loads, lines)

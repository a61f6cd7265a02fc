"""The programs under measurement, as objects: a stand-in teacher on its core, the service on its own, their CPU and memory."""
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import time
import urllib.request

SERVICE_CORE, TEACHER_CORE = 0, 1
TICKS = os.sysconf("SC_CLK_TCK")


def pinned(core, command):
    """The command on one core; None: wherever the system puts it."""
    return command if core is None else ["taskset", "-c", str(core), *command]


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def until(what, true, seconds=60, every=0.02):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return
        time.sleep(every)
    raise RuntimeError(f"{what}: not within {seconds} s")


class Program:
    """A process that is ended, by its id, when the `with` block is left."""

    def __init__(self, command, log, core=None, env=None):
        self.log = log
        with open(log, "ab") as out:
            self.process = subprocess.Popen(pinned(core, command), stdout=out, stderr=out, env=env)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self, seconds=60):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def check_alive(self):
        if self.process.poll() is not None:
            with open(self.log) as log:
                raise RuntimeError(f"ended with {self.process.returncode}: {log.read()[-2000:]}")

    def cpu_seconds(self):
        with open(f"/proc/{self.process.pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def resident_bytes(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1)) * 1024


class Teacher(Program):
    def __init__(self, bench, flags, tls=None, core=TEACHER_CORE):
        ports = bench.path("teacher.ports")
        if os.path.exists(ports):
            os.remove(ports)
        command = [bench.binary("teachersim"), "--listen", "127.0.0.1:0", "--port-file", ports, *flags]
        if tls:
            command += ["--tls-cert", tls[0], "--tls-key", tls[1]]
        super().__init__(command, bench.path("teacher.log"), core)
        until("the teacher listens", lambda: os.path.exists(ports) and os.path.getsize(ports) > 0)
        with open(ports) as file:
            self.port = int(file.read().split()[0])
        self.scheme = "https" if tls else "http"
        self.url = f"{self.scheme}://127.0.0.1:{self.port}/v1"
        self.ca_file = tls[0] if tls else None

    def stats(self):
        trust = ssl.create_default_context(cafile=self.ca_file) if self.ca_file else None
        with urllib.request.urlopen(f"{self.scheme}://127.0.0.1:{self.port}/sim/stats", context=trust) as answer:
            return json.load(answer)


class Service(Program):
    """harvestd serve with one teacher called `sim`, on a data directory of its own unless one is given."""

    def __init__(self, bench, teacher, limits="concurrency: 512", core=SERVICE_CORE, fresh=True, wait=True,
                 harvest="{}", streaming="long"):
        self.bench, self.data = bench, bench.path("data")
        if fresh:
            shutil.rmtree(self.data, ignore_errors=True)
        self.grpc, self.http = free_port(), free_port()
        config = bench.path("harvest.yaml")
        with open(config, "w") as file:
            file.write(f"""data_dir: {self.data}
grpc: {{ listen: 127.0.0.1:{self.grpc} }}
http: {{ listen: 127.0.0.1:{self.http} }}
publish: {{ off: true }}
harvest: {harvest}
teachers:
  - name: sim
    dialect: openai-chat
    endpoint: {teacher.url}
    model: bench
    streaming: {streaming}
    {"ca_file: " + teacher.ca_file if teacher.ca_file else "# speaks in clear"}
    limits: {{ {limits} }}
    prices: free
    rights: {{ licence: CC0-1.0, permits: [training, evaluation], evidence: "a stand-in of our own", reviewed_by: bench, reviewed_on: 2026-01-01, expires_on: 2099-01-01 }}
""")
        self.started_at = time.monotonic()
        super().__init__([bench.binary("harvestd"), "serve", "--config", config], bench.path("service.log"), core)
        if wait:
            until("the service answers", self.ready, 120)

    def ready(self):
        self.check_alive()
        try:
            self.get("/readyz")
            return True
        except OSError:
            return False

    def get(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.http}{path}", timeout=10) as answer:
            return answer.read().decode()

    def metric(self, name):
        """Sum over labels."""
        values = re.findall(rf"^{name}(?:{{[^}}]*}})? (\S+)$", self.get("/metrics"), re.M)
        return sum(map(float, values))

    def pairs(self):
        return int(self.metric("harvest_pairs_committed_total"))

    def ctl(self, *words, core=TEACHER_CORE):
        env = dict(os.environ, HARVEST_SERVER=f"127.0.0.1:{self.grpc}")
        done = subprocess.run(pinned(core, [self.bench.binary("harvestctl"), *words]), env=env, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"harvestctl {' '.join(words)}: {done.stderr}")
        return done.stdout

    def submit(self, file, *flags, core=TEACHER_CORE):
        return self.ctl("submit", "--teacher", "sim", "--purpose", "training", *flags, file, core=core).split()[-1]

"""Durable pairs a second and CPU per pair of the whole service, beside a bare libcurl loop and a pool of aiohttp workers."""
import json
import subprocess
import time

from parts import SERVICE_CORE, Service, Teacher, pinned, until

CONCURRENCY = 512


def canned(answer_bytes):
    return ["--canned", "--latency-ms", "0", "--answer-bytes", str(answer_bytes)]


def bare_curl(bench, answer_bytes, requests):
    with Teacher(bench, canned(answer_bytes)) as teacher:
        command = [bench.binary("bare_curl_loop"), f"{teacher.url}/chat/completions", bench.bodies(), str(CONCURRENCY), str(requests)]
        result = json.loads(subprocess.run(pinned(SERVICE_CORE, command), check=True, capture_output=True).stdout)
    if result["failed"]:
        raise RuntimeError(f"the bare loop failed {result['failed']} times")
    return result


def service(bench, answer_bytes, pairs, streaming="never", events=0):
    """Between a tenth and nine tenths of a job whose prompts wait on disk already; then what sealing the dataset costs."""
    flags = canned(answer_bytes) + (["--events", str(events)] if events else [])
    with Teacher(bench, flags) as teacher, Service(bench, teacher, streaming=streaming) as house:
        house.ctl("halt")
        house.submit(bench.prompts(pairs))
        points = [point(house)]
        house.ctl("halt", "--lift")

        def done(share):
            points.append(point(house))
            return points[-1][0] >= pairs * share

        until("nine tenths of the job", lambda: done(0.9), 600, every=0.1)
        until("the end of the job", lambda: house.pairs() >= pairs, 600, every=0.1)
        # The last look before a tenth: however short the job was, there is one, and it is not the end.
        start = [p for p in points if p[0] <= pairs * 0.1][-1]
        count, cpu, wall = (after - before for before, after in zip(start, points[-1]))
        until("rest", lambda: quiet(house), 60)
        before = house.cpu_seconds()
        house.ctl("datasets", "publish", "default")
        sealing = (house.cpu_seconds() - before) / pairs
    return {"per_second": count / wall, "cpu_us": cpu / count * 1e6, "utilisation": cpu / wall, "sealing_us": sealing * 1e6}


def point(house):
    """How many pairs are stored, what CPU they cost so far, and when that was."""
    return house.pairs(), house.cpu_seconds(), time.monotonic()


def quiet(house):
    """Compactions are over: they belong to the harvest, not to what is measured next."""
    before = house.cpu_seconds()
    time.sleep(0.5)
    return house.cpu_seconds() - before < 0.05


def aiohttp_pool(bench, python, answer_bytes, requests):
    with Teacher(bench, canned(answer_bytes)) as teacher:
        command = [python, bench.here("aiohttp_pool.py"), f"{teacher.url}/chat/completions", bench.bodies(), str(CONCURRENCY), str(requests)]
        return json.loads(subprocess.run(pinned(SERVICE_CORE, command), check=True, capture_output=True).stdout)


def python_with_aiohttp(bench):
    """A Python that has aiohttp: the system's, or one in an environment made here from PyPI; None where neither can be had."""
    def has_it(python):
        return subprocess.run([python, "-c", "import aiohttp"], capture_output=True).returncode == 0

    if has_it("/usr/bin/python3"):
        return "/usr/bin/python3"
    folder = bench.path("venv")
    made = subprocess.run(["python3", "-m", "venv", folder], capture_output=True).returncode == 0
    if made and subprocess.run([f"{folder}/bin/pip", "install", "--quiet", "aiohttp"], capture_output=True, timeout=300).returncode == 0:
        return f"{folder}/bin/python"
    return None

"""Resident memory: per query in flight, and while millions of queries wait; how fast they are taken in."""
import subprocess
import time

from parts import Service, Teacher, until

MEGABYTE = 1 << 20


def certificate(bench):
    cert, key = bench.path("cert.pem"), bench.path("key.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert],
                   check=True, capture_output=True)
    return cert, key


def in_flight(bench, count, tls):
    """Kilobytes per query while `count` are on the wire. The store has its memtable filled beforehand by a first job, so
    that what grows is what is in flight."""
    flags = ["--canned", "--latency-ms", "12000", "--answer-bytes", "1500"]
    with Teacher(bench, flags, certificate(bench) if tls else None) as teacher:
        with Service(bench, teacher, f"concurrency: {count}", core=None) as house:
            time.sleep(1)
            idle = house.resident_bytes()
            house.submit(bench.prompts(count), core=None)
            until(f"{count} in flight", lambda: house.metric("harvest_inflight_requests") >= count * 0.99, 60)
            busy = house.resident_bytes()
            flying = house.metric("harvest_inflight_requests")
    return (busy - idle) / flying / 1024


def waiting(bench, few, many):
    """A halted service holds `few` queries, then `many`: what the difference costs in memory, and lines taken in a second."""
    with Teacher(bench, ["--canned"]) as teacher, Service(bench, teacher, core=None) as house:
        house.ctl("halt")
        house.submit(bench.prompts(few, 300), core=None)
        time.sleep(2)
        before = house.resident_bytes()
        file = bench.prompts(many - few, 300, "more")
        since = time.monotonic()
        house.submit(file, core=None)
        seconds = time.monotonic() - since
        time.sleep(2)
        return {"growth_mb": (house.resident_bytes() - before) / MEGABYTE, "lines_per_second": (many - few) / seconds}

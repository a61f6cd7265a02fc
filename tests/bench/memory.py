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
    """Kilobytes per query while `count` are on the wire, what the store needs to have noted them included."""
    flags = ["--canned", "--latency-ms", "120000", "--answer-bytes", "1500"]
    with Teacher(bench, flags, certificate(bench) if tls else None) as teacher:
        with Service(bench, teacher, f"concurrency: {count}", core=None) as house:
            time.sleep(1)
            idle = house.resident_bytes()
            house.submit(bench.prompts(count), core=None)
            # As the teacher sees it: what still waits for its connection has not cost its memory yet.
            until(f"{count} in flight", lambda: teacher.stats()["in_flight"] >= count * 0.99, 110, every=0.2)
            flying, busy = teacher.stats()["in_flight"], house.resident_bytes()
            house.kill()
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

"""A full disk stops the asking, loses nothing, and the job goes on by itself once there is room (promise 1).

The data lies on a small tmpfs of its own (root is needed). First the free-space floor is reached, then the disk is
filled to its last byte under a floor of 1 MB.
"""

import errno
import os
import subprocess
import time

from house import House, check, pulled_records, say, skip, until

PROMPTS = 900
ANSWER_BYTES = 20_000  # those in flight are more than what the write-ahead log has set aside
MEGABYTE = 1 << 20


class SmallDisk:
    def __init__(self, house, name, megabytes):
        self.path = house.path(name)
        self.path.mkdir()
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(self.path)],
                              capture_output=True, text=True)
        if done.returncode != 0:
            skip(f"no tmpfs can be mounted here: {done.stderr.strip()}")
        # Lazily: a test that fails leaves a service behind that is only then ended.
        house.at_end.callback(subprocess.run, ["umount", "--lazy", str(self.path)], check=True)
        self.ballast = self.path / "ballast"

    def free(self):
        facts = os.statvfs(self.path)
        return facts.f_bavail * facts.f_frsize

    def fill_until(self, free_bytes):
        """Writes ballast until no more than this is free."""
        with open(self.ballast, "ab", buffering=0) as ballast:
            while (missing := self.free() - free_bytes) > 0:
                try:
                    ballast.write(bytes(min(missing, MEGABYTE)))
                except OSError as full:
                    if full.errno != errno.ENOSPC:
                        raise
                    return

    def clear(self):
        self.ballast.unlink()


def harvest_over_a_full_disk(house, name, floor_megabytes, left_free, said):
    disk = SmallDisk(house, name, 64)
    teacher = house.teacher("--latency-ms", 1000, "--answer-bytes", ANSWER_BYTES)
    service = house.service(teachers=[teacher.entry("t", limits={"requests_per_minute": 9000})],
                            data_dir=str(disk.path / "data"),
                            store={"free_megabytes_min": floor_megabytes, "memtable_megabytes": 4}).start()
    prompts = house.prompts(PROMPTS, name=f"{name}.jsonl", text=name + ": how would you count to {0}?")
    job = service.ctl("submit", "--teacher", "t", "--purpose", "training", "--dataset", "d", "--max-output", ANSWER_BYTES // 4, prompts)["record"]["id"]
    until("the harvest is under way", lambda: service.counters(job)["answered"] >= 200)
    disk.fill_until(left_free)
    filled, begin = time.monotonic(), service.process.log_size()
    say(f"{teacher.ledger().requests} asked; {disk.free()} bytes are free")

    def keeps_full():
        disk.fill_until(left_free)  # what compactions give back too
        return service.status()["disk_low"]

    until("the service notices", keeps_full, 30, 0.05)
    say(f"noticed {time.monotonic() - filled:.1f} s later")
    check(service.job(job)["binding"] == "disk", "the job waits for: disk")
    time.sleep(2)  # what had its permit already
    check(service.process.said(said, begin), f"the log says {said}")
    asked = teacher.ledger().requests
    time.sleep(3)
    check(teacher.ledger().requests == asked < PROMPTS, f"nothing more is asked: {asked} of {PROMPTS}")
    held = asked - service.counters(job)["answered"]
    say(f"{asked - held} answers are kept, {held} wait in memory for the disk")

    disk.clear()
    done = service.wait_state(job, ["FINISHED", "PAUSED"], 60)["record"]
    check(done["state"] == "FINISHED" and done["counters"]["answered"] == str(PROMPTS),
          f"with room again the job finishes by itself {done['reason']}")
    ledger = teacher.ledger()
    check(not ledger.doubles() and sum(map(len, ledger.answers.values())) == PROMPTS, "nothing was paid twice")
    check(done["counters"]["at_risk_picodollars"] == "0" and int(done["counters"]["spent_picodollars"]) ==
          ledger.picodollars, f"and exactly what was billed is booked: ${ledger.usd:.4f}")
    service.ctl("datasets", "publish", "d")
    out = house.path(f"pulled-{name}")
    service.ctl("datasets", "pull", "d", "--out", out)
    verified = service.ctl("datasets", "verify", out)
    check(verified["ok"] and len({record["prompt_id"] for record in pulled_records(out)}) == verified["rows"] == PROMPTS,
          "all pairs verify")
    check(service.stop() == 0, "it stops in order")


def main():
    if os.geteuid() != 0:
        skip("mounting a tmpfs needs root")
    with House(__doc__.splitlines()[0]) as house:
        say("the floor is reached")
        harvest_over_a_full_disk(house, "floor", 30, 25 * MEGABYTE, "disk_low")
        say("not a byte is left")
        harvest_over_a_full_disk(house, "brim", 1, 0, "store_stalled")


main()

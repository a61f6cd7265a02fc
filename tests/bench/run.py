#!/usr/bin/env python3
"""Measures the whole service against its goals and prints one table; see README.md.

    python3 tests/bench/run.py                    # everything at full size, about half an hour
    python3 tests/bench/run.py --only throughput  # one part
    python3 tests/bench/run.py --small            # a minute: does the benchmark work? No verdicts
"""
import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile

import limits
import memory
import plans
import publication
import restart
import throughput

EVENTS = 200
FOLDER = os.path.dirname(os.path.abspath(__file__))


class Bench:
    """Where things are: binaries, a scratch directory, generated prompts."""

    def __init__(self, binaries, scratch):
        self.binaries, self.scratch = binaries, scratch

    def binary(self, name):
        path = os.path.join(self.binaries, name)
        if not os.path.exists(path):
            raise SystemExit(f"{path} is missing: build harvestd, harvestctl, teachersim and bare_curl_loop, or name the folder by --bin")
        return path

    def path(self, name):
        return os.path.join(self.scratch, name)

    def here(self, name):
        return os.path.join(FOLDER, name)

    @staticmethod
    def text(number, size, salt=""):
        start = f"{salt}{number:08d} "
        return (start + "What does the river carry to the sea? " * (size // 38 + 1))[:size]

    def prompts(self, count, size=930, salt=""):
        path = self.path(f"prompts{salt}.jsonl")
        with open(path, "w") as file:
            for number in range(count):
                file.write('{"prompt": "%s"}\n' % self.text(number, size, salt))
        return path

    def bodies(self, count=512):
        """What the service would send for such prompts."""
        path = self.path("bodies.jsonl")
        with open(path, "w") as file:
            for number in range(count):
                message = {"role": "user", "content": self.text(number, 930)}
                body = {"model": "bench", "messages": [message], "max_tokens": 4096}
                file.write(json.dumps(body, separators=(",", ":")) + "\n")
        return path


class Table:
    def __init__(self, verdicts):
        self.verdicts, self.rows = verdicts, []

    def add(self, name, values, unit, goal=None, at_most=False):
        values = values if isinstance(values, list) else [values]
        middle = statistics.median(values)
        row = {"name": name, "median": middle, "min": min(values), "max": max(values), "rounds": len(values), "unit": unit}
        if goal is not None:
            row["goal"] = ("<= " if at_most else ">= ") + f"{goal:g}"
            if self.verdicts:
                row["pass"] = middle <= goal if at_most else middle >= goal
        self.rows.append(row)
        verdict = {True: "pass", False: "FAIL", None: ""}[row.get("pass")]
        spread = f"({row['min']:.4g} - {row['max']:.4g})" if len(values) > 1 else ""
        print(f"{name:58} {middle:11.4g} {spread:23} {unit:10} {row.get('goal', ''):12} {verdict}", flush=True)

    def skip(self, name, why):
        self.rows.append({"name": name, "skipped": why})
        print(f"{name:58} skipped: {why}", flush=True)


def measure_throughput(bench, table, size):
    python = throughput.python_with_aiohttp(bench) if size.pool else None
    for answer_bytes, goal in ((1500, 0.60), (4096, 0.50)):
        bare, ours, pool = [], [], []
        for _ in range(size.rounds):
            bare.append(throughput.bare_curl(bench, answer_bytes, size.pairs))
            ours.append(throughput.service(bench, answer_bytes, size.pairs))
            if python and answer_bytes == 1500:
                pool.append(throughput.aiohttp_pool(bench, python, answer_bytes, size.pool))
        text = f"answers of {answer_bytes} B: "
        column = lambda rows, key: [row[key] for row in rows]
        table.add(text + "bare libcurl", column(bare, "per_second"), "req/s")
        table.add(text + "bare libcurl, CPU", column(bare, "cpu_us"), "us/req")
        table.add(text + "service, durable", column(ours, "per_second"), "pairs/s")
        table.add(text + "service, CPU", column(ours, "cpu_us"), "us/pair")
        table.add(text + "service, share of its core", column(ours, "utilisation"), "")
        table.add(text + "sealing, CPU beside", column(ours, "sealing_us"), "us/pair")
        table.add(text + "durable pairs/s / bare libcurl", [o["per_second"] / b["per_second"] for o, b in zip(ours, bare)], "", goal)
        table.add(text + "the same by CPU", [b["cpu_us"] / o["cpu_us"] for o, b in zip(ours, bare)], "")
        if pool:
            table.add("aiohttp workers without storage, CPU", column(pool, "cpu_us"), "us/req")
            table.add("CPU of aiohttp workers / of the service", [p["cpu_us"] / o["cpu_us"] for o, p in zip(ours, pool)], "", 5)
        elif answer_bytes == 1500:
            table.skip("CPU of aiohttp workers / of the service", "no aiohttp here, and none to be had" if size.pool else "size")


def measure_streaming(bench, table, size):
    """The same answer whole and in 200 events."""
    whole, streamed = [], []
    for _ in range(size.rounds):
        whole.append(throughput.service(bench, 1500, size.pairs // 2))
        streamed.append(throughput.service(bench, 1500, size.pairs // 2, "always", EVENTS))
    column = lambda rows: [row["cpu_us"] for row in rows]
    table.add("service, CPU, answers of 1500 B whole", column(whole), "us/pair")
    table.add(f"service, CPU, the same in {EVENTS} events", column(streamed), "us/pair")
    table.add("streamed / whole, by CPU", [s / w for s, w in zip(column(streamed), column(whole))], "", 2, at_most=True)


def measure_memory(bench, table, size):
    table.add(f"{size.flying} in flight, clear", memory.in_flight(bench, size.flying, False), "KB/query", 24, at_most=True)
    table.add(f"{size.flying} in flight, TLS", memory.in_flight(bench, size.flying, True), "KB/query", 80, at_most=True)


def measure_waiting(bench, table, size):
    grown = memory.waiting(bench, size.few, size.many)
    table.add(f"memory, {size.many} waiting over {size.few}", grown["growth_mb"], "MB", 64, at_most=True)
    table.add("submission of 300-byte prompts, durable", grown["lines_per_second"], "lines/s", 100_000)


def measure_restart(bench, table, size):
    # More wait than are asked while somebody looks and kills: else all have ended, and there is no first request.
    waiting = max(size.stored, 50_000)
    seconds = restart.first_request_seconds(bench, size.stored, waiting)
    table.add(f"kill -9 to first request, {size.stored} stored, {waiting} waiting", seconds, "s", 2, at_most=True)


def measure_limits(bench, table, size):
    kinds = {
        "6000 requests a minute": ("requests_per_minute: 6000, window_seconds: 60", ["--rpm", "6000"], lambda s: s["answered"], 6000),
        "1,200,000 output tokens a minute": ("output_tokens_per_minute: 1200000, window_seconds: 60", ["--otpm", "1200000"],
                                     lambda s: s["answered"] * 200, 1_200_000),
    }
    for name, (limit, flags, what, per_minute) in kinds.items():
        prompts_a_minute = 6000
        result = limits.used(bench, size.windows, limit, flags, lambda s: what(s) * prompts_a_minute / per_minute, prompts_a_minute)
        table.add(f"use of {name}", result["used"], "", 0.99)
        table.add(f"429s under {name}", result["throttled"], "", 0, at_most=True)


def measure_publish(bench, table, size):
    found = publication.publication(bench, size.published, size.rounds)
    where = "GSM8K's prompts" if found["real"] else "prompts of our own"
    table.add("publish as jsonl.zst, one thread, CPU", found["ours"], "MB/s")
    table.add("zstd -3 of the same text, CPU", found["zstd"], "MB/s")
    table.add("publish / zstd -3", [ours / zstd for ours, zstd in zip(found["ours"], found["zstd"])], "", 0.60)
    table.add(f"bytes of shards per raw byte of pairs, {where}", found["published"] / found["raw"], "")
    table.add(f"bytes of the store per raw byte, {where}", found["stored"] / found["raw"], "")
    table.add("both, the stand-in's answers", (found["published"] + found["stored"]) / found["raw"], "", 0.40, at_most=True)


def measure_plans(bench, table, size):
    found = plans.calibration(bench, size.teachers)
    if found is None:
        table.skip("bills within their plans", "the real prompts are not beside the checkout")
        return
    claim = f"of {found['runs']} plans that claim {found['claimed']:.2f}"
    table.add(f"bills within their intervals, {claim}", found["bills"], "", found["claimed"])
    table.add(f"times within their intervals, {claim}", found["times"], "", found["claimed"])
    table.add("upper / lower end of a bill's interval, median", found["width"], "")


PARTS = {"throughput": measure_throughput, "streaming": measure_streaming, "memory": measure_memory, "waiting": measure_waiting, "restart": measure_restart,
         "limits": measure_limits, "publish": measure_publish, "plans": measure_plans}


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--bin", default=os.path.join(FOLDER, "../../build/bin"), help="folder of the binaries (default: build/bin)")
    arguments.add_argument("--small", action="store_true", help="only check that the benchmark works")
    arguments.add_argument("--scale", type=float, default=float(os.environ.get("HARVEST_BENCH_SCALE", "1")),
                           help="of all sizes (default: $HARVEST_BENCH_SCALE or 1); verdicts hold at 1")
    arguments.add_argument("--rounds", type=int, default=5, help="interleaved rounds of the throughput part")
    arguments.add_argument("--only", action="append", choices=PARTS, help="this part only, repeatable")
    arguments.add_argument("--json", default="bench.json", help="where the figures are written (default: ./bench.json)")
    given = arguments.parse_args()
    scale = 0.002 if given.small else given.scale
    scaled = lambda full, least: max(int(full * scale), least)
    size = argparse.Namespace(rounds=1 if given.small else given.rounds, pairs=scaled(200_000, 2_000), flying=scaled(10_000, 200),
                              pool=0 if given.small else scaled(20_000, 1_000), few=scaled(50_000, 500), many=scaled(5_000_000, 5_000),
                              stored=scaled(1_000_000, 2_000), published=scaled(60_000, 500), windows=scaled(3, 1), teachers=scaled(12, 2))
    parts = given.only or (["throughput", "memory", "waiting", "restart", "publish"] if given.small else list(PARTS))
    table = Table(verdicts=not given.small)
    scratch = tempfile.mkdtemp(prefix="harvest-bench-")
    try:
        for part in parts:
            PARTS[part](Bench(os.path.abspath(given.bin), scratch), table, size)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        if not given.small:
            with open(given.json, "w") as file:
                json.dump({"scale": scale, "rows": table.rows}, file, indent=1)
    return 1 if any(row.get("pass") is False for row in table.rows) else 0


if __name__ == "__main__":
    sys.exit(main())

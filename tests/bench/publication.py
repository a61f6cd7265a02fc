"""Publishing: how fast rows leave beside zstd on the same text, and how many bytes on disk a byte of pairs takes."""
import json
import os
import resource
import subprocess

from parts import Service, Teacher, until
from throughput import quiet

# Answers as the stand-in makes them up, of the length of a worked sum.
ANSWERS = ["--latency-ms", "0", "--answer-bytes", "200:900"]
GSM8K = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../shared/data/prompts/gsm8k-train.jsonl")


def prompts(bench, count):
    """GSM8K's questions where they lie beside the checkout, again and again with a number of their own; else made-up ones."""
    if not os.path.exists(GSM8K):
        return bench.prompts(count, 240), False
    with open(GSM8K) as file:
        questions = [json.loads(line)["question"] for line in file]
    path = bench.path("gsm8k.jsonl")
    with open(path, "w") as file:
        for number in range(count):
            text = questions[number % len(questions)]
            file.write(json.dumps({"prompt": text if number < len(questions) else f"({number // len(questions)}) {text}"}) + "\n")
    return path, True


def child_cpu():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def zstd_seconds(text):
    """CPU of `zstd -3`, streaming, one thread."""
    before = child_cpu()
    subprocess.run(["zstd", "-3", "--single-thread", "-q", "-c"], stdin=open(text, "rb"), stdout=subprocess.DEVNULL, check=True)
    return child_cpu() - before


def bytes_below(directory):
    return sum(os.path.getsize(os.path.join(place, name)) for place, _, names in os.walk(directory) for name in names)


def publication(bench, count, rounds):
    """Rounds of publish and zstd, interleaved; each round cuts all pairs anew, as a view of its own."""
    file, real = prompts(bench, count)
    result = {"real": real, "ours": [], "zstd": []}
    with Teacher(bench, ANSWERS) as teacher, Service(bench, teacher) as house:
        house.submit(file)
        until("the end of the job", lambda: house.pairs() >= count, 1200, every=0.2)
        until("rest", lambda: quiet(house), 60)
        shards, text = os.path.join(house.data, "datasets", "default", "shards"), bench.path("rows.jsonl")
        for number in range(rounds):
            before = house.cpu_seconds()
            house.ctl("datasets", "publish", "default", "--view", f"zst{number}", "--format", "jsonl.zst")
            seconds = house.cpu_seconds() - before
            if number == 0:
                result["published"] = bytes_below(shards)
                names = [os.path.join(shards, name) for name in sorted(os.listdir(shards))]
                with open(text, "wb") as out:
                    subprocess.run(["zstd", "-d", "-q", "-c", *names], stdout=out, check=True)
                result["raw"] = os.path.getsize(text)
            result["ours"].append(result["raw"] / seconds / 1e6)
            result["zstd"].append(result["raw"] / zstd_seconds(text) / 1e6)
        house.stop()
        result["stored"] = bytes_below(house.data) - bytes_below(os.path.join(house.data, "datasets"))
    return result

"""First steps: what a new user does from outside, and every mistake with the message and exit code that it gets."""

import gzip
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "whole"))
from house import ROOT, House, check, say, until  # noqa: E402

SAMPLES = ROOT / "deploy" / "samples"


class Shell:
    """Runs the programs as a user does and looks at how they end and what they say."""

    def __init__(self, house):
        self.house = house
        self.server = None
        self.count = 0

    def run(self, program, *arguments, stdin="", env=None, seconds=60):
        command = [str(self.house.binary(program)), *[str(argument) for argument in arguments]]
        return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=seconds,
                              env={**os.environ, "HARVEST_SERVER": self.server or "127.0.0.1:1", **(env or {})})

    def ends(self, code, parts, program, *arguments, **options):
        """Exit code, and words that must be in what it says."""
        done = self.run(program, *arguments, **options)
        said = done.stdout + done.stderr
        missing = [part for part in ([parts] if isinstance(parts, str) else parts) if part not in said]
        shown = " ".join(str(argument) for argument in arguments)
        if done.returncode != code or missing:
            check(False, f"{program} {shown}: found exit code {done.returncode}, expected {code}; missing {missing} in:\n{said}")
        self.count += 1
        return done


def config(house, name, teachers, **more):
    """A configuration file for `run`, with a store of its own."""
    path = house.path(f"{name}.yaml")
    path.write_text(json.dumps({"data_dir": str(house.path(f"data-{name}")), "teachers": teachers, **more}))
    return path


def configurations(shell):
    house = shell.house
    bad = house.path("bad.yaml")
    bad.write_text("data_dir: ./x\ncolour: blue\nlog: { level: loud }\nteachers:\n  - name: t\n    dialect: nope\n"
                   "    limits: { requests_per_minute: many }\n    api_key: sk-secret\n")
    done = shell.ends(2, ["bad.yaml:2:1: found the unknown field 'colour'", "bad.yaml:3:8: log.level: found 'loud'",
                          "bad.yaml:6:5: teachers[0].dialect: found 'nope'", "bad.yaml:7:36: teachers[0].limits.requests_per_minute",
                          "bad.yaml:8:14: teachers[0].api_key"], "harvestd", "check", "--config", bad)
    check("sk-secret" not in done.stdout + done.stderr, "a key written into the file is not shown")
    shell.ends(2, "bad.yaml:2:1", "harvestd", "serve", "--config", bad)
    shell.ends(2, "cannot be read: No such file", "harvestd", "check", "--config", house.path("absent.yaml"))
    shell.ends(2, "Is a directory", "harvestd", "check", "--config", house.directory)
    shell.ends(0, "good, 2 teachers", "harvestd", "check", "--config", ROOT / "deploy" / "harvest.example.yaml")
    shell.ends(2, "subcommand", "harvestd")
    shell.ends(0, "Exit codes: 0 done", "harvestd", "run", "--help")
    shell.ends(0, "0.", "harvestd", "--version")


def single_harvest(shell, teacher):
    house = shell.house
    setup = config(house, "run", [teacher.entry("t")])
    run = ["run", "--config", setup, "--teacher", "t", "--purpose", "training", "--dataset", "first"]
    notes = SAMPLES / "notes.txt"
    shell.ends(0, ["done=40/40", "dataset first: version 1, 40 pairs in 1 shard under"], "harvestd", *run, notes)
    asked = teacher.ledger().requests
    shell.ends(0, ["was this command", "nothing is left to ask"], "harvestd", *run, notes)
    shell.ends(0, ["reused=40"], "harvestd", *run[:-1], "second", notes)
    check(teacher.ledger().requests == asked, "what is known is not asked again")
    shell.ends(0, "done=40/40", "harvestd", *run, "--fresh", notes)
    check(teacher.ledger().requests == asked + 40, "--fresh asks again")

    trouble = house.path("trouble.jsonl")
    trouble.write_text('{"prompt":"fine"}\n{"prompt":"bad [sim:400]","custom_id":"c-2"}\n{"prompt":"no [sim:refuse]"}\n')
    shell.ends(3, ["2 queries ended otherwise", "prompt 1 (line 2", "rejected", "prompt 2 (line 3), sample 0, teacher t: refused"],
               "harvestd", *run, trouble)
    shell.ends(3, ["nothing is left to ask", "prompt 1 (line 2"], "harvestd", *run, trouble)

    questions = SAMPLES / "questions.jsonl"
    capped = [*run, "--samples", "2", "--max-output", "400", questions]
    shell.ends(4, ["budget: of $0.2", "queries are not asked", "larger --max-cost goes on"], "harvestd", *capped, "--max-cost", "0.2")
    check(teacher.ledger().usd < 10, "the teacher billed little")
    shell.ends(0, ["going on with job", "done=240/240"], "harvestd", *capped, "--max-cost", "5")

    job = house.path("job.yaml")
    job.write_text("dataset: from-file\nteachers: [t]\nuse: { purpose: evaluation }\n"
                   f"template: 'Sum up {{{{product}}}}: {{{{review}}}}'\nprompts: [{SAMPLES}/reviews.jsonl]\n")
    shell.ends(0, "dataset on-top: version 1, 60 pairs", "harvestd", "run", "--config", setup, "--job", job, "--dataset", "on-top")
    job.write_text("teacher: [t]\nsamples: x\n")
    shell.ends(2, ["job.yaml:1:1: found the unknown field 'teacher'", "job.yaml:2:10: samples: found 'x'"],
               "harvestd", "run", "--config", setup, "--job", job)


def interrupted_harvest(shell):
    house = shell.house
    slow = house.teacher("--latency-ms", 200)
    bare = {key: value for key, value in slow.entry("bare").items() if key != "rights"}
    setup = config(house, "slow", [slow.entry("t", limits={"concurrency": 4}), bare])
    command = [house.binary("harvestd"), "run", "--config", setup, "--teacher", "t", "--purpose", "training", SAMPLES / "questions.jsonl"]
    process = house.run(command, "interrupted.log")
    until("some are answered", lambda: len(slow.ledger().answers) > 20, 30)
    process.popen.send_signal(signal.SIGINT)
    check(process.popen.wait(30) == 130, "an interrupt ends a run with 130")
    check(process.said("interrupted; the same command goes on with job j_"), "and says how to go on")
    asked = slow.ledger().requests
    other = ["run", "--config", setup, "--purpose", "training", "--dataset", "other", SAMPLES / "notes.txt"]
    shell.ends(7, "has no rights record", "harvestd", *other, "--teacher", "bare")
    check(slow.ledger().requests == asked, "a command that is refused asks nothing of another command's job")
    shell.ends(0, "done=40/40", "harvestd", *other, "--teacher", "t")
    check(slow.ledger().requests == asked + 40, "and one that is not asks its own queries alone")
    shell.ends(0, ["going on with job j_", "done=120/120"], "harvestd", *command[1:])
    check(not slow.ledger().doubles() and slow.ledger().requests == 160, "no query was asked twice")


def refused_starts(shell, teacher):
    house = shell.house
    notes = SAMPLES / "notes.txt"
    good = teacher.entry("t")
    rights = good["rights"]

    def run(code, parts, name, entry, env=None, **more):
        setup = config(house, name, [entry], **more)
        return shell.ends(code, parts, "harvestd", "run", "--config", setup, "--teacher", "t", "--purpose", "training", notes, env=env)

    run(7, "has no rights record", "no-rights", {key: good[key] for key in good if key != "rights"})
    run(7, "ended with 2021-01-01", "expired", {**good, "rights": {**rights, "reviewed_on": "2020-01-01", "expires_on": "2021-01-01"}})
    run(7, "permits evaluation; asked for training", "other-purpose", {**good, "rights": {**rights, "permits": ["evaluation"]}})
    run(7, "an unknown price is not zero", "no-prices", {key: good[key] for key in good if key != "prices"})
    run(2, "the environment variable HARVEST_NO_SUCH_KEY is not set", "no-key", {**good, "api_key": {"env": "HARVEST_NO_SUCH_KEY"}})
    check(not house.path("data-no-key").exists(), "a start without its key makes nothing")
    run(2, "cannot be read: No such file", "no-key-file", {**good, "api_key": {"file": str(house.path("absent"))}})
    house.path("a-file").write_text("")
    run(8, "a-file/data cannot be made: Not a directory", "on-file", good, data_dir=str(house.path("a-file") / "data"))
    run(8, "/proc/harvest cannot be made", "on-proc", good, data_dir="/proc/harvest")
    (house.path("data-blocked") / "datasets").mkdir(parents=True)
    (house.path("data-blocked") / "datasets" / "default").write_text("a file where the dataset's folder is to be")
    run(8, "default is not a directory", "blocked", good)

    locked = house.teacher(env={"RIGHT_KEY": "sk-right"}, *["--api-key-env", "RIGHT_KEY"])
    entry = {**locked.entry("t"), "api_key": {"env": "USED_KEY"}}
    done = run(7, ["teacher t is halted: invalid_api_key"], "locked", entry, env={"USED_KEY": "sk-wrong"})
    check("sk-wrong" not in done.stdout + done.stderr, "the key is in no message")
    run(0, ["going on with job", "done=40/40"], "locked", entry, env={"USED_KEY": "sk-right"})

    dead = {**good, "endpoint": "http://127.0.0.1:1/v1"}
    setup = config(house, "dead", [dead])
    process = house.run([house.binary("harvestd"), "run", "--config", setup, "--teacher", "t", "--purpose", "training", notes], "dead.log")
    until("a dead teacher is named with its endpoint and why",
          lambda: process.said("endpoint_unhealthy") and process.said('backoff="teacher t at http://127.0.0.1:1/v1: '), 20)
    process.popen.send_signal(signal.SIGINT)
    check(process.popen.wait(30) == 130, "a run that waits for a dead teacher can be interrupted")
    run(0, ["going on with job", "done=40/40"], "dead", good)  # nothing was sent, so nothing has been used up

    few = house.path("few.txt")
    few.write_text("one\ntwo\nthree\n")
    once = {"harvest": {"attempts_max": 1}}
    failing = house.teacher("--error-rate", 1)
    setup = config(house, "down", [failing.entry("t")], **once)
    again = ["run", "--config", setup, "--teacher", "t", "--purpose", "training", few]
    shell.ends(3, "3 queries ended otherwise", "harvestd", *again)
    config(house, "down", [good], **once)
    shell.ends(3, ["nothing is left to ask", "--retry-failed asks again"], "harvestd", *again)
    shell.ends(0, ["asking again 3 of 3 queries", "done=3/3"], "harvestd", *again, "--retry-failed")
    shell.ends(0, "nothing is left to ask (--fresh", "harvestd", *again, "--retry-failed")


def failed_starts(shell):
    """What a crash left open is told by the first start that comes up, whatever failed before it."""
    house = shell.house
    hung = house.teacher("--latency-ms", 60000)
    key = {"env": "HARVEST_CRASH_KEY"}
    service = house.service(env={"HARVEST_CRASH_KEY": "sk-crash"}, data_dir=str(house.path("data-crash")),
                            teachers=[hung.entry("t", api_key=key, limits={"concurrency": 5})]).start()
    service.ctl("submit", "--teacher", "t", "--purpose", "training", SAMPLES / "notes.txt")
    until("attempts are in flight", lambda: hung.ledger().requests == 5, 20)
    service.kill()
    serve = ["harvestd", "serve", "--config", service.config_path]
    shell.ends(2, "the environment variable HARVEST_CRASH_KEY is not set", *serve)
    with socket.socket() as taken:
        host, port = service.config["http"]["listen"].split(":")
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind((host, int(port)))
        taken.listen()
        shell.ends(9, "http.listen: another process listens", *serve, env=service.env)
        new = house.path("new.yaml")
        new.write_text(json.dumps({**service.config, "data_dir": str(house.path("data-new"))}))
        shell.ends(9, "http.listen: another process listens", "harvestd", "serve", "--config", new, env=service.env)
        check(not house.path("data-new").exists(), "a start whose address is taken makes no store")
    status = service.start().status()
    check(len(status["crash_intents"]) == 5 and float(status["crash_intents_max_usd"]) > 0, "the open attempts are named with their bound")
    check(status["crash_intents_total"] == "5", "and counted once")
    time.sleep(1)
    check(hung.ledger().requests == 5, "and hold their slots")
    service.kill()
    check(service.start().status()["crash_intents"] == [], "what was told is not told again")
    service.kill()


def submissions(shell, service):
    house = shell.house
    submit = ["submit", "--teacher", "t", "--purpose", "training", "--dataset", "d"]
    shell.ends(2, "use.purpose: found none", "harvestctl", "submit", "--teacher", "t", SAMPLES / "notes.txt")
    shell.ends(5, "teacher nope not found; configured are: t", "harvestctl", "submit", "--teacher", "nope", "--purpose", "training", SAMPLES / "notes.txt")
    shell.ends(2, "dataset: found 'a/b'", "harvestctl", *submit[:-1], "a/b", SAMPLES / "notes.txt")
    shell.ends(2, "not in range 1 to 1024", "harvestctl", *submit, "--samples", 5000, SAMPLES / "notes.txt")
    shell.ends(2, "max_cost_usd: found 'x'", "harvestctl", *submit, "--max-cost", "x", SAMPLES / "notes.txt")
    shell.ends(6, "no harvestd answers at 127.0.0.1:1", "harvestctl", "--server", "127.0.0.1:1", *submit, SAMPLES / "notes.txt")

    def file(name, content):
        path = house.path(name)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    good = '{"prompt":"one"}\n'
    table = [
        (file("empty.jsonl", ""), "empty.jsonl: found no prompt"),
        (file("number.jsonl", good + '{"prompt":5}\n'), "number.jsonl:2: prompt: found 5"),
        (file("cut.jsonl", good + good + '{"prompt":"x"\n'), "cut.jsonl:3: is not JSON"),
        (file("role.jsonl", '{"messages":[{"role":"bot","content":"x"}]}\n'), "role.jsonl:1: messages[0].role: found 'bot'"),
        (file("turns.jsonl", '{"turns":["a",7]}\n'), "turns.jsonl:1: turns[1]: found 7, expected a text"),
        (file("field.jsonl", '{"question":"x"}\n'), "--template 'text with {{question}}'"),
        (file("latin.txt", b"caf\xe9\n"), "latin.txt:1: is not UTF-8"),
        (file("garbage.jsonl", bytes(range(128, 256)) * 9), "garbage.jsonl:1: is not JSON"),
        (file("cut.jsonl.gz", gzip.compress(good.encode() * 99)[:30]), "the gzip data is cut short"),
        (file("large.jsonl", good + json.dumps({"prompt": "x" * (5 << 20)}) + "\n"), "large.jsonl:2: found a prompt of"),
        (file("long.jsonl", json.dumps({"prompt": "x" * (17 << 20)}) + "\n"), "long.jsonl:1: found a line of more than 16 MiB"),
        (house.path("absent"), "absent: cannot be read: No such file"),
        (house.directory, "is a directory"),
    ]
    for path, words in table:
        shell.ends(2, words, "harvestctl", *submit, path)
    check(service.ctl("jobs", "list")["jobs"] == [], "a refused submission leaves no job")

    unaskable = file("unaskable.jsonl", '{"prompt":"one"}\n{"messages":[{"role":"user","content":"x"}],"top_k":5}\n{"prompt":"two"}\n')
    shell.ends(2, ["unaskable.jsonl:2: ", "nothing was submitted"], "harvestctl", *submit, unaskable)
    shell.ends(0, ["skipped: ", "unaskable.jsonl:2: ", "done=2/2"], "harvestctl", *submit, "--watch", "--on-bad-line", "skip", unaskable)
    shell.ends(0, ["skipped: ", "large.jsonl:2: ", "done=1/1"], "harvestctl", *submit, "--watch", "--on-bad-line", "skip", house.path("large.jsonl"))

    bom = file("bom.jsonl", b'\xef\xbb\xbf{"prompt":"with a mark"}\r\n\r\n{"prompt":"and CRLF"}\r\n')
    packed = file("packed.jsonl.gz", gzip.compress((SAMPLES / "questions.jsonl").read_bytes()))
    for arguments, queries in [([bom], 2), ([packed], 120), ([SAMPLES / "messages.jsonl", SAMPLES / "batch.jsonl", SAMPLES / "notes.txt"], 140),
                               (["--template", "{{product}}: {{review}}", SAMPLES / "reviews.jsonl"], 60)]:
        shell.ends(0, f"done={queries}/{queries}", "harvestctl", *submit, "--watch", *arguments)
    shell.ends(0, "done=1/1", "harvestctl", *submit, "--watch", "-", stdin='{"prompt":"from standard input"}\n')
    shell.ends(2, "standard input: found no prompt", "harvestctl", *submit, "-")
    once = [*submit, "--submission-id", "only-once", SAMPLES / "notes.txt"]
    first = shell.ends(0, "submitted", "harvestctl", *once).stdout
    check(shell.ends(0, "submitted before", "harvestctl", *once).stdout == first, "a named submission is one job")


def steering(shell, service, teacher):
    house = shell.house
    submit = ["submit", "--teacher", "t", "--purpose", "training", "--dataset", "steered", "--fresh"]
    for verb in ["show", "pause", "resume", "cancel", "retry", "endings", "watch"]:
        shell.ends(5, "there is no job j_1", "harvestctl", "jobs", verb, "j_1")
    shell.ends(5, "teacher nope not found", "harvestctl", "teachers", "pause", "nope")

    trouble = house.path("steered.jsonl")
    trouble.write_text('{"prompt":"bad [sim:400]"}\n{"prompt":"no [sim:refuse] steered"}\n{"prompt":"fine, steered"}\n')
    done = shell.ends(3, ["answered=1 refused=1 rejected=1", "rejected", "refused"], "harvestctl", *submit, "--watch", trouble)
    job = done.stdout.strip().splitlines()[0]
    endings = shell.ends(0, [], "harvestctl", "jobs", "endings", job, "--json").stdout.splitlines()
    check([json.loads(line)["outcome"] for line in endings] == ["rejected", "refused"], "endings name each")
    check([json.loads(line)["line"] for line in endings] == ["1", "2"], "with its line")
    shell.ends(0, "PROMPT\tLINE\tSAMPLE", "harvestctl", "jobs", "endings", job)
    shell.ends(7, "is finished and cannot be retuned", "harvestctl", "jobs", "retune", job, "--priority", "high")
    shell.ends(7, "is finished and cannot be cancelled", "harvestctl", "jobs", "cancel", job)
    shell.ends(0, "", "harvestctl", "jobs", "retry", job)
    shell.ends(3, "rejected=1", "harvestctl", "jobs", "watch", job)

    capped = shell.ends(4, "paused: budget", "harvestctl", *submit, "--watch", "--max-cost", "0.2", "--max-output", "400", SAMPLES / "questions.jsonl")
    job = capped.stdout.strip().splitlines()[0]
    shell.ends(0, "", "harvestctl", "jobs", "retune", job, "--max-cost", "9")
    shell.ends(0, "done=120/120", "harvestctl", "jobs", "watch", job)
    check(service.job(job)["in_flight"] == "0", "nothing of a finished job is in flight")

    shell.ends(0, "", "harvestctl", "halt", "--reason", "a look first")
    job = service.ctl(*submit, SAMPLES / "notes.txt")["record"]["id"]
    asked = teacher.ledger().requests
    time.sleep(0.5)
    check(teacher.ledger().requests == asked, "nothing is asked while halted")
    shell.ends(0, ["halted: a look first"], "harvestctl", "status")
    shell.ends(0, "", "harvestctl", "halt", "--lift")
    shell.ends(0, "done=40/40", "harvestctl", "jobs", "watch", job)
    shell.ends(0, ["paused", "a quota talk"], "harvestctl", "teachers", "pause", "t", "--reason", "a quota talk")
    shell.ends(0, ["paused", "a quota talk"], "harvestctl", "teachers", "show", "t")
    job = service.ctl(*submit, SAMPLES / "notes.txt")["record"]["id"]
    shell.ends(0, "paused", "harvestctl", "jobs", "pause", job, "--reason", "not now")
    shell.ends(0, "ready", "harvestctl", "teachers", "resume", "t")
    check(service.job(job)["record"]["reason"] == "not now", "a reason is kept")
    shell.ends(0, "", "harvestctl", "jobs", "cancel", job, "--reason", "wrong prompts")
    check(service.job(job)["record"]["reason"] == "wrong prompts", "and why it was cancelled")
    shell.ends(3, "done=0/40", "harvestctl", "jobs", "watch", job)
    shell.ends(7, "is cancelled and cannot be retuned", "harvestctl", "jobs", "retune", job, "--max-cost", 3)


def two_teachers(shell, service):
    for ask, queries in [("each", 80), ("spread", 40), ("fallback", 40)]:
        done = shell.ends(0, f"done={queries}/{queries}", "harvestctl", "submit", "--teacher", "t,u", "--ask", ask, "--purpose",
                          "evaluation", "--dataset", ask, "--fresh", "--watch", SAMPLES / "notes.txt")
        check(done.returncode == 0, f"two teachers, {ask}")


def publication(shell, service):
    house = shell.house
    out = house.path("pulled")
    shell.ends(5, "there is no dataset nope", "harvestctl", "datasets", "publish", "nope")
    shell.ends(5, "there is no dataset nope", "harvestctl", "datasets", "pull", "nope", "--out", out)
    check(not out.exists(), "a pull that finds nothing makes nothing")
    shell.ends(8, "Not a directory", "harvestctl", "datasets", "pull", "d", "--out", house.path("a-file"))
    shell.ends(2, "expected jsonl.gz, jsonl.zst, jsonl, parquet or webdataset", "harvestctl", "datasets", "publish", "d", "--format", "arrow")
    shell.ends(0, "version    1", "harvestctl", "datasets", "publish", "d")
    shell.ends(8, "/proc/harvest", "harvestctl", "datasets", "pull", "d", "--out", "/proc/harvest")
    shell.ends(0, "(0 kept,", "harvestctl", "datasets", "pull", "d", "--out", out)
    shell.ends(0, "(1 kept, 0 bytes pulled)", "harvestctl", "datasets", "pull", "d", "--out", out)
    shell.ends(0, "pulled: verified, ", "harvestctl", "datasets", "verify", out)
    shell.ends(7, "found the dataset d (view default)", "harvestctl", "datasets", "pull", "steered", "--out", out)
    shell.ends(5, "dataset d has no version 9", "harvestctl", "datasets", "pull", "d", "--version", 9, "--out", out)

    shard = next((out / "shards").iterdir())
    whole = shard.read_bytes()
    shard.write_bytes(whole[:-9] + b"tampered!")
    shell.ends(8, [shard.name, "NOT verified"], "harvestctl", "datasets", "verify", out)
    shell.ends(0, "(0 kept,", "harvestctl", "datasets", "pull", "d", "--out", out)
    shell.ends(0, ": verified", "harvestctl", "datasets", "verify", out)
    shard.rename(shard.with_name(shard.name + ".part"))
    shard.with_name(shard.name + ".part").write_bytes(whole[:1000])
    shell.ends(0, f"{len(whole) - 1000} bytes pulled", "harvestctl", "datasets", "pull", "d", "--out", out)
    check(shard.read_bytes() == whole, "an interrupted pull goes on where it stopped")

    shell.ends(0, '"record_id"', "harvestctl", "pairs", "tail", "d", "--last", 1)
    record = json.loads(shell.run("harvestctl", "pairs", "tail", "d", "--last", "1").stdout)["record_id"]
    shell.ends(0, '"choices"', "harvestctl", "pairs", "show", record, "--raw")
    shell.ends(2, "is not a record id", "harvestctl", "pairs", "show", "x")


def filters(shell, service):
    wanted = "teacher_id = 'u' and not refused"
    rows = shell.run("harvestctl", "pairs", "list", "each", "--where", wanted).stdout.splitlines()
    check(len(rows) == 40 and {json.loads(row)["teacher_id"] for row in rows} == {"u"}, "pairs list holds to its filter")
    some = shell.run("harvestctl", "pairs", "list", "each", "--where", wanted, "--limit", "3").stdout.splitlines()
    check(some == rows[:3], "and to its limit")
    check(shell.run("harvestctl", "pairs", "tail", "each", "--last", "80", "--where", wanted).stdout.splitlines() == rows, "so does tail")
    shell.ends(2, 'where: character 1: found "lange", expected a column', "harvestctl", "pairs", "list", "each", "--where", "lange = 'de'")
    shell.ends(5, "there is no dataset nope", "harvestctl", "pairs", "list", "nope")
    check(shell.run("harvestctl", "pairs", "tail", "each", "--last", "1").stdout, "a tail without a filter has pairs")
    shell.ends(2, "prompt_tokens is int64", "harvestctl", "datasets", "publish", "each", "--where", "prompt_tokens = 'x'")
    shell.ends(7, "no pair passes the filter", "harvestctl", "datasets", "publish", "each", "--where", "teacher_id = 'nobody'")
    shell.ends(0, "version    1", "harvestctl", "datasets", "publish", "each", "--where", wanted, "--format", "jsonl.zst")
    shell.ends(7, "first published with the filter", "harvestctl", "datasets", "publish", "each", "--where", "refused")
    out = shell.house.path("filtered")
    shell.ends(0, "40 pairs", "harvestctl", "datasets", "pull", "each", "--out", out)
    shell.ends(0, ": verified, 40 pairs", "harvestctl", "datasets", "verify", out)
    manifest = json.loads((out / "manifest.json").read_text())
    check(manifest["where"] == wanted and manifest["dropped"] == {"where": 40}, "the manifest says what it kept out, and why")
    check(all(shard["path"].endswith(".jsonl.zst") for shard in manifest["shards"]), "its shards are zstd")
    views(shell)


def views(shell):
    publish = ("harvestctl", "datasets", "publish", "each")
    shell.ends(2, "expected none (all columns) or one of trl, axolotl", *publish, "--view", "rows", "--profile", "hf")
    shell.ends(2, "nemo opens plain files only", *publish, "--view", "rows", "--profile", "nemo", "--format", "jsonl.gz")
    shell.ends(2, "view: found '../rows'", *publish, "--view", "../rows")
    shell.ends(0, "of all pairs, in 3 shards", *publish, "--view", "rows", "--profile", "trl", "--shards", 3)
    shell.ends(7, "first published with the number of shards 3", *publish, "--view", "rows", "--shards", 4)
    shell.ends(0, "all pairs", "harvestctl", "datasets", "show", "each")
    shell.ends(0, "rows", "harvestctl", "datasets", "list")
    out, part = shell.house.path("rows"), shell.house.path("part")
    shell.ends(0, "80 pairs in 3 shards", "harvestctl", "datasets", "pull", "each", "--view", "rows", "--out", out)
    shell.ends(0, ": verified, 80 pairs", "harvestctl", "datasets", "verify", out)
    share = ("--rank", 1, "--world-size", 2)
    shell.ends(0, " in 1 shard ", "harvestctl", "datasets", "pull", "each", "--view", "rows", "--out", part, *share)
    shell.ends(8, "the shard is missing", "harvestctl", "datasets", "verify", part)
    shell.ends(0, ": verified, ", "harvestctl", "datasets", "verify", part, *share)
    shell.ends(2, "rank: found 2 of 2", "harvestctl", "datasets", "verify", part, "--rank", 2, "--world-size", 2)
    shell.ends(5, "has no view none", "harvestctl", "datasets", "pull", "each", "--view", "none", "--out", shell.house.path("no"))
    shell.ends(7, "found the dataset each (view rows)", "harvestctl", "datasets", "pull", "each", "--out", out)
    (out / "shards" / "old-000001-00-0123456789ab.jsonl.gz").write_text("x")
    shell.ends(0, "1 pruned", "harvestctl", "datasets", "pull", "each", "--view", "rows", "--prune", "--out", out)
    shell.ends(2, "QUERY is required", "harvestctl", "sql")
    shell.ends(7, "is a snapshot", "harvestctl", "datasets", "compact", "each", "--view", "rows")


def web(service):
    base = "http://" + service.status()["http_address"]

    def get(path, **headers):
        try:
            with urllib.request.urlopen(urllib.request.Request(base + path, headers=headers), timeout=10) as reply:
                return reply.status, reply.headers, reply.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()

    for path in ["/", "/metrics", "/healthz", "/livez", "/readyz", "/v1/datasets", "/v1/datasets/d", "/v1/datasets/d/urls.txt"]:
        check(get(path)[0] == 200, f"GET {path}")
    check(get("/nope")[0] == 404 and get("/v1/datasets/nope")[0] == 404, "what is not there is 404")
    shard = json.loads(get("/v1/datasets/d/manifest.json")[2])["shards"][0]
    path = f"/v1/datasets/d/shards/{shard['path']}"
    status, headers, body = get(path)
    check(status == 200 and len(body) == shard["bytes"], "a shard is served whole")
    check(get(path, Range="bytes=10-19")[::2] == (206, body[10:20]), "and in part")
    check(get(path, **{"If-None-Match": headers["ETag"]})[0] == 304, "and not again where its entity tag is known")


def grpc_call(shell, service, method, message):
    """One call by a client that is none of ours: the reply's bytes, and the status that came with the trailers."""
    request, reply, headers = (shell.house.path(name) for name in ["grpc.request", "grpc.reply", "grpc.headers"])
    request.write_bytes(b"\0" + len(message).to_bytes(4, "big") + message)
    subprocess.run(["curl", "--silent", "--max-time", "10", "--http2-prior-knowledge", "--header", "content-type: application/grpc",
                    "--header", "te: trailers", "--data-binary", f"@{request}", "--output", reply, "--dump-header", headers,
                    f"http://{service.address}/{method}"], check=True)
    return reply.read_bytes()[5:], headers.read_text()


def grpc_face(shell, service):
    reply, headers = grpc_call(shell, service, "grpc.health.v1.Health/Check", b"")
    check(reply == b"\x08\x01" and "grpc-status: 0" in headers, "the health service says SERVING")
    reply, headers = grpc_call(shell, service, "grpc.health.v1.Health/Check", b"\x0a\x04nope")
    check("grpc-status: 5" in headers, "and NOT_FOUND of a service that is not there")
    reply, _ = grpc_call(shell, service, "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", b"\x3a\x00")
    for name in ["Jobs", "Teachers", "Datasets", "Pairs", "Operations"]:
        check(f"harvest.v1.{name}".encode() in reply, f"reflection lists {name}")
    _, headers = grpc_call(shell, service, "harvest.v1.Jobs/GetJob", b"\x0a\x03j_1")
    check("grpc-status: 5" in headers and "there%20is%20no%20job" in headers.replace(" ", "%20"), "an error's code and words are gRPC's own")


def starts(shell, service):
    house = shell.house
    shell.ends(8, f"is held by the process with pid {service.process.popen.pid}", "harvestd", "serve", "--config", service.config_path)
    other = {**service.config, "data_dir": str(house.path("other"))}
    path = house.path("other.yaml")
    path.write_text(json.dumps(other))
    done = shell.ends(9, f"http.listen: another process listens on {other['http']['listen']}", "harvestd", "serve", "--config", path)
    path.write_text(json.dumps({**other, "http": {"listen": "127.0.0.1:0"}}))
    done = shell.ends(9, other["grpc"]["listen"], "harvestd", "serve", "--config", path)
    check("chttp2" not in done.stderr, "in words of our own")

    shell.ends(0, "", "harvestctl", "halt", "--reason", "over night")
    check(service.stop() == 0, "SIGTERM ends a daemon with 0")
    shell.ends(7, "the service is halted: over night", "harvestd", "run", "--config", service.config_path, "--teacher", "t", "--purpose",
               "training", SAMPLES / "notes.txt")


def main():
    with House("first steps") as house:
        shell = Shell(house)
        teacher = house.teacher("--latency-ms", 20)
        second = house.teacher("--latency-ms", 20)
        say("configurations")
        configurations(shell)
        say("harvestd run")
        single_harvest(shell, teacher)
        interrupted_harvest(shell)
        refused_starts(shell, teacher)
        failed_starts(shell)
        service = house.service(teachers=[teacher.entry("t"), second.entry("u")]).start()
        shell.server = service.address
        say("submissions")
        submissions(shell, service)
        say("steering")
        steering(shell, service, teacher)
        two_teachers(shell, service)
        say("publication")
        publication(shell, service)
        filters(shell, service)
        web(service)
        grpc_face(shell, service)
        say("starts")
        starts(shell, service)
        check(shell.count > 90, f"{shell.count} commands ended as they should")


main()

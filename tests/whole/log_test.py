"""The transparency log: every pair, version and command is in it, proofs hold without the service, and over kill -9 nothing is signed twice."""
import base64
import hashlib
import json
import re
import time
import urllib.request

from house import House, check, scaled, until


def fetch(service, path):
    with urllib.request.urlopen(f"http://{service.config['http']['listen']}/v1/log/{path}", timeout=30) as answer:
        return answer.read()


def checkpoint(service):
    """Name, size, root; the note."""
    note = fetch(service, "checkpoint")
    name, size, root = note.decode().split("\n")[:3]
    return name, int(size), root, note


def number_path(index, width):
    path = f"{index % 1000:03d}"
    while index := index // 1000:
        path = f"x{index % 1000:03d}/{path}"
    return path if width == 256 else f"{path}.p/{width}"


def copy_log(service, folder):
    """The log as a monitor would take it, by the specification alone."""
    _, size, _, note = checkpoint(service)
    folder.mkdir(exist_ok=True)
    (folder / "checkpoint").write_bytes(note)
    level, hashes = 0, size
    while hashes > 0:
        for index in range((hashes + 255) // 256):
            name = number_path(index, min(256, hashes - index * 256))
            for path in [f"tile/{level}/{name}"] + ([f"tile/entries/{name}"] if level == 0 else []):
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_bytes(fetch(service, path))
        level, hashes = level + 1, hashes // 256
    return size


def verify(service, *words, code=0):
    done = service.ctl_raw("audit", "verify", *words)
    check(done.returncode == code, f"audit verify ends with {done.returncode}: {(done.stdout + done.stderr).strip()[:200]}")
    return done


def harvest(house, service, name, count):
    file = house.prompts(count, text=f"({name}) How would you count to {{0}}?", name=f"{name}.jsonl")
    job = service.ctl("submit", "--teacher", "t", "--purpose", "training", "--dataset", "logged", file)["record"]["id"]
    service.wait_state(job, ["FINISHED"])
    return job


def proofs(house, service):
    pair = service.ctl_lines("pairs", "list", "logged", "--limit", 1)[0]
    record = json.loads(pair["record_json"])
    out = house.path("pair.tlog-proof")
    proof = service.ctl("audit", "proof", record["record_id"], "--out", out)
    entry = json.loads(proof["entry"])
    check(int(proof["index"]) == record["log_index"] and entry["record_id"] == record["record_id"]
          and entry["commit"] == record["record_commit"], "the record says where its entry is, and the entry is of that record")
    canonical = json.dumps({"messages": [{key: message[key] for key in sorted(message)
                                          if message[key] or key in ("content", "role")} for message in record["messages"]],
                            "record_id": record["record_id"], "teacher_id": record["teacher_id"]},
                           separators=(",", ":"), ensure_ascii=False)
    check("sha256:" + hashlib.sha256(bytes.fromhex(proof["salt_hex"]) + canonical.encode()).hexdigest() == entry["commit"],
          "with the salt the commitment is made again from the record's line")
    key = proof["verifier_key"]
    check(re.fullmatch(r"harvest\.local/log\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+", key), f"a key to verify with: {key}")
    check(f"entry {proof['index']} of harvest.local/log" in verify(service, "--key", key, out).stdout, "verified from the file alone")
    text = out.read_text()
    out.write_text(text.replace("index ", "index 1", 1))
    verify(service, "--key", key, out, code=8)
    out.write_text(text)
    return key, out


def commands(service, job):
    refused = service.ctl_raw("jobs", "pause", job, "--reason", "for no reason")
    check(refused.returncode != 0, "a finished job is not paused")
    service.ctl("halt", "--reason", "a drill by Ana")
    service.ctl("halt", "--lift")
    told = [(json.loads(line["entry"]), line["action"]) for line in service.ctl_lines("audit", "log", "tail", "--all")]
    by_op = [entry["op"] for entry, _ in told]
    check(by_op.count("record") == 330 and by_op.count("manifest") == 1 and by_op.count("shard") >= 1 and by_op.count("policy") == 2,
          f"pairs, version, shards and rights are entries: {({op: by_op.count(op) for op in by_op})}")
    names = [entry["name"] for entry, _ in told if entry["op"] == "command"]
    check(names == ["Jobs/CommitDraft", "Jobs/CommitDraft", "Datasets/PublishDataset", "Jobs/PauseJob", "Operations/Halt", "Operations/Halt"],
          f"so is every command, the refused one too: {names}")
    entry, action = [both for both in told if both[0].get("name") == "Operations/Halt"][0]
    said = json.loads(action)
    check(said["why"] == "a drill by Ana" and said["who"].startswith("local:"), "who gave it and why stands beside it")
    whole = json.dumps([entry for entry, _ in told])
    check("Ana" not in whole and said["who"] not in whole and "count to" not in whole, "and in no entry, no more than a prompt's text")


def crashes(house, service, key):
    """Whoever polls the checkpoint while the service is killed again and again never sees two histories."""
    notes = set()
    file = house.prompts(4000, text="(crashes) How would you count to {0}?", name="crashes.jsonl")
    job = service.ctl("submit", "--teacher", "slow", "--purpose", "training", "--dataset", "logged", file)["record"]["id"]
    rounds = scaled(12, 3)
    for _ in range(rounds):
        end = time.monotonic() + 0.3 + house.random.random() * 1.5
        while time.monotonic() < end:
            notes.add(checkpoint(service)[3])
        service.kill()
        service.start()
    service.wait_state(job, ["FINISHED"])
    notes.add(checkpoint(service)[3])
    sizes = {int(note.split(b"\n")[1]) for note in notes}
    check(len(notes) > rounds / 2, "the log grew from kill to kill")
    check(len(notes) == len(sizes), f"{len(notes)} checkpoints were seen over {rounds} kills, no two of one size")
    folder = house.path("seen")
    folder.mkdir()
    for number, note in enumerate(notes):
        (folder / str(number)).write_bytes(note)
    copy = house.path("after")
    until("all is signed", lambda: copy_log(service, copy) >= max(sizes))
    verify(service, "--key", key, *folder.iterdir(), copy)
    pairs = service.ctl_lines("pairs", "list", "logged")
    places = [json.loads(pair["record_json"])["log_index"] for pair in pairs]
    check(len(set(places)) == len(places) == 4630 and min(places) >= 0, "each of all pairs has a place of its own in the log")


def main():
    with House(__doc__.splitlines()[0]) as house:
        slow = house.teacher("--latency-ms", 10).entry("slow", limits={"concurrency": 4})
        service = house.service(teachers=[house.teacher("--latency-ms", 1).entry("t"), slow]).start()
        harvest(house, service, "first", 300)
        job = harvest(house, service, "second", 30)
        service.ctl("datasets", "publish", "logged")
        name, size, root, note = checkpoint(service)
        check(name == "harvest.local/log" and size >= 332, f"a published version is under a checkpoint of {size} entries")
        secret = house.path("data") / "log-key"
        check(secret.stat().st_mode & 0o777 == 0o600, "the key that was made is its owner's alone")
        key, proof = proofs(house, service)
        older = house.path("older")
        older.write_bytes(note)
        commands(service, job)
        service.kill()
        service.start()
        check(checkpoint(service)[1] >= size, "after kill -9 the checkpoint is at least what was shown before")
        harvest(house, service, "third", 300)
        until("the log is signed for what came since", lambda: checkpoint(service)[1] > size + 300)
        copy = house.path("copy")
        entries = copy_log(service, copy)
        first = (copy / "tile/entries/000").read_bytes()
        length = int.from_bytes(first[:2], "big")
        check(hashlib.sha256(b"\0" + first[2:2 + length]).digest() == (copy / "tile/0/000").read_bytes()[:32],
              f"{entries} entries are copied over HTTP by the specification's paths")
        done = verify(service, "--key", key, proof, older, copy)
        check("every tile" in done.stdout, "the copy extends the older checkpoint, and the proof of before holds")
        tile = copy / "tile/0/001"
        good = tile.read_bytes()
        tile.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
        check("tile/0/001" in verify(service, "--key", key, copy, code=8).stderr, "a changed byte of a tile is found by its name")
        tile.write_bytes(good)
        other = "+".join(key.split("+", 2)[:2]) + "+" + base64.b64encode(b"\1" + bytes(32)).decode()
        verify(service, "--key", other, copy, code=2)
        crashes(house, service, key)
        service.stop()
        verify(service, "--key", key, proof, older, copy)
        words = secret.read_text().strip()
        check(words.startswith("PRIVATE+KEY+harvest.local/log+"), "the key is where it was made")
        check(all(words.split("+", 4)[4] not in path.read_text(errors="replace") for path in house.directory.glob("*.log")),
              "and in no log")


if __name__ == "__main__":
    main()

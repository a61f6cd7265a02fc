"""What the Python package's README and its example tell people to do, done: the example harvests, reads and fine-tunes, and goes on where
it was; every block of the README runs."""

import importlib.util
import os
import pathlib
import re
import sys

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / "whole"))

from house import House, check, say, until  # noqa: E402

PACKAGE = TESTS.parent / "client" / "python"
LOSSES = re.compile(r"loss (?:before|after): ([0-9.]+)")


def fine_tune(house, service, url, epochs):
    log = f"fine-tune-{epochs}.log"
    process = house.run([sys.executable, PACKAGE / "examples" / "fine_tune.py", "--teacher", "qwen", "--server", service.address, "--url", url,
                         "--harvestctl", house.binary("harvestctl"), "--checkpoint", house.path("fine_tune.pt"),
                         "--cache", house.path("cache"), "--epochs", epochs], log)
    until("the example ends", lambda: not process.running(), seconds=120)
    said = house.path(log).read_text()
    before, after = map(float, LOSSES.findall(said))
    return said, before, after


def example(house, service, teacher, url):
    said, before, first = fine_tune(house, service, url, 1)
    check("144 of 144 answered" in said and "epoch 0: 144 records read" in said, "it harvests and reads each record once")
    check(first < before - 1, f"it learns: loss {before}, then {first}")
    check(teacher.ledger().requests == 144, "asks once for each prompt")
    said, again, last = fine_tune(house, service, url, 2)
    check(abs(again - first) < 0.002 and "epoch 0: 0 records" in said and "epoch 1: 144 records" in said and last < again,
          f"it goes on where it was: loss {again}, then {last}")
    check(teacher.ledger().requests == 144, "and asks the teacher nothing again")


def readme(house, service, url):
    """As it stands, but for the addresses."""
    house.prompts(40)
    house.path("ann.token").write_text("hvt_x\n")
    os.chdir(house.directory)
    os.environ["PATH"] = f"{house.binaries}:{os.environ['PATH']}"
    os.environ["XDG_CACHE_HOME"] = str(house.path("readme-cache"))
    trained = []
    names = {"train": trained.append, "url": url, "rank": 0, "world": 2}
    blocks = re.findall(r"^```python\n(.*?)^```", (PACKAGE / "README.md").read_text(), re.DOTALL | re.MULTILINE)
    ran = 0
    for block in blocks:
        if "hf_adapter" in block and not importlib.util.find_spec("datasets"):
            continue  # adapters_test has it
        exec(block.replace("127.0.0.1:7070", service.address).replace("http://127.0.0.1:7071", url), names)
        ran += 1
    check(ran >= len(blocks) - 1 >= 2, f"{ran} of {len(blocks)} blocks ran")
    check(len(trained) == 5 and trained[0][-1]["role"] == "assistant", "rank 0 of 8 trained on 5 of 40 records")
    check(sum(map(len, names["loader"])) == 40, "and the loader with workers read all of them")


def main():
    with House(__doc__) as house:
        teacher = house.teacher("--latency-ms", 2)
        service = house.service(teachers=[teacher.entry("qwen")]).start()
        url = f"http://{service.config['http']['listen']}"
        say("the example")
        example(house, service, teacher, url)
        say("the README")
        readme(house, service, url)


if __name__ == "__main__":
    main()

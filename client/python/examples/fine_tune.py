"""Harvests a small dataset, reads it over HTTP and fine-tunes a tiny model on it, on CPU in seconds; stopped, it goes on where it was.

    python fine_tune.py --teacher NAME [--server HOST:PORT] [--url http://HOST:PORT]     (a service that runs, and torch)
"""

import argparse
import itertools
import pathlib

import torch
from harvest_client import HarvestDataset, Jobs
from harvest_client.torch_adapter import TorchDataset
from torch.utils.data import DataLoader

BATCH, BYTES_MAX, NOTHING = 16, 128, 0


def harvest(jobs, dataset, teacher):
    prompts = [{"prompt": f"What is {a} plus {b}? Say how you found it."} for a, b in itertools.product(range(2, 14), repeat=2)]
    job = jobs.submit(prompts, teachers=teacher, purpose="training", dataset=dataset, max_cost="1",
                      submission_id=f"fine-tune-{dataset}")  # so that a second run asks nothing again
    for status in jobs.watch(job.id):
        print(f"{status.answered} of {status.queries} answered for {status.spent_usd} USD", flush=True)
    jobs.publish(dataset)


def to_bytes(records):
    """A row of bytes for each conversation, filled up with NOTHING."""
    texts = ["".join(f"{turn['role']}: {turn['content']}\n" for turn in record["messages"]) for record in records]
    return torch.tensor([list(text.encode()[:BYTES_MAX].ljust(BYTES_MAX, bytes([NOTHING]))) for text in texts])


class TinyModel(torch.nn.Module):
    """Tells the next byte."""

    def __init__(self):
        super().__init__()
        self.embed = torch.nn.Embedding(256, 32)
        self.read = torch.nn.GRU(32, 64, batch_first=True)
        self.tell = torch.nn.Linear(64, 256)

    def loss(self, rows):
        told = self.tell(self.read(self.embed(rows[:, :-1]))[0])
        return torch.nn.functional.cross_entropy(told.flatten(0, 1), rows[:, 1:].flatten(), ignore_index=NOTHING)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for flag, default in (("--server", "127.0.0.1:7070"), ("--url", "http://127.0.0.1:7071"), ("--harvestctl", "harvestctl"),
                          ("--dataset", "sums"), ("--checkpoint", "fine_tune.pt"), ("--cache", None), ("--epochs", 3)):
        parser.add_argument(flag, default=default, type=type(default or ""))
    parser.add_argument("--teacher", required=True)
    flags = parser.parse_args()

    harvest(Jobs(flags.server, flags.harvestctl), flags.dataset, flags.teacher)
    held_out = list(itertools.islice(HarvestDataset(flags.url, dataset=flags.dataset, seed=99, cache=flags.cache), BATCH // 2))
    kept_back = {record["record_id"] for record in held_out}  # fewer than a batch

    torch.manual_seed(1)
    model = TinyModel()  # a trainer of yours would load a model here
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    dataset = TorchDataset(flags.url, dataset=flags.dataset, seed=1, chunk=BATCH, cache=flags.cache)
    if pathlib.Path(flags.checkpoint).exists():
        model_state, optimizer_state, reading = torch.load(flags.checkpoint)
        model.load_state_dict(model_state), optimizer.load_state_dict(optimizer_state), dataset.load_state_dict(reading)
    print(f"loss before: {model.loss(to_bytes(held_out)).item():.3f}, from epoch {dataset.dataset.epoch} on")
    for epoch in range(dataset.dataset.epoch, flags.epochs):
        dataset.set_epoch(epoch)
        consumed = 0
        for records in DataLoader(dataset, batch_size=BATCH, collate_fn=list):
            consumed += len(records)
            loss = model.loss(to_bytes([record for record in records if record["record_id"] not in kept_back]))
            optimizer.zero_grad(), loss.backward(), optimizer.step()
            torch.save((model.state_dict(), optimizer.state_dict(), dataset.state_dict(consumed)), flags.checkpoint)
        print(f"epoch {epoch}: {consumed} records read")
    print(f"loss after: {model.loss(to_bytes(held_out)).item():.3f}, of {len(held_out)} records that were held out")


if __name__ == "__main__":
    main()

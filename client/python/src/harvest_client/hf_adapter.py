"""For Hugging Face datasets: a dataset's records as an IterableDataset."""

from __future__ import annotations

from typing import Any, Dict, Iterator

from .dataset import HarvestDataset


def _records(dataset: HarvestDataset) -> Iterator[Dict[str, Any]]:
    # A reading of its own each time, from where the dataset stands: what is iterated twice says the same twice.
    return iter(dataset.with_share(dataset.share))


def iterable_dataset(dataset: HarvestDataset) -> Any:
    """Rank and world size are the HarvestDataset's: do not split it by node again."""
    import datasets

    return datasets.IterableDataset.from_generator(_records, gen_kwargs={"dataset": dataset})

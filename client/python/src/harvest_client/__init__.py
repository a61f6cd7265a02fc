"""Harvested datasets for trainers, and the jobs that fill them. Open dataset.py first."""

from .access import Access
from .dataset import HarvestDataset
from .errors import (CommandFailed, FetchFailed, HarvestError, ManifestMismatch, NotASuccessor, Recalled, ShardDamaged,
                     StateMismatch)
from .jobs import Jobs, JobStatus
from .manifest import Manifest, Pin, Shard
from .plan import Plan, Share

__all__ = ["Access", "CommandFailed", "FetchFailed", "HarvestDataset", "HarvestError", "JobStatus", "Jobs", "Manifest",
           "ManifestMismatch", "NotASuccessor", "Pin", "Plan", "Recalled", "Shard", "ShardDamaged", "Share", "StateMismatch"]

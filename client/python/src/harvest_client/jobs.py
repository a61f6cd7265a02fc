"""Jobs of a service, submitted and watched through the program harvestctl."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Union

from .access import Access
from .errors import CommandFailed

Prompts = Union[str, Path, Iterable[Mapping[str, Any]]]


@dataclass(frozen=True)
class JobStatus:
    """How a job stands. `fields` is all that harvestctl says, with its own names."""

    id: str
    state: str  # DRAFT, RUNNING, PAUSED, FINISHED, CANCELLED
    reason: str
    dataset: str
    prompts: int
    queries: int
    answered: int
    refused: int
    rejected: int
    quarantined: int
    cancelled: int
    unasked: int  # turns after an answer that ended its conversation, samples after an accepted one
    in_flight: int
    spent_usd: Decimal
    fields: Mapping[str, Any] = field(repr=False, compare=False)

    @property
    def at_rest(self) -> bool:
        return self.state == "FINISHED" or (self.state in ("PAUSED", "CANCELLED") and self.in_flight == 0)

    @staticmethod
    def parse(line: str) -> "JobStatus":
        fields: Dict[str, Any] = json.loads(line)
        record, counters = fields["record"], fields["record"]["counters"]
        counts = {name: int(counters[name])
                  for name in ("prompts", "queries", "answered", "refused", "rejected", "quarantined", "cancelled",
                               "unasked")}
        return JobStatus(id=record["id"], state=record["state"], reason=record["reason"], dataset=record["job"]["dataset"],
                         in_flight=int(fields["in_flight"]), spent_usd=Decimal(fields["spent_usd"]), fields=fields, **counts)


class Jobs:
    """`server`: the service's gRPC host:port, else HARVEST_SERVER. `program`: where harvestctl is, else on the PATH. `access`:
    what lets us in, else the environment's (access.py)."""

    def __init__(self, server: Optional[str] = None, program: Union[str, Path] = "harvestctl",
                 access: Optional[Access] = None) -> None:
        self._command = [str(program), *(["--server", server] if server else [])]
        # Never among the arguments, which everybody on the machine can read.
        self._environment = {**os.environ, **(access.environment() if access else {})}

    def submit(self, prompts: Prompts, *, teachers: Union[str, Sequence[str]], purpose: str, dataset: str,
               template: Optional[str] = None, system: Optional[str] = None, samples: Optional[int] = None,
               max_output: Optional[int] = None, temperature: Optional[float] = None,
               max_cost: Union[str, Decimal, None] = None, submission_id: Optional[str] = None,
               flags: Sequence[str] = ()) -> JobStatus:
        """`prompts`: a file, or objects as prompt lines are. With a submission id it is submitted once, however often this is
        called. `flags`: any other of `harvestctl submit`."""
        arguments = ["submit", "--teacher", teachers if isinstance(teachers, str) else ",".join(teachers),
                     "--purpose", purpose, "--dataset", dataset]
        options = {"--template": template, "--system": system, "--samples": samples, "--max-output": max_output,
                   "--temperature": temperature, "--max-cost": max_cost, "--submission-id": submission_id}
        for flag, value in options.items():
            if value is not None:
                arguments += [flag, str(value)]
        arguments += flags
        if isinstance(prompts, (str, os.PathLike)):
            return JobStatus.parse(self._run([*arguments, "--", os.fspath(prompts)]))
        return JobStatus.parse(self._run([*arguments, "-"], "".join(json.dumps(prompt) + "\n" for prompt in prompts)))

    def show(self, job_id: str) -> JobStatus:
        return JobStatus.parse(self._run(["jobs", "show", job_id]))

    def list(self) -> List[JobStatus]:
        return [JobStatus.parse(json.dumps(job)) for job in json.loads(self._run(["jobs", "list"]))["jobs"]]

    def watch(self, job_id: str) -> Iterator[JobStatus]:
        """Until it is at rest. Leaving the loop early leaves the job going on."""
        command = [*self._command, "--json", "jobs", "watch", job_id]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, env=self._environment) as process:
            last = None
            try:
                assert process.stdout is not None and process.stderr is not None
                for line in process.stdout:
                    last = JobStatus.parse(line)
                    yield last
                said = process.stderr.read()
                # How the job ended is in its status; a failure is a watch that did not see the end.
                if process.wait() != 0 and not (last and last.at_rest):
                    raise CommandFailed(f"harvestctl jobs watch {job_id}: found exit code {process.returncode}, "
                                        f"expected the job's end: {said.strip()}", process.returncode)
            finally:
                process.kill()

    def wait(self, job_id: str) -> JobStatus:
        """How it stands once it is at rest."""
        status = None
        for status in self.watch(job_id):
            pass
        return status or self.show(job_id)

    def publish(self, dataset: str, flags: Sequence[str] = ()) -> None:
        """Closes what has gathered: a version that readers find. `flags`: any of `harvestctl datasets publish`."""
        self._run(["datasets", "publish", dataset, *flags])

    def _run(self, arguments: Sequence[str], stdin: str = "") -> str:
        done = subprocess.run([*self._command, "--json", *arguments], input=stdin, capture_output=True, text=True,
                              env=self._environment)
        if done.returncode != 0:
            raise CommandFailed(f"harvestctl {arguments[0]}: found exit code {done.returncode}, expected 0: "
                                f"{done.stderr.strip()}", done.returncode)
        return done.stdout.splitlines()[-1]

"""``launcher=torchrun``: the workers of a run on this machine, started and watched by torchrun's agent."""

import os
import signal
import sys
import uuid
from typing import Any

from mmgraph.cli.launch.job import Job, Lost

_TOGETHER = 5
"""Seconds; what ends later was ended by the agent, which kills 30 s after a SIGTERM."""


def start(words: list[str], processes: int, job: Job) -> Lost:
    """Runs the command line in ``processes`` workers.

    Raises:
        SystemExit: if they failed by themselves, which they have reported; or this process was asked to end.
    """
    from torch.distributed.elastic.multiprocessing.api import SignalException
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
    from torch.distributed.launcher.api import LaunchConfig, elastic_launch

    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // processes)))
    here = LaunchConfig(
        min_nodes=1,
        max_nodes=1,
        nproc_per_node=processes,
        run_id=uuid.uuid4().hex,
        rdzv_backend="c10d",
        rdzv_endpoint="localhost:0",
        local_addr="localhost",
        max_restarts=0,  # those that are left go on, not as many again
    )
    try:
        elastic_launch(here, sys.executable)("-m", "mmgraph.cli.train", *words)
    except ChildFailedError as error:
        return killed(error.failures)
    except SignalException as ended:
        raise SystemExit(128 + ended.sigval) from None
    return {}


def killed(failures: dict[int, Any]) -> Lost:
    """Those of torchrun's ``failures`` that something outside has killed.

    Raises:
        SystemExit: if there are none.
    """
    first = min(failure.timestamp for failure in failures.values())
    ended = {
        rank: signal.Signals(-failure.exitcode)
        for rank, failure in failures.items()
        if failure.exitcode < 0 and -failure.exitcode != signal.SIGTERM and failure.timestamp - first < _TOGETHER
    }
    if not ended:
        raise SystemExit(1)
    by_others = {rank: number for rank, number in ended.items() if number == signal.SIGKILL}
    lost = by_others or ended  # where one was killed, others may have crashed on their way out, for want of it
    return {rank: f"(process {failures[rank].pid}) was ended by {number.name}" for rank, number in lost.items()}

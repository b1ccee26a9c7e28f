"""What workers leave for those that torchrun starts in their place, and how these find each other."""

import os
import time
import uuid
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch.distributed import Store

_PLACE = "mmgraph"
_RUN_DIR = "run_dir"
_NUMBER = "number"
_ATTEMPT = "attempt"
_TIMEOUT = timedelta(minutes=2)


def note_run_dir(run_dir: Path) -> None:
    """Tells the agents of torchrun, which outlive workers, where the run lies; nothing where there are none."""
    store = _agents_store()
    if store is not None:
        store.set(_RUN_DIR, str(run_dir.absolute()))


def noted_run_dir() -> Path | None:
    """The run that earlier workers of this job have begun; None for the first ones, and without torchrun."""
    store = _agents_store()
    if store is None or not store.check([_RUN_DIR]):
        return None
    return Path(store.get(_RUN_DIR).decode())


def join_group(backend: str) -> None:
    """Makes the process group of the workers that are there now; nothing where there is one, or no agent's store.

    Workers find each other by what each writes into that store, which outlives them: torch 2.13 would have them read
    the addresses of dead ones. So those of an attempt agree on a place of its own there first.

    Args:
        backend: ``gloo`` or ``nccl``.

    Raises:
        TimeoutError, torch.distributed.DistStoreError: if the others do not come within two minutes.
    """
    store = _agents_store()
    if store is None:
        return
    from torch.distributed import PrefixStore, init_process_group, is_initialized

    if is_initialized():
        return
    rank, size = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
    attempt = _begin(store, range(1, size)) if rank == 0 else _join(store, rank)
    init_process_group(backend, store=PrefixStore(f"group/{attempt}", store), rank=rank, world_size=size)


def _begin(store: "Store", others: range) -> str:
    attempt = str(store.add(_NUMBER, 1))
    store.set(_ATTEMPT, attempt)
    present = [store.get(f"{attempt}/{rank}").decode() for rank in others]
    store.set(f"{attempt}/present", " ".join(present))
    return attempt


def _join(store: "Store", rank: int) -> str:
    """The attempt that has seen this very worker: the one that is noted may be that of dead ones."""
    own = uuid.uuid4().hex
    ends = time.monotonic() + _TIMEOUT.total_seconds()
    while time.monotonic() < ends:
        attempt = store.get(_ATTEMPT).decode()
        store.set(f"{attempt}/{rank}", own)
        present = f"{attempt}/present"
        while store.get(_ATTEMPT).decode() == attempt and time.monotonic() < ends:
            if store.check([present]) and own in store.get(present).decode().split():
                return attempt
            time.sleep(0.05)
    raise TimeoutError(f"worker 0 has not come within {_TIMEOUT.total_seconds():.0f} s")


def _agents_store() -> "Store | None":
    if os.environ.get("TORCHELASTIC_USE_AGENT_STORE") != "True":
        return None
    from torch.distributed import PrefixStore, TCPStore

    address, port = os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"])
    return PrefixStore(_PLACE, TCPStore(address, port, is_master=False, timeout=_TIMEOUT))

"""Whether torch's threads have processors to run on."""

import os

_ASKED: list[int] = []


def crowded_threads(threads: int, *, cores: int, load: float) -> str | None:
    """The message for threads that will wait for each other, if there is anything.

    On a busy machine two threads of torch were 5 to 25 times slower than one: each step waits for the slower one.
    Choosing fewer by the load of the moment would change a run's last digits from one start to the next.

    Args:
        threads: of torch.
        cores: processors that this process may use.
        load: processes that ran or waited to run in the last minute, on average.

    >>> crowded_threads(2, cores=2, load=0.2)
    >>> crowded_threads(1, cores=2, load=9.0)
    >>> crowded_threads(2, cores=2, load=1.9)[:62]
    'torch has 2 threads on 2 cores, which have a load of 1.9 alrea'
    """
    if threads == 1 or threads + load <= 1.5 * cores:
        return None
    return (
        f"torch has {threads} threads on {cores} cores, which have a load of {load:.1f} already: unless that is over, "
        "OMP_NUM_THREADS=1 may be many times as fast"
    )


def note_on_threads(threads: int) -> str | None:
    """The same for this machine, now; nothing where ``OMP_NUM_THREADS`` states what is wanted, or it was asked before.

    The second job of a sweep finds the load of the first.
    """
    if _ASKED or "OMP_NUM_THREADS" in os.environ or not hasattr(os, "getloadavg"):
        return None
    _ASKED.append(threads)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return crowded_threads(threads, cores=cores, load=os.getloadavg()[0])

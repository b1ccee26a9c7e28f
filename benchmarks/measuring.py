"""What all benchmarks share: turns in one run, this machine's floors, tables and JSON."""

import json
import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import torch
import torch_geometric

import mmgraph
from mmgraph.files import atomic_write

Row = dict[str, Any]

PROCESS = Path("/proc/self")


def take_turns(
    candidates: Mapping[str, Callable[[], Any]], *, repeats: int = 7, warmup: int = 2
) -> dict[str, list[float]]:
    """Seconds of each candidate, one call of each in every turn: what disturbs the machine disturbs them all.

    On a GPU, work that is still under way when a call returns is waited for.
    """
    seconds: dict[str, list[float]] = {name: [] for name in candidates}
    for turn in range(warmup + repeats):
        for name, call in candidates.items():
            synchronize()
            started = time.perf_counter()
            call()
            synchronize()
            if turn >= warmup:
                seconds[name].append(time.perf_counter() - started)
    return seconds


def synchronize() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def extra_mebibytes(call: Callable[[], Any]) -> float | None:
    """Memory that a call holds at its peak beyond what was held before; None where the system does not tell.

    To be asked once in a process: what an earlier call freed may lie there for the next one to use unseen.
    """
    if torch.cuda.is_available():
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
        call()
        return (torch.cuda.max_memory_allocated() - before) / 2**20
    if not (PROCESS / "clear_refs").exists():
        return None
    forget_peak()
    before = _kibibytes("VmRSS")
    call()
    return (_kibibytes("VmHWM") - before) / 1024


def forget_peak() -> None:
    """What :func:`peak_mebibytes` gives later is of the time from now on."""
    (PROCESS / "clear_refs").write_text("5")


def held_mebibytes() -> float:
    """What the process holds now."""
    return _kibibytes("VmRSS") / 1024


def peak_mebibytes() -> float | None:
    """The most the process held, since :func:`extra_mebibytes` forgot what was before; None likewise."""
    return _kibibytes("VmHWM") / 1024 if PROCESS.exists() else None


def _kibibytes(key: str) -> int:
    status = (PROCESS / "status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith(f"{key}:"))


class Floors:
    """This machine, measured now: bytes a second of a large copy, operations a second of a large matrix product.

    Attributes:
        bandwidth: bytes a second, read and written ones both counted.
        gemm: floating-point operations a second (2 n^3 for a product of n x n matrices).
    """

    def __init__(self, device: torch.device | str = "cpu", *, megabytes: int = 128, size: int = 1024) -> None:
        source = torch.ones(megabytes << 18, device=device)
        target = torch.empty_like(source)
        a = torch.randn(size, size, device=device)
        b = torch.randn(size, size, device=device)
        seconds = take_turns({"copy": lambda: target.copy_(source), "gemm": lambda: a @ b})
        self.bandwidth = 2 * 4 * source.numel() / median(seconds["copy"])
        self.gemm = 2 * size**3 / median(seconds["gemm"])

    def seconds(self, *, operations: float = 0.0, moved: float = 0.0) -> float:
        """The least time for so many operations in matrix products and so many bytes beside them."""
        return operations / self.gemm + moved / self.bandwidth


def machine() -> dict[str, str]:
    """What a figure depends on."""
    accelerator = torch.cuda.get_device_name() if torch.cuda.is_available() else "none"
    return {
        "cpu": f"{_cpu_name()}, {os.cpu_count()} cores, {torch.get_num_threads()} torch threads",
        "gpu": accelerator,
        "python": platform.python_version(),
        "mmgraph": mmgraph.__version__,
        "torch": torch.__version__,
        "torch_geometric": torch_geometric.__version__,
    }


def _cpu_name() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def markdown(rows: Sequence[Row]) -> str:
    """A table with the first row's keys as its head."""
    head = list(rows[0])
    lines = [f"| {' | '.join(head)} |", f"|{' -- |' * len(head)}"]
    lines += [f"| {' | '.join(_cell(row[key]) for key in head)} |" for row in rows]
    return "\n".join(lines)


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def report(rows: Sequence[Row], *, title: str, command: str, path: Path | None) -> None:
    """Prints the table and, with a path, writes it with machine and command as JSON."""
    print(markdown(rows))
    if path is not None:
        found = {"title": title, "command": command, "machine": machine(), "rows": list(rows)}
        with atomic_write(path) as file:
            file.write(json.dumps(found, indent=1) + "\n")

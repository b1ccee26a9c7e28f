"""Arrays that stay in files, as tensors, and in which order their rows are about to be read.

A system that reads ahead fetches megabytes around every row that is asked for alone: on one machine 5 GB for 4,096 rows
of 8 KB, in seven times the time. A system that does not, reads a whole file page by page.
"""

import mmap

import numpy as np
import torch
from torch import Tensor
from torch.utils.weak import WeakTensorKeyDictionary

_files: WeakTensorKeyDictionary = WeakTensorKeyDictionary()


def mapped_tensor(array: np.ndarray) -> Tensor:
    """``torch.from_numpy``, which remembers the file if the array is a memory map.

    >>> mapped_tensor(np.arange(2))
    tensor([0, 1])
    """
    x = torch.from_numpy(array)
    file = getattr(array, "_mmap", None)
    if file is not None:
        _files[x] = file
    return x


def expect_rows(x: Tensor) -> None:
    """Rows of ``x`` are about to be read here and there; nothing unless it lies in a file."""
    _advise(x, "MADV_RANDOM")


def expect_all(x: Tensor) -> None:
    """All of ``x`` is about to be read in its order; nothing unless it lies in a file."""
    _advise(x, "MADV_NORMAL")


def _advise(x: Tensor, advice: str) -> None:
    if torch.compiler.is_compiling():
        return
    file = _files.get(x)
    if file is not None and hasattr(mmap, advice):  # not on every system
        file.madvise(getattr(mmap, advice))

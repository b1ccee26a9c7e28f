"""What a run can be exported as."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from mmgraph.pipeline.export.index import write_index
from mmgraph.pipeline.export.pretrained import write_pretrained
from mmgraph.pipeline.export.program import write_program
from mmgraph.pipeline.export.vectors import write_vectors

if TYPE_CHECKING:
    from mmgraph.pipeline.result import Run

FORMATS = ("pretrained", "vectors", "index", "program")


def export(run: "Run", folder: Path, formats: Sequence[str], *, license: str | None = None) -> list[Path]:
    """Writes each format into ``folder`` and returns the files; see :meth:`mmgraph.Run.export`."""
    if isinstance(formats, str) or not formats or any(name not in FORMATS for name in formats):
        raise ValueError(f"formats={formats!r}: must be a list of some of {list(FORMATS)}")
    writers: dict[str, Callable[[Run, Path], list[Path]]] = {
        "pretrained": partial(write_pretrained, license=license),
        "vectors": write_vectors,
        "index": write_index,
        "program": write_program,
    }
    return [path for name in dict.fromkeys(formats) for path in writers[name](run, folder)]

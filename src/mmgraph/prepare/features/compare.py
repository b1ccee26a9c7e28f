"""``compare_encoders``: which encoder suits a data set, by its own validation split."""

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from rich.table import Table

from mmgraph.datasets import MMRecFolder, message_graph
from mmgraph.evaluation import Evaluator
from mmgraph.models import ContentKNN
from mmgraph.prepare.features.checks import check_settings
from mmgraph.prepare.features.choose import IMAGE, TEXT
from mmgraph.prepare.features.encode import make_features
from mmgraph.prepare.features.items import read_item_table
from mmgraph.prepare.features.progress import ItemProgress
from mmgraph.prepare.features.sources import Source, file_source, text_source
from mmgraph.terminal import printable

_LINKED = ("*.inter", "items.tsv", "dataset.yaml")
_METRIC = "recall@20"


class ComparedEncoder(NamedTuple):
    """How an encoder did.

    Attributes:
        modality: ``text`` or ``image``.
        encoder: its name.
        dim: numbers an item.
        without: items that lack the modality, or in which it found nothing.
        seconds: that loading it and encoding all items took.
        recall: recall@20 of :class:`~mmgraph.models.content_knn.ContentKNN` on validation.
    """

    modality: str
    encoder: str
    dim: int
    without: int
    seconds: float
    recall: float


def compare_encoders(
    folder: str | Path,
    *,
    text: str | Sequence[str] = TEXT,
    text_columns: Sequence[str] | None = None,
    image: str | Sequence[str] = IMAGE,
    images: str | Path | None = None,
    bad_images: str = "error",
    batch_size: int = 32,
    device: str = "cpu",
    verbose: bool = True,
) -> list[ComparedEncoder]:
    r"""Encodes the items with several encoders, and recommends from each one's features alone.

    An item scores by those of the 50 items nearest in features that a user has in train: ``model=content_knn`` with one
    modality. Recall@20 is that of the validation split; the test split is not looked at, so a choice by this table is
    an honest one. The folder is left as it is. The arguments are those of
    :func:`~mmgraph.prepare.features.encode.encode_items`, with several names for ``text`` and ``image``.

    Args:
        folder: a data set with ``items.tsv``.
        text: encoders of texts, one or several; none where empty.
        text_columns: whose texts are joined.
        image: encoders of images, where ``images`` is given.
        images: folder of the files that column ``image`` names.
        bad_images: ``error`` or ``skip``.
        batch_size: contents that a model encodes at once.
        device: what a model computes on.
        verbose: show what is done, and the table.

    Returns:
        One entry an encoder, in the order given.

    Raises:
        FileNotFoundError: the data set, ``items.tsv`` or a model is not there.
        ValueError: an argument, the data or a model is wrong; the message names it.
        ModuleNotFoundError: an extra is not installed; names it.

    Example:
        >>> folder = Path(tempfile.mkdtemp())
        >>> kinds = ["red shoe", "green tea"]
        >>> rows = [f"{i}\t{kinds[i % 2]}" for i in range(40)]
        >>> _ = (folder / "items.tsv").write_text("\n".join(["itemID\ttitle", *rows]))
        >>> pairs = [f"{user}\t{i}" for user in range(40) for i in range(user % 2, 40, 2) if (user + i) % 3]
        >>> _ = (folder / "toy.inter").write_text("\n".join(["userID\titemID", *pairs]))
        >>> compare_encoders(folder, verbose=False)[0].recall
        1.0
    """
    check_settings(bad_images=bad_images, batch_size=batch_size, device=device, precision="half")
    folder = Path(folder).expanduser()
    table = read_item_table(folder)
    wanted: list[tuple[str, Source]] = []
    if text and (source := text_source(table, text_columns)) is not None:
        wanted += [(name, source) for name in _listed(text)]
    if image and images is not None:
        source = file_source(table, "image", Path(images).expanduser(), bad=bad_images)
        wanted += [(name, source) for name in _listed(image)]
    if not wanted:
        raise ValueError(f"{folder}: nothing to compare: no column of {table.path.name} has words, and no images=DIR")
    with tempfile.TemporaryDirectory(prefix="mmgraph-") as scratch, ItemProgress(quiet=not verbose) as progress:
        for pattern in _LINKED:
            for path in folder.glob(pattern):
                (Path(scratch) / path.name).symlink_to(path.absolute())
        found = []
        for place, (name, source) in enumerate(wanted):
            progress.line(f"{name}: {source.describe()}")
            began = time.perf_counter()
            encoder = source.encoder(name, device=device, batch_size=batch_size)
            numbered = source._replace(modality=f"{source.modality}{place}")
            made = make_features(Path(scratch), numbered, encoder, precision="half", progress=progress)
            seconds = time.perf_counter() - began
            recall = _recall(Path(scratch), numbered.modality)
            found.append(ComparedEncoder(source.modality, name, made["dim"], made["without"], seconds, recall))
        progress.console.table(comparison_table(found))
    return found


def _listed(names: str | Sequence[str]) -> Sequence[str]:
    return [names] if isinstance(names, str) else names


def _recall(folder: Path, modality: str) -> float:
    """Of content kNN on validation; items without the modality are like no other."""
    data = MMRecFolder(folder, modalities=[modality], features="l2", missing="zero")[0]
    evaluator = Evaluator(data, mask={"val": ["train"]}, metrics=["recall"], ks=[20])
    graph = message_graph(data)
    return evaluator(ContentKNN(graph), graph, "val").metrics[_METRIC]


def comparison_table(found: Sequence[ComparedEncoder]) -> Table:
    """The comparison for people, the best recall first within a modality."""
    table = Table(title=f"content kNN, {_METRIC} on validation")
    for name in ("", "encoder", "dim", "items without", "seconds", _METRIC):
        table.add_column(name, justify="left" if name in ("", "encoder") else "right")
    for row in sorted(found, key=lambda row: (row.modality, -row.recall)):
        counts = f"{row.dim:,}", f"{row.without:,}", f"{row.seconds:,.1f}", f"{row.recall:.4f}"
        table.add_row(row.modality, printable(row.encoder), *counts)
    return table

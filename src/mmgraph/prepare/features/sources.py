"""What a folder's items have to encode: their texts, images and sounds."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from mmgraph.prepare.features.choose import image_encoder, sound_encoder, text_encoder
from mmgraph.prepare.features.contents import Contents, Files, Texts
from mmgraph.prepare.features.encoder import Encoder
from mmgraph.prepare.features.images import open_image
from mmgraph.prepare.features.items import ItemTable, choose_columns, join_texts
from mmgraph.prepare.features.sounds import open_sound


class Source(NamedTuple):
    """The contents of a modality, and who can encode them.

    Attributes:
        modality: its name.
        columns: those of ``items.tsv`` that the contents come from.
        contents: one an item.
        encoder: makes the encoder of a name, with ``device`` and ``batch_size``.
    """

    modality: str
    columns: list[str]
    contents: Contents[Any]
    encoder: Callable[..., Encoder[Any]]

    def describe(self) -> str:
        """One line for people: where the contents come from, and how many items have none."""
        names = self.contents.names
        without = sum(not name for name in names)
        absent = self.contents.absent if isinstance(self.contents, Files) else []
        files = f", {len(absent):,} of them because their files are not there ({absent[0]!r} for one)" if absent else ""
        return (
            f"{self.modality}: column{'s' if len(self.columns) > 1 else ''} {', '.join(self.columns)}; "
            f"{without:,} of {len(names):,} items have none{files}"
        )


def text_source(table: ItemTable, columns: Sequence[str] | None) -> Source | None:
    """The items' texts; ``None`` where nobody chose columns, and none looks like text.

    Args:
        table: the items.
        columns: those to join; ``None`` for all with words in them.

    Raises:
        ValueError: a column is not there, or no item has a text.
    """
    chosen = choose_columns(table, columns)
    if not chosen:
        return None
    texts = join_texts(table, chosen)
    if not any(texts):
        raise ValueError(f"{table.path}: no item has a text in {', '.join(chosen)}; leave texts out by text=null")
    return Source("text", chosen, Texts(texts), text_encoder)


def file_source(
    table: ItemTable, modality: str, folder: Path, *, bad: str = "error", may_lack_all: bool = False
) -> Source:
    """The items' images or sounds.

    Args:
        table: the items; the column of the modality's name holds names of files.
        modality: ``image`` or ``audio``.
        folder: where the files lie.
        bad: ``error`` or ``skip``, what becomes of files that cannot be read.
        may_lack_all: whether it is right that no file is there.

    Raises:
        ValueError: there is no such column or folder, a name leads out of it, or no file is there.
    """
    read, encoder = _FILES[modality]
    if modality not in table.columns:
        raise ValueError(
            f"{table.path} has no column '{modality}' with the names of the files in {folder}; it has "
            f"{list(table.columns)}"
        )
    if not folder.is_dir():
        raise ValueError(f"{folder}: is no folder; the files of column '{modality}' should lie there")
    try:
        contents = Files(table.columns[modality], folder, read, bad=bad)
    except ValueError as error:
        raise ValueError(f"{table.path}: column '{modality}': {error}") from error
    if not may_lack_all and not any(contents.names):
        raise ValueError(
            f"{table.path}: column '{modality}': none of its {len(contents.absent)} names is a file in {folder}, as "
            f"{contents.absent[0]!r} should be"
        )
    return Source(modality, [modality], contents, encoder)


_FILES: dict[str, tuple[Callable[[Path], Any], Callable[..., Encoder[Any]]]] = {
    "image": (open_image, image_encoder),
    "audio": (open_sound, sound_encoder),
}

"""``encode_items``: the texts, images and sounds of a folder's items become features."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import mmgraph
from mmgraph.datasets.features import MASK_SUFFIX, SUFFIX
from mmgraph.prepare.features.checks import check_settings
from mmgraph.prepare.features.choose import IMAGE, TEXT
from mmgraph.prepare.features.encoder import Encoder
from mmgraph.prepare.features.items import read_item_table
from mmgraph.prepare.features.matrix import encode_parts, write_matrix
from mmgraph.prepare.features.progress import ItemProgress
from mmgraph.prepare.features.record import read_own, write_entry
from mmgraph.prepare.features.sources import Source, file_source, text_source
from mmgraph.prepare.features.unfinished import ROWS, Unfinished
from mmgraph.reading import hash_file


def encode_items(
    folder: str | Path,
    *,
    text: str | None = TEXT,
    text_columns: Sequence[str] | None = None,
    image: str | None = IMAGE,
    images: str | Path | None = None,
    bad_images: str = "error",
    audio: str | None = None,
    sounds: str | Path | None = None,
    batch_size: int = 32,
    device: str = "cpu",
    precision: str = "half",
    verbose: bool = True,
) -> dict[str, dict[str, Any]]:
    r"""Writes ``text_feat.npy``, ``image_feat.npy`` and ``audio_feat.npy`` for the items of ``items.tsv``, and masks.

    Row i belongs to item i. An item that lacks a modality, or in which the encoder finds nothing, is False in
    ``<modality>_mask.npy``, and its row the mean of the others. Files are written whole or not at all; a call that was
    stopped goes on where it was when it is made again. Features that this function did not make are not overwritten.
    Models are loaded from safetensors alone, and no code of theirs is run.

    Args:
        folder: holds ``items.tsv``: ``itemID`` from 0 on, and further columns.
        text: ``tfidf`` (weighted words, reduced to 128 numbers at the most), or a model of sentence-transformers or
            transformers: a folder, or ``owner/model`` of the Hugging Face hub, fetched unless it lies in its cache.
            ``None``: no texts.
        text_columns: whose texts are joined; ``None`` for all columns with words in them, which are then shown.
        image: ``colour`` (statistics of colours and edges), or a model of transformers (CLIP, SigLIP, ...) or timm,
            likewise. ``None``: no images.
        images: folder of the files that column ``image`` names; ``None``: no images.
        bad_images: ``error`` stops at a file that cannot be read as an image, ``skip`` counts it as missing.
        audio: a model of transformers (AST, Wav2Vec2, CLAP, ...), likewise. ``None``: no sounds.
        sounds: folder of the WAV files that column ``audio`` names; ``None``: no sounds.
        batch_size: contents that a model encodes at once; recorded, for other sizes give other last bits.
        device: what a model computes on, as torch names it.
        precision: of the files, ``half`` (float16) or ``single`` (float32).
        verbose: show what is done.

    Returns:
        By modality what ``dataset.json``, where the folder has one, states of it under ``features``.

    Raises:
        FileNotFoundError: there is no ``items.tsv``, or no such model.
        FileExistsError: features are there that were not made here.
        ValueError: an argument, the table, an image or a model is wrong; the message names it.
        ModuleNotFoundError: an extra is not installed; names it.
        OSError: a file cannot be written; what is encoded by then is kept for the next call.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> rows = ["0\tred shoe", "1\tblue shoe", "2\t", "3\tred hat", "4\tblue hat"]
        >>> _ = (folder / "items.tsv").write_text("\n".join(["itemID\ttitle", *rows]))
        >>> made = encode_items(folder, verbose=False)["text"]
        >>> made["dim"], made["without"], sorted(path.name for path in folder.glob("*.npy"))
        (4, 1, ['text_feat.npy', 'text_mask.npy'])
    """
    check_settings(bad_images=bad_images, batch_size=batch_size, device=device, precision=precision)
    if images is None and image not in (None, IMAGE):
        raise ValueError(f"image={image}: where are the files? Set images=DIR")
    if (audio is None) != (sounds is None):
        raise ValueError("audio=MODEL and sounds=DIR belong together: there is no encoder of sounds without a model")
    folder = Path(folder).expanduser()
    table = read_item_table(folder)
    wanted: list[tuple[str, Source]] = []
    if text is not None and (source := text_source(table, text_columns)) is not None:
        wanted.append((text, source))
    if image is not None and images is not None:
        wanted.append((image, file_source(table, "image", Path(images).expanduser(), bad=bad_images)))
    if audio is not None and sounds is not None:
        wanted.append((audio, file_source(table, "audio", Path(sounds).expanduser())))
    if not wanted:
        raise ValueError(
            f"{folder}: nothing to encode: no column of {table.path.name} has words, and no images=DIR is given"
        )
    for _, source in wanted:
        read_own(folder, source.modality)  # before hours are spent on the others
    made = {}
    with ItemProgress(quiet=not verbose) as progress:
        for name, source in wanted:
            progress.line(source.describe())
            encoder = source.encoder(name, device=device, batch_size=batch_size)
            made[source.modality] = make_features(folder, source, encoder, precision=precision, progress=progress)
    return made


def make_features(
    folder: Path, source: Source, encoder: Encoder[Any], *, precision: str, progress: ItemProgress
) -> dict[str, Any]:
    """Encodes one modality, unless that has been done.

    Args:
        folder: where the files go.
        source: what to encode.
        encoder: makes the rows.
        precision: of the files.
        progress: shows what is done.

    Returns:
        What ``dataset.json`` states of it.
    """
    modality = source.modality
    recipe = {
        **encoder.recipe,
        "mmgraph": mmgraph.__version__,
        "columns": source.columns,
        "items": len(source.contents),
        "contents_sha256": source.contents.digest,
        "precision": precision,
        "rows_at_once": ROWS,
    }
    path = folder / f"{modality}{SUFFIX}"
    entry = read_own(folder, modality)
    if entry is not None and recipe.items() <= entry.items():
        progress.line(f"{path.name}: made before by the same encoder of the same items")
        return entry
    unfinished = Unfinished(folder / f".{modality}_unfinished", recipe, len(source.contents))
    if unfinished.is_other:
        progress.line(f"{path.name}: what was begun with other settings, items or versions is dropped")
    elif done := len(source.contents) - sum(map(len, unfinished.todo())):
        progress.line(f"{path.name}: goes on after {done:,} items")
    with progress.of(modality, len(source.contents)) as on_items:
        encode_parts(unfinished, encoder, source.contents, precision=precision, on_items=on_items)
    sizes = write_matrix(folder, modality, unfinished, precision=precision)
    mask = folder / f"{modality}{MASK_SUFFIX}"
    entry = {**recipe, **sizes, "sha256": hash_file(path), "mask_sha256": hash_file(mask)}
    write_entry(folder, modality, entry)
    unfinished.remove()
    progress.line(f"{path.name}: {len(source.contents):,} x {sizes['dim']}; {_without(sizes['without'], mask)}")
    return entry


def _without(count: int, mask: Path) -> str:
    return f"{count:,} items lack it (False in {mask.name})" if count else "all items have it"

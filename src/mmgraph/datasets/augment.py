"""Writes an augmentation from the items' text without a language model: ``python -m mmgraph.datasets.augment``."""

import argparse
import re
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float

from mmgraph.datasets.message_graph import message_graph
from mmgraph.datasets.mmrec_folder import MMRecFolder
from mmgraph.files import atomic_write
from mmgraph.transforms.augmentation import ATTRIBUTE, HEADER, PAIRS, PROFILE, Augmentation, stand_in


def text_vectors(texts: Sequence[str], *, dim: int = 128) -> Float[torch.Tensor, "texts dim"]:
    """Words hashed to places of a vector, rare words counting more; the same texts give the same vectors anywhere.

    Args:
        texts: one text for each item.
        dim: length of the vectors.

    Raises:
        ValueError: if ``dim`` is below 1.

    Example:
        >>> x = text_vectors(["a quiet song", "a quiet song", "something else"], dim=64)
        >>> torch.equal(x[0], x[1]), torch.equal(x[0], x[2])
        (True, False)
    """
    if dim < 1:
        raise ValueError(f"dim={dim} must be at least 1")
    words = [re.findall(r"\w+", text.lower()) for text in texts]
    counts = np.zeros((len(texts), dim), dtype=np.float32)
    for row, found in enumerate(words):
        for word in found:
            code = zlib.crc32(word.encode())
            counts[row, (code >> 1) % dim] += 1 if code % 2 else -1
    rarity = np.log((1 + len(texts)) / (1 + (counts != 0).sum(0)))
    x = torch.from_numpy(counts * rarity.astype(np.float32))
    return torch.nn.functional.normalize(x, dim=-1)


def write_augmentation(folder: Path, augmentation: Augmentation) -> None:
    """Writes the files that :func:`mmgraph.transforms.read_augmentation` reads, each whole or not at all.

    Args:
        folder: where; made where missing.
        augmentation: what.
    """
    arrays = {PROFILE: augmentation.profile} | {ATTRIBUTE.format(k): x for k, x in augmentation.attributes.items()}
    for name, x in arrays.items():
        with atomic_write(folder / name, "wb") as file:
            np.save(file, x.numpy(), allow_pickle=False)
    with atomic_write(folder / PAIRS) as file:
        rows = [HEADER, *augmentation.pairs.T.tolist()]
        file.write("".join("\t".join(map(str, row)) + "\n" for row in rows))


def main(words: Sequence[str] | None = None) -> None:
    """Reads a data set with an ``items.tsv`` and writes its augmentation."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root", type=Path, help="folder in MMRec's layout, with items.tsv")
    parser.add_argument("out", type=Path, help="folder to write to")
    parser.add_argument("--dim", type=int, default=128, help="length of the vectors (128)")
    given = parser.parse_args(words)
    try:
        dataset = MMRecFolder(given.root)
        items = dataset.items
    except (ValueError, OSError) as error:
        parser.error(str(error))
    if items is None:
        parser.error(f"{given.root} has no items.tsv: there is no text to read")
    texts = [" ".join(value for value in row.values() if value) for row in items]
    write_augmentation(given.out, stand_in(message_graph(dataset[0]), text_vectors(texts, dim=given.dim)))


if __name__ == "__main__":
    main()

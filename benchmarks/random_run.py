"""A run folder that never was trained: random vectors and histories, to serve at any size."""

from pathlib import Path

import numpy as np
import torch
from omegaconf import OmegaConf

from mmgraph.config.compose import compose_config
from mmgraph.evaluation.pairs import PairSet
from mmgraph.models.scoring import InnerProduct
from mmgraph.pipeline.report import RunReport
from mmgraph.pipeline.run_folder import CONFIG, REPORT
from mmgraph.pipeline.serving import IdTable, Serving, Texts, keep
from mmgraph.typing import PARTS, Encoding

KINDS = ("mug", "lamp", "scarf", "poster", "cushion", "notebook", "vase", "clock")


def write_run(folder: Path, *, users: int, items: int, dim: int, seed: int, centres: int | None = None) -> Path:
    """Writes what is served of a run.

    Args:
        folder: where; made.
        users: how many, with 3 to 14 items each.
        items: how many.
        dim: of the vectors.
        seed: of everything.
        centres: the vectors lie around so many, as those of trained models do; None: anywhere.
    """
    rng = np.random.default_rng(seed)
    middle = None if centres is None else rng.standard_normal((centres, dim), dtype=np.float32)
    encoding = Encoding(*(torch.from_numpy(_vectors(rng, count, dim, middle)) for count in (users, items)))
    histories = [np.unique(rng.integers(items, size=rng.integers(3, 15))) for _ in range(users)]
    owners = np.repeat(np.arange(users), list(map(len, histories)))
    pairs = torch.from_numpy(np.stack([owners, np.concatenate(histories)]))
    nothing = torch.empty(2, 0, dtype=torch.long)
    sizes = {"num_users": users, "num_items": items}
    titles = [f"{KINDS[row % len(KINDS)]} number {row}" for row in range(items)]
    serving = Serving(
        encoding=encoding,
        scorer=InnerProduct(),
        users=IdTable("user", Texts.of([f"user-{row}" for row in range(users)])),
        items=IdTable("item", Texts.of([f"item-{row}" for row in range(items)])),
        known={part: PairSet.of([pairs if part == "train" else nothing], **sizes) for part in PARTS},
        columns={"title": Texts.of(titles)},
    )
    folder.mkdir(parents=True)
    (folder / CONFIG).write_text(OmegaConf.to_yaml(compose_config(["model=mf_bpr"])))
    report = RunReport(
        model="mf_bpr", dataset="random", dataset_summary=sizes, split_hash="", seed=seed, config={}, val={}, test={},
        best_epoch=None, history=[], device="cpu",
    )  # fmt: skip
    report.save(folder / REPORT)
    keep(serving, folder, {})
    return folder


def _vectors(rng: np.random.Generator, count: int, dim: int, middle: np.ndarray | None) -> np.ndarray:
    noise = rng.standard_normal((count, dim), dtype=np.float32)
    return noise if middle is None else middle[rng.integers(len(middle), size=count)] + 0.5 * noise

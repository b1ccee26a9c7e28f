"""LGMRec, Fig. 1 (b): do interactions and modalities pull the users' shared free vectors in opposite directions?"""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, cast

import torch
from omegaconf import DictConfig, OmegaConf
from torch import Tensor
from torch_geometric.data import HeteroData

from mmgraph.evidence.analyses.base import Analysis, Row, RunLike, opened
from mmgraph.evidence.analyses.opposition import Opposition, above_half_by_chance, opposition
from mmgraph.evidence.analyses.pulls import Pulls, watch_pulls
from mmgraph.evidence.figures import COLOURS
from mmgraph.pipeline.parts import build
from mmgraph.pipeline.repeatable import repeatable
from mmgraph.pipeline.result import Run
from mmgraph.typing import Loader, Triplets

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BY_EPOCH = "users by epoch"
OVER_TRAINING = "users over all epochs"
EXAMPLES = "two users by epoch"
HALF = 0.5


def analyse(run: RunLike, *, epochs: int = 20, seed: int = 0) -> Analysis:
    """Trains the run's first epochs again, from its seed, and splits each user's gradient by where it comes from.

    The gradient of the loss by the users' vectors is the sum of what reaches them through the collaborative module and
    through that of the modalities; both are summed over the steps of an epoch. The paper counts, for each user, the
    dimensions in which the two have opposite signs, and states that 94.26% of Baby's users have more than half of
    theirs opposed. Signs drawn at random would oppose half of the dimensions of a user, too: the share of users that
    would come of it by chance stands beside.

    Args:
        run: of a model that shares the users' free vectors between the two modules: LGMRec with
            ``ablation=lgmrec-with_suid``.
        epochs: how many are trained; nothing is written.
        seed: draws the two users whose ratios are shown.

    Raises:
        ValueError: if the model does not share the vectors.
        FileNotFoundError: if the data are gone.
    """
    found = opened(run)
    opposed, repeated = _train_again(found, epochs)
    shares = torch.stack([of_epoch.share for of_epoch in opposed])
    rows = [_row(epoch, of_epoch) for epoch, of_epoch in enumerate(opposed)]
    whole = _over_training(shares, found.config.model.emb_dim)
    examples = _examples(found, shares, seed)
    return Analysis(
        title=f"opposite gradients of the users' vectors, {found.report.model} on {found.report.dataset}",
        tables=[(BY_EPOCH, rows), (OVER_TRAINING, [whole]), (EXAMPLES, examples)],
        draw=partial(_draw, rows=rows, examples=examples, chance=whole["by_chance"]),
        notes=[*_notes(whole, len(rows)), repeated],
        size=(9.0, 3.0),
    )


class _ByEpoch:
    """The steps of a loader, and what the pulls of each epoch came to."""

    def __init__(self, loader: Loader, pulls: Pulls) -> None:
        self.loader = loader
        self.pulls = pulls
        self.epochs: list[Opposition] = []

    def __len__(self) -> int:
        return len(self.loader)

    def epoch(self, graph: HeteroData, epoch: int) -> Iterator[tuple[HeteroData, Triplets]]:
        """Passes on the steps of one epoch."""
        yield from self.loader.epoch(graph, epoch)
        self.epochs.append(opposition(*self.pulls.take()))


def _train_again(run: Run, epochs: int) -> tuple[list[Opposition], str]:
    """The opposition of each epoch, and a sentence: whether the training was the run's own."""
    settings = OmegaConf.merge(run.config, {"trainer": {"max_epochs": epochs, "verbose": False}})
    with repeatable():
        parts = build(cast(DictConfig, settings), dataset=run.dataset)
        with watch_pulls(parts.model) as pulls:
            loader = _ByEpoch(parts.loader, pulls)
            fit = parts.trainer.fit(parts.model, parts.objective, parts.graph, loader, evaluator=parts.evaluator)
    name = f"val/{parts.trainer.monitor}"
    pairs = zip(fit.history, run.history, strict=False)
    apart = max((abs(new[name] - old[name]) for new, old in pairs if name in new and name in old), default=0.0)
    return loader.epochs, f"The epochs were trained anew; {name} differs by {apart:.1g} at most from the run's own."


def _row(epoch: int, found: Opposition) -> Row:
    moved = ~found.share.isnan()
    return {
        "epoch": epoch,
        "users": int(moved.sum()),
        "opposed_dimensions": float(found.share[moved].mean()),
        "users_mostly_opposed": float((found.share[moved] > HALF).double().mean()),
        "users_negative_cosine": float((found.cosine[moved] < 0).double().mean()),
    }


def _over_training(shares: Tensor, dim: int) -> Row:
    """Users whose mean share over all epochs is above half, and what signs by chance would come to in one epoch."""
    mean = shares.nanmean(0)
    mean = mean[~mean.isnan()]
    return {
        "users": mean.numel(),
        "opposed_dimensions": float(mean.mean()),
        "users_mostly_opposed": float((mean > HALF).double().mean()),
        "by_chance": above_half_by_chance(dim),
    }


def _examples(run: Run, shares: Tensor, seed: int) -> list[Row]:
    """The shares of two users drawn at random, as the paper draws them."""
    moved = (~shares.isnan()).all(0).nonzero().flatten()
    generator = torch.Generator().manual_seed(seed)
    drawn = moved[torch.randperm(moved.numel(), generator=generator)[:2]]
    names = run.serving.users.ids(drawn).tolist()
    return [
        {"user": str(name), "epoch": epoch, "opposed_dimensions": float(share)}
        for name, user in zip(names, drawn, strict=True)
        for epoch, share in enumerate(shares[:, user])
    ]


def _notes(whole: Row, epochs: int) -> list[str]:
    return [
        "opposed_dimensions: mean over users of the share of dimensions in which the gradient through the "
        "collaborative module and that through the modalities' module have opposite signs; users_mostly_opposed: share "
        "of users with more than half of them opposed, as the paper counts.",
        f"Over {epochs} epochs {whole['users_mostly_opposed']:.2%} of the users have more than half of their "
        f"dimensions opposed on average; the paper states 94.26% for Baby. In one epoch {whole['by_chance']:.1%} would "
        "have by chance, were every sign drawn at random.",
        "The paper does not state which loss the gradients are of: here it is the whole objective that trains the "
        "model, summed over the steps of an epoch; what the hypergraph passes on has come through the collaborative "
        "module.",
    ]


def _draw(figure: "Figure", *, rows: list[Row], examples: list[Row], chance: float) -> None:
    users, *panels = figure.subplots(1, 1 + len({row["user"] for row in examples}))
    epochs = [row["epoch"] for row in rows]
    for name, colour, marker, label in (
        ("users_mostly_opposed", COLOURS[2], "o", "more than half opposed"),
        ("users_negative_cosine", COLOURS[0], "s", "cosine below 0"),
    ):
        users.plot(epochs, [row[name] for row in rows], color=colour, marker=marker, ms=3, label=label)
    users.axhline(chance, color="grey", lw=0.8, ls=":", label="half opposed by chance")
    users.set(title="share of users", xlabel="epoch", ylim=(0, 1))
    users.legend(fontsize=7)
    for axes, user in zip(panels, dict.fromkeys(row["user"] for row in examples), strict=True):
        share = [row["opposed_dimensions"] for row in examples if row["user"] == user]
        axes.bar(epochs, share, color=COLOURS[4], hatch="//", edgecolor="white", label="opposite")
        axes.bar(epochs, [1 - x for x in share], bottom=share, color=COLOURS[5], label="same")
        axes.axhline(HALF, color="black", lw=0.8)
        axes.set(title=f"dimensions of user {user}", xlabel="epoch", ylim=(0, 1))
    panels[0].legend(fontsize=7, loc="lower center", frameon=True, framealpha=1.0)
    for axes in (users, *panels):
        axes.xaxis.get_major_locator().set_params(integer=True)

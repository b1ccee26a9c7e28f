"""Finding the views that a loss term names, and the rows of them that it reads."""

import re
from collections.abc import Mapping
from itertools import combinations
from typing import Any, Literal

from jaxtyping import Float, Int, Shaped
from torch import Tensor

from mmgraph.typing import Encoding, RowwiseView, Sides, Triplets

Side = Literal["user", "item"]
SIDE_OF_ROWS: dict[str, Side] = {"user": "user", "pos_item": "item", "neg_item": "item"}
"""Whose rows each part of a batch holds."""
BySide = Mapping[str, Tensor]
"""A view as loss terms read it, whichever form the model gave it in: tensors by side; an absent side is absent."""


def all_views(encoding: Encoding) -> dict[str, BySide]:
    """Views of an encoding by name and side, with the final vectors as the view ``"final"``.

    Args:
        encoding: what the model gave.

    Returns:
        The model's own views; ``"final"`` among them even where the model does not list it.

    Example:
        >>> import torch
        >>> encoding = Encoding(torch.ones(2, 3), torch.ones(4, 3), {"ego": {"user": torch.zeros(2, 3)}})
        >>> sorted(all_views(encoding))
        ['ego', 'final']
    """
    views = {"final": Sides(encoding.user, encoding.item), **encoding.views}
    return {name: view._asdict() if isinstance(view, Sides) else view for name, view in views.items()}


def model_part(model: object, name: str, encoding: Encoding) -> Any:
    """A part of the model that a term needs beside its views, such as a critic.

    Asked for by its name: ``isinstance`` with a protocol does not see submodules from Python 3.12 on.

    Args:
        model: the model.
        name: of its attribute.
        encoding: what the model gave, for the message.

    Raises:
        KeyError: if the model has no such part.

    Example:
        >>> import torch
        >>> model = torch.nn.ModuleDict({"critic": torch.nn.Identity()})
        >>> model_part(model, "critic", Encoding(torch.ones(1, 2), torch.ones(1, 2), {}))
        Identity()
    """
    part = getattr(model, name, None)
    if part is None:
        raise KeyError(f"{type(model).__name__}, which gives {sorted(all_views(encoding))}, has no {name}")
    return part


def find_views(encoding: Encoding, pattern: str) -> dict[str, BySide]:
    """Views whose name matches a pattern, in the model's order.

    Args:
        encoding: what the model gave.
        pattern: a view's name, or a name with one ``*`` for any part of it, such as ``"ego.*"``.

    Returns:
        The views by name; at least one.

    Raises:
        KeyError: if no view matches; the message lists what the model gives.

    Example:
        >>> import torch
        >>> views = {"ego.image": {"item": torch.ones(2, 3)}, "ego.text": {}}
        >>> list(find_views(Encoding(torch.ones(1, 3), torch.ones(2, 3), views), "ego.*"))
        ['ego.image', 'ego.text']
    """
    views = all_views(encoding)
    found = {name: view for name, view in views.items() if _wild_part(name, pattern) is not None}
    if not found:
        raise KeyError(
            f"no view matches {pattern!r}; the model gives {sorted(views)}. Choose a loss made for this model"
        )
    return found


def pair_views(encoding: Encoding, anchor: str, positive: str) -> list[tuple[str, str]]:
    """Names of the views to compare, by two patterns.

    Two patterns with ``*`` pair equal parts (``"ego.*"``, ``"neighbors.*"``: image with image, text with text); one
    pattern twice gives every pair of two views once, so none where only one matches; a pattern and a plain name give
    each match against that one view.

    Args:
        encoding: what the model gave.
        anchor: pattern or name.
        positive: pattern or name.

    Returns:
        ``(anchor name, positive name)`` of every pair, in the model's order.

    Raises:
        KeyError: if a pattern matches nothing, or a view lacks its partner.

    Example:
        >>> import torch
        >>> views = {name: {} for name in ("modal.image", "modal.text", "fused")}
        >>> encoding = Encoding(torch.ones(1, 3), torch.ones(2, 3), views)
        >>> pair_views(encoding, "modal.*", "modal.*")
        [('modal.image', 'modal.text')]
        >>> pair_views(encoding, "modal.*", "fused")
        [('modal.image', 'fused'), ('modal.text', 'fused')]
    """
    left = find_views(encoding, anchor)
    right = find_views(encoding, positive)
    if anchor == positive:
        return list(combinations(left, 2))
    if "*" in anchor and "*" in positive:
        pairs = [(name, positive.replace("*", str(_wild_part(name, anchor)))) for name in left]
        partners = [partner for _, partner in pairs]
        if sorted(partners) != sorted(right):
            raise KeyError(f"views {sorted(left)} and {sorted(right)} must pair by the part that '*' stands for")
        return pairs
    return [(a, b) for a in left for b in right if a != b]


def _wild_part(name: str, pattern: str) -> str | None:
    match = re.fullmatch(re.escape(pattern).replace(r"\*", "(.+)"), name)
    return match and (match.group(1) if match.groups() else "")


def side_of(view: BySide, *, name: str, side: Side) -> Tensor:
    """One side of a view.

    Args:
        view: the view.
        name: its name, for the message.
        side: which side.

    Raises:
        KeyError: if the view lacks that side.

    Example:
        >>> import torch
        >>> side_of({"item": torch.ones(1, 2)}, name="modal.text", side="item")
        tensor([[1., 1.]])
    """
    if side not in view:
        raise KeyError(f"view {name!r} has no {side!r} rows, only {sorted(view)}")
    return view[side]


def rows_of(view: BySide, rows: Int[Tensor, " rows"], *, name: str, side: Side) -> Float[Tensor, "rows dim"]:
    """Some rows of one side of a view; where vectors are made when they are read, no others are made.

    Args:
        view: the view.
        rows: which; may be there several times.
        name: the view's name, for the message.
        side: which side.

    Raises:
        KeyError: if the view lacks that side.

    Example:
        >>> import torch
        >>> rows_of({"item": torch.eye(2)}, torch.tensor([1, 1]), name="modal.text", side="item")
        tensor([[0., 1.],
                [0., 1.]])
    """
    if isinstance(view, RowwiseView) and side in view:
        return view.rows(side, rows)
    return take(side_of(view, name=name, side=side), rows)


def batch_view_rows(encoding: Encoding, name: str, row: str, batch: Triplets) -> Float[Tensor, "rows dim"]:
    """A view's vectors of the batch's users, positive or negative items.

    Args:
        encoding: what the model gave.
        name: the view's.
        row: "user", "pos_item" or "neg_item".
        batch: the step's triplets.

    Raises:
        KeyError: if the view lacks that side.

    Example:
        >>> import torch
        >>> batch = Triplets(torch.tensor([0]), torch.tensor([1]), torch.tensor([2]))
        >>> batch_view_rows(Encoding(torch.ones(1, 2), torch.eye(3)), "final", "pos_item", batch)
        tensor([[0., 1., 0.]])
    """
    return rows_of(all_views(encoding)[name], getattr(batch, row).flatten(), name=name, side=SIDE_OF_ROWS[row])


def interactions_of(encoding: Encoding, name: str, users: Int[Tensor, " batch"]) -> Float[Tensor, "batch items"]:
    """Rows of a view that holds the users' interactions as a sparse tensor ``(U, I)``, sparse as they are.

    Args:
        encoding: what the model gave.
        name: the view's name.
        users: whose rows.

    Raises:
        KeyError: if the model gives no such view, or it lacks the users.

    Example:
        >>> import torch
        >>> chosen = {"interactions": {"user": torch.eye(2, 3).to_sparse()}}
        >>> encoding = Encoding(torch.ones(2, 1), torch.ones(3, 1), chosen)
        >>> interactions_of(encoding, "interactions", torch.tensor([1])).to_dense()
        tensor([[0., 1., 0.]])
    """
    rows = side_of(find_views(encoding, name)[name], name=name, side="user")
    return rows.index_select(0, users)


def exact_rows(side: Side, batch: Triplets) -> Int[Tensor, "rows"] | None:
    """Rows whose vectors are exact: all of them (None) on a full graph, the seeds on a sampled one.

    Example:
        >>> import torch
        >>> one = torch.tensor([0])
        >>> exact_rows("user", Triplets(one, one, one, {"user": torch.tensor([0, 1]), "item": one}))
        tensor([0, 1])
    """
    return None if batch.nodes is None else batch.nodes[side]


def take(x: Shaped[Tensor, "nodes *rest"], rows: Int[Tensor, "..."] | None) -> Shaped[Tensor, "rows *rest"]:
    """Rows of a table, all of them if ``rows`` is None; unlike ``x[rows]`` its backward is deterministic.

    Example:
        >>> import torch
        >>> take(torch.eye(2), torch.tensor([1]))
        tensor([[0., 1.]])
    """
    return x if rows is None else x.index_select(0, rows.flatten())

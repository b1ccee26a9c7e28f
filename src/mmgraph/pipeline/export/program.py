"""Scoring as a program that torch alone runs."""

import io
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from mmgraph.files import atomic_write
from mmgraph.pipeline.export.vectors import vectors_of

if TYPE_CHECKING:
    from mmgraph.pipeline.result import Run


class _InnerProduct(nn.Module):
    """Scores of all items for some users."""

    user: Tensor
    item: Tensor

    def __init__(self, user: Tensor, item: Tensor) -> None:
        super().__init__()
        self.register_buffer("user", user)
        self.register_buffer("item", item)

    def forward(self, user_idx: Int[Tensor, " batch"]) -> Float[Tensor, "batch items"]:
        return self.user.index_select(0, user_idx) @ self.item.T


def write_program(run: "Run", folder: Path) -> list[Path]:
    """Writes ``scores.pt2``: ``torch.export.load("scores.pt2").module()(user_idx)`` are scores ``(batch, items)``.

    ``user_idx`` are rows of users, int64, as many as one likes; neither mmgraph nor PyTorch Geometric is needed.

    Raises:
        ValueError: if the model's users and items are no vectors.
    """
    user, item = vectors_of(run)
    module = _InnerProduct(user.float().contiguous(), item.float().contiguous())
    batch = torch.export.Dim("batch")
    example = (torch.zeros(2, dtype=torch.long),)
    program = torch.export.export(module, example, dynamic_shapes={"user_idx": {0: batch}})
    content = io.BytesIO()
    torch.export.save(program, content)
    path = folder / "scores.pt2"
    with atomic_write(path, "wb") as file:
        file.write(content.getbuffer())
    return [path]

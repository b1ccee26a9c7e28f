"""A fusion of runs in the place of a model: it is evaluated and served as one."""

from pathlib import Path

import torch
from torch_geometric.data import HeteroData

from mmgraph.models import Recommender
from mmgraph.models.scoring import Scorer
from mmgraph.pipeline.run_folder import read_identity
from mmgraph.pipeline.serving import FOLDER, Fusion, Serving, open_kept
from mmgraph.typing import INTERACTS, PARTS, Encoding

FUSION = "fusion"
"""What reports call it."""


class Fused(Recommender):
    """Encodes nothing by itself: it has what the members made of the graph that they were trained on.

    Args:
        graph: the message graph, for its sizes.
        serving: what it ranks by; where a run is restored, :meth:`hold` reads that.
    """

    cost = "closed form"
    needs_full_graph = True
    bound_to_nodes = "a fusion ranks by what its members made of the users and items of their training"

    def __init__(self, graph: HeteroData, serving: Serving | None = None) -> None:
        super().__init__(graph)
        self.serving = serving

    def hold(self, run_dir: Path) -> None:
        """Reads what the folder of a fusion keeps.

        Raises:
            FileNotFoundError: if it keeps nothing any more.
            ValueError: if it is damaged, or no fusion's.
        """
        found = open_kept(run_dir, read_identity(run_dir))
        if found is None:
            raise FileNotFoundError(
                f"{run_dir}: its {FOLDER} is gone, and with it all that the fusion ranks by: mmgraph-fuse makes it "
                "again of its members"
            )
        if not isinstance(found.scorer, Fusion):
            raise ValueError(f"{run_dir / FOLDER} holds no fusion, which {run_dir} says that it is")
        self.serving = found

    def forward(self, graph: HeteroData) -> Encoding:
        """The members' encodings, where the graph lies."""
        return self._held.to(graph[INTERACTS].edge_index.device).encoding

    def scorer(self) -> Scorer:
        """The weighted sum."""
        scorer = self._held.scorer
        assert isinstance(scorer, Fusion)
        return scorer

    def fit_closed_form(self, graph: HeteroData) -> bool:
        """There is nothing to fit: the weights were chosen when the runs were fused."""
        return True

    @property
    def _held(self) -> Serving:
        if self.serving is None:
            raise ValueError("a fusion is made by mmgraph.fuse of finished runs; it cannot be trained")
        return self.serving


def graph_of(serving: Serving) -> HeteroData:
    """The interactions of all parts of the split as a graph, from what a run keeps.

    Args:
        serving: what there is of the run.

    Returns:
        What an evaluator reads: sizes, degrees, the parts, and categories where there are some.
    """
    graph = HeteroData()
    pairs = {part: known.pairs() for part, known in serving.known.items()}
    for part, key in PARTS.items():
        graph[INTERACTS][key] = pairs[part]
    for side, table, ends in zip(("user", "item"), (serving.users, serving.items), pairs["train"], strict=True):
        graph[side].num_nodes = len(table)
        graph[side].degree = torch.bincount(ends, minlength=len(table)).float()
    if serving.category in serving.columns:
        number: dict[str, int] = {}
        categories = [number.setdefault(name, len(number)) for name in serving.columns[serving.category]]
        graph["item"].category = torch.tensor(categories)
    return graph

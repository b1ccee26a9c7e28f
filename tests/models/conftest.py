"""The tiny problem that the authors' code was run on, as a graph (tests/golden/README.md)."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import hydra.utils
import pytest
import torch
from omegaconf import OmegaConf
from torch import Tensor, nn
from torch_geometric.data import HeteroData

from mmgraph.losses import Objective
from mmgraph.models.base import Recommender
from mmgraph.transforms import Degrees, KNNGraph
from mmgraph.typing import INTERACTS, REV_INTERACTS, Triplets

GOLDEN = Path(__file__).parents[1] / "golden"
CONF = Path(__file__).parents[2] / "conf"


@dataclass(frozen=True)
class Golden:
    """One golden file: its numbers, and the problem as this package's objects."""

    numbers: dict[str, Any]

    def __getitem__(self, key: str) -> Any:
        return self.numbers[key]

    def graph(self, *, merge: bool) -> HeteroData:
        problem = self["problem"]
        graph = HeteroData(user={"num_nodes": problem["num_users"]}, item={"num_nodes": problem["num_items"]})
        graph["item"].x_image, graph["item"].x_text = torch.tensor(problem["image"]), torch.tensor(problem["text"])
        graph[INTERACTS].edge_index = torch.tensor(problem["edge_index"])
        graph[REV_INTERACTS].edge_index = graph[INTERACTS].edge_index.flip(0)
        weights = {"image": self["image_weight"], "text": 1 - self["image_weight"]} if merge else None
        knn = KNNGraph(k=problem["knn_k"], weight="uniform", merge=merge, merge_weights=weights)
        return knn(Degrees()(graph))

    def batch(self) -> Triplets:
        return Triplets(**{name: torch.tensor(ids) for name, ids in self["problem"]["batch"].items()})

    def load(self, model: nn.Module, names: dict[str, str]) -> None:
        """Loads the golden weights into every parameter, ``names`` being golden name -> name in the model."""
        model.load_state_dict({ours: torch.tensor(self["weights"][theirs]) for theirs, ours in names.items()})

    def objective(self, name: str, **weights: float) -> Objective:
        """The objective that ``conf/loss`` ships, with the weights of the golden run."""
        config = OmegaConf.load(CONF / "loss" / f"{name}.yaml")
        for term, weight in weights.items():
            config.terms[term].weight = weight
        return hydra.utils.instantiate(config)

    def losses(self, model: Recommender, graph: HeteroData, objective: Objective) -> dict[str, Tensor]:
        """The weighted losses of the golden batch."""
        return objective(model, model(graph), self.batch())


@cache
def read_golden(name: str) -> Golden:
    """The golden file of this name."""
    return Golden(json.loads((GOLDEN / f"{name}.json").read_text()))


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """The golden file that the test module names in ``GOLDEN_FILE``."""
    return read_golden(request.module.GOLDEN_FILE)


@pytest.fixture
def grad_norms():
    """Norm of a loss's gradient by every parameter's golden name; zero where it does not reach."""

    def norms(loss: Tensor, model: nn.Module, names: dict[str, str]) -> dict[str, float]:
        parameters = [model.get_parameter(ours) for ours in names.values()]
        grads = torch.autograd.grad(loss, parameters, retain_graph=True, allow_unused=True)
        return {name: 0.0 if g is None else g.norm().item() for name, g in zip(names, grads, strict=True)}

    return norms


@pytest.fixture
def agree():
    """Asserts that a tensor and golden numbers differ by no more than 1e-5 anywhere."""

    def check(ours: Tensor, theirs: Any) -> None:
        torch.testing.assert_close(ours.detach(), torch.as_tensor(theirs, dtype=ours.dtype), atol=1e-5, rtol=0)

    return check

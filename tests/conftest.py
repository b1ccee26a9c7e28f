"""Data that many tests share."""

import os
import warnings
from pathlib import Path

import pytest
import torch
from hypothesis import settings
from torch.nn.functional import normalize
from torch_geometric.data import HeteroData

from mmgraph.pipeline.report import RunReport
from tests.plugin_package import installed, loose, new_name, own_path  # noqa: F401  # fixtures

# The tests' tensors are small: a second thread gains nothing, and costs much on a machine that does other things too.
torch.set_num_threads(1)

# A loaded machine is no fault of what is tested.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

REAL_DATA = Path(os.environ.get("MMGRAPH_DATA", Path(__file__).parents[2] / "shared" / "data"))


@pytest.fixture(scope="session")
def real_data():
    """Folder of the real data sets."""
    if not REAL_DATA.is_dir():
        warnings.warn(f"real data sets not found at {REAL_DATA} (MMGRAPH_DATA): their tests are skipped", stacklevel=1)
        pytest.skip(f"MMGRAPH_DATA: no real data sets at {REAL_DATA}")
    return REAL_DATA


@pytest.fixture(autouse=True)
def _private_cache(tmp_path_factory, monkeypatch):
    """No test reads or writes the user's cache of processed data sets."""
    monkeypatch.setenv("MMGRAPH_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


@pytest.fixture(autouse=True)
def _seeded():
    torch.manual_seed(0)


@pytest.fixture(autouse=True)
def _denormals():
    """The command line flushes denormal numbers in its process; hypothesis draws them."""
    yield
    torch.set_flush_denormal(False)


def bipartite_graph(num_users=12, num_items=9, density=0.3, modalities=("image", "text"), seed=0):
    """A random message graph; the last item has no train interaction."""
    generator = torch.Generator().manual_seed(seed)
    chosen = torch.rand(num_users, num_items, generator=generator) < density
    chosen[:, -1] = False
    chosen[torch.arange(num_users), torch.arange(num_users) % (num_items - 1)] = True
    data = HeteroData()
    edge_index = chosen.nonzero().T.contiguous()
    data["user"].num_nodes, data["item"].num_nodes = num_users, num_items
    data["user"].degree, data["item"].degree = chosen.sum(1).float(), chosen.sum(0).float()
    for position, name in enumerate(modalities):
        data["item"][f"x_{name}"] = torch.randn(num_items, 4 + position, generator=generator)
    data["user", "interacts", "item"].edge_index = edge_index
    data["item", "rev_interacts", "user"].edge_index = edge_index.flip(0)
    return data


@pytest.fixture
def graph():
    """See :func:`bipartite_graph`."""
    return bipartite_graph()


def adjacency(graph):
    """The interactions written densely: R, users x items."""
    edges = graph["user", "interacts", "item"].edge_index
    size = graph["user"].num_nodes, graph["item"].num_nodes
    return torch.zeros(size).index_put((edges[0], edges[1]), torch.ones(edges.size(1)))


def propagated(graph, user, item, num_layers):
    """LightGCN's layers 0 to L by dense products."""
    degree = graph["user"].degree[:, None] * graph["item"].degree
    scaled = adjacency(graph) / degree.clamp(min=1).sqrt()
    layers = [(user, item)]
    for _ in range(num_layers):
        layers.append((scaled @ layers[-1][1], scaled.T @ layers[-1][0]))
    return layers


def run_report(**changes):
    """A report of a run that never was."""
    nothing = {"dataset_summary": {}, "split_hash": "c0ffee", "config": {}, "val": {}, "test": {}, "history": []}
    run = {"model": "rednd", "dataset": "tiny", "seed": 0, "best_epoch": 0, "device": "cpu"}
    return RunReport(**nothing | run | changes)


def preference_layers(model, graph, name, num_layers):
    """Sum of layers 0 to L of one modality of DualGNN or DRAGON, by dense products."""
    item = model.modal.nodes.project.modality[name](graph["item"][f"x_{name}"])
    start = normalize(model.modal.nodes.user[name]), normalize(item)
    return tuple(sum(side) for side in zip(*propagated(graph, *start, num_layers), strict=True))


def heard_from_peers(graph, user):
    """What users hear along ``co_interacts``, weighed by the softmax of shared items, by a dense product."""
    store = graph["user", "co_interacts", "user"]
    shared = torch.full((user.size(0), user.size(0)), -torch.inf)
    shared = shared.index_put((store.edge_index[1], store.edge_index[0]), store.edge_weight)
    return torch.softmax(shared, dim=1).nan_to_num() @ user


@pytest.fixture
def in_double():
    """Computes in float64 by default."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)

"""Which model computes what a golden file holds, with which settings and under which names (tests/golden/README.md).

Parameters that a file keeps transposed end in ``.T``.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch_geometric.data import HeteroData

from mmgraph.models import (
    DRAGON,
    GRCN,
    HCCF,
    LATTICE,
    MGCN,
    MICRO,
    MMGCN,
    MMSSL,
    NCL,
    SGL,
    DiffMM,
    DualGNN,
    LayerGCN,
    SimGCL,
)
from mmgraph.models.base import Recommender
from mmgraph.transforms import CoInteractionGraph, keep_interactions, knn_graph
from tests.models.conftest import Golden

MODALITIES = ("image", "text")
SIDES = ("user", "item")
ENDS = ("weight", "bias")
Numbers = Mapping[str, Any]
Views = Mapping[str, Mapping[str, Any]]


def interactions(golden: Golden) -> HeteroData:
    """The problem's interactions, with each modality's kNN graph beside them."""
    return golden.graph(merge=False)


def item_graphs(golden: Golden) -> HeteroData:
    """The problem with each modality's own kNN graph, weighed by cosines over the root of both items' sums."""
    graph = golden.graph(merge=False)
    for name in MODALITIES:
        store = graph["item", f"{name}_knn", "item"]
        x = graph["item"][f"x_{name}"]
        store.edge_index, store.edge_weight = knn_graph(x, golden["problem"]["knn_k"], weight="sym")
    return graph


def peer_graph(golden: Golden) -> HeteroData:
    """The problem with one item graph and the users who share items."""
    return CoInteractionGraph(k=golden["num_peers"])(golden.graph(merge=True))


def load(golden: Golden, case: str, model: Recommender, names: Mapping[str, str]) -> None:
    """Loads the weights of the file, or those of the case, into every parameter."""
    numbers = golden["cases"][case]
    weights = numbers["weights"] if "weights" in numbers else golden["weights"]
    model.load_state_dict({ours.removesuffix(".T"): oriented(weights[theirs], ours) for theirs, ours in names.items()})


def oriented(x: Any, ours: str) -> Tensor:
    """Golden numbers as the model has them."""
    return torch.as_tensor(x).T if ours.endswith(".T") else torch.as_tensor(x)


@dataclass(frozen=True)
class Row:
    """One model and its golden file.

    Attributes:
        model: its class.
        file: the golden file and the loss, by their common name.
        cases: what the file holds.
        names: parameters that losses reach, golden name -> name in the model.
        settings: arguments of the model beside ``emb_dim``, from the file, the numbers of a case and its name.
        graph: what the model is made for.
        loaded: fills the model with the file's weights.
        drawn: the graph of the compared encoding.
        patch: puts the file's numbers in the place of random ones; what it gives must be used up.
        views: expected views by name and side.
        taus: terms whose temperature is the file's.
    """

    model: type[Recommender]
    file: str
    cases: Sequence[str]
    names: Mapping[str, str]
    settings: Callable[[Golden, Numbers, str], dict[str, Any]]
    graph: Callable[[Golden], HeteroData] = interactions
    loaded: Callable[[Golden, str, Recommender, Mapping[str, str]], None] = load
    drawn: Callable[[Golden, Numbers, Recommender, HeteroData], HeteroData] = field(
        default=lambda golden, numbers, model, graph: model.training_graph(graph, 0)
    )
    patch: Callable[[Golden, str, pytest.MonkeyPatch], Iterator[Any]] = field(default=lambda *_: iter(()))
    views: Callable[[Numbers], Views] = field(default=lambda numbers: {})
    taus: Sequence[str] = ()

    def build(self, golden: Golden, case: str) -> Recommender:
        """The model of a case, with the file's weights."""
        settings = self.settings(golden, golden["cases"][case], case)
        built = self.model(self.graph(golden), emb_dim=golden["problem"]["dim"], **settings)
        self.loaded(golden, case, built, self.names)
        return built


def of_case(*keys: str) -> Callable[[Golden, Numbers, str], dict[str, Any]]:
    """Settings that a case lists by the names of the model's arguments."""
    return lambda golden, numbers, case: {key: numbers[key] for key in keys}


TABLES = {"user": "user_table", "item": "item_table"}
PROJECTION = {f"project_{m}_{end}": f"project.modality.{m}.{end}" for m in MODALITIES for end in ENDS}
LATENT_GRAPH = TABLES | {f"feature_{m}": f"features.{m}" for m in MODALITIES} | PROJECTION
QUERY = {
    "query_hidden_weight": "attention.hidden.weight",
    "query_hidden_bias": "attention.hidden.bias",
    "query": "attention.query.weight",
}
PREFERENCES = {"user_weight": "user_weight"} | {f"preference.{m}": f"modal.nodes.user.{m}" for m in MODALITIES}
PREFERENCES |= {
    f"{theirs}.{m}.{end}": f"modal.nodes.project.modality.{m}.{place}.{end}"
    for m in MODALITIES
    for theirs, place in (("hidden", 0), ("output", 2))
    for end in ENDS
}


def _grcn(golden: Golden, numbers: Numbers, case: str) -> dict[str, Any]:
    """As it is, the code's edges lead from the users, so that its three routings reach none of them: none here."""
    assert case != "as_it_is" or numbers["num_routings"] == 3
    num_routings = 0 if case == "as_it_is" else numbers["num_routings"]
    return {"num_routings": num_routings, "prune": numbers["prune"], "content_dim": golden["content_dim"]}


def _layers(numbers: Numbers) -> Views:
    kinds = {"local": numbers["local"], "global": numbers["shared"]}
    return {f"{kind}.{layer}": sides for kind, layers in kinds.items() for layer, sides in enumerate(layers)}


def _modal(numbers: Numbers) -> Views:
    return {f"modal.{name}": {"item": x} for name, x in numbers["modal"].items()} | {
        "fused": {"item": numbers["fused"]}
    }


def _kept_edges(golden: Golden, case: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    numbers = golden["cases"][case]
    kept = iter([torch.tensor(positions) for view in ("first", "second") for positions in numbers["kept"][view]])
    drop = "drop_nodes" if case.startswith("node") else "drop_edges"
    monkeypatch.setattr(f"mmgraph.models.sgl.{drop}", lambda data, _: keep_interactions(data, next(kept)))
    return kept


def _noise(golden: Golden, case: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    problem, num_layers = golden["problem"], golden["cases"][case]["num_layers"]
    drawn = iter(
        part
        for view in ("first", "second")
        for layer in golden["noise"][view][:num_layers]
        for part in torch.tensor(layer).split([problem["num_users"], problem["num_items"]])
    )
    monkeypatch.setattr(torch, "rand_like", lambda x: next(drawn))
    return drawn


def _clusters(golden: Golden, case: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    clusters = golden["clusters"]
    assert list(clusters) == ["user", "item"]
    found = iter([tuple(torch.tensor(clusters[side][key]) for key in ("centroid", "cluster")) for side in clusters])
    monkeypatch.setattr("mmgraph.models.ncl.kmeans", lambda *_, **__: next(found))
    return found


CRITIC = {
    f"critic_{layer}_{theirs}": f"critic.layers.hidden_{layer}.{place}.{ours}"
    for layer in (0, 1)
    for theirs, place, ours in (
        ("weight", 0, "weight"),
        ("bias", 0, "bias"),
        ("scale", 2, "weight"),
        ("shift", 2, "bias"),
    )
} | {f"critic_out_{end}": f"critic.layers.out.{end}" for end in ENDS}


def _load_mmssl(golden: Golden, case: str, model: Recommender, names: Mapping[str, str]) -> None:
    every = {**names, **CRITIC}
    assert {ours.removesuffix(".T") for ours in every.values()} == {name for name, _ in model.named_parameters()}
    weights = {ours.removesuffix(".T"): oriented(golden["weights"][theirs], ours) for theirs, ours in every.items()}
    model.load_state_dict(weights, strict=False)
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0


DENOISERS = {
    f"{m}_{theirs}": f"denoisers.{m}.denoiser.{ours}"
    for m in MODALITIES
    for theirs, ours in (
        ("time_weight", "time.weight"),
        ("time_bias", "time.bias"),
        ("in_bias", "encode_time.bias"),
        ("out_weight", "decode"),
        ("out_bias", "decode_bias"),
    )
}


def _load_diffmm(golden: Golden, case: str, model: Recommender, names: Mapping[str, str]) -> None:
    loaded = {ours.removesuffix(".T"): oriented(golden["weights"][k], ours) for k, ours in (names | DENOISERS).items()}
    num_items = golden["problem"]["num_items"]
    for m in MODALITIES:
        first = torch.tensor(golden["weights"][f"{m}_in_weight"])
        loaded[f"denoisers.{m}.denoiser.encode"] = first[:, :num_items].T
        loaded[f"denoisers.{m}.denoiser.encode_time.weight"] = first[:, num_items:]
    model.load_state_dict(loaded)


def _diffmm(golden: Golden, numbers: Numbers, case: str) -> dict[str, Any]:
    sizes = {key: golden[key] for key in ("num_generated", "hidden_dim")}
    return sizes | {"num_layers": numbers["num_layers"], "projection": numbers["projection"], "input_dropout": 0}


def _of_modalities(*kinds: str) -> Callable[[Numbers], Views]:
    return lambda numbers: {f"{kind}.{name}": sides for kind in kinds for name, sides in numbers[kind].items()}


ROWS = [
    Row(
        DualGNN,
        "dualgnn",
        ["items1"],
        PREFERENCES,
        lambda golden, numbers, case: {"hidden_dim": 4 * golden["problem"]["dim"]},
        graph=peer_graph,
    ),
    Row(
        DRAGON,
        "dragon",
        ["items1", "items2"],
        PREFERENCES,
        lambda golden, numbers, case: {
            "hidden_dim": 4 * golden["problem"]["dim"],
            "num_item_layers": numbers["num_item_layers"],
        },
        graph=peer_graph,
    ),
    Row(
        GRCN,
        "grcn",
        ["routings3", "routings1", "as_it_is"],
        TABLES
        | {f"confidence_{side}": f"confidence.{side}" for side in SIDES}
        | {f"preference_{m}": f"preference.{m}" for m in MODALITIES}
        | PROJECTION,
        _grcn,
    ),
    Row(
        HCCF,
        "hccf",
        ["layers1", "layers2"],
        {f"hyper_{side}": f"hyperedge.{side}" for side in SIDES} | TABLES,
        lambda golden, numbers, case: {
            "num_layers": numbers["num_layers"],
            "num_hyperedges": golden["num_hyperedges"],
            "membership_scale": 1,
            "dropout": 0,
        },
        views=_layers,
        taus=["contrast"],
    ),
    Row(
        LATTICE,
        "lattice",
        ["ui2_items1", "ui1_items2", "ui3_items1"],
        LATENT_GRAPH | {"modal_weight": "attention.logit"},
        lambda golden, numbers, case: {
            "knn_k": golden["problem"]["knn_k"],
            **of_case("num_layers", "num_item_layers", "initial_share")(golden, numbers, case),
        },
        graph=item_graphs,
    ),
    Row(
        MICRO,
        "micro",
        ["ui2_items1", "ui1_items2", "ui3_items1"],
        LATENT_GRAPH | QUERY,
        lambda golden, numbers, case: {
            "knn_k": golden["problem"]["knn_k"],
            **of_case("num_layers", "num_item_layers", "initial_share")(golden, numbers, case),
        },
        graph=item_graphs,
        views=_modal,
    ),
    Row(
        MGCN,
        "mgcn",
        ["ui2_items1", "ui1_items2", "ui3_items0"],
        TABLES
        | QUERY
        | {f"feature_{m}": f"features.{m}" for m in MODALITIES}
        | {
            f"{theirs}_{m}_{end}": f"{ours.format(m)}.{end}"
            for m in MODALITIES
            for theirs, ours in (
                ("project", "purifier.{}.expand"),
                ("gate", "purifier.{}.reduce"),
                ("prefer", "preference.{}"),
            )
            for end in ENDS
        },
        of_case("num_layers", "num_item_layers"),
        graph=item_graphs,
        views=lambda numbers: {name: numbers[name] for name in ("side", "content")},
    ),
    Row(
        LayerGCN,
        "layergcn",
        [f"layers{num_layers}_epoch{epoch}" for num_layers in (1, 2, 4) for epoch in (0, 1)],
        TABLES,
        lambda golden, numbers, case: {"num_layers": numbers["num_layers"], "dropout": golden["dropout"]},
        drawn=lambda golden, numbers, model, graph: keep_interactions(
            graph, torch.tensor(golden["kept"][numbers["epoch"]])
        ),
    ),
    Row(
        MMGCN,
        "mmgcn",
        ["concat", "sum"],
        TABLES
        | {f"project_image_{end}": f"project.image.{end}" for end in ENDS}
        | {f"preference_{m}": f"preference.{m}" for m in MODALITIES}
        | {f"message_{m}_{k}": f"layers.{m}.{k}.message.weight" for m in MODALITIES for k in range(3)}
        | {
            f"{block}_{m}_{k}_{end}": f"layers.{m}.{k}.{block}.{end}"
            for m in MODALITIES
            for k in range(3)
            for block in ("own", "combine")
            for end in ENDS
        },
        lambda golden, numbers, case: {"hidden_dim": golden["hidden_dim"], "combine": case},
    ),
    Row(
        NCL,
        "ncl",
        ["layers3_structure2", "layers1_structure2", "layers2_structure4"],
        TABLES,
        lambda golden, numbers, case: {
            "num_layers": numbers["num_layers"],
            "structure_layer": numbers["structure_layer"],
            "num_clusters": 5,
            "warm_up": 0,
        },
        patch=_clusters,
        views=lambda numbers: {"structure": numbers["structure"]},
        taus=["structure_user", "structure_item", "prototype"],
    ),
    Row(
        SGL,
        "sgl",
        ["edge_layers1", "edge_layers3", "node_layers2", "walk_layers2"],
        TABLES,
        lambda golden, numbers, case: {
            "num_layers": numbers["num_layers"],
            "augmentation": numbers["augmentation"],
            "dropout": golden["dropout"],
        },
        patch=_kept_edges,
        views=lambda numbers: numbers["views"],
    ),
    Row(
        SimGCL,
        "simgcl",
        ["layers1", "layers2", "layers3"],
        TABLES,
        lambda golden, numbers, case: {"num_layers": numbers["num_layers"], "noise": golden["noise_length"]},
        drawn=lambda golden, numbers, model, graph: graph,
        patch=_noise,
        views=lambda numbers: numbers["views"],
    ),
    Row(
        MMSSL,
        "mmssl",
        ["layers2", "layers1"],
        TABLES | PROJECTION | {name: f"attention.{name}.weight.T" for name in ("query", "key", "out")},
        lambda golden, numbers, case: {
            "num_layers": numbers["num_layers"],
            "num_heads": golden["num_heads"],
            "num_generated": 2,
            "feature_dropout": 0,
        },
        loaded=_load_mmssl,
        views=_of_modalities("modal", "generated"),
    ),
    Row(
        DiffMM,
        "diffmm",
        ["layers1"],
        TABLES
        | {f"project_{m}_matrix": f"project.modality.{m}.weight.T" for m in MODALITIES}
        | {"attention": "attention.logit"},
        _diffmm,
        loaded=_load_diffmm,
        views=_of_modalities("modal"),
    ),
    Row(
        DiffMM,
        "diffmm",
        ["layers2"],
        TABLES | PROJECTION | {"attention": "attention.logit"},
        _diffmm,
        loaded=_load_diffmm,
        views=_of_modalities("modal"),
    ),
]


def row(file: str, case: str) -> Row:
    """The row of a file that has a case."""
    return next(row for row in ROWS if row.file == file and case in row.cases)

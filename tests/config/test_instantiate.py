import pytest
import torch
from omegaconf import OmegaConf

from mmgraph.config.instantiate import ALLOWED_KINDS, allowed_class, instantiate
from mmgraph.transforms import KNNGraph
from tests.conftest import bipartite_graph


def build(key="thing", **node):
    return instantiate(OmegaConf.create(node), key)


@pytest.mark.parametrize(
    "target",
    [
        "torch.load",
        "torch.hub.load",
        "torch.utils.cpp_extension.load",
        "torch.nn.functional.relu",
        "torch.nn.init.zeros_",
        "torch.serialization.os.system",
        "torch.serialization.io.FileIO",
        "torch._tensor.Tensor",
        "torch.utils.data.DataLoader",
        "torch.nn.Module.eval",
        "torch_geometric.data.download_url",
        "torch_geometric.nn.Sequential",
        "torch_geometric.nn.sequential.Sequential",
        "torch_geometric.loader.DataLoader",
        "torch_geometric.nn.models.DimeNet",
        "torch_geometric.nn.model_hub.PyGModelHubMixin",
        "mmgraph.files.atomic_write",
        "mmgraph.training.read_checkpoint",
        "mmgraph.training.checkpoint.torch.load",
        "mmgraph.cli.train.main",
        "mmgraph.config.instantiate.hydra.utils.call",
        "mmgraph.datasets.synthetic.Path",
        "mmgraph.nn.sparse.spmm._Product",
        "hydra.utils.call",
        "hydra.utils.instantiate",
        "subprocess.Popen",
        "builtins.eval",
        "os.system",
        "pathlib.Path",
        "mmgraph.no.such.Thing",
        "mmgraph",
        "",
        None,
        3,
    ],
)
def test_only_public_classes_of_allowed_kinds(target):
    with pytest.raises(ValueError, match=r"thing\._target_=.*(not allowed|cannot be imported)"):
        build(_target_=target)


def test_what_is_not_allowed_is_never_imported_from_outside(tmp_path, monkeypatch):
    (tmp_path / "evil_module.py").write_text("raise SystemExit('imported')")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ValueError, match="not allowed"):
        build(_target_="evil_module.Thing")


def test_every_target_is_judged_before_anything_is_built(tmp_path):
    """However deep it hides, whatever the keys beside it say, and whether it is written or interpolated."""
    mark = tmp_path / "mark"
    evil = {"_target_": "pathlib.Path.touch", "_args_": [str(mark)]}
    for node in (
        {"_target_": "mmgraph.transforms.KNNGraph", "modalities": [[evil]]},
        {"_target_": "mmgraph.transforms.KNNGraph", "merge_weights": {"a": evil}},
        {"_target_": "mmgraph.transforms.KNNGraph", "_args_": [evil]},
        {"_target_": "mmgraph.transforms.KNNGraph", "_recursive_": False, "modalities": evil},
        {"name": "pathlib.Path.touch", "x": {"_target_": "${thing.name}", "_args_": [str(mark)]}},
        {"a": {"b": [{"c": evil}]}},
    ):
        with pytest.raises(ValueError, match="not allowed"):
            instantiate(OmegaConf.create({"thing": node}).thing, "thing")
        assert not mark.exists()


def test_builds_classes_partials_and_groups():
    assert isinstance(build(_target_="mmgraph.transforms.KNNGraph", k=3), KNNGraph)
    make = build(_target_="torch.optim.Adam", _partial_=True, lr=0.5)
    assert make([torch.nn.Parameter(torch.ones(1))]).defaults["lr"] == 0.5
    group = instantiate(OmegaConf.create({"knn": {"_target_": "mmgraph.transforms.KNNGraph"}}), "graph")
    assert list(group) == ["knn"]
    assert instantiate(OmegaConf.create({}), "graph") == {}
    assert allowed_class("torch_geometric.transforms.ToUndirected", "x").__name__ == "ToUndirected"
    assert allowed_class("torch.optim.lr_scheduler.StepLR", "x").__name__ == "StepLR"
    assert allowed_class("torch.nn.Linear", "x") is torch.nn.Linear
    assert allowed_class("torch_geometric.nn.LGConv", "x").__name__ == "LGConv"


def test_more_kinds_by_an_explicit_word_in_code(monkeypatch):
    with pytest.raises(ValueError, match="not allowed"):
        build(_target_="fractions.Fraction")
    monkeypatch.setattr("mmgraph.config.instantiate.ALLOWED_KINDS", [*ALLOWED_KINDS, ("fractions", object)])
    assert build(_target_="fractions.Fraction") == 0


def test_a_mistyped_argument_names_the_valid_ones():
    with pytest.raises(ValueError, match=r"graph\.knn\.kk: KNNGraph takes no 'kk'; it takes \[.*'k'"):
        build("graph.knn", _target_="mmgraph.transforms.KNNGraph", kk=3)


@pytest.mark.parametrize(("name", "value"), [("k", "ten"), ("k", 2.5), ("k", True), ("merge", "maybe"), ("k", None)])
def test_an_argument_of_the_wrong_type_is_named(name, value):
    with pytest.raises(ValueError, match=rf"thing\.{name} must be (int|bool), got"):
        build(_target_="mmgraph.transforms.KNNGraph", **{name: value})


def test_a_class_that_is_not_there_suggests_close_ones():
    message = r"no attribute 'Adm'; did you mean Adam, "
    with pytest.raises(ValueError, match=message):
        build(_target_="torch.optim.Adm")


def test_what_the_class_refuses_comes_through():
    with pytest.raises(ValueError, match=r"dropout must be in \[0, 1\)"):
        build(_target_="mmgraph.transforms.EdgeDrop", dropout=2.0)


def test_a_word_in_a_message_stays_a_word_where_code_gives_the_argument_of_its_name():
    make = instantiate({"_target_": "mmgraph.models.DualGNN", "_partial_": True, "num_layers": 2}, "model")
    with pytest.raises(ValueError, match=r"\(graph=co_interaction\), and without graph="):
        make(bipartite_graph())

"""Models that only project features take them in half precision, from a file; the others say that they do not."""

import copy

import numpy as np
import pytest
import torch

import mmgraph
from mmgraph.datasets import MMRecFolder
from mmgraph.models.base import item_features
from mmgraph.pipeline.catalog import list_models, model_class
from tests.contract.conftest import small_parts

MULTIMODAL = [info.name for info in list_models() if info.needs_modalities]
ABLE = [name for name in MULTIMODAL if model_class(name).projects_features]


def with_features(graph, change):
    graph = copy.copy(graph)
    for name, x in item_features(graph).items():
        graph["item"][f"x_{name}"] = change(x)
    return graph


def vectors_and_gradients(model, graph):
    model.zero_grad()
    encoding = model(graph)
    (encoding.user.square().sum() + encoding.item.square().sum()).backward()
    gradients = {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}
    return {"user": encoding.user, "item": encoding.item}, gradients


@pytest.mark.parametrize("name", ABLE)
def test_halves_are_projected_as_the_same_numbers_in_full(name):
    parts = small_parts(name, modalities="{image: 300, text: 8}")
    halves = with_features(parts.graph, torch.Tensor.half)
    model = parts.model.eval()
    full = vectors_and_gradients(model, with_features(halves, torch.Tensor.float))
    found = vectors_and_gradients(model, halves)
    torch.testing.assert_close(found, full, atol=1e-5, rtol=1e-5)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    rng = np.random.default_rng(0)
    root = tmp_path_factory.mktemp("halves") / "toy"
    root.mkdir()
    pairs = [(user, item) for user in range(30) for item in range(60) if rng.random() < 0.2]
    lines = ["userID\titemID", *(f"{user}\t{item}" for user, item in pairs)]
    (root / "toy.inter").write_text("\n".join(lines) + "\n")
    np.save(root / "text_feat.npy", rng.normal(size=(60, 8)).astype(np.float16))
    return root


def trained(model, folder, **options):
    return mmgraph.run(model, folder, max_epochs=2, verbose=False, **options)


@pytest.mark.parametrize("loader", ["full_graph", "neighbor"])
def test_a_run_from_a_file_is_the_run_from_memory(folder, tmp_path, loader):
    mapped, plain = (
        trained("vbpr", MMRecFolder(folder, cache_dir=tmp_path, mapped_features=mmap), loader=loader)
        for mmap in (True, False)
    )
    for found, expected in zip(mapped.history, plain.history, strict=True):
        assert found["loss/bpr"] == pytest.approx(expected["loss/bpr"], rel=1e-5)
    assert mapped.test == pytest.approx(plain.test, rel=1e-5)


@pytest.mark.parametrize("name", sorted(set(MULTIMODAL) - set(ABLE)))
def test_the_others_refuse_in_a_sentence(name, folder, tmp_path):
    with pytest.raises(ValueError, match=r"more with them than project them: take one of .*'vbpr'"):
        trained(name, MMRecFolder(folder, cache_dir=tmp_path, mapped_features=True))

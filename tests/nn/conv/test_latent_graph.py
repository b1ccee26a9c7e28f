"""LatentGraphConv against its equation, written with dense matrices of items by items."""

import pytest
import torch
import torch.nn.functional as F

from mmgraph.nn import LatentGraphConv, edge_cosine
from mmgraph.transforms import KNNGraph, add_learned_knn

NAMES = ("image", "text")


@pytest.fixture
def latent():
    return {name: torch.randn(9, 4, dtype=torch.float64, requires_grad=True) for name in NAMES}


@pytest.fixture
def mined(graph, latent):
    return add_learned_knn(KNNGraph(k=4, weight="sym")(graph), latent, 3)


def dense(store, weight):
    """The matrix of a store's edges: rows hear columns."""
    return torch.zeros(9, 9, dtype=weight.dtype).index_put((store.edge_index[1], store.edge_index[0]), weight)


def expected(x, latent, graph, weight, num_layers, share):
    """The k largest cosines of each row, scaled by the roots of row sums; beside the given graphs."""
    learned = initial = 0
    for factor, (name, z) in zip(weight, latent.items(), strict=True):
        cosine = F.normalize(z, dim=-1) @ F.normalize(z, dim=-1).T
        kept = torch.zeros_like(cosine).scatter(1, cosine.topk(3).indices, 1.0)
        store = graph["item", f"{name}_knn", "item"]
        learned = learned + factor * cosine * kept
        initial = initial + factor * dense(store, store.edge_weight.double())
    root = learned.sum(1).rsqrt()
    matrix = share * initial + (1 - share) * root[:, None] * learned * root
    return torch.linalg.matrix_power(matrix, num_layers) @ x


@pytest.mark.parametrize(("num_layers", "share"), [(1, 0.9), (2, 0.5), (3, 0.0), (1, 1.0)])
def test_vectors_and_all_gradients_equal_the_dense_equation(mined, latent, num_layers, share):
    x = torch.randn(9, 5, dtype=torch.float64, requires_grad=True)
    weight = torch.tensor([0.3, 0.7], dtype=torch.float64, requires_grad=True)
    got = LatentGraphConv(num_layers, initial_share=share)(x, latent, mined, weight)
    want = expected(x, latent, mined, weight, num_layers, share)
    torch.testing.assert_close(got, want)
    direction = torch.randn_like(want)
    leaves = [x, weight, *latent.values()]
    torch.testing.assert_close(
        torch.autograd.grad((got * direction).sum(), leaves), torch.autograd.grad((want * direction).sum(), leaves)
    )


def test_one_modality_counts_fully_without_weights(mined, latent):
    x, one = torch.randn(9, 5, dtype=torch.float64), {"text": latent["text"]}
    got = LatentGraphConv(1, initial_share=0.5)(x, one, mined)
    torch.testing.assert_close(got, expected(x, one, mined, [1.0], 1, 0.5))


def test_items_that_hear_nobody_get_zeros_and_no_nan(graph, latent):
    """Items 0 to 8 but 1 have the modality; a vector of zeros resembles nothing, itself neither."""
    has = torch.ones(9, dtype=torch.bool)
    has[1] = False
    for name in NAMES:
        graph["item"][f"has_{name}"] = has
    with torch.no_grad():
        for z in latent.values():
            z[2] = 0
    mined = add_learned_knn(KNNGraph(k=4, weight="sym")(graph), latent, 3)
    x = torch.randn(9, 5, dtype=torch.float64)
    out = LatentGraphConv(1, initial_share=0.0)(x, latent, mined)
    assert not out[[1, 2]].any()
    assert out[[0, *range(3, 9)]].any(dim=1).all()
    for gradient in torch.autograd.grad(out.square().sum(), list(latent.values())):
        assert gradient.isfinite().all()


def test_edge_cosine_is_the_cosine_of_both_ends():
    x, edge_index = torch.randn(5, 3), torch.randint(5, (2, 11))
    torch.testing.assert_close(edge_cosine(x, edge_index), F.cosine_similarity(x[edge_index[0]], x[edge_index[1]]))


@pytest.mark.parametrize(
    ("num_layers", "share", "message"),
    [(0, 0.9, "num_layers=0"), (1, 1.5, "initial_share=1.5"), (1, -0.1, "initial_share=-0.1")],
)
def test_numbers_out_of_range_are_refused(num_layers, share, message):
    with pytest.raises(ValueError, match=message):
        LatentGraphConv(num_layers, initial_share=share)


def test_what_the_base_takes_and_this_equation_does_not():
    with pytest.raises(ValueError, match="aggr of LatentGraphConv must be 'sum', got 'mean'"):
        LatentGraphConv(1, initial_share=0.5, aggr="mean")
    with pytest.raises(ValueError, match="flow='target_to_source' has no meaning here"):
        LatentGraphConv(1, initial_share=0.5, flow="target_to_source")


def test_hooks_see_the_messages_of_every_graph(mined, latent):
    x, conv, seen = torch.randn(9, 5, dtype=torch.float64), LatentGraphConv(2, initial_share=0.5), []
    expected = conv(x, latent, mined)
    conv.register_message_forward_hook(lambda module, inputs, out: seen.append(out.size(1)))
    torch.testing.assert_close(conv(x, latent, mined), expected)
    # Row sums of the learned graphs, then both graphs in each of two rounds, for each of two modalities.
    assert seen == [1, 1, *[5] * 8]

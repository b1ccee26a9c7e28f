import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch_geometric.data import HeteroData

from mmgraph.transforms import KNNGraph, knn_graph, merge_graphs, modality_weights


@settings(max_examples=30, deadline=None)
@given(st.integers(3, 20), st.integers(1, 3), st.booleans(), st.integers(1, 7), st.integers(0, 99))
def test_equals_the_brute_force_ranking(num_items, k, self_loops, chunk_size, seed):
    torch.manual_seed(seed)
    x = torch.randn(num_items, 6)
    k = min(k, num_items - 1)
    edge_index, weight = knn_graph(x, k, self_loops=self_loops, chunk_size=chunk_size)
    similarity = F.normalize(x) @ F.normalize(x).T
    if not self_loops:
        similarity.fill_diagonal_(-2)
    expected = similarity.topk(k)
    assert edge_index[1].tolist() == torch.arange(num_items).repeat_interleave(k).tolist()
    torch.testing.assert_close(weight.view(num_items, k), expected.values, atol=1e-5, rtol=1e-5)
    assert edge_index[0].view(num_items, k).tolist() == expected.indices.tolist()


def test_uniform_edges_weigh_one_over_k_and_rows_sum_to_one():
    _, weight = knn_graph(torch.randn(8, 3), 4, weight="uniform")
    assert weight.tolist() == [0.25] * 32


def test_symmetric_weights_divide_by_the_root_of_both_sums():
    x = torch.rand(8, 3)
    edge_index, cosine = knn_graph(x, 4)
    same, weight = knn_graph(x, 4, weight="sym")
    assert torch.equal(same, edge_index)
    total = cosine.view(8, 4).sum(dim=1)
    torch.testing.assert_close(weight, cosine / (total[edge_index[0]] * total[edge_index[1]]).sqrt())


def test_symmetric_weights_of_items_that_resemble_nothing_are_zero():
    """Items 0 and 1 point opposite ways; without itself, each has a neighbour at -1 and nothing else."""
    _, weight = knn_graph(torch.tensor([[1.0], [-1.0]]), 1, weight="sym", self_loops=False)
    assert weight.tolist() == [0, 0]
    has = torch.tensor([True, False, True, True])
    edge_index, weight = knn_graph(torch.rand(4, 3), 2, weight="sym", has_feature=has)
    assert 1 not in edge_index
    assert (weight > 0).all()


def test_items_without_the_feature_get_no_edges():
    has = torch.tensor([True, False, True, True])
    edge_index, _ = knn_graph(torch.randn(4, 3), 2, has_feature=has)
    assert 1 not in edge_index
    assert edge_index[1].unique().tolist() == [0, 2, 3]


@pytest.mark.parametrize(("k", "self_loops"), [(0, True), (6, True), (5, False)])
def test_k_must_fit_the_items(k, self_loops):
    with pytest.raises(ValueError, match="k must be between 1 and"):
        knn_graph(torch.randn(5, 2), k, self_loops=self_loops)


def test_unknown_weight_is_an_error():
    with pytest.raises(ValueError, match="weight must be"):
        knn_graph(torch.randn(5, 2), 2, weight="cos")


def test_merged_graph_is_the_weighted_sum_of_the_matrices():
    graphs = {name: knn_graph(torch.randn(7, 3), 3) for name in ("image", "text")}

    def dense(edge_index, weight):
        return torch.zeros(7, 7).index_put((edge_index[1], edge_index[0]), weight, accumulate=True)

    merged = dense(*merge_graphs(graphs, {"image": 0.1, "text": 0.9}))
    torch.testing.assert_close(merged, 0.1 * dense(*graphs["image"]) + 0.9 * dense(*graphs["text"]))


def test_transform_adds_one_edge_type_per_modality_or_the_merged_one():
    data = HeteroData(item={"x_image": torch.randn(6, 3), "x_text": torch.randn(6, 2)})
    assert set(KNNGraph(k=2)(data).edge_types) == {("item", "image_knn", "item"), ("item", "text_knn", "item")}
    merged = KNNGraph(k=2, merge=True, weight="uniform")(data)
    assert merged.edge_types == [("item", "similar", "item")]
    assert merged["item", "similar", "item"].edge_weight.sum() == pytest.approx(6)
    assert KNNGraph(k=2, modalities=["text"])(data).edge_types == [("item", "text_knn", "item")]
    assert data.edge_types == [], "a transform called on data leaves the original alone"


def test_unknown_modalities_and_weights_are_errors():
    data = HeteroData(item={"x_image": torch.randn(6, 3)})
    with pytest.raises(ValueError, match=r"\['smell'\] not found"):
        KNNGraph(k=2, modalities=["smell"])(data)
    with pytest.raises(ValueError, match="not found"):
        KNNGraph(k=2)(HeteroData(item={"num_nodes": 3}))
    with pytest.raises(ValueError, match="name every modality"):
        KNNGraph(k=2, merge=True, merge_weights={"imge": 1.0})(data)
    with pytest.raises(ValueError, match="name every modality"):
        modality_weights(["image"], {"image": 0.1, "text": 0.9})
    with pytest.raises(ValueError, match="weights='equal' must be 'published'"):
        modality_weights(["image"], "equal")


def test_published_weights_are_those_of_image_and_text_alone():
    assert modality_weights(["text", "image"], "published") == {"text": 0.9, "image": 0.1}
    assert modality_weights(["text"], "published") == {"text": 1.0}
    assert modality_weights(["image", "text", "audio"], "published") == dict.fromkeys(("image", "text", "audio"), 1 / 3)

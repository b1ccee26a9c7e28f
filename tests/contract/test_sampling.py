"""Every model on sampled subgraphs: exact with all neighbours, trainable with few."""

import pytest
import torch

from mmgraph.losses.views import all_views
from mmgraph.typing import Triplets
from tests.contract.conftest import MODELS, TRAINED, small_config, small_parts

WEIGH_ITEMS = {"item_knn", "content_knn", "slim", "ease", "cease", "add_ease", "l3ae"}
NEED_FULL_GRAPH = {"diffmm", "hccf", "lgmrec", "llmrec", "mgnm", "mmssl", "sht"} | WEIGH_ITEMS
NO_HOPS = {"mf_bpr", "vbpr"}
SAMPLED = sorted(set(TRAINED) - NEED_FULL_GRAPH)
VARIANTS = {
    "rednd": [[], ["model.variant=paper", "model.num_layers=1", "model.num_item_layers=2"]],
    "nsmar": [
        [],
        ["model.norm=printed", "model.num_graph_layers=2", "model.num_layers=1"],
        ["model.graph_input=initial"],
    ],
    "sgl": [[], ["model.augmentation=walk", "model.num_layers=2"], ["model.augmentation=node", "model.num_layers=2"]],
    "simgcl": [["model.noise=0"]],  # noise is drawn for each row of a graph, not for each node
    "bm3": [["model.dropout=0"]],  # likewise
    "freedom": [[], ["model.num_layers=1", "model.num_item_layers=2", "model.trainable_features=false"]],
}
CASES = [(name, words) for name in SAMPLED for words in VARIANTS.get(name, [[]])]


def sparse_parts(name, *words):
    """A graph that few hops from few seeds do not cover."""
    sizes = ["dataset.num_users=600", "dataset.num_items=900", "graph.knn.k=3"]
    sizes = [word for word in sizes if "knn" not in word or "knn" in small_config(name).graph]
    return small_parts(name, *sizes, "loader=neighbor", "loader.batch_size=2", "loader.num_neighbors=-1", *words)


def first_step(parts):
    """The epoch's graph, a subgraph of it, the batch in the subgraph's numbers and in the graph's."""
    torch.manual_seed(0)
    graph = parts.model.training_graph(parts.graph, 0)
    subgraph, batch = next(iter(parts.loader.epoch(graph, 0)))
    user, item = subgraph["user"].n_id, subgraph["item"].n_id
    nodes = {side: subgraph[side].n_id[rows] for side, rows in batch.nodes.items()}
    return graph, subgraph, batch, Triplets(user[batch.user], item[batch.pos_item], item[batch.neg_item], nodes)


def losses_and_gradients(parts, graph, batch):
    parts.model.zero_grad()
    losses = parts.objective(parts.model, parts.model(graph), batch)
    sum(losses.values()).backward()
    gradients = {name: parameter.grad.clone() for name, parameter in parts.model.named_parameters()}
    return {name: value.detach() for name, value in losses.items()}, gradients


@pytest.mark.parametrize(("name", "words"), CASES)
def test_with_all_neighbours_the_seeds_are_those_of_the_full_graph(name, words):
    parts = sparse_parts(name, *words)
    graph, subgraph, batch, triplets = first_step(parts)
    assert subgraph.num_edges < 0.9 * graph.num_edges
    with torch.no_grad():
        encoding, exact = parts.model(subgraph), parts.model(graph)
    views, exact_views = all_views(encoding), all_views(exact)
    assert views.keys() == exact_views.keys()
    for key, view in views.items():
        for side, x in ((side, view[side]) for side in batch.nodes if side in view):
            expected = exact_views[key][side][triplets.nodes[side]]
            torch.testing.assert_close(x[batch.nodes[side]], expected, atol=1e-5, rtol=1e-5, msg=f"{key} {side}")


@pytest.mark.parametrize(("name", "words"), CASES)
def test_with_all_neighbours_the_losses_and_gradients_are_those_of_the_full_graph(name, words):
    """Over the seeds: the full graph's batch says that these rows are exact, so "all" means them there too."""
    parts = sparse_parts(name, *words)
    graph, subgraph, batch, triplets = first_step(parts)
    losses, gradients = losses_and_gradients(parts, subgraph, batch)
    expected_losses, expected_gradients = losses_and_gradients(parts, graph, triplets)
    torch.testing.assert_close(losses, expected_losses, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(gradients, expected_gradients, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(("name", "words"), CASES)
def test_one_hop_less_would_not_be_enough(name, words):
    parts = sparse_parts(name, *words)
    assert (parts.model.num_hops == 0) == (name in NO_HOPS)
    if name in NO_HOPS:
        return
    parts.loader.num_neighbors = parts.loader.num_neighbors[:-1]
    graph, subgraph, batch, triplets = first_step(parts)
    with torch.no_grad():
        encoding, exact = parts.model(subgraph), parts.model(graph)
    differs = (
        getattr(encoding, side)[rows] - getattr(exact, side)[triplets.nodes[side]] for side, rows in batch.nodes.items()
    )
    assert max(part.abs().max() for part in differs) > 1e-5


@pytest.mark.parametrize("name", SAMPLED)
def test_every_parameter_gets_a_gradient_from_samples(name):
    parts = small_parts(name, "loader=neighbor", "loader.num_neighbors=2")
    _, subgraph, batch, _ = first_step(parts)
    losses, gradients = losses_and_gradients(parts, subgraph, batch)
    assert all(value.isfinite() for value in losses.values())
    assert all(gradient.isfinite().all() and gradient.any() for gradient in gradients.values())


@pytest.mark.parametrize("name", ["lightgcn", "rednd"])
def test_learns_from_samples_of_two_neighbours(name, parts_of):
    popularity = parts_of("popularity")
    floor = popularity.evaluator(popularity.model, popularity.graph, "val").metrics["recall@20"]
    words = ["loader=neighbor", "loader.num_neighbors=2", "trainer.max_epochs=40", "trainer.optimizer.lr=0.01"]
    parts = small_parts(name, *words)
    fit = parts.trainer.fit(parts.model, parts.objective, parts.graph, parts.loader, evaluator=parts.evaluator)
    assert fit.val["recall@20"] > 1.1 * floor


@pytest.mark.parametrize("name", MODELS)
def test_every_model_says_how_far_it_reaches_or_that_it_needs_all(name, parts_of):
    model = parts_of(name).model
    assert model.needs_full_graph == (name in NEED_FULL_GRAPH)
    assert model.needs_full_graph or model.num_hops is not None, f"{name}: set num_hops or needs_full_graph"


@pytest.mark.parametrize("name", sorted(NEED_FULL_GRAPH))
def test_models_that_sum_over_all_nodes_refuse(name):
    with pytest.raises(ValueError, match=r"sum over all users or items.*loader=full_graph"):
        small_parts(name, "loader=neighbor")

"""What every model promises, whatever its paper."""

import copy

import pytest
import torch

from mmgraph.config.compose import compose_config
from mmgraph.config.instantiate import instantiate
from mmgraph.datasets import message_graph
from mmgraph.typing import INTERACTS, REV_INTERACTS
from tests.contract.conftest import MODELS, TRAINED, UNTRAINED, options, small_config, small_parts

LOSSES = options("loss")


def first_batch(parts):
    torch.manual_seed(0)
    return next(iter(parts.loader.epoch(parts.graph, 0)))[1]


def one_step(parts):
    graph = parts.model.training_graph(parts.graph, 0)
    losses = parts.objective(parts.model, parts.model(graph), first_batch(parts))
    sum(losses.values()).backward()
    return losses


def encode(parts, graph=None):
    parts.model.eval()
    with torch.no_grad():
        return parts.model(parts.model.inference_graph(parts.graph if graph is None else graph))


def all_scores(parts, graph=None):
    graph = parts.graph if graph is None else graph
    return parts.model.score(encode(parts, graph), torch.arange(graph["user"].num_nodes))


@pytest.mark.parametrize("name", TRAINED)
def test_every_parameter_gets_a_gradient_from_its_own_loss(name):
    parts = small_parts(name)
    losses = one_step(parts)
    assert losses
    assert all(value.isfinite() and value.dim() == 0 for value in losses.values())
    unused = [key for key, parameter in parts.model.named_parameters() if parameter.grad is None]
    assert not unused, f"no gradient for {unused}"
    still = [key for key, parameter in parts.model.named_parameters() if not parameter.grad.any()]
    assert not still, f"only zeros for {still}"


@pytest.mark.parametrize("name", TRAINED)
def test_everything_that_floats_is_a_parameter_or_a_buffer(name):
    """A plain tensor attribute would neither train nor be saved (MMRec's MMGCN)."""
    for module in small_parts(name).model.modules():
        stray = [key for key, value in vars(module).items() if isinstance(value, torch.Tensor)]
        assert not stray, f"{type(module).__name__}.{stray}"


@pytest.mark.parametrize("name", MODELS)
def test_shapes_and_pair_scores_agree_with_full_scores(name, parts_of):
    parts = parts_of(name)
    encoding, users, items = encode(parts), torch.tensor([3, 0, 7]), torch.tensor([5, 1, 0])
    scores = parts.model.score(encoding, users)
    assert scores.shape == (3, parts.graph["item"].num_nodes)
    assert scores.isfinite().all()
    torch.testing.assert_close(
        parts.model.score_pairs(encoding, users, items), scores.gather(1, items[:, None])[:, 0], atol=1e-5, rtol=1e-5
    )
    several = torch.stack([items, items.flip(0)], dim=1)
    torch.testing.assert_close(
        parts.model.score_pairs(encoding, users, several), scores.gather(1, several), atol=1e-5, rtol=1e-5
    )


@pytest.mark.parametrize("name", MODELS)
def test_two_evaluations_are_identical_and_change_nothing(name):
    parts = small_parts(name)
    before = copy.deepcopy(parts.model.state_dict())
    torch.manual_seed(1)
    first = parts.evaluator(parts.model, parts.model.inference_graph(parts.graph), "val").metrics
    torch.manual_seed(2)
    assert parts.evaluator(parts.model, parts.model.inference_graph(parts.graph), "val").metrics == first
    assert all(torch.equal(before[key], value) for key, value in parts.model.state_dict().items())


@pytest.mark.parametrize("name", sorted(set(MODELS) - {"random"}))
def test_renaming_users_and_items_renames_the_scores(name):
    parts = small_parts(name)
    expected = all_scores(parts)
    user_order = torch.randperm(parts.graph["user"].num_nodes)
    item_order = torch.randperm(parts.graph["item"].num_nodes)
    renamed = permuted(parts.graph, user_order, item_order)
    with torch.no_grad():
        for key, parameter in parts.model.named_parameters():
            sizes = (user_order.numel(), user_order), (item_order.numel(), item_order)
            order = next((order for size, order in sizes if parameter.size(0) == size), None)
            if order is not None and not key.startswith("project"):
                parameter.copy_(parameter[order])
    torch.testing.assert_close(all_scores(parts, renamed), expected[user_order][:, item_order], atol=1e-4, rtol=1e-4)


def permuted(graph, user_order, item_order):
    """The graph with user ``i`` being what user ``user_order[i]`` was, items alike."""
    renamed = copy.copy(graph)
    order = {"user": user_order, "item": item_order}
    for node_type in graph.node_types:
        for key, value in graph[node_type].items():
            if isinstance(value, torch.Tensor):
                renamed[node_type][key] = value[order[node_type]]
    for source, relation, target in graph.edge_types:
        edges = graph[source, relation, target].edge_index
        moved = torch.stack([order[source].argsort()[edges[0]], order[target].argsort()[edges[1]]])
        renamed[source, relation, target].edge_index = moved
    return renamed


@pytest.mark.parametrize("name", MODELS)
def test_a_new_user_and_a_new_item_are_scored_or_refused(name, parts_of):
    """Fewer rows than nodes, in silence, would leave somebody without a list."""
    parts = parts_of(name)
    graph = grown(parts.model.inference_graph(parts.graph))
    users, items = graph["user"].num_nodes, graph["item"].num_nodes
    if list(parts.model.parameters()):
        with pytest.raises(ValueError, match=r"but the model was made for \d+"):
            parts.model.eval()(graph)
    else:
        assert parts.model.score(parts.model.eval()(graph), torch.tensor([users - 1])).shape == (1, items)


def grown(graph):
    """The graph with one user and one item more, who have interacted."""
    graph = copy.deepcopy(graph)
    sizes = {side: graph[side].num_nodes for side in ("user", "item")}
    for side, size in sizes.items():
        for key, value in list(graph[side].items()):
            if isinstance(value, torch.Tensor) and value.size(0) == size:
                graph[side][key] = torch.cat([value, value[:1]])
        graph[side].num_nodes = size + 1
    new = torch.tensor([[sizes["user"]], [sizes["item"]]])
    for edge_type, edges in ((INTERACTS, new), (REV_INTERACTS, new.flip(0))):
        graph[edge_type].edge_index = torch.cat([graph[edge_type].edge_index, edges], dim=1)
    return graph


@pytest.mark.parametrize("modalities", ["{audio: 12}", "{a: 5, b: 6, c_1: 7, d: 3, e: 4}"])
@pytest.mark.parametrize("name", TRAINED)
def test_any_number_of_modalities_with_any_names(name, modalities):
    parts = small_parts(name, modalities=modalities)
    one_step(parts)
    assert all_scores(parts).isfinite().all()


@pytest.mark.parametrize("name", MODELS)
def test_state_dict_round_trip(name):
    parts, other = small_parts(name), small_parts(name, "seed=1")
    if name in UNTRAINED:
        parts.model.fit_closed_form(parts.graph)
        other.model.fit_closed_form(other.graph)
    other.model.load_state_dict(parts.model.state_dict())
    if name != "random":
        assert torch.equal(all_scores(other), all_scores(parts))
    assert other.model.state_dict().keys() == parts.model.state_dict().keys()


def trained_without_evaluator(cfg, data):
    """Transforms, model, loader and objective as a run builds them, trained for two epochs on ``data``."""
    graph = message_graph(data)
    for transform in instantiate(cfg.graph, "graph").values():
        graph = transform(graph)
    torch.manual_seed(3)
    model, loader = instantiate(cfg.model, "model")(graph), instantiate(cfg.loader, "loader")(graph)
    objective = instantiate(cfg.loss, "loss")
    if model.fit_closed_form(graph):
        return model, graph
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for epoch in range(2):
        for subgraph, batch in loader.epoch(model.training_graph(graph, epoch), epoch):
            optimizer.zero_grad()
            sum(objective(model, model(subgraph), batch).values()).backward()
            optimizer.step()
    return model, graph


@pytest.mark.parametrize("name", MODELS)
def test_models_transforms_loaders_and_objectives_never_see_a_label(name):
    """With the test and validation labels deleted, training gives the same weights and scores, bit for bit."""
    cfg = small_config(name)
    data = instantiate(cfg.dataset, "dataset")[0]
    bare = copy.copy(data)
    for key in ("val_edge_label_index", "test_edge_label_index"):
        assert data["user", "interacts", "item"][key].numel()
        del bare["user", "interacts", "item"][key]
    (model, graph), (other, _) = trained_without_evaluator(cfg, data), trained_without_evaluator(cfg, bare)
    assert not [key for store in graph.stores for key in store if "label" in key]
    weights = model.state_dict()
    assert all(value.isfinite().all() for value in weights.values())
    assert all(torch.equal(weights[key], value) for key, value in other.state_dict().items())
    users = torch.arange(5)
    with torch.no_grad():
        assert torch.equal(model.eval().score(model(graph), users), other.eval().score(other(graph), users))


@pytest.mark.parametrize("name", TRAINED)
def test_learns_planted_tastes_better_than_popularity(name, parts_of):
    popularity = parts_of("popularity")
    floor = popularity.evaluator(popularity.model, popularity.graph, "val").metrics["recall@20"]

    def end_where_it_is_better(history):
        if any(row["val/recall@20"] > 1.1 * floor for row in history):
            raise InterruptedError("it has shown what was asked of it")

    # Slow starters such as HCCF, whose first losses are large, need 60 epochs whatever the seed.
    parts = small_parts(name, "trainer.max_epochs=60", "trainer.patience=60", "trainer.optimizer.lr=0.01")
    with pytest.raises(InterruptedError, match="it has shown"):
        parts.trainer.fit(
            parts.model,
            parts.objective,
            parts.graph,
            parts.loader,
            evaluator=parts.evaluator,
            on_evaluation=end_where_it_is_better,
        )


@pytest.fixture(scope="session")
def objectives():
    """The objective of every config of ``conf/loss`` that minimises something."""
    built = {loss: instantiate(compose_config([f"loss={loss}"]).loss, "loss") for loss in LOSSES}
    return {loss: objective for loss, objective in built.items() if objective.terms}


@pytest.mark.parametrize("name", TRAINED)
def test_every_loss_has_a_value_or_lists_the_views(name, objectives):
    parts = small_parts(name)
    encoding, batch = parts.model(parts.model.training_graph(parts.graph, 0)), first_batch(parts)
    refusals = {}
    for loss, objective in objectives.items():
        try:
            assert sum(objective(parts.model, encoding, batch).values()).isfinite(), loss
        except KeyError as error:
            refusals[loss] = str(error)
    assert not {"bpr", name} & set(refusals)
    assert all(view in message for message in refusals.values() for view in encoding.views)


@pytest.mark.parametrize("name", TRAINED)
def test_bf16_mixed_stays_close_and_ranks_in_full_precision(name):
    exact, mixed = small_parts(name), small_parts(name, "trainer.precision=bf16-mixed")
    with mixed.trainer.fabric.autocast():
        encoding = encode(mixed)
    assert encoding.user.dtype == encoding.item.dtype == torch.float32
    torch.testing.assert_close(encoding.item, encode(exact).item, atol=0.05, rtol=0.05)

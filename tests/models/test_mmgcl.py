"""MMGCL against its equations (the authors' code contrasts one view twice: docs/models/mmgcl.md)."""

import pytest
import torch
import torch.nn.functional as F

from mmgraph.losses.views import all_views
from mmgraph.models import MMGCL
from mmgraph.transforms import keep_interactions
from tests.conftest import bipartite_graph


@pytest.fixture
def model(graph):
    return MMGCL(graph, emb_dim=4, num_layers=2, dropout=0.5)


@pytest.fixture
def altered(model, graph):
    return model.training_graph(graph, 0)


def features(graph):
    return {name: graph["item"][f"x_{name}"] for name in ("image", "text")}


def test_one_version_is_the_encoding_on_fewer_interactions(model, graph, altered):
    edges = altered["user", "kept", "item"].edge_index
    everything = graph["user", "interacts", "item"].edge_index
    assert edges.size(1) == everything.size(1) // 2
    kept = (everything.T[:, None] == edges.T[None]).all(-1).any(1).nonzero().flatten()
    expected, views = model(keep_interactions(graph, kept)), all_views(model(altered))
    torch.testing.assert_close(views["view.edge"]["user"], expected.user)
    torch.testing.assert_close(views["view.edge"]["item"], expected.item)


def test_the_other_has_drawn_numbers_for_one_modality_of_users_and_items(model, graph, altered):
    columns = slice(4 * altered.masked_part, 4 * altered.masked_part + 4)
    user = model.user_table.detach().repeat(1, 3)
    item = model.encoder.side_by_side(model.item_table, features(graph)).detach()
    user[:, columns], item[:, columns] = altered["user"].mask, altered["item"].mask
    expected = model.encoder.join(model.encoder.propagation(user, item, graph))
    view = all_views(model(altered))["view.mask"]
    torch.testing.assert_close((view["user"], view["item"]), expected)
    assert {altered.masked_part, altered.swapped_part} == {1, 2}


def test_a_challenging_negative_is_the_item_with_one_modality_of_another(model, graph, altered):
    """Joined anew from exchanged columns, it is the positive less its summand plus the negative's."""
    start = model.user_table, model.encoder.side_by_side(model.item_table, features(graph))
    item = model.encoder(*start, altered)[1]
    views, part = all_views(model(altered)), altered.swapped_part
    plain = model(graph).item
    exchanged = item.clone()
    columns = slice(4 * part, 4 * part + 4)
    exchanged[0, columns] = item[3, columns]
    summand = item[:, columns] @ model.encoder.join_item.weight[:, columns].T
    torch.testing.assert_close(
        F.linear(exchanged, model.encoder.join_item.weight, model.encoder.join_item.bias)[0],
        plain[0] - summand[0] + summand[3],
    )
    kept = model.encoder(*start, altered, relation="kept")
    expected = kept[1][:, columns] @ model.encoder.join_item.weight[:, columns].T
    torch.testing.assert_close(views["part.edge"]["item"], expected)


def test_ranking_knows_no_version_and_each_epoch_draws_its_own(model, graph, altered):
    assert list(model(graph).views) == ["ego"]
    assert torch.equal(model(graph).item, model(altered).item)
    other = model.training_graph(graph, 1)
    assert not torch.equal(other["item"].mask, altered["item"].mask)
    assert not torch.equal(other["user", "kept", "item"].edge_index, altered["user", "kept", "item"].edge_index)
    assert "mask" not in graph["item"]


def test_versions_of_a_batch_are_drawn_at_each_step_and_not_for_ranking(graph):
    model = MMGCL(graph, emb_dim=4, draw="batch", dropout=0.5)
    assert model.needs_full_graph
    assert model.training_graph(graph, 0) is graph
    first, second = (all_views(model(graph)) for _ in range(2))
    assert {"view.edge", "view.mask", "part.edge", "part.mask"} < set(first)
    assert not torch.equal(first["view.edge"]["item"], second["view.edge"]["item"])
    assert not torch.equal(first["view.mask"]["item"], second["view.mask"]["item"])
    assert list(model.eval()(graph).views) == ["ego"]


def test_settings_out_of_range(graph):
    with pytest.raises(ValueError, match="draw='step' is not known"):
        MMGCL(graph, draw="step")
    with pytest.raises(ValueError, match=r"dropout must be in \[0, 1\)"):
        MMGCL(graph, dropout=1).training_graph(graph, 0)
    with pytest.raises(ValueError, match="at least one modality"):
        MMGCL(bipartite_graph(modalities=()))

"""SLMRec's second tasks; the authors' numbers for two of them are in test_golden_slmrec.py."""

import pytest
import torch

from mmgraph.losses.views import all_views
from mmgraph.models import SLMRec
from mmgraph.nn import BipartitePropagation
from tests.conftest import bipartite_graph


def test_each_masked_view_lacks_another_part(graph, monkeypatch):
    """The first without text, the second without ids: the layers of both views come from what is masked in them."""
    model = SLMRec(graph, emb_dim=4, num_layers=2, task="fm")
    monkeypatch.setattr(torch, "randperm", lambda n: torch.tensor([2, 0, 1]))
    views = all_views(model(graph))
    features = {name: graph["item"][f"x_{name}"] for name in ("image", "text")}
    user, item = model.user_table.repeat(1, 3), model.encoder.side_by_side(model.item_table, features)
    for view, lost in (("first", slice(8, 12)), ("second", slice(0, 4))):
        masked = item.clone()
        masked[:, lost] = 0
        expected = model.encoder.join(BipartitePropagation(2)(user, masked, graph))
        torch.testing.assert_close((views[view]["user"], views[view]["item"]), expected)


@pytest.mark.parametrize("task", ["fd", "fm", "fd+fm"])
def test_two_views_differ_and_ranking_knows_neither(graph, task):
    model = SLMRec(graph, emb_dim=4, task=task)
    views = all_views(model(graph))
    assert not torch.allclose(views["first"]["item"], views["second"]["item"])
    assert not any(views[f"{kind}.{name}"] for kind in ("coarse", "fine") for name in ("image", "text"))
    encoding = model.eval()(graph)
    assert not any(encoding.views.values())
    assert torch.equal(encoding.item, model(graph).item)


@pytest.mark.parametrize(("modalities", "sizes"), [(("audio",), [4]), (("a", "b", "c"), [4, 4, 2])])
def test_the_last_of_several_modalities_is_compared_in_half_the_dimensions(modalities, sizes):
    graph = bipartite_graph(modalities=modalities)
    views = all_views(SLMRec(graph, emb_dim=4)(graph))
    assert [views[f"coarse.{name}"]["item"].size(1) for name in modalities] == sizes
    assert [views[f"fine.{name}"]["item"].size(1) for name in modalities] == sizes
    assert not views["first"]


def test_settings_out_of_range(graph):
    with pytest.raises(ValueError, match="task='fad' is not known"):
        SLMRec(graph, task="fad")
    with pytest.raises(ValueError, match=r"dropout=1 must be in \[0, 1\)"):
        SLMRec(graph, dropout=1)
    with pytest.raises(ValueError, match="at least one modality"):
        SLMRec(bipartite_graph(modalities=()))

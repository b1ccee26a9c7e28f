from mmgraph.datasets import Synthetic
from mmgraph.losses import BPR, InfoNCE, Objective
from mmgraph.models import LightGCN
from mmgraph.nn import LightGCNConv


def test_an_objective_shows_terms_views_and_weights():
    shown = repr(Objective(bpr=BPR(base=2), align=InfoNCE("ego.*", "neighbors.*", tau=0.2, weight=1e-3)))
    assert "BPR(weight=1.0, base=2, reduction='mean')" in shown
    assert "InfoNCE(anchor='ego.*', positive='neighbors.*', tau=0.2, weight=0.001" in shown


def test_a_model_shows_its_sizes_and_its_layers():
    shown = repr(LightGCN(Synthetic(num_users=50, num_items=40)[0], num_layers=2))
    assert shown.startswith("LightGCN(\n  50 users, 40 items")
    assert "BipartitePropagation(\n    num_layers=2" in shown
    assert "LightGCNConv(norm='sym')" in shown


def test_a_layer_shows_its_settings():
    assert repr(LightGCNConv(norm="mean")) == "LightGCNConv(norm='mean')"

from mmgraph.datasets import Synthetic
from mmgraph.evaluation import Evaluator
from mmgraph.loader import FullGraphLoader
from mmgraph.losses import BPR, InfoNCE, Objective
from mmgraph.models import LightGCN
from mmgraph.nn import LightGCNConv
from mmgraph.transforms import Degrees, EdgeDrop, KNNGraph


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


def test_a_transform_shows_its_settings():
    shown = repr(KNNGraph(k=5, merge=True, merge_weights={"image": 0.1, "text": 0.9}))
    assert shown.startswith("KNNGraph(k=5, modalities=None, weight='cosine', self_loops=True, merge=True, ")
    assert "merge_weights={'image': 0.1, 'text': 0.9}" in shown
    assert repr(EdgeDrop(dropout=0.1)) == "EdgeDrop(dropout=0.1, degree_sensitive=False)"
    assert repr(Degrees()) == "Degrees()"


def test_an_evaluator_and_a_loader_show_their_sizes():
    data = Synthetic(num_users=50, num_items=40)[0]
    shown = repr(Evaluator(data, metrics=["recall"], ks=[20]))
    assert shown.startswith("Evaluator(users={'val': 50, 'test': 50}, metrics=['recall'], ks=[20], cold_users='keep'")
    loader = FullGraphLoader(data, batch_size=100)
    assert repr(loader) == "FullGraphLoader(interactions=246, steps=3, batch_size=100, num_negatives=1, weighted=False)"

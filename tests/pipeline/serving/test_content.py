"""What there is of a run, and of models that rank in a way of their own."""

import torch

from mmgraph.datasets import InHand, MMRecFolder, Synthetic, message_graph
from mmgraph.models import LightGCN
from mmgraph.models.scoring import InnerProduct
from mmgraph.pipeline.listing import for_users
from mmgraph.pipeline.recommend import encode
from mmgraph.pipeline.serving import Serving, keep
from mmgraph.typing import Encoding
from tests.prepared import write_shop

DATA = Synthetic(num_users=50, num_items=40, modalities=[])


class Backwards(LightGCN):
    """Scores by the product, from the worst to the best."""

    def score(self, encoding, user_idx):
        return -super().score(encoding, user_idx)


def serving_of(make, data=DATA):
    graph = message_graph(data[0])
    model = make(graph, emb_dim=8)
    return Serving.of(model, encode(model, graph), data)


def test_a_model_with_scores_of_its_own_ranks_itself(tmp_path):
    serving = serving_of(Backwards)
    assert isinstance(serving.scorer, Backwards)
    lists = for_users(serving, [3], k=40, exclude=[]).collect()
    expected = serving.scorer.score(serving.encoding, torch.tensor([3])).topk(40)
    assert torch.equal(lists.ids, expected.indices)
    keep(serving, tmp_path, {})
    assert list(tmp_path.iterdir()) == []
    assert serving.to(torch.device("cpu")) is serving


def test_others_are_freed_of_the_model():
    serving = serving_of(LightGCN)
    assert isinstance(serving.scorer, InnerProduct)
    assert not serving.encoding.user.requires_grad
    assert serving.encoding.views == {}


def test_vectors_go_to_a_device_with_what_reads_them():
    moved = serving_of(LightGCN).to(torch.device("meta"))
    assert isinstance(moved.encoding, Encoding)
    assert moved.encoding.item.device.type == "meta"


def test_ids_are_texts_where_files_state_them(tmp_path):
    root = write_shop(tmp_path / "shop")
    (root / "items.tsv").unlink()
    serving = serving_of(LightGCN, MMRecFolder(root))
    assert serving.users.is_text
    assert not serving.items.is_text
    assert serving.columns == {}


def test_categories_of_a_graph_in_memory():
    named = DATA[0].clone()
    named["item"].category = torch.arange(40) % 4
    serving = serving_of(LightGCN, InHand(named))
    lists = for_users(serving, "all", k=8, category=["1", "3"], at_most=2).collect()
    kinds = (lists.ids % 4).where(lists.ids >= 0, -1)
    assert set(kinds.unique().tolist()) == {-1, 1, 3}
    assert ((kinds == 1).sum(1) <= 2).all()

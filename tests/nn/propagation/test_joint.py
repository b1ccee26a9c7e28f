import torch
import torch.nn.functional as F

from mmgraph.nn import BipartitePropagation, JointPropagation


def test_side_by_side_is_part_by_part(graph):
    """Ids and each modality propagated on their own with the same users, put side by side and mapped."""
    features = {name: graph["item"][f"x_{name}"] for name in ("image", "text")}
    block = JointPropagation({"image": 4, "text": 5}, emb_dim=3, num_layers=2)
    user, item = torch.randn(12, 3), torch.randn(9, 3)
    projected = [block.project.modality[name](F.normalize(x, dim=-1)) for name, x in features.items()]
    alone = [BipartitePropagation(2)(user, x, graph) for x in (item, *projected)]
    parts = block(user, block.side_by_side(item, features), graph)
    for got, want in zip(parts, zip(*alone, strict=True), strict=True):
        torch.testing.assert_close(got, torch.cat(want, dim=1))
    joined = block.join(parts)
    torch.testing.assert_close(joined[0], F.linear(parts[0], block.join_user.weight, block.join_user.bias))
    torch.testing.assert_close(joined[1], F.linear(parts[1], block.join_item.weight, block.join_item.bias))


def test_long_features_count_as_short_ones(graph):
    block = JointPropagation({"text": 5}, emb_dim=3, num_layers=1)
    x, item = graph["item"].x_text, torch.randn(9, 3)
    torch.testing.assert_close(block.side_by_side(item, {"text": 7 * x}), block.side_by_side(item, {"text": x}))

import pytest
import torch

from mmgraph.nn import ModalityAttention, weighted_concat, weighted_sum


def test_each_node_has_its_own_weights():
    joined = weighted_concat({"a": torch.ones(2, 2), "b": torch.ones(2, 1)}, torch.tensor([[1.0, 2.0], [3.0, 4.0]]))
    assert joined.tolist() == [[1, 1, 2], [3, 3, 4]]


def test_added_up_by_each_nodes_own_weights():
    total = weighted_sum({"a": torch.eye(2), "b": torch.ones(2, 2)}, torch.tensor([[1.0, 2.0], [3.0, 4.0]]))
    assert total.tolist() == [[3, 2], [4, 7]]


@pytest.mark.parametrize("join", [weighted_concat, weighted_sum])
def test_a_weight_per_modality_is_asked_for(join):
    with pytest.raises(ValueError, match="a column per modality"):
        join({"a": torch.ones(2, 2)}, torch.ones(2, 2))


def test_attention_starts_equal_sums_to_one_and_learns():
    attention = ModalityAttention(["image", "text", "audio"])
    torch.testing.assert_close(attention(), torch.full((3,), 1 / 3))
    (attention() * torch.tensor([1.0, 0.0, 0.0])).sum().backward()
    assert attention.logit.grad.abs().min() > 0

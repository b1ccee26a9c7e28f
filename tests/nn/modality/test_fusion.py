import pytest
import torch

from mmgraph.nn import ModalityAttention, QueryAttention, user_shares, weighted_concat, weighted_sum


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


def test_one_query_weighs_every_modality_of_every_node():
    attention, x_dict = QueryAttention(3), {name: torch.randn(5, 3) for name in ("a", "b", "c")}
    weight = attention(x_dict)
    for node in range(5):
        hidden = [torch.tanh(attention.hidden.weight @ x[node] + attention.hidden.bias) for x in x_dict.values()]
        logits = torch.stack([attention.query.weight[0] @ h for h in hidden])
        torch.testing.assert_close(weight[node], torch.softmax(logits, dim=0))


def test_a_node_weighs_apart_from_the_others_and_one_modality_is_all_there_is():
    attention, x = QueryAttention(3), torch.randn(5, 3)
    two = {"a": x, "b": x.flip(0)}
    torch.testing.assert_close(attention(two)[2:3], attention({name: x[2:3] for name, x in two.items()}))
    assert attention({"a": x}).tolist() == [[1.0]] * 5


def test_users_start_with_shares_that_are_positive_and_sum_to_one():
    torch.manual_seed(3)
    weight = user_shares(50, 3)
    assert weight.shape == (50, 3)
    assert weight.requires_grad
    assert (weight > 0).all()
    torch.testing.assert_close(weight.sum(dim=1), torch.ones(50))
    torch.manual_seed(3)
    assert torch.equal(weight, torch.nn.init.xavier_normal_(torch.empty(50, 3)).softmax(dim=1))

import pytest
import torch
from torch.nn import functional as F

from mmgraph.losses.factored import FactoredRows, fill_seen, unseen_similarity


def drawn(*, users=6, items=40, dim=5, share=0.2):
    seen = (torch.rand(users, items) < share).nonzero().T.flip(0)
    return torch.randn(users, dim), torch.randn(items, dim), seen


def plain_rows(user, item, seen):
    return F.normalize((user @ item.T).index_put((seen[1], seen[0]), user.new_zeros(())), dim=-1)


def test_similarity_leaves_out_what_a_user_has():
    item, seen = torch.tensor([[3.0, 1.0], [4.0, 1.0], [3.0, 1.0]]), torch.tensor([[0, 1, 2], [0, 1, 1]])
    rows = unseen_similarity(torch.eye(2), item, seen).dense()
    torch.testing.assert_close(rows, torch.tensor([[0.0, 0.8, 0.6], [1.0, 0.0, 0.0]]))


@pytest.mark.usefixtures("in_double")
@pytest.mark.parametrize("share", [0.0, 0.2, 0.9])
def test_rows_and_their_gradients_are_those_of_all_products(share):
    user, item, seen = drawn(share=share)
    leaves = [user.requires_grad_(), item.requires_grad_()]
    ours, plain = unseen_similarity(*leaves, seen).dense(), plain_rows(*leaves, seen)
    torch.testing.assert_close(ours, plain)
    upstream = torch.randn_like(ours)
    grads = [torch.autograd.grad(rows, leaves, upstream) for rows in (ours, plain)]
    torch.testing.assert_close(*grads)


@pytest.mark.usefixtures("in_double")
@pytest.mark.parametrize("share", [0.2, 0.9, 1.1])
def test_seen_items_filled_and_the_length_again_1(share):
    user, item, seen = drawn(share=share)
    value = torch.rand(seen.size(1))
    filled = 3 * plain_rows(user, item, seen)
    filled[seen[1], seen[0]] = value
    torch.testing.assert_close(
        fill_seen(unseen_similarity(user, item, seen), value, scale=3.0).dense(), F.normalize(filled, dim=-1)
    )


def test_a_user_who_saw_all_has_a_row_of_zeros():
    assert not unseen_similarity(*drawn(share=1.1)).dense().any()


def test_a_user_without_length_has_a_row_of_zeros_and_no_gradient():
    user = torch.zeros(1, 2, requires_grad=True)
    rows = unseen_similarity(user, torch.ones(3, 2), torch.tensor([[0], [0]])).dense()
    rows.sum().backward()
    assert not rows.any()
    assert not user.grad.any()


def test_little_left_beside_much_that_was_seen_keeps_its_length():
    # What the user saw takes all but 1e-6 of the square of the similarities' length.
    item = torch.cat([torch.full((3, 4), 1000.0), torch.ones(3, 4)])
    rows = unseen_similarity(torch.ones(1, 4), item, torch.tensor([[0, 1, 2], [0, 0, 0]])).dense()
    torch.testing.assert_close(rows[0, 3:], torch.full((3,), 3**-0.5), rtol=1e-5, atol=0)


def test_half_precision_vectors_are_multiplied_in_full():
    user, item, seen = drawn()
    half = unseen_similarity(user.bfloat16(), item.bfloat16(), seen).dense()
    torch.testing.assert_close(half, plain_rows(user.bfloat16().float(), item.bfloat16().float(), seen))


def test_rows_can_be_kept_from_learning():
    user = torch.eye(2).requires_grad_()
    rows = unseen_similarity(user, torch.eye(2), torch.tensor([[0], [0]]))
    assert isinstance(rows.detach(), FactoredRows)
    assert not rows.detach().dense().requires_grad

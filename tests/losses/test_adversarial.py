import pytest
import torch
from torch import nn

from mmgraph.losses import Adversary, Critic, gradient_penalty
from mmgraph.losses.adversarial import gumbel_like, unseen_similarity
from mmgraph.typing import Encoding, Triplets

SEEN = torch.tensor([[1.0, 0.0, 0.0], [0.0, 1.0, 1.0]])
BATCH = Triplets(torch.tensor([1, 0, 1]), torch.tensor([0, 0, 0]), torch.tensor([0, 0, 0]))


class Player(nn.Module):
    """A critic that counts what it is shown."""

    def __init__(self):
        super().__init__()
        self.slope = nn.Parameter(torch.tensor([1.0, 2.0, 4.0]))

    def critic(self, rows):
        return rows @ self.slope

    def score_pairs(self, encoding, user_idx, item_idx):
        raise AssertionError("the game asks for no scores")


@pytest.fixture
def encoding():
    user, item = torch.eye(2).requires_grad_(), torch.tensor([[3.0, 1.0], [4.0, 1.0], [0.0, 1.0]])
    views = {"modal.text": {"user": user, "item": item}, "interactions": {"user": SEEN.to_sparse().coalesce()}}
    return Encoding(torch.eye(2), item, views)


def test_similarity_leaves_out_what_a_user_has():
    rows = unseen_similarity(torch.eye(2), torch.tensor([[3.0, 1.0], [4.0, 1.0], [3.0, 1.0]]), SEEN)
    torch.testing.assert_close(rows, torch.tensor([[0.0, 0.8, 0.6], [1.0, 0.0, 0.0]]))


def test_each_user_once_and_each_modality_beside_the_others(encoding):
    twice = encoding._replace(views={**encoding.views, "modal.image": encoding.views["modal.text"]})
    real, fake = Critic("modal.*", noise=0, similarity=0, tau=0.01).rows(twice, BATCH.user.unique())
    assert fake.shape == real.shape == (4, 3)
    torch.testing.assert_close(fake[:2], torch.tensor([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]))
    torch.testing.assert_close(real[2:], torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.5**0.5, 0.5**0.5]]))


def test_values_by_hand(encoding):
    player = Player()
    # Fake rows (0 1 0) and (1 0 0) are judged 2 and 1; real ones (1 0 0) and (0 .71 .71) 1 and 4.24.
    critic = Critic("modal.*", noise=0, similarity=0, tau=0.01, penalty=2.0)
    penalty = (player.slope.norm() - 1).square()
    expected = 1.5 - (1 + 6 * 0.5**0.5) / 2 + 2 * penalty
    torch.testing.assert_close(critic(player, encoding, BATCH), expected)
    torch.testing.assert_close(Adversary("modal.*")(player, encoding, BATCH), torch.tensor(-1.5))


def test_the_critic_term_reaches_the_critic_only(encoding):
    player = Player()
    Critic("modal.*")(player, encoding, BATCH).backward()
    assert player.slope.grad.any()
    assert encoding.views["modal.text"]["user"].grad is None


def test_the_penalty_has_a_second_derivative_through_the_judge():
    slope = torch.tensor([3.0, 4.0], dtype=torch.float64, requires_grad=True)
    rows = torch.randn(2, 4, 2, dtype=torch.float64)
    value = gradient_penalty(lambda x: x @ slope, *rows)
    (grad,) = torch.autograd.grad(value, slope)
    torch.testing.assert_close(value, torch.tensor(16.0, dtype=torch.float64))
    torch.testing.assert_close(grad, 2 * 4 * slope.detach() / 5)


def test_gumbel_noise_has_its_mean_and_spread():
    noise = gumbel_like(torch.zeros(200_000))
    assert noise.mean().item() == pytest.approx(0.5772, abs=0.02)
    assert noise.var().item() == pytest.approx(torch.pi**2 / 6, abs=0.05)


def test_a_model_without_critic_is_told_so(encoding):
    class Alone:
        def score_pairs(self, encoding, user_idx, item_idx):
            return user_idx

    for term in (Critic("modal.*"), Adversary("modal.*")):
        with pytest.raises(KeyError, match=r"Alone.*final.*modal\.text.*has no critic"):
            term(Alone(), encoding, BATCH)


def test_a_temperature_is_above_zero():
    with pytest.raises(ValueError, match="tau=0 must be above 0"):
        Critic("modal.*", tau=0)

import pytest
import torch

from mmgraph.losses import Adversary, Critic, gradient_penalty
from mmgraph.losses.adversarial import gumbel_like
from mmgraph.nn import RowCritic
from mmgraph.typing import Encoding, Triplets

SEEN = torch.tensor([[1.0, 0.0, 0.0], [0.0, 1.0, 1.0]])
BATCH = Triplets(torch.tensor([1, 0, 1]), torch.tensor([0, 0, 0]), torch.tensor([0, 0, 0]))


class Player:
    """A model that has nothing but a critic."""

    def __init__(self, critic):
        self.critic = critic

    def score_pairs(self, encoding, user_idx, item_idx):
        raise AssertionError("the game asks for no scores")


@pytest.fixture
def slope():
    return torch.tensor([1.0, 2.0, 4.0], requires_grad=True)


@pytest.fixture
def player(slope):
    return Player(lambda rows: rows @ slope)


@pytest.fixture
def encoding():
    user, item = torch.eye(2).requires_grad_(), torch.tensor([[3.0, 1.0], [4.0, 1.0], [0.0, 1.0]])
    views = {"modal.text": {"user": user, "item": item}, "interactions": {"user": SEEN.to_sparse().coalesce()}}
    return Encoding(torch.eye(2), item, views)


def test_each_user_once_and_each_modality_beside_the_others(encoding):
    twice = encoding._replace(views={**encoding.views, "modal.image": encoding.views["modal.text"]})
    real, fake = Critic("modal.*", noise=0, similarity=0, tau=0.01).rows(twice, BATCH.user.unique())
    for rows in fake:
        torch.testing.assert_close(rows.dense(), torch.tensor([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]))
    assert len(fake) == 2
    torch.testing.assert_close(real, torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.5**0.5, 0.5**0.5]]))


def test_values_by_hand(encoding, player, slope):
    # Fake rows (0 1 0) and (1 0 0) are judged 2 and 1; real ones (1 0 0) and (0 .71 .71) 1 and 4.24.
    critic = Critic("modal.*", noise=0, similarity=0, tau=0.01, penalty=2.0)
    penalty = (slope.norm() - 1).square()
    expected = 1.5 - (1 + 6 * 0.5**0.5) / 2 + 2 * penalty
    torch.testing.assert_close(critic(player, encoding, BATCH), expected)
    torch.testing.assert_close(Adversary("modal.*")(player, encoding, BATCH), torch.tensor(-1.5))


def test_the_critic_term_reaches_the_critic_only(encoding, player, slope):
    Critic("modal.*")(player, encoding, BATCH).backward()
    assert slope.grad.any()
    assert encoding.views["modal.text"]["user"].grad is None


def test_the_penalty_has_a_second_derivative_through_the_judge():
    slope = torch.tensor([3.0, 4.0], dtype=torch.float64, requires_grad=True)
    rows = torch.randn(2, 4, 2, dtype=torch.float64)
    value = gradient_penalty(lambda x: x @ slope, *rows)
    (grad,) = torch.autograd.grad(value, slope)
    torch.testing.assert_close(value, torch.tensor(16.0, dtype=torch.float64))
    torch.testing.assert_close(grad, 2 * 4 * slope.detach() / 5)


@pytest.mark.usefixtures("in_double")
@pytest.mark.parametrize("modalities", ["abc", "abcd"], ids=["fewer rows than units", "more rows than units"])
def test_a_critic_whose_first_step_is_apart_gives_what_it_gives_in_one_piece(modalities):
    critic = RowCritic(28)
    seen = torch.zeros(2, 28).index_fill(1, torch.arange(7), 1.0).to_sparse().coalesce()
    modal = {f"modal.{name}": {"user": torch.randn(2, 5), "item": torch.randn(28, 5)} for name in modalities}
    encoding = Encoding(torch.randn(2, 5), torch.randn(28, 5), {**modal, "interactions": {"user": seen}})
    found = []
    for judge in (critic, lambda rows: critic(rows)):
        torch.manual_seed(0)
        loss = Critic("modal.*", penalty=0.5)(Player(judge), encoding, BATCH)
        found.append([loss, *torch.autograd.grad(loss, list(critic.parameters()))])
    assert found[0][1].any()
    torch.testing.assert_close(found[0], found[1], rtol=1e-10, atol=1e-12)


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


@pytest.mark.usefixtures("in_double")
def test_where_unseen_items_vanish_the_softmax_is_that_over_all():
    item, seen = torch.randn(9, 4), torch.eye(3, 9).index_fill(1, torch.tensor([4, 6]), 1.0).to_sparse().coalesce()
    views = {"modal.text": {"user": torch.randn(3, 4), "item": item}, "interactions": {"user": seen}}
    encoding = Encoding(torch.randn(3, 4), item, views)
    found = []
    for vanishing in (True, False):
        term = Critic("modal.*", noise=0, similarity=2.0)
        assert term.unseen_vanish
        term.unseen_vanish = vanishing
        found.append(term.rows(encoding, torch.tensor([2, 0]))[0])
    torch.testing.assert_close(found[0].dense(), found[1])


@pytest.mark.parametrize(("tau", "noise"), [(0.5, 1e-5), (0.01, 1e-5), (0.005, 0.02)])
def test_unseen_items_do_not_vanish_at_a_higher_temperature_or_under_much_noise(tau, noise):
    assert not Critic("modal.*", tau=tau, noise=noise).unseen_vanish


def test_a_temperature_is_above_zero():
    with pytest.raises(ValueError, match="tau=0 must be above 0"):
        Critic("modal.*", tau=0)

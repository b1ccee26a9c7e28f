import pytest
import torch
from torch.nn import functional as F

from mmgraph.losses import PrunedBPR, Restoration
from mmgraph.typing import Encoding, Triplets

BATCH = Triplets(torch.tensor([0, 1]), torch.tensor([0, 1]), torch.tensor([2, 2]))
OWN = [(0, 0, 2), (1, 1, 2)]


@pytest.fixture
def encoding():
    views = {f"attribute.{name}": {"user": torch.randn(3, 4), "item": torch.randn(5, 4)} for name in "ab"}
    pairs = {"user": torch.tensor([1, 2]), "liked": torch.tensor([3, 0]), "disliked": torch.tensor([4, 1])}
    profile = {"user": torch.randn(3, 4), "item": torch.randn(5, 4)}
    return Encoding(torch.randn(3, 4), torch.randn(5, 4), {**views, "pairs": pairs, "profile": profile})


def losses(user, item, *triplets):
    return torch.stack([F.softplus(user[u] @ item[j] - user[u] @ item[i]) for u, i, j in triplets])


def test_guessed_pairs_of_the_batchs_users_join_it(model, encoding):
    value = PrunedBPR("final", prune=0, share=1.0)(model, encoding, BATCH)
    expected = losses(encoding.user, encoding.item, *OWN, (1, 3, 4))  # user 2 is not in the batch
    torch.testing.assert_close(value, expected.mean())
    alone = PrunedBPR("final", prune=0, share=0.4)(model, encoding, BATCH)  # less than one triplet
    torch.testing.assert_close(alone, expected[:2].mean())


@pytest.mark.parametrize(("noise", "keep"), [("largest", slice(0, 2)), ("smallest", slice(1, 3))])
def test_noise_does_not_count(model, encoding, noise, keep):
    values = losses(encoding.user, encoding.item, *OWN, (1, 3, 4)).sort().values
    value = PrunedBPR("final", share=1.0, prune=0.3, noise=noise)(model, encoding, BATCH)
    torch.testing.assert_close(value, values[keep].mean())


def test_at_least_one_triplet_is_kept(model, encoding):
    assert PrunedBPR("final", prune=0.99)(model, encoding, BATCH) > 0


@pytest.mark.parametrize("user", [None, "profile"])
def test_each_view_is_ranked_by_the_named_users_and_added_up(model, encoding, user):
    total = 0
    for name in ("attribute.a", "attribute.b"):
        of_user = encoding.views[user or name]["user"]
        total = total + losses(of_user, encoding.views[name]["item"], *OWN).mean()
    torch.testing.assert_close(PrunedBPR("attribute.*", user=user, prune=0, share=0)(model, encoding, BATCH), total)


def test_several_negatives_are_several_triplets(model, encoding):
    several = BATCH._replace(neg_item=torch.tensor([[2, 3], [2, 4]]))
    expected = losses(encoding.user, encoding.item, (0, 0, 2), (0, 0, 3), (1, 1, 2), (1, 1, 4))
    torch.testing.assert_close(PrunedBPR("final", prune=0, share=0)(model, encoding, several), expected.mean())


@pytest.mark.parametrize("settings", [{"prune": 1.0}, {"share": 1.5}, {"noise": "all"}])
def test_settings_out_of_range(settings):
    with pytest.raises(ValueError, match=next(iter(settings))):
        PrunedBPR("final", **settings)


def test_restoration_by_hand(model, encoding):
    views = {
        "restored.profile": {"user": torch.tensor([[1.0, 0.0], [1.0, 0.0]])},
        "original.profile": {"user": torch.tensor([[2.0, 0.0], [0.0, 1.0]])},
        "restored.attribute.a": {"item": torch.tensor([[1.0, 0.0]])},
        "original.attribute.a": {"item": torch.tensor([[-1.0, 0.0]])},
    }
    value = Restoration("restored.*", "original.*", power=2)(model, encoding._replace(views=views), BATCH)
    assert value.item() == pytest.approx((0 + 1) / 2 + 4)
    with pytest.raises(ValueError, match=r"power=0.5"):
        Restoration("restored.*", "original.*", power=0.5)

import pytest
import torch
from torch import nn

from mmgraph.evidence.analyses.gradients import analyse
from mmgraph.evidence.analyses.opposition import above_half_by_chance, opposition
from mmgraph.evidence.analyses.pulls import watch_pulls
from mmgraph.losses import BPR, Objective
from mmgraph.models import LGMRec, LightGCN
from mmgraph.models.base import Recommender
from mmgraph.typing import Encoding, Triplets


class Scale(nn.Module):
    def __init__(self, factor):
        super().__init__()
        self.factor = factor

    def forward(self, user):
        return self.factor * user


class Toy(Recommender):
    """The loss grows by what one module makes of the users, and by so many times as much of what the other does."""

    shared_user_ids = True

    def __init__(self, graph, *, modal):
        super().__init__(graph)
        self.make_tables(4)
        self.collaborative = Scale(1.0)
        self.modal = Scale(modal)

    def forward(self, graph):
        user = self.ego(graph).user
        return Encoding(self.collaborative(user) + self.modal(user=user), self.item_table)


@pytest.mark.parametrize(("modal", "share", "cosine"), [(2.0, 0.0, 1.0), (-0.5, 1.0, -1.0)])
def test_modules_that_pull_together_and_apart(graph, modal, share, cosine):
    model = Toy(graph, modal=modal)
    with watch_pulls(model) as pulls:
        for _ in range(2):
            model(graph).user.sum().backward()
    one, other = pulls.take()
    assert one.unique().tolist() == [2.0]  # both steps, each with a gradient of 1
    assert other.unique().tolist() == [2.0 * modal]
    found = opposition(one, other)
    assert found.share.unique().tolist() == [share]
    assert found.cosine.mean() == pytest.approx(cosine)


def test_shares_of_dimensions_and_users_who_are_not_moved():
    found = opposition(torch.tensor([[1.0, -1, 1, 0], [0, 0, 0, 0]]), torch.tensor([[1.0, 1, -1, 5], [1, 1, 1, 1]]))
    assert found.share[0] == pytest.approx(2 / 3)  # a dimension that one of them leaves alone is in no direction
    assert found.share.isnan().tolist() == [False, True]


def test_both_parts_add_up_to_the_gradient_and_training_is_not_changed(graph):
    torch.manual_seed(0)
    model = LGMRec(graph, shared_user_ids=True, noise="none", dropout=0.0)
    objective = Objective(bpr=BPR())
    batch = Triplets(torch.tensor([0, 1, 2]), torch.tensor([0, 1, 2]), torch.tensor([3, 4, 5]))

    def gradient():
        model.zero_grad()
        torch.stack(list(objective(model, model(graph), batch).values())).sum().backward()
        return {name: parameter.grad.clone() for name, parameter in model.named_parameters()}

    alone = gradient()
    with watch_pulls(model) as pulls:
        watched = gradient()
    one, other = pulls.take()
    torch.testing.assert_close(one + other, alone["table.user"])
    assert (other != 0).any()
    for name in alone:
        torch.testing.assert_close(watched[name], alone[name])
    gradient()
    with pytest.raises(KeyError):  # nothing is watched any more
        pulls.take()


def test_models_that_share_nothing_are_refused(graph):
    for model in (LightGCN(graph), LGMRec(graph)):
        with pytest.raises(ValueError, match=r"give a run with model=lgmrec ablation=lgmrec-with_suid"):
            watch_pulls(model).__enter__()


def test_an_analysis_by_epochs(suid_run):
    found = analyse(suid_run, epochs=2)
    rows = found.rows("users by epoch")
    assert [row["epoch"] for row in rows] == [0, 1]
    assert all(0 <= row["users_mostly_opposed"] <= 1 and row["users"] > 70 for row in rows)
    assert "differs by 0 at most" in found.notes[-1]  # the same training as the run's own
    assert len({row["user"] for row in found.rows("two users by epoch")}) == 2
    assert len(found.figure().axes) == 3


def test_by_chance():
    assert above_half_by_chance(64) == pytest.approx(0.4503, abs=1e-4)

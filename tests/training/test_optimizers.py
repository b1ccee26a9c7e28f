from functools import partial

import pytest
import torch
from lightning_fabric import Fabric
from torch import nn
from torch.optim.lr_scheduler import ExponentialLR

from mmgraph.models import Recommender
from mmgraph.training import load_checkpoint, save_checkpoint
from mmgraph.training.checkpoint import TrainingState
from mmgraph.training.optimizers import GroupOptimizers, check_optimizer
from mmgraph.typing import Encoding
from tests.conftest import bipartite_graph

FABRIC = Fabric(accelerator="cpu", devices=1)


class Duel(Recommender):
    """Two parameters that pull the same product in opposite directions."""

    def __init__(self, groups=("critic", "main")):
        super().__init__(bipartite_graph())
        self.critic, self.main = nn.Parameter(torch.ones(1)), nn.Parameter(torch.ones(1))
        self.groups = groups

    def forward(self, graph):
        return Encoding(self.main, self.main)

    def parameter_groups(self):
        return {name: [getattr(self, name)] for name in self.groups}


def sgd(lr):
    return lambda parameters: torch.optim.SGD(parameters, lr=lr)


def test_a_step_moves_its_own_group_only_and_the_next_one_sees_it():
    model = Duel()
    optimizers = GroupOptimizers(model, sgd(0.1), {"critic": sgd(0.5)})
    assert list(optimizers) == ["critic", "main"]
    optimizers.step("critic", model.critic * model.main.detach(), FABRIC)
    assert (model.critic.item(), model.main.item()) == (0.5, 1.0)
    optimizers.step("main", model.critic * model.main, FABRIC)
    assert model.critic.item() == 0.5
    assert model.main.item() == pytest.approx(1 - 0.1 * 0.5)


def test_a_parameter_that_the_loss_does_not_reach_stays(graph):
    model = Duel()
    optimizers = GroupOptimizers(model, torch.optim.Adam)
    optimizers.step("critic", model.main * 2, FABRIC)
    assert (model.critic.item(), model.main.item()) == (1.0, 1.0)


def test_settings_of_a_group_that_the_model_lacks():
    with pytest.raises(ValueError, match=r"\['denoiser'\]; Duel has \['critic', 'main'\]"):
        GroupOptimizers(Duel(), sgd(0.1), {"denoiser": sgd(0.5)})


def test_loss_terms_of_a_group_that_the_model_lacks():
    optimizers = GroupOptimizers(Duel(), sgd(0.1))
    optimizers.check({"main"})
    with pytest.raises(ValueError, match=r"groups \['denoiser'\], the model has \['critic', 'main'\]"):
        optimizers.check({"main", "denoiser"})


@pytest.mark.parametrize("groups", [("main",), ("main", "critic", "critic")])
def test_each_parameter_is_in_one_group(groups):
    model = Duel(groups)
    model.parameter_groups = lambda: {str(i): [getattr(model, name)] for i, name in enumerate(groups)}
    with pytest.raises(ValueError, match=r"each parameter once, but not so \['critic'\]"):
        GroupOptimizers(model, sgd(0.1))


def test_checkpoint_round_trip(tmp_path):
    def trained():
        model = Duel()
        return model, GroupOptimizers(model, torch.optim.Adam)

    model, optimizers = trained()
    for group in ("critic", "main", "main"):
        optimizers.step(group, (model.critic * model.main).sum(), FABRIC)
    save_checkpoint(tmp_path / "c.pt", TrainingState(), model, optimizers)
    other, others = trained()
    load_checkpoint(tmp_path / "c.pt", other, others)
    for ours, theirs in ((model, optimizers), (other, others)):
        theirs.step("main", (ours.critic * ours.main).sum(), FABRIC)
    assert other.main.item() == model.main.item()
    steps = {name: int(opt.state[others.parameters[name][0]]["step"]) for name, opt in others.optimizers.items()}
    assert steps == {"critic": 1, "main": 3}


def test_states_of_other_groups():
    optimizers = GroupOptimizers(Duel(), sgd(0.1))
    with pytest.raises(ValueError, match=r"of \['main'\], the model's groups are \['critic', 'main'\]"):
        optimizers.load_state_dict({"main": {}})


def halving(model, **settings):
    return GroupOptimizers(
        model, sgd(0.1), {"critic": sgd(0.5)}, scheduler=partial(ExponentialLR, gamma=0.5), **settings
    )


def rates(optimizers):
    return {name: optimizer.param_groups[0]["lr"] for name, optimizer in optimizers.optimizers.items()}


def test_schedulers_change_the_rate_of_each_group_that_took_steps():
    model = Duel()
    optimizers = halving(model)
    optimizers.step("main", model.main.sum(), FABRIC)
    optimizers.end_epoch({"main"}, 0.1)
    assert rates(optimizers) == {"critic": 0.5, "main": 0.05}


def test_a_state_holds_its_schedulers():
    model = Duel()
    optimizers = halving(model)
    for group in optimizers:
        optimizers.step(group, (model.critic * model.main).sum(), FABRIC)
    optimizers.end_epoch({"critic", "main"}, 0.1)
    others = halving(Duel())
    others.load_state_dict(optimizers.state_dict())
    for each in (optimizers, others):
        each.step("main", (model.critic * model.main).sum(), FABRIC)
        each.end_epoch({"main"}, 0.1)
    assert rates(others) == rates(optimizers) == {"critic": 0.25, "main": 0.025}


def test_a_state_of_another_setting_is_refused():
    with_one, without = halving(Duel()), GroupOptimizers(Duel(), sgd(0.1))
    for ours, theirs in ((with_one, without), (without, with_one)):
        with pytest.raises(ValueError, match=r"trainer\.scheduler: these optimisers were saved with another setting"):
            ours.load_state_dict(theirs.state_dict())


@pytest.mark.parametrize(("clip", "step"), [(None, [3.0, 4.0]), (10.0, [3.0, 4.0]), (1.0, [0.6, 0.8])])
def test_clip_bounds_the_norm_of_the_whole_group(clip, step):
    """The gradient is (3, 4), of length 5."""
    model = Duel(("main",))
    model.critic, model.main = None, nn.Parameter(torch.zeros(2))
    optimizers = GroupOptimizers(model, sgd(1.0), clip=clip)
    optimizers.step("main", model.main @ torch.tensor([3.0, 4.0]), FABRIC)
    assert model.main.tolist() == pytest.approx([-part for part in step])


def test_clip_takes_a_group_s_tensors_together_and_leaves_other_groups_alone():
    """Gradients 3 and 4 of one group: its length is 5 again."""
    model = Duel()
    model.parameter_groups = lambda: {"main": [model.critic, model.main]}
    optimizers = GroupOptimizers(model, sgd(1.0), clip=1.0)
    optimizers.step("main", 3 * model.critic.sum() + 4 * model.main.sum(), FABRIC)
    assert [model.critic.item(), model.main.item()] == pytest.approx([0.4, 0.2])
    apart = Duel()
    optimizers = GroupOptimizers(apart, sgd(1.0), clip=1.0)
    optimizers.step("main", 4 * apart.main.sum(), FABRIC)
    assert [apart.critic.item(), apart.main.item()] == pytest.approx([1.0, 0.0], abs=1e-6)


@pytest.mark.parametrize("cls", [torch.optim.LBFGS, torch.optim.SparseAdam])
def test_optimisers_that_want_more_than_a_gradient(cls):
    with pytest.raises(ValueError, match=rf"trainer\.optimizer: {cls.__name__} cannot train here: .*(closure|dense)"):
        check_optimizer(partial(cls, lr=0.1), "trainer.optimizer")


def test_optimisers_that_train():
    for cls in (torch.optim.Adam, torch.optim.SGD, torch.optim.Adagrad):
        check_optimizer(cls, "trainer.optimizer")

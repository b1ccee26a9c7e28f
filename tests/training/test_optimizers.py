import pytest
import torch
from lightning_fabric import Fabric
from torch import nn

from mmgraph.models import Recommender
from mmgraph.training import load_checkpoint, save_checkpoint
from mmgraph.training.checkpoint import TrainingState
from mmgraph.training.optimizers import GroupOptimizers
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

import pytest
import torch

from mmgraph.training.epoch_losses import epoch_losses


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
def test_the_first_broken_step_names_its_term(bad):
    """Later steps are all broken, since the weights are: only the first says whose fault it was."""
    values = torch.tensor([[1.0, 2.0], [1.0, bad], [bad, bad]])
    with pytest.raises(FloatingPointError, match=r"epoch 4, step 1: loss terms \['align'\] are not finite"):
        epoch_losses(["bpr", "align"], values, epoch=4)


def test_means_over_steps():
    assert epoch_losses(["bpr", "reg"], torch.tensor([[1.0, 4.0], [2.0, 0.0]]), epoch=0) == {"bpr": 1.5, "reg": 2.0}

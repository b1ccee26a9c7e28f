import pytest
import torch
from lightning_fabric import Fabric

from mmgraph.processes.fabric import launch_fabric, sum_gradients


def test_a_device_that_is_not_there():
    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    with pytest.raises(ValueError, match=r"trainer\.accelerator='cuda'"):
        launch_fabric(accelerator="cuda", devices=1, precision="32-true")
    with pytest.raises(ValueError, match=r"trainer\.accelerator='abacus'"):
        launch_fabric(accelerator="abacus", devices=1, precision="32-true")


def test_several_devices_need_torchrun(monkeypatch):
    monkeypatch.delenv("LOCAL_WORLD_SIZE", raising=False)
    with pytest.raises(ValueError, match="torchrun --nproc-per-node=2"):
        launch_fabric(accelerator="cpu", devices=2, precision="32-true")


def test_precision_is_one_of_two():
    with pytest.raises(ValueError, match=r"trainer\.precision must be one of"):
        launch_fabric(accelerator="cpu", devices=1, precision="16-true")


def test_one_process_leaves_the_gradients_alone():
    layer = torch.nn.Linear(2, 1)
    layer(torch.ones(1, 2)).sum().backward()
    before = layer.weight.grad
    sum_gradients(list(layer.parameters()), Fabric(accelerator="cpu", devices=1))
    assert layer.weight.grad is before

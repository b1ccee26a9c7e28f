import pickle

import pytest
import torch
from torch import nn

from mmgraph.training import TrainingState, load_checkpoint, read_checkpoint, save_checkpoint


def trained_model():
    model = nn.Linear(3, 2)
    optimizer = torch.optim.Adam(model.parameters())
    model(torch.randn(4, 3)).sum().backward()
    optimizer.step()
    return model, optimizer


def test_round_trip(tmp_path):
    model, optimizer = trained_model()
    state = TrainingState()
    assert state.record({"bpr": 0.7}, {"recall@20": 0.1}, {"seconds": 1.0}, monitor="recall@20", model=model)
    save_checkpoint(tmp_path / "c.pt", state, model, optimizer)
    other = nn.Linear(3, 2)
    other_optimizer = torch.optim.Adam(other.parameters())
    loaded = load_checkpoint(tmp_path / "c.pt", other, other_optimizer)
    assert (loaded.next_epoch, loaded.best_epoch, loaded.history) == (1, 0, state.history)
    assert torch.equal(other.weight, model.weight)
    assert torch.equal(loaded.best_weights["weight"], model.weight)
    first, second = optimizer.state_dict()["state"][0], other_optimizer.state_dict()["state"][0]
    assert all(torch.equal(first[key], second[key]) for key in first)


def test_best_weights_are_a_copy_and_ties_are_not_better():
    model, _ = trained_model()
    state = TrainingState()
    metrics = [{"m": 0.1}, {"m": 0.2}, {"m": 0.2}, {"m": 0.1999999}]
    best = [state.record({}, m, {}, monitor="m", model=model) for m in metrics]
    assert best == [True, True, False, False]
    assert (state.best_epoch, state.stale_evaluations, state.next_epoch) == (1, 2, 4)
    kept = state.best_weights["weight"].clone()
    with torch.no_grad():
        model.weight.add_(1)
    assert torch.equal(state.best_weights["weight"], kept)


class Evil:
    def __reduce__(self):
        return print, ("unpickled",)


def test_nothing_is_unpickled(tmp_path, capsys):
    path = tmp_path / "c.pt"
    torch.save({"state": Evil()}, path)
    with pytest.raises(ValueError, match="not a checkpoint that mmgraph wrote"):
        read_checkpoint(path)
    path.write_bytes(pickle.dumps(Evil(), protocol=2))
    with pytest.raises(ValueError, match="not a checkpoint that mmgraph wrote"):
        read_checkpoint(path)
    assert "unpickled" not in capsys.readouterr().out


def test_a_damaged_file_says_what_to_do(tmp_path):
    model, optimizer = trained_model()
    save_checkpoint(tmp_path / "c.pt", TrainingState(), model, optimizer)
    whole = (tmp_path / "c.pt").read_bytes()
    for part in (whole[: len(whole) // 2], b"", b"nonsense"):
        (tmp_path / "c.pt").write_bytes(part)
        with pytest.raises(ValueError, match="delete it to start the run from the beginning"):
            read_checkpoint(tmp_path / "c.pt")

import io
import pickle
import random
import zipfile

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


def same(a, b):
    """Equal to the bit, in structure and types too."""
    buffers = io.BytesIO(), io.BytesIO()
    for content, buffer in zip((a, b), buffers, strict=True):
        torch.save(content, buffer)
    return buffers[0].getvalue() == buffers[1].getvalue()


def mutations(whole, number):
    """Single bits, zeroed sectors of 512 bytes and truncations, a third each, from a fixed seed."""
    draw = random.Random(0)
    for case in range(number):
        content, place = bytearray(whole), draw.randrange(len(whole))
        if case % 3 == 0:
            content[place] ^= 1 << draw.randrange(8)
        elif case % 3 == 1:
            start = place // 512 * 512
            content[start : start + 512] = bytes(len(content[start : start + 512]))
        else:
            del content[place:]
        yield bytes(content)


def test_no_mutation_is_read_as_other_content(tmp_path):
    model, optimizer = trained_model()
    path = tmp_path / "c.pt"
    state = TrainingState()
    state.record({"bpr": 0.7}, {"recall@20": 0.1}, {"seconds": 1.0}, monitor="recall@20", model=model)
    save_checkpoint(path, state, model, optimizer)
    whole, expected = path.read_bytes(), read_checkpoint(path)
    refused = 0
    for content in mutations(whole, 600):
        path.write_bytes(content)
        try:
            found = read_checkpoint(path)
        except ValueError as error:
            refused += str(error).startswith(f"{path} is not a checkpoint that mmgraph wrote, or it is damaged")
        else:
            assert same(found, expected), "padding between the records may differ, nothing else"
    assert refused > 400


def test_compressed_records_are_refused_before_they_are_unpacked(tmp_path):
    model, optimizer = trained_model()
    save_checkpoint(tmp_path / "c.pt", TrainingState(), model, optimizer)
    with zipfile.ZipFile(tmp_path / "c.pt") as plain, zipfile.ZipFile(tmp_path / "bomb.pt", "w") as bomb:
        for record in plain.infolist():
            content = bytes(2**24) if record.filename.endswith("data/0") else plain.read(record)
            bomb.writestr(record.filename, content, zipfile.ZIP_DEFLATED)
    with pytest.raises(ValueError, match="a record is compressed"):
        read_checkpoint(tmp_path / "bomb.pt")


def foreign(**changes):
    state = {name: getattr(TrainingState(), name) for name in TrainingState.__dataclass_fields__}
    return {"state": state | changes, "model": {}, "optimizer": {}}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([1, 2], r"the checkpoint must hold \['state', 'model', 'optimizer'\], got list"),
        ({"state": {}}, r"the checkpoint must hold .* got \['state'\]"),
        (foreign(more=1), "the state must hold"),
        (foreign(next_epoch="3"), r"state\['next_epoch'\] must be of type int, got str"),
        (foreign(history=[1]), "history must hold values of type dict only"),
        (foreign(best_metrics={"recall@20": "x"}), "best_metrics must hold values of type float only"),
        (foreign() | {"model": {"weight": 1}}, "model must hold values of type Tensor only"),
    ],
)
def test_other_files_of_torch_are_refused(tmp_path, content, message):
    torch.save(content, tmp_path / "c.pt")
    with pytest.raises(ValueError, match=message) as caught:
        read_checkpoint(tmp_path / "c.pt")
    assert str(tmp_path / "c.pt") in str(caught.value)


@pytest.mark.parametrize("part", ["model", "best_weights"])
def test_weights_of_another_model_are_named(tmp_path, part):
    path = tmp_path / "c.pt"
    model, optimizer = trained_model()
    state = TrainingState(best_weights={"weight": torch.zeros(5, 3), "bias": torch.zeros(5)})
    save_checkpoint(path, state if part == "best_weights" else TrainingState(), model, optimizer)
    other = model if part == "best_weights" else nn.Linear(3, 5)
    with pytest.raises(ValueError, match=r"c\.pt holds the weights of another model") as caught:
        load_checkpoint(path, other, optimizer)
    assert "(2 differ): bias has the shape" in str(caught.value)


def test_an_optimiser_of_another_kind_is_told(tmp_path):
    model, optimizer = trained_model()
    save_checkpoint(tmp_path / "c.pt", TrainingState(), model, optimizer)
    other = torch.optim.Adam([{"params": [p]} for p in model.parameters()])
    with pytest.raises(ValueError, match=r"c\.pt does not fit the optimisers of this run"):
        load_checkpoint(tmp_path / "c.pt", model, other)

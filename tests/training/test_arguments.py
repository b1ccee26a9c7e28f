"""What somebody who calls from Python may get wrong is a sentence, before anything is trained."""

import json
import subprocess
import sys
from functools import partial

import numpy as np
import pytest
import torch

import mmgraph as mm
from mmgraph.training.arguments import check_numbers
from mmgraph.typing import check_kind

NUMBERS = {"lr": None, "clip": None, "max_epochs": 1, "patience": 1, "devices": 1, "seed": 0}


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ({"lr": "1e-3"}, r"trainer\.lr must be a number of at least 0, such as 1e-3; got '1e-3'"),
        ({"lr": float("nan")}, r"trainer\.lr must be a number of at least 0"),
        ({"lr": -1e-3}, r"trainer\.lr must be a number of at least 0"),
        ({"clip": "1"}, r"trainer\.clip must be above 0 and finite, or null, got '1'"),
        ({"max_epochs": "3"}, r"trainer\.max_epochs must be at least 1, a whole number; got '3'"),
        ({"max_epochs": 2.5}, r"trainer\.max_epochs must be at least 1, a whole number; got 2\.5"),
        ({"patience": None}, r"trainer\.patience must be at least 1, a whole number; got None"),
        ({"devices": "auto"}, r"trainer\.devices must be at least 1, a whole number; got 'auto'"),
        ({"seed": -1}, r"trainer\.seed must be a whole number of at least 0; got -1"),
    ],
)
def test_a_wrong_number_is_named(numbers, message):
    with pytest.raises(ValueError, match=message):
        check_numbers(**NUMBERS | numbers)


def test_numbers_may_be_those_of_numpy():
    check_numbers(**NUMBERS | {"lr": np.float32(0.1), "max_epochs": np.int64(2), "seed": np.int64(3)})


def test_another_kind_is_named():
    check_kind("data", {}, dict, "any")
    with pytest.raises(TypeError, match=r"model must be an OSError \(of a system\), got the class dict"):
        check_kind("model", dict, OSError, "of a system")


CALLS = {
    "mm.Trainer(lr='1e-3')": "ValueError: trainer.lr must be a number",
    "mm.Trainer(optimizer='adam')": "ValueError: trainer.optimizer must make an optimiser of parameters",
    "mm.Objective(mm.BPR())": "TypeError: terms must be a Mapping (of loss terms by name: Objective(bpr=BPR()))",
    "mm.Evaluator(data[0], ks=20)": "ValueError: ks must be a list, such as [10, 20]; got 20",
    "mm.Evaluator(data[0], metrics='map')": "ValueError: metrics must be a list, such as ['recall', 'ndcg']; got 'map'",
    "mm.Evaluator(data[0], mask={'val': 'train'})": "ValueError: mask['val'] must be a list, such as ['train']",
    "fit(objective=mm.BPR())": "TypeError: objective must be an Objective (of named terms: mmgraph.Objective(bpr=",
    "fit(model=mm.MFBPR)": "TypeError: model must be a Recommender (such as mmgraph.LightGCN(graph)), got the class",
    "fit(graph=data)": "TypeError: graph must be a HeteroData (of a data set: mmgraph.message_graph(dataset[0])), got",
    "fit(evaluator=data)": "TypeError: evaluator must be an Evaluator (of a data set: mmgraph.Evaluator(dataset[0]))",
    "fit(evaluator=mm.Evaluator(data[0], metrics=['ndcg'], ks=[5]))":
        "ValueError: trainer.monitor='recall@20' is not computed; the evaluator gives ['ndcg@5']",
}  # fmt: skip
PROGRAM = """
import json, sys
import mmgraph as mm

data = mm.Synthetic(num_users=50, num_items=60)
graph = mm.message_graph(data[0])
given = {"model": mm.MFBPR(graph), "objective": mm.Objective(bpr=mm.BPR()), "graph": graph}
given["evaluator"] = mm.Evaluator(data[0])

def fit(**changes):
    return mm.Trainer(max_epochs=1, verbose=False).fit(**given | changes)

def said(call):
    try:
        return eval(call)
    except Exception as error:
        return f"{type(error).__name__}: {error}"

print(json.dumps({call: said(call) for call in json.loads(sys.argv[1])}))
"""


def test_calls_with_what_does_not_belong_there_are_answered_by_a_sentence():
    """In a process of its own: the tests' check of annotations would come first."""
    arguments = [sys.executable, "-c", PROGRAM, json.dumps(list(CALLS))]
    found = json.loads(subprocess.run(arguments, capture_output=True, text=True, check=True).stdout)
    assert {call: found[call][: len(sentence)] for call, sentence in CALLS.items()} == CALLS


def test_the_folder_may_be_text(tmp_path):
    data = mm.Synthetic(num_users=50, num_items=60)
    model = mm.MFBPR(mm.message_graph(data[0]))
    trainer = mm.Trainer(max_epochs=1, verbose=False)
    objective = mm.Objective(bpr=mm.BPR())
    trainer.fit(model, objective, mm.message_graph(data[0]), evaluator=mm.Evaluator(data[0]), run_dir=str(tmp_path))
    assert (tmp_path / "checkpoint.pt").is_file()


def test_a_trainer_shows_how_it_trains():
    scheduler = partial(torch.optim.lr_scheduler.StepLR, step_size=3)
    shown = repr(mm.Trainer(lr=1e-2, scheduler=scheduler, accelerator="cpu"))
    assert shown.startswith("Trainer(optimizer=Adam(lr=0.01, fused=True), scheduler=StepLR(step_size=3), ")
    assert "max_epochs=1000, patience=20, evaluate_every=1, monitor='recall@20', seed=0, " in shown
    assert shown.endswith("verbose=True, device=cpu)")

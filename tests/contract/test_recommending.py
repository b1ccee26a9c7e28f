"""What a run's folder keeps recommends as the evaluator ranks, for every model, where the data set is gone."""

import json

import pytest
import torch

from mmgraph.cli.recommend import main
from mmgraph.datasets import InHand, MMRecFolder, Synthetic
from mmgraph.datasets.base import InteractionDataset
from mmgraph.pipeline.run import restore, train
from tests.contract.conftest import MODELS, small_config

K = 50


@pytest.mark.parametrize("words", [*MODELS, "nsmar_plus model.scorer=pair"])
def test_lists_are_those_of_the_evaluator(words, tmp_path, monkeypatch, capsys):
    model, *settings = words.split()
    cfg = small_config(model, *settings, "trainer.max_epochs=1", f"evaluator.ks=[20,{K}]")
    train(cfg, tmp_path / "run", verbose=False)
    parts = restore(tmp_path / "run")
    users = parts.evaluator._users["test"]
    _, ranking = parts.evaluator._found(parts.model, parts.model.inference_graph(parts.graph), "test", users)
    (tmp_path / "users.txt").write_text("".join(f"{user}\n" for user in users))
    for dataset in (InteractionDataset, InHand, MMRecFolder, Synthetic):
        monkeypatch.setattr(dataset, "__init__", None)  # nobody may make one
    asked = [f"users={tmp_path / 'users.txt'}", f"k={K}", "exclude=[train]", f"out={tmp_path / 'lists.jsonl'}"]
    main([str(tmp_path / "run"), *asked])
    found = torch.full_like(ranking.item, -1)
    row = {int(user): place for place, user in enumerate(users)}
    for line in (tmp_path / "lists.jsonl").read_text().splitlines():
        entry = json.loads(line)
        found[row[entry["user"]], entry["rank"] - 1] = entry["item"]
    assert torch.equal(found, ranking.item)

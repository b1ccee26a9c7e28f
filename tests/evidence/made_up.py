"""Runs that never were, with what they found for each user."""

import torch

from mmgraph.evaluation import Hits
from mmgraph.pipeline.hits import write_hits
from tests.conftest import run_report

METRIC = "recall@2"


def hits(found, *, users=None, relevant=2):
    """Users who found so many of their two items."""
    found = torch.as_tensor(found)
    users = torch.arange(found.numel()) if users is None else torch.tensor(users)
    return Hits(users, torch.arange(2) < found.unsqueeze(1), torch.full_like(found, relevant))


def make_run(folder, *, val, test, model="mf_bpr", seed=0, mask="train", **changes):
    """A folder of a run, by how many of their two items each user found."""
    found = {"val": hits(val), "test": hits(test, **changes.pop("of_test", {}))}
    means = {split: {METRIC: float(one.value(METRIC).mean())} for split, one in found.items()}
    config = changes.pop("config", None) or {
        "seed": seed,
        "overrides": [f"model={model}", f"seed={seed}"],
        "trainer": {"seed": seed},
        "evaluator": {"mask": {"val": ["train"], "test": [mask]}, "cold_users": "keep"},
    }
    config |= changes.pop("config", {})
    folder.mkdir(parents=True)
    run_report(model=model, seed=seed, config=config, **means | changes).save(folder / "report.json")
    write_hits(folder, found)
    return folder

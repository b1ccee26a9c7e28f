"""Folders of runs that never were: a report and what was found for each user."""

import json

import torch

from mmgraph.evaluation import Hits
from mmgraph.pipeline.hits import HITS, write_hits
from tests.conftest import run_report

KS = (1, 2)


def hits_of(first, second):
    """Users 0, 1, ... with one held-out item each: whether it stood at the first rank, at the second."""
    hit = torch.tensor(list(zip(first, second, strict=True)), dtype=torch.bool)
    return Hits(torch.arange(len(hit)), hit, torch.ones(len(hit), dtype=torch.long))


def save_run(folder, model, test, *, val=None, seed=0, words=(), dataset="tiny", minutes=1.0, history=None, **changes):
    """Writes the folder of a run.

    Args:
        folder: where.
        model: its name.
        test: what was found for the test users, as of :func:`hits_of`.
        val: the same of validation; by default that of test.
        seed: of the run.
        words: what was said beside model, data set and seed.
        dataset: its name.
        minutes: of training.
        history: rows by epoch; by default one.
        **changes: other fields of the report.
    """
    hits = {"val": test if val is None else val, "test": test}
    metrics = {
        split: {f"{name}@{k}": float(found.value(f"{name}@{k}").mean()) for name in ("recall", "ndcg") for k in KS}
        for split, found in hits.items()
    }
    row = {"epoch": 0, "loss/bpr": 0.7, "val/recall@2": 0.5, "seconds": 60 * minutes, "evaluation_seconds": 0.0}
    words = [f"model={model}", f"dataset={dataset}", f"seed={seed}", *words]
    config = {"model_name": model, "overrides": words, "seed": seed, "words": words[3:]}
    values = {
        "model": model,
        "dataset": dataset,
        "split_hash": f"{dataset:0<16}".encode().hex(),
        "seed": seed,
        "config": config | {"evaluator": {"mask": {"test": ["train"]}}},
        "history": [row] if history is None else history,
        **metrics,
    }
    folder.mkdir(parents=True)
    run_report(**values | changes).save(folder / "report.json")
    write_hits(folder, hits)
    return folder


def found_in(page):
    """The data of a page, by block."""
    blocks = page.read_text().split('<script type="application/json" id="data-')[1:]
    named = (block.split("</script>")[0].split('">', 1) for block in blocks)
    return {name: json.loads(content) for name, content in named}


def run_of(data, model):
    """The block of the only row of a model."""
    (slug,) = [row["slug"] for row in data["board"]["rows"] if row["model"] == model]
    return f"run-{slug}"


def without_hits(folder):
    (folder / HITS).unlink()
    return folder

"""The card of a model: what a hub and a reader should know of it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import torch

import mmgraph
from mmgraph.pipeline.catalog import list_models
from mmgraph.pipeline.report import RunReport

if TYPE_CHECKING:
    from mmgraph.pipeline.result import Run

_SHOWN = ("recall", "ndcg")
_TEXT = """\
---
{metadata}
---

# {model} on {dataset}

{source}Trained with mmgraph {version}, seed {seed}: {counts}.

```python
import mmgraph as mm

model = mm.from_pretrained("{place}")
model.recommend(["the id of a user"], k=10)
model.similar_items({item}, k=5)
```

The files in `serving/` hold the ids of all users and items and which items each user has interacted with: publish them
only if you may.

## Metrics

Full ranking over all items, as fractions; the test split was ranked once, with the weights that were best on
validation. `report.json` has the others.

| metric | validation | test |
| -- | -- | -- |
{rows}

Hash of the split: `{split_hash}`. Compare with figures of equal hash only.
"""


def model_card(run: "Run", *, license: str | None) -> str:
    """The card as Markdown, its metadata in front as the Hugging Face hub reads them.

    Args:
        run: the run.
        license: identifier of the licence that the files are given under, such as ``"cc-by-4.0"``.

    Raises:
        ImportError: without huggingface-hub.
    """
    from huggingface_hub import EvalResult, ModelCardData

    report = run.report
    results = [
        EvalResult(
            task_type="recommendation",
            task_name="Full ranking of unseen items",
            dataset_type=report.dataset,
            dataset_name=report.dataset,
            dataset_split="test",
            metric_type=name,
            metric_value=value,
        )
        for name, value in report.test.items()
    ]
    metadata = ModelCardData(
        license=license,
        library_name="mmgraph",
        tags=["recommendation", "multimodal", "graph-neural-networks", "pytorch-geometric", report.model],
        datasets=None,
        model_name=f"{report.model} on {report.dataset}",
        eval_results=results,
    )
    summary = report.dataset_summary
    modalities = ", ".join(summary.get("modalities", {})) or "none"
    return _TEXT.format(
        metadata=metadata.to_yaml(),
        model=report.model,
        dataset=report.dataset,
        source=_source(report.model),
        version=report.versions.get("mmgraph", mmgraph.__version__),
        seed=report.seed,
        counts=f"{summary['users']:,} users, {summary['items']:,} items, {summary['train']:,} interactions to train "
        f"on, modalities: {modalities}",
        place=f"owner/{report.model}-{report.dataset}",
        item=run.serving.items.ids(torch.tensor([0])).tolist(),
        rows="\n".join(_rows(report)),
        split_hash=report.split_hash,
    )


def _rows(report: RunReport) -> Iterator[str]:
    for name, value in report.test.items():
        if name.partition("@")[0] in _SHOWN:
            yield f"| {name} | {report.val[name]:.4f} | {value:.4f} |"


def _source(model: str) -> str:
    """Where the model comes from, as a sentence."""
    paper = next((found.paper for found in list_models() if found.name == model), "")
    return f"{paper}. " if paper else ""

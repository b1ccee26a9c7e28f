"""What a page says of the data that its runs had."""

from pathlib import Path

from mmgraph.evidence.finished import FinishedRun
from mmgraph.evidence.reproduce.catalogue import load_item
from mmgraph.evidence.reproduce.provenance import provenance
from mmgraph.evidence.reproduce.request import make_request
from tests.conftest import run_report


def run(split, parts, **dims):
    summary = dict(zip(("train", "val", "test"), parts, strict=True))
    summary["modalities"] = {name: {"dim": dim, "items_without": 0} for name, dim in dims.items()}
    return FinishedRun(Path("run"), run_report(dataset="toy", split_hash=split * 64, dataset_summary=summary))


def test_splits_and_features_are_named_whatever_each_run_reads(tmp_path):
    item = load_item("rednd", "table-2")
    request = make_request(item, datasets=["tiktok"], seeds=[0], words=[], out=tmp_path, runs=tmp_path, jobs=1)
    first = [run("a", (1200, 30, 40), image=4096), run("a", (1200, 30, 40), text=384), run("a", (1200, 30, 40))]
    lines = [line for line in provenance(request, [*first, run("b", (5, 6, 7))]) if line.startswith("- Data: ")]
    assert lines == [
        f"- Data: toy, 1,200 / 30 / 40 interactions to train, validate and test (split `{'a' * 12}`); features: image "
        "4,096-d, text 384-d",
        f"- Data: toy, 5 / 6 / 7 interactions to train, validate and test (split `{'b' * 12}`); features: none",
    ]

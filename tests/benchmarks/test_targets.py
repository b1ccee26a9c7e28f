import pytest
from figures import cells, percent_drawing
from measuring import Floors
from rednd import row as rednd_row
from step import _row as step_row
from targets import TARGETS, Target

PEERS = {"peer / ours, s/epoch": 5.0, "peer / ours, s/evaluation": 12.0}
SIZES = ((1.0, 1e5, 10.0, 2.0, 400.0), (10.0, 1e6, 90.0, 20.0, 800.0), (100.0, 1e7, 750.0, 300.0, 4000.0))


def grown(loader):
    columns = ("times Baby", "interactions", "ms/step", "s/epoch", "MiB")
    sizes = [dict(zip(columns, size, strict=True)) for size in reversed(SIZES)]
    return [{"model": "lightgcn", "loader": loader, **size, "ms/draw": 0.3 * size["times Baby"]} for size in sizes]


def compared(model, times, words, gains):
    size = {"model": model, "times Baby": times}
    return [{**size, "with": word, "times as fast": gain} for word, gain in zip(words, (1.0, *gains), strict=True)]


def rednd(dataset):
    ours = [{"ms/step": 1500.0, "MiB": 1024.0}] * 3
    theirs = [{"ms/step": milliseconds, "MiB": 9216.0} for milliseconds in (2000.0, 3000.0, 30000.0)]
    rows = [rednd_row("mmgraph", ours, ours), rednd_row("authors' code", theirs, ours)]
    return [{"dataset": dataset, **row} for row in rows]


def neighbours(rows, dim):
    size = {"rows": rows, "dimension": dim}
    return [
        {**size, "search": "products alone", "s": 10.0, "times the products": 1.0, "recall": None},
        {**size, "search": "exact", "s": 12.5, "times the products": 1.25, "recall": 1.0, "of rows x rows": 0.03},
        {**size, "search": "approximate", "s": 2.5, "times the products": 0.25, "recall": 0.94, "of rows x rows": 0.03},
    ]


def step(model, sampling):
    parts = {"sampling": sampling, "forward": 99.0 - sampling, "optimiser": 1.0}
    floors = Floors(megabytes=1, size=8)
    rows = [step_row(model, part, ms / 1e3, (0.0, 0.0), floors, 0.1) for part, ms in parts.items()]
    rows.append(step_row(model, "step", 0.1, (0.0, 0.0), floors, 0.1))
    return [{"dataset": "baby", **row} for row in rows]


ROWS = {
    "epoch-baby": [
        {"model": "lightgcn", "dataset": "baby", **PEERS},
        {"model": "vbpr", "dataset": "baby", "peer / ours, s/epoch": 1.0, "peer / ours, s/evaluation": 9.0},
        {"model": "mf_bpr", "dataset": "baby", **PEERS},
        {"model": "lgmrec", "dataset": "baby", **PEERS},
    ],
    "epoch-features": [
        {"model": name, "dataset": "baby", "features": "4096-d, 384-d", **PEERS} for name in ("freedom", "lgmrec")
    ],
    "epoch-features-vbpr": [{"model": "vbpr", "dataset": "baby", "features": "4096-d, 384-d", **PEERS}],
    "bpr": [
        {"dataset": "baby", "code": "mmgraph", "times implicit's": 4.5},
        {"dataset": "baby", "code": "implicit", "times implicit's": 1.0},
    ],
    "ranking": [
        {"model": model, "dataset": "baby", "part": part, "times matmul + top-k": times}
        for model, part, times in (("a", "matmul + top-k", 1.0), ("a", "evaluation", 1.25), ("b", "evaluation", 1.75))
    ],
    "step": [
        *step("lightgcn", 0.5),
        *step("vbpr", 2.5),
        *[
            {"dataset": "baby", "model": "lgmrec", "part": part, "ms": ms, "times the floor": 5.0}
            for part, ms in (("sampling", 1.0), ("step", 100.0))
        ],
    ],
    "wide-features": [{"items": 1_000_000, "width": 4096, "of it its own": 1536.0}],
    "ranking-memory": [{"users": 1_000_000, "items": 100_000, "MiB of the process": 5120.0}],
    "rednd": rednd("baby"),
    "rednd-sports": rednd("sports"),
    "contrast": [
        {"nodes": 26_495, "contrast": "streamed", "difference from dense": 2e-6},
        {"nodes": 26_495, "contrast": "dense", "difference from dense": None},
    ],
    "epoch-anchors": [{"model": "rednd", "dataset": "baby", "s/epoch": 61.0}],
    "anchors": [
        {"anchors": "all", "standard errors below all": None},
        {"anchors": "512", "standard errors below all": -0.5},
        {"anchors": "64", "standard errors below all": 2.5},
    ],
    "knn": neighbours(23_033, 4096),
    "knn-faiss": neighbours(200_000, 384),
    "convs": [
        {"times Baby": 1.0, "layer": "LightGCN's propagation, 3 rounds", "times the floor": 3.5},
        {"times Baby": 1.0, "layer": "HypergraphConv", "times the floor": 9.0},
    ],
    "startup": [
        {"dataset": "lfm2k", "until": "import mmgraph", "s": 0.25},
        {"dataset": "lfm2k", "until": "train.py --help", "s": 1.5},
        {"dataset": "lfm2k", "until": "first step, data set not cached", "s": 2.5},
        {"dataset": "lfm2k", "until": "first step, data set cached", "s": 4.0},
    ],
    "scale": grown("full_graph"),
    "scale-sampled": grown("neighbor"),
    "bf16": compared("rednd", 1.0, [f"loss.terms.align.products={kind}" for kind in ("float32", "bfloat16")], [2.5]),
    "lazy-mf-bpr": compared("mf_bpr", 10.0, [f"trainer.lazy_rows={kind}" for kind in ("false", "auto")], [2.0]),
    "sampled-before": [{**row, "loader": "neighbor"} for row in compared("lightgcn", 100.0, ["before", "now"], [3.0])],
    "partition": [
        {"processes": count, "interactions": 9_999_453, "of one": share} for count, share in ((2, 0.5), (4, 0.3))
    ],
    "disk": [{"model": "mf_bpr", "users": 10_000_000, "items": 1_000_000, "GiB": 6.0}],
    "disk-lightgcn": [{"model": "lightgcn", "users": 10_000_000, "items": 1_000_000, "GiB": 21.0}],
    "gpu-epoch": [{"model": "lightgcn", "dataset": "baby", "s/epoch": 0.1}],
    "gpu-rednd": [{"code": "mmgraph", "dataset": "baby", "s/step": 0.05}],
    "gpu-lfm2k": [{"model": model, "dataset": "lfm2k", "s/epoch": s} for model, s in (("a", 0.1), ("b", 0.6))],
    "processes": [
        {"model": "rednd", "part": "contrast", "times as fast": 1.75},
        {"model": "rednd", "part": "step", "times as fast": 1.0},
        {"model": "rednd", "part": "evaluation", "times as fast": 1.5},
        {"model": "freedom", "part": "evaluation", "times as fast": 1.25},
    ],
    "serve-rate": [
        {"times Baby": 1.0, "workers": 1, "endpoint": name, "requests/s": rate, "failed": failed, "p99 ms": p99}
        for name, rate, failed, p99 in (
            ("/health", 900.0, 0, 5.0),
            ("/recommend", 600.0, 0, 20.0),
            ("/recommend", 690.0, 0, 49.0),
            ("/health", 790.0, 0, 5.0),
            ("/recommend", 790.0, 3, 30.0),
        )
    ],
    "serve-changes": [{"times Baby": 1.0, "minutes": 10.0, "changes": 20, "failed": 0}],
    "prepare": [{"lines": 10_000_000, "peak MB": 9.0}, {"lines": 100_000_000, "peak MB": 4000.0}],
}
# The figure of each target and whether it is reached, in the order of TARGETS.
EXPECTED = [
    *[("epoch-baby", 5.0, False), ("epoch-baby", 5.0, True), ("epoch-baby", 1.0, False), ("epoch-baby", 5.0, False)],
    *[("epoch-baby", 1.0, False), ("step", 5.0, False)],
    *[("epoch-baby", 9.0, False), ("ranking", 1.75, False)],
    ("bpr", 4.5, False),
    *[("epoch-features", 5.0, True)] * 2,
    ("epoch-features-vbpr", 5.0, True),
    *[("wide-features", 1.5, True), ("ranking-memory", 5.0, False)],
    *[("step", 2.5, False), ("rednd", 9.0, True), ("rednd", 2.0, False), ("bf16", 2.5, True)],
    ("contrast", 2e-6, True),
    *[("epoch-anchors", 61.0, False), ("anchors", 2.5, False), ("rednd-sports", 1.0, True)],
    *[("knn", 1.25, True), ("knn", 0.03, True), ("knn-faiss", 0.94, False), ("knn-faiss", 5.0, False)],
    *[("convs", 3.5, False), ("startup", 0.25, False), ("startup", 1.5, True), ("startup", 2.5, True)],
    *[("scale", 0.75, True), ("scale", 1.5, False), ("scale", 0.1, True)],
    *[("scale-sampled", 1.5, False), ("scale-sampled", 1.5, True), ("scale-sampled", 0.1, True)],
    *[("scale-sampled", 4.0, True), ("lazy-mf-bpr", 2.0, False), ("sampled-before", 3.0, True)],
    *[("partition", 0.5, True), ("partition", 0.3, False), ("disk", 6.0, True), ("disk-lightgcn", 21.0, False)],
    *[("processes", 1.75, True), ("processes", 1.25, False)],
    *[("serve-rate", 690.0, False), ("serve-changes", 0, True), ("prepare", 4000.0, True)],
    *[("gpu-epoch", 0.1, True), ("gpu-rednd", 50.0, False), ("gpu-lfm2k", 0.6, False)],
]


@pytest.mark.parametrize(("target", "expected"), list(zip(TARGETS, EXPECTED, strict=True)))
def test_each_target_finds_its_figure_and_judges_it(target, expected):
    figure = target.figure(ROWS[target.file])
    assert (target.file, pytest.approx(figure), target.reached(figure)) == expected


def test_goals_are_written_as_they_are_judged():
    least, most = Target("", "", max, 5, at_least=True), Target("", "", max, 1e-5, "")
    assert (least.goal, most.goal) == ("at least 5 x", "at most 1e-05")
    assert [least.reached(5), least.reached(4.99), most.reached(1e-5), most.reached(1.1e-5)] == [
        True,
        False,
        True,
        False,
    ]


ANY_DATA = (
    "`import mmgraph`",
    "`python train.py --help`",
    "RedND, sampled anchors, validation recall@20 below that of all anchors",
)
ANY_DATA += tuple(target.what for target in TARGETS if target.file == "processes")
ANY_DATA += tuple(target.what for target in TARGETS if target.figure is percent_drawing)


@pytest.mark.parametrize("target", [target for target in TARGETS if target.what not in ANY_DATA])
def test_other_data_or_sizes_are_not_taken_for_the_targets(target):
    other = {"dataset": "tiktok", "nodes": 2000, "rows": 2000, "times Baby": 0.5, "lines": 1000}
    other |= {"items": 1000, "users": 1000, "interactions": 1000}
    renamed = [{**row, **{key: other[key] for key in other.keys() & row.keys()}} for row in ROWS[target.file]]
    with pytest.raises(ValueError, match="there must be a row with"):
        target.figure(renamed)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{"model": "a", "s": 1.0}], "there must be a row with model 'b'"),
        ([{"model": "b", "s": None}], r"column 's' must hold a number in every row with model 'b', found \[None\]"),
        ([{"model": "b"}], r"column 's' must hold a number in every row with model 'b', found \[None\]"),
    ],
)
def test_what_is_missing_is_named(rows, message):
    with pytest.raises(ValueError, match=message):
        cells(rows, "s", model="b")


def test_growth_needs_both_sizes_of_its_loader():
    target = next(target for target in TARGETS if target.file == "scale")
    with pytest.raises(ValueError, match=r"a row with loader 'full_graph' and times Baby 100\.0"):
        target.figure(ROWS["scale"][1:])
    with pytest.raises(ValueError, match="a row with loader 'full_graph'"):
        target.figure(ROWS["scale-sampled"])

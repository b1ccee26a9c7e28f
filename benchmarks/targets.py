"""What the benchmarks should reach: each target reads its figure from the rows that one benchmark wrote."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from figures import (
    Rows,
    cell,
    faster_than_exact,
    growth,
    highest_rate,
    percent_drawing,
    percent_sampling,
    shortfall,
    smallest,
)


@dataclass(frozen=True)
class Target:
    """One figure and its limit.

    Attributes:
        what: what is measured.
        file: stem of the JSON file that it is read from (benchmarks/README.md says which command writes it).
        figure: finds it among the rows; ValueError if it is not there.
        limit: what it should be at most, or at least.
        unit: what stands behind both numbers.
        at_least: whether more is better.
        remark: how the figure is to be read; where it is not reached, why not.
    """

    what: str
    file: str
    figure: Callable[[Rows], float]
    limit: float
    unit: str = "x"
    at_least: bool = False
    remark: str = ""

    @property
    def goal(self) -> str:
        return f"at {'least' if self.at_least else 'most'} {self.number(self.limit)}"

    def number(self, value: float) -> str:
        return f"{value:.3g} {self.unit}".strip()

    def reached(self, value: float) -> bool:
        return value >= self.limit if self.at_least else value <= self.limit


PEER_EPOCH = "peer / ours, s/epoch"
PEER_EVALUATION = "peer / ours, s/evaluation"
ITEMS: dict[str, Any] = {"search": "exact", "rows": 23_033, "dimension": 4096}
MANY: dict[str, Any] = {"rows": 200_000, "dimension": 384}
OUT_OF_CACHE = (
    "Baby's vectors (7 MB) lie in the caches, those of a graph a hundred times as large (700 MB) do not: each product "
    "then fetches a row from memory for each edge."
)
FULL_GRAPH_EPOCH = (
    "A step passes over the whole graph whatever its batch, and with batches of one size there are as many more steps "
    "as interactions: larger batches or loader=neighbor make it linear."
)
SAMPLED_EPOCH = (
    "At Baby's size a batch's neighbourhood is the whole graph of 26,495 nodes, and it grows with the graph up to the "
    "bound that num_neighbors sets."
)
SAMPLED_LARGE = (
    "A step itself grows, 196 to 551 ms: its sample reaches more nodes, and at a hundred times Baby tables of 680 MB, "
    "all of whose rows are moved, lie in no cache."
)
SAMPLED_STEP = (
    "Commit ded1ddd^ before: it draws by torch-sparse. A step meets more than an eighth of the tables' rows, so all of "
    "them are moved now too."
)
NARROWED = " loader=neighbor: each step projects the items of its batch alone."
SAME = "The same mathematics: the golden tests compare both codes' numbers."

PRODUCTS = "Sparse products, forward and back, take 13 of a step's 15.5 ms, 3.4 times what their bytes take to move."
TABLES = (
    "Adam moves all rows, and gradients are as large as the tables: 2.6 of a step's 3.6 ms. Five times MMRec's speed "
    "would be 2.1 ms, 1.4 times the floor."
)
MGCN = (
    "MGCN. Its fuser passes over all 19,445 users, forward and back, in products of 64 columns and maps of 5 MB: 50 of "
    "a step's 200 ms on one thread; trained features, 36, sparse products, 29, and the batch's contrast both codes "
    "need."
)
EXPONENTIALS = (
    "A step takes 46 million exponentials for its contrast, 36 ms of one core, which the floor of products and bytes "
    "does not count."
)

GPU = "The targets are those of one H100; no GPU was at hand."

TARGETS = [
    *(
        Target(
            f"{name} on Baby, training epoch: MMRec's time over ours",
            "epoch-baby",
            cell(PEER_EPOCH, model=model, dataset="baby"),
            limit,
            at_least=True,
            remark=remark,
        )
        for name, model, limit, remark in (
            ("LightGCN", "lightgcn", 8, PRODUCTS),
            ("MF-BPR", "mf_bpr", 5, TABLES),
            ("VBPR", "vbpr", 3, "The features of a batch's items are projected, no others, in each direction once."),
            ("LGMRec", "lgmrec", 7, EXPONENTIALS),
        )
    ),
    Target(
        "Training epoch on Baby, of the models that MMRec has too the one with the least gain: MMRec's time over ours",
        "epoch-baby",
        smallest(PEER_EPOCH, dataset="baby"),
        3,
        at_least=True,
        remark=MGCN,
    ),
    Target(
        "LGMRec on Baby, training step over its floor",
        "step",
        cell("times the floor", model="lgmrec", part="step", dataset="baby"),
        4.5,
        remark=EXPONENTIALS,
    ),
    Target(
        "Evaluation in an epoch on Baby, the model with the least gain: MMRec's time over ours",
        "epoch-baby",
        smallest(PEER_EVALUATION, dataset="baby"),
        10,
        at_least=True,
        remark="In each epoch MMRec ranks validation and test, mmgraph validation.",
    ),
    Target(
        "Evaluation on Baby, over matmul + top-k alone, the model with the most",
        "ranking",
        cell("times matmul + top-k", part="evaluation", dataset="baby"),
        1.5,
        remark="The evaluation includes the encoding of the graph.",
    ),
    Target(
        "MF-BPR on Baby, training epoch: our time over that of implicit's BPR",
        "bpr",
        cell("times implicit's", code="mmgraph", dataset="baby"),
        4,
        remark="implicit takes a step a sample in compiled loops without locks, and reaches half of the recall.",
    ),
    *(
        Target(
            f"{name}, Baby with 4096-d and 384-d features, training epoch: MMRec's time over ours",
            file,
            cell(PEER_EPOCH, model=name.lower(), dataset="baby", features="4096-d, 384-d"),
            limit,
            at_least=True,
            remark=remark,
        )
        for name, limit, file, remark in (
            ("FREEDOM", 3, "epoch-features", SAME),
            ("LGMRec", 4, "epoch-features", SAME),
            ("VBPR", 2, "epoch-features-vbpr", SAME + NARROWED),
        )
    ),
    Target(
        "VBPR on 1,000,000 items with 4,096 half floats each, memory of the process beside pages of the file",
        "wide-features",
        cell("of it its own", times=1 / 1024, items=1_000_000, width=4096),
        6,
        "GiB",
    ),
    Target(
        "Ranking 1,000,000 users among 100,000 items, memory of the process",
        "ranking-memory",
        cell("MiB of the process", times=1 / 1024, users=1_000_000, items=100_000),
        4,
        "GiB",
    ),
    Target("Negative sampling, of a training step on Baby, the model with the most", "step", percent_sampling, 2, "%"),
    Target(
        "RedND on Baby, contrast over all nodes, peak memory of the process: the authors' code's over ours",
        "rednd",
        cell("times ours, MiB", code="authors' code", dataset="baby"),
        8,
        at_least=True,
    ),
    Target(
        "RedND on Baby, contrast over all nodes, training step: the authors' code's time over ours",
        "rednd",
        cell("times ours, s", code="authors' code", dataset="baby"),
        3,
        at_least=True,
        remark="7.1 x on two cores of a Xeon with AMX; here the products alone are 2.9 of our 7.9 s.",
    ),
    Target(
        "RedND, Baby's size, contrast over all nodes, training step: fp32 over bf16 products",
        "bf16",
        cell("times as fast", model="rednd", **{"with": "loss.terms.align.products=bfloat16", "times Baby": 1.0}),
        2,
        at_least=True,
        remark="Exponentials are as many as before. Validation recall over three seeds: docs/adr/0010.",
    ),
    Target(
        "Contrast over Baby's nodes, largest relative difference of loss and gradients from the dense form",
        "contrast",
        cell("difference from dense", contrast="streamed", nodes=26_495),
        1e-5,
        "",
    ),
    Target(
        "RedND on Baby, sampled anchors, training epoch",
        "epoch-anchors",
        cell("s/epoch", model="rednd", dataset="baby"),
        60,
        "s",
    ),
    Target(
        "RedND, sampled anchors, validation recall@20 below that of all anchors",
        "anchors",
        shortfall,
        2,
        "standard errors",
        remark="Negative: above it. Two standard errors of the difference over the seeds count as their noise.",
    ),
    Target(
        "RedND, Sports size (53,955 nodes), contrast over all nodes, peak memory of the process",
        "rednd-sports",
        cell("peak MiB", times=1 / 1024, code="mmgraph", dataset="sports"),
        8,
        "GiB",
    ),
    Target(
        "kNN graph, 23,033 items x 4096, over its matrix products",
        "knn",
        cell("times the products", **ITEMS),
        1.3,
    ),
    Target(
        "kNN graph, 23,033 items x 4096, memory beyond the features, of a matrix of items x items",
        "knn",
        cell("of rows x rows", **ITEMS),
        0.5,
        remark="Such a matrix is never held: that would be 1 x or more.",
    ),
    Target(
        "kNN of 200,000 x 384 through faiss, recall of the true neighbours",
        "knn-faiss",
        cell("recall", search="approximate", **MANY),
        0.95,
        "",
        at_least=True,
    ),
    Target(
        "kNN of 200,000 x 384: time of the exact search over that through faiss",
        "knn-faiss",
        faster_than_exact(**MANY),
        10,
        at_least=True,
    ),
    Target(
        "Propagation at Baby's size, forward + backward, over its bytes-moved floor",
        "convs",
        cell("times the floor", layer="LightGCN's propagation, 3 rounds", **{"times Baby": 1.0}),
        3,
        remark="Five runs on this machine, two cores of an EPYC, gave 4.1 to 7.8; on two of a Xeon it was 2.5.",
    ),
    Target("`import mmgraph`", "startup", cell("s", until="import mmgraph"), 0.2, "s"),
    Target("`python train.py --help`", "startup", cell("s", until="train.py --help"), 5, "s"),
    Target(
        "First training step of a run on lfm2k",
        "startup",
        cell("s", until="first step, data set not cached", dataset="lfm2k"),
        2.5,
        "s",
        remark="Importing torch, with the compiler that its optimisers bring along, and PyG is most of it.",
    ),
    *(
        Target(
            f"{label}, {first:.0f}x to 100x Baby: growth of {cost} over growth of interactions",
            file,
            growth(column, loader, first),
            limit,
            remark=remark,
        )
        for label, file, loader, cost, column, first, limit, remark in (
            ("Full graph", "scale", "full_graph", "time per step", "ms/step", 1.0, 1, OUT_OF_CACHE),
            ("Full graph", "scale", "full_graph", "time per epoch", "s/epoch", 1.0, 1, FULL_GRAPH_EPOCH),
            ("Full graph", "scale", "full_graph", "memory", "MiB", 1.0, 1, ""),
            ("Sampled", "scale-sampled", "neighbor", "time per epoch", "s/epoch", 1.0, 1, SAMPLED_EPOCH),
            ("Sampled", "scale-sampled", "neighbor", "time per epoch", "s/epoch", 10.0, 1.5, SAMPLED_LARGE),
            ("Sampled", "scale-sampled", "neighbor", "memory", "MiB", 1.0, 1, ""),
        )
    ),
    Target(
        "Drawing neighbours, of a sampled step, the graph with the most",
        "scale-sampled",
        percent_drawing,
        25,
        "%",
        remark="At Baby's size, where the neighbourhood is the whole graph; below at 10 and 100 times.",
    ),
    Target(
        "MF-BPR, 10 times Baby, training step: all rows moved over rows moved when a batch meets them",
        "lazy-mf-bpr",
        cell("times as fast", model="mf_bpr", **{"with": "trainer.lazy_rows=auto", "times Baby": 10.0}),
        2.5,
        at_least=True,
        remark="Half of the step is reading and writing rows here and there in tables that lie in no cache.",
    ),
    Target(
        "LightGCN, sampled, 100 times Baby, training step: that of PyG's sampler and all rows of Adam over ours",
        "sampled-before",
        cell("times as fast", model="lightgcn", loader="neighbor", **{"with": "now", "times Baby": 100.0}),
        3,
        at_least=True,
        remark=SAMPLED_STEP,
    ),
    *(
        Target(
            f"A divided graph of 10^7 interactions, memory in a step: of {processes} processes each, over that of one",
            "partition",
            cell("of one", processes=processes, interactions=9_999_453),
            limit,
            remark="1/W and a tenth of it.",
        )
        for processes, limit in ((2, 0.55), (4, 0.275))
    ),
    *(
        Target(
            f"{name} on 10^8 interactions in files, memory of the process",
            file,
            cell("GiB", model=model, users=10_000_000, items=1_000_000),
            20,
            "GiB",
        )
        for name, model, file in (("MF-BPR", "mf_bpr", "disk"), ("LightGCN, sampled", "lightgcn", "disk-lightgcn"))
    ),
    Target(
        "RedND, contrast over all nodes, one thread a process: two processes against one",
        "processes",
        smallest("times as fast", model="rednd", part="contrast"),
        1.5,
        at_least=True,
    ),
    Target(
        "Evaluation, one thread a process, the model with the least gain: two processes against one",
        "processes",
        smallest("times as fast", part="evaluation"),
        1.5,
        at_least=True,
    ),
    Target(
        "Service at Baby's size, one worker: lists a second of which 99 in 100 take at most 50 ms",
        "serve-rate",
        highest_rate,
        700,
        "a second",
        at_least=True,
        remark="Open-loop load from another process; times count from the moment that a request was planned.",
    ),
    Target(
        "Service at Baby's size, ten minutes with 20 changes of the run: failed requests",
        "serve-changes",
        cell("failed", minutes=10.0, changes=20, **{"times Baby": 1.0}),
        0,
        "",
    ),
    Target(
        "Preparing 100,000,000 lines of orders, peak memory of the process",
        "prepare",
        cell("peak MB", lines=100_000_000),
        8_590,
        "MB",
    ),
    Target(
        "LightGCN on Baby on a GPU, training epoch",
        "gpu-epoch",
        cell("s/epoch", model="lightgcn", dataset="baby"),
        0.15,
        "s",
        remark=GPU,
    ),
    Target(
        "RedND on Baby on a GPU, contrast over all nodes, training step",
        "gpu-rednd",
        cell("s/step", times=1e3, code="mmgraph", dataset="baby"),
        40,
        "ms",
        remark=GPU,
    ),
    Target(
        "lfm2k on a GPU, training epoch, the model with the longest",
        "gpu-lfm2k",
        cell("s/epoch", dataset="lfm2k"),
        0.5,
        "s",
        remark=GPU,
    ),
]

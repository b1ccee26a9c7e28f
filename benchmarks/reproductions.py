"""Makes docs/reproductions/: every table and figure of the four papers on a data set, of the runs that are finished.

    python benchmarks/reproductions.py DATASET [--seeds 0 1 2] [--items rednd/table-2 ...] [--runs DIR] [--train]

With ``--train`` what is missing is trained first; without it an item of which most is missing is left out. The
folder of each item is what ``mmgraph-reproduce`` writes; ``index.md`` lists them all. An item that prints names out
of the data set itself is not made here: data are not handed on with the package.
"""

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

import mmgraph
from mmgraph.evidence.reproduce.catalogue import items_of, papers
from mmgraph.evidence.reproduce.outline import Outline

ROOT = Path(__file__).parents[1] / "docs" / "reproductions"
_HEAD = """\
# Reproductions

Tables and figures of the four papers, made again by `mmgraph-reproduce` ([guide](../guides/reproducing.md)), each with
the published value beside ours where the data set is the paper's. Every page says which rows have not been run and why,
on what data, on what machine and at what cost. On baby the interactions are the papers' but neither the split nor the
features are (image 512-d and text 384-d here, 4,096-d and 384-d there), so that figures of models that read features do
not reproduce or refute the published ones; those of models that read none compare. Hyperparameters are those of the
authors or chosen on validation (`conf/tuned`); nothing was chosen on the test split. LGMRec's Fig. 5 names items of two
users; data are not handed on here, so it is yours to make: `mmgraph-reproduce lgmrec figure-5 dataset=lfm2k`.

Minutes are of machines that had other work, too, and of one on which MKL was made to multiply with AVX-512 (on an AMD
processor it takes AVX2 by itself: a run of RedND, LGMRec or NSMAR+ is 1.5 to 1.8 times as long): they do not compare
between pages.

    python benchmarks/reproductions.py lfm2k --seeds 0 1 2 --train     # makes the pages of a data set
"""
_NAMES_ITEMS = {"lgmrec/figure-5"}
_CLAIM = re.compile(r"^On .*, the paper has .*$", re.MULTILINE)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--items", nargs="+", help="PAPER/ITEM; all by default")
    parser.add_argument("--runs", type=Path, help="as in mmgraph-reproduce")
    parser.add_argument("--train", action="store_true")
    args = parser.parse_args()
    known = [f"{paper}/{item}" for paper in papers() for item in items_of(paper)]
    known = [name for name in known if name not in _NAMES_ITEMS]
    for name in args.items or known:
        paper, item = name.split("/")
        make(paper, item, args)
    write_index(ROOT)


def make(paper: str, item: str, args: argparse.Namespace) -> None:
    """The folder of one item, if there is anything to show."""
    out = ROOT / args.dataset / f"{paper}-{item}"
    given = {"dataset": args.dataset, "seeds": args.seeds, "runs": args.runs, "out": out}
    planned = mmgraph.reproduce(paper, item, plan=True, **given)
    if isinstance(planned, Outline) and not args.train and is_mostly_missing(planned):
        print(f"{paper} {item}: left out, too few of its runs are finished")
        return
    made = mmgraph.reproduce(paper, item, train=args.train, **given)
    print(f"{paper} {item}: {len(made.files)} files")


def is_mostly_missing(planned: Outline) -> bool:
    """Whether less than half of the runs are finished."""
    return 2 * sum(state == "finished" for state, _ in planned.runs) < len(planned.runs)


def write_index(root: Path) -> None:
    root.mkdir(parents=True, exist_ok=True)
    (root / "index.md").write_text(index(root), encoding="utf-8")


def index(root: Path) -> str:
    """The page that lists what lies below a folder: a line for each item, a column for each data set.

    The sentences on what the papers claim follow.
    """
    pages = {(page.parent.name, page.parents[1].name): page for page in sorted(root.glob("*/*/*.md"))}
    datasets = sorted({dataset for _, dataset in pages})
    lines = [_HEAD, f"| what | {' | '.join(datasets)} |", f"|{' -- |' * (len(datasets) + 1)}"]
    for name in sorted({name for name, _ in pages}):
        cells = [_link(root, pages.get((name, dataset))) for dataset in datasets]
        title = next(_title(page) for (of, _), page in pages.items() if of == name)
        lines.append(f"| {title} | {' | '.join(cells)} |")
    lines += ["", "## All models on a data set", ""]
    lines += [f"- [{_title(page)}]({page.relative_to(root).as_posix()})" for page in sorted(root.glob("*/*.md"))]
    lines += ["", "## What the papers have first, and what comes first here", ""]
    lines += [f"- {_title(page)}: {claim}" for page in pages.values() for claim in _claims(page)]
    return "\n".join(lines) + "\n"


def _link(root: Path, page: Path | None) -> str:
    return "" if page is None else f"[{page.parents[1].name}]({page.relative_to(root).as_posix()})"


def _title(page: Path) -> str:
    return page.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")


def _claims(page: Path) -> Iterator[str]:
    return iter(_CLAIM.findall(page.read_text(encoding="utf-8")))


if __name__ == "__main__":
    main()

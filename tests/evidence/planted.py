"""A run of which it is known for whom it is right: the most popular items are all that it finds."""

from mmgraph.config.compose import compose_config
from mmgraph.pipeline.run import train
from tests.prepared import write_lines

ACTIVE, QUIET = range(10), range(10, 20)
POPULAR, COLD = 0, 11


def write_planted(root):
    """Writes 20 users and 12 items: active users lack one popular item, quiet ones an unpopular or a cold one.

    Item 0 has 13 train interactions and item 1 has 17, items 2 to 6 have ten, items 7 to 10 one; nobody has item 11.
    """
    root.mkdir(parents=True, exist_ok=True)
    lines = ["userID\titemID\tx_label"]
    for user in ACTIVE:
        hidden = POPULAR if user < 7 else 1
        train_items = [1 - hidden, 2, 3, 4, 5, 6]
        lines += [f"{user}\t{item}\t0" for item in train_items]
        lines += [f"{user}\t{7 + user % 4}\t1", f"{user}\t{hidden}\t2"]
    for user in QUIET:
        lines += [f"{user}\t0\t0", f"{user}\t1\t0"]
        lines += [f"{user}\t2\t1", f"{user}\t{COLD if user == 10 else 7 + user % 4}\t2"]
    lines += [f"20\t{item}\t0" for item in range(7, 11)]
    write_lines(root / f"{root.name}.inter", lines)
    kinds = ["hit", "hit", *["filler"] * 5, *["rare"] * 5]
    write_lines(root / "items.tsv", ["itemID\tkind", *(f"{row}\t{kind}" for row, kind in enumerate(kinds))])
    return root


def train_planted(folder):
    """The folder of a run of Popularity on it, which ranks two items."""
    words = ["model=popularity", "dataset=folder", f"dataset.root={write_planted(folder / 'planted')}"]
    cfg = compose_config([*words, "trainer.accelerator=cpu", "evaluator.ks=[1,2]", "trainer.monitor=recall@2"])
    train(cfg, folder / "run", verbose=False)
    return folder / "run"

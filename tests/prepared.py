"""A little shop as ``mmgraph-prepare`` leaves one: numbers in the interactions, original ids and titles beside them."""

import numpy as np

KINDS = ("shoe", "hat", "coat")
NUM_USERS, NUM_ITEMS = 40, 30


def user_id(row):
    """The original id of a user."""
    return f"user-{row:02}"


def item_id(row):
    """The original id of an item; one looks like a formula."""
    return "=SKU+7" if row == 7 else f"SKU{row:02}"


def write_shop(root, *, shift=0):
    """Writes the folder; ``shift`` gives another split."""
    root.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    labels = np.roll([0, 0, 0, 1, 2], shift)
    lines = ["userID\titemID\tx_label"]
    for user in range(NUM_USERS):
        likes = np.arange(user % len(KINDS), NUM_ITEMS, len(KINDS))
        chosen = np.sort(rng.choice(likes, size=len(labels), replace=False))
        lines += [f"{user}\t{item}\t{label}" for item, label in zip(chosen, labels, strict=True)]
    write_lines(root / f"{root.name}.inter", lines)
    write_lines(root / "users.tsv", ["userID\toriginal_id", *(f"{row}\t{user_id(row)}" for row in range(NUM_USERS))])
    items = [f"{row}\t{item_id(row)}\t{title(row)}\t{KINDS[row % len(KINDS)]}" for row in range(NUM_ITEMS)]
    write_lines(root / "items.tsv", ["itemID\toriginal_id\ttitle\tcategory", *items])
    np.save(root / "text_feat.npy", np.eye(len(KINDS), dtype=np.float32)[np.arange(NUM_ITEMS) % len(KINDS)])
    return root


def title(row):
    """What an item is called."""
    return f"{KINDS[row % len(KINDS)].title()} no. {row}"


def write_lines(path, lines):
    """Writes a text file."""
    path.write_text("".join(f"{line}\n" for line in lines))


def words(root, *others):
    """What trains on it in a moment."""
    small = ["dataset=folder", f"dataset.root={root}", "trainer.max_epochs=2", "trainer.accelerator=cpu"]
    return ["model=vbpr", *small, "evaluator.ks=[5]", "trainer.monitor=recall@5", *others]

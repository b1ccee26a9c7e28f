import numpy as np
import pytest
import torch

from mmgraph.datasets import MMRecFolder
from mmgraph.datasets.mapped import build
from mmgraph.nn import edge_rows
from mmgraph.typing import INTERACTS, PARTS, REV_INTERACTS

SPLITS = ["auto", "x_label", "x_label_draw_validation", "per_user_random", "per_user_time"]


@pytest.fixture(params=[1, 7, 2**20])
def lots_of(request, monkeypatch):
    """Sorts so many interactions at once."""
    size = request.param
    monkeypatch.setattr(
        "mmgraph.datasets.mapped.of_folder.build", lambda *args, **options: build(*args, **options, lot_rows=size)
    )
    return size


def write_shop(root, *, first=0, labels=(0, 1, 2), seed=0):
    """Thirty users in any order, some with many interactions."""
    rng = np.random.default_rng(seed)
    pairs = [(u, i) for u in range(30) for i in rng.choice(40, size=3 + u % 20, replace=False)]
    pairs += [(30, i) for i in range(40)]
    lines = [f"{u + first}\t{i + first}\t{rng.integers(9)}\t{rng.choice(labels)}" for u, i in rng.permutation(pairs)]
    root.mkdir()
    (root / "shop.inter").write_text("\n".join(["userID\titemID\ttimestamp\tx_label", *lines]) + "\n")
    return root


def is_same(mapped, plain):
    """Whether a data set whose interactions are mapped has what the plain one has."""
    assert mapped.split_hash == plain.split_hash
    assert mapped.summary == plain.summary
    assert mapped.feature_hash == plain.feature_hash
    data, expected = mapped[0], plain[0]
    for edge_type, key in ((REV_INTERACTS, lambda edge: edge), (INTERACTS, lambda edge: edge.flip(0))):
        found = torch.cat([torch.stack(pair) for pair in edge_rows(data, edge_type).blocks(13)], dim=1)
        edges = expected[INTERACTS].edge_index
        by_target = edges if edge_type == REV_INTERACTS else edges[:, edges[1].argsort(stable=True)]
        assert torch.equal(key(found), by_target)
    for part in ("val", "test"):
        assert torch.equal(data[INTERACTS][PARTS[part]], expected[INTERACTS][PARTS[part]])
    for side in ("user", "item"):
        assert data[side].num_nodes == expected[side].num_nodes
        assert torch.equal(data[side].degree, expected[side].degree)
        assert ("raw_id" in data[side]) == ("raw_id" in expected[side])
        if "raw_id" in data[side]:
            assert torch.equal(data[side].raw_id, expected[side].raw_id)
    return True


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("first", [0, 1])
def test_sorted_files_hold_what_memory_holds(tmp_path, lots_of, split, first):
    labels = (0, 2) if split == "x_label_draw_validation" else (0, 1, 2)
    root = write_shop(tmp_path / "shop", first=first, labels=labels)
    options = {"split": split, "split_seed": 3}
    assert is_same(MMRecFolder(root, **options, interactions="mapped"), MMRecFolder(root, **options))


def test_a_folder_with_features_that_know_more_items(tmp_path, folder):
    for name in ("image", "text"):
        features = np.load(folder / f"{name}_feat.npy")
        np.save(folder / f"{name}_feat.npy", np.vstack([features, np.full((20, features.shape[1]), 9)]))
    assert is_same(MMRecFolder(folder, interactions="mapped"), MMRecFolder(folder))


@pytest.mark.parametrize(
    "line",
    ["3\t7\t5\t0", "-1\t2\t5\t0", "99\t2\t5\t0", "1\t99999\t5\t0", "1\t1\tnan\t0", "1\t1\t5\t3", "1\tx\t5\t0", "1\t1"],
)
def test_what_is_wrong_is_named_by_its_line_as_in_memory(tmp_path, line):
    root = write_shop(tmp_path / "shop")
    path = root / "shop.inter"
    header, *lines = path.read_text().splitlines()
    if line.startswith("3\t7"):  # a pair twice
        lines = [*[one for one in lines if not one.startswith("3\t7\t")], "3\t7\t1\t0"]
    path.write_text("\n".join([header, *lines, line]) + "\n")
    messages = []
    for interactions in ("memory", "mapped"):
        with pytest.raises(ValueError) as error:  # noqa: PT011 (the two are compared)
            MMRecFolder(root, split="per_user_time" if "nan" in line else "auto", interactions=interactions)
        messages.append(str(error.value))
    place = f"{path}:{len(lines) + 2}: "
    assert messages[0].startswith(place)
    assert messages[1].startswith(place)
    if "99" not in line:
        assert messages[0] == messages[1]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"split": "random"}, "let mmgraph-prepare split them"),
        ({"split": "global_time"}, "let mmgraph-prepare split them"),
        ({"k_core": 2}, "k_core=2 chooses among them"),
        ({"min_rating": 2}, "min_rating=2 chooses among them"),
        ({"missing": "graph"}, "take missing=mean or zero"),
    ],
)
def test_what_needs_all_interactions_at_once_is_refused(folder, options, reason):
    with pytest.raises(ValueError, match=f"^interactions=mapped.*{reason}"):
        MMRecFolder(folder, **options, interactions="mapped")


def test_an_empty_part_is_refused_as_in_memory(tmp_path):
    root = write_shop(tmp_path / "shop", labels=(0, 2))
    with pytest.raises(ValueError, match=r"the validation part is empty .* split=x_label_draw_validation"):
        MMRecFolder(root, interactions="mapped")


def test_the_folder_can_ask_for_it(tmp_path):
    root = write_shop(tmp_path / "shop")
    (root / "dataset.yaml").write_text("interactions: mapped\n")
    assert "interactions mapped" in MMRecFolder(root).describe()
    (root / "dataset.yaml").write_text("interactions: disk\n")
    with pytest.raises(ValueError, match=r"interactions='disk': must be one of \['memory', 'mapped'\]"):
        MMRecFolder(root)

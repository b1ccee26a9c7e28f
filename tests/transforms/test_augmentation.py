import numpy as np
import pytest
import torch

from mmgraph.transforms import PREFERS, REJECTS, LLMAugmentation, read_augmentation, stand_in
from tests.conftest import adjacency, bipartite_graph

SIZES = {"num_users": 2, "num_items": 3}


@pytest.fixture
def folder(tmp_path):
    np.save(tmp_path / "user_profile.npy", np.ones((2, 4), dtype=np.float16))
    np.save(tmp_path / "item_year.npy", np.zeros((3, 2)))
    np.save(tmp_path / "item_director.npy", np.ones((3, 5)))
    (tmp_path / "pairs.tsv").write_text("userID\tliked_itemID\tdisliked_itemID\n1\t0\t2\n1\t1\t2\n")
    return tmp_path


def test_files_are_read_as_they_stand(folder):
    augmentation = read_augmentation(folder, **SIZES)
    assert augmentation.profile.dtype == torch.float32
    assert {name: tuple(x.shape) for name, x in augmentation.attributes.items()} == {"director": (3, 5), "year": (3, 2)}
    assert augmentation.pairs.tolist() == [[1, 1], [0, 1], [2, 2]]


@pytest.mark.parametrize("name", ["user_profile.npy", "item_*.npy", "pairs.tsv"])
def test_a_missing_file_is_named(folder, name):
    for path in folder.glob(name):
        path.unlink()
    with pytest.raises(FileNotFoundError, match=name.split("*")[0]):
        read_augmentation(folder, **SIZES)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.ones((4, 4)), r"a row for each of the 2 users, found shape \(4, 4\)"),
        (np.ones((2, 4), dtype=int), "a matrix of floats"),
        (np.array([[1.0], [1e300]]), "row 1 has a NaN or Inf as float32"),
        (np.array([[1.0], [np.nan]]), "row 1 has a NaN"),
        (np.array([{"a": 1}], dtype=object), "cannot be read as a plain .npy array"),
    ],
)
def test_a_bad_matrix_is_named(folder, array, message):
    np.save(folder / "user_profile.npy", array, allow_pickle=True)
    with pytest.raises(ValueError, match=f"user_profile.npy.*{message}"):
        read_augmentation(folder, **SIZES)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"pairs.tsv:1: the header must be \['userID'"),
        ("user\titem\tother\n", "pairs.tsv:1: the header"),
        (
            "userID\tliked_itemID\tdisliked_itemID\n0\t1\t2\n2\t0\t1\n",
            "pairs.tsv:3: userID must be from 0 to 1, found 2",
        ),
        ("userID\tliked_itemID\tdisliked_itemID\n0\t1\n", "pairs.tsv:2: 2 fields, but the header has 3"),
        (
            "userID\tliked_itemID\tdisliked_itemID\n0\t-1\t2\n",
            "pairs.tsv:2: liked_itemID must be from 0 to 2, found -1",
        ),
        ("userID\tliked_itemID\tdisliked_itemID\n0\t\u0661\t2\n", "pairs.tsv:2: liked_itemID must be an integer"),
        (
            "userID\tliked_itemID\tdisliked_itemID\n0\t1\t" + "9" * 5000 + "\n",
            "pairs.tsv:2: disliked_itemID must be an",
        ),
    ],
)
def test_a_bad_line_is_named(folder, text, message):
    (folder / "pairs.tsv").write_text(text)
    with pytest.raises(ValueError, match=message):
        read_augmentation(folder, **SIZES)


@pytest.mark.parametrize("name", ["user_profile.npy", "item_year.npy"])
def test_a_header_that_claims_too_much_takes_no_memory(folder, name):
    with (folder / name).open("wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "<f8", "fortran_order": False, "shape": (10**9, 10**9)})
    with pytest.raises(ValueError, match=f"{name}: cannot be read as a plain"):
        read_augmentation(folder, **SIZES)


def test_pairs_in_another_encoding_are_named(folder):
    (folder / "pairs.tsv").write_text("userID\tliked_itemID\tdisliked_itemID\n", encoding="utf-16")
    with pytest.raises(ValueError, match=r"pairs.tsv: is UTF-16 text"):
        read_augmentation(folder, **SIZES)


def test_pairs_may_be_none_at_all(folder):
    (folder / "pairs.tsv").write_text("userID\tliked_itemID\tdisliked_itemID\n")
    assert read_augmentation(folder, **SIZES).pairs.shape == (3, 0)


def test_a_stand_in_likes_the_nearest_of_its_candidates_and_not_the_farthest(graph):
    graph["item"].x_text[-1] = 0  # an item without interactions and without content
    profile, attributes, pairs = stand_in(graph, graph["item"].x_text, num_candidates=3)
    unit = torch.nn.functional.normalize(graph["item"].x_text, dim=-1)
    torch.testing.assert_close(profile, torch.nn.functional.normalize(adjacency(graph) @ unit, dim=-1))
    assert torch.equal(attributes["content"], graph["item"].x_text)
    scores = (profile @ unit.T).masked_fill(adjacency(graph) > 0, -torch.inf)
    order = scores.argsort(dim=1, descending=True)
    assert pairs[0].tolist() == list(range(12))
    assert torch.equal(pairs[1:], order[:, [0, 2]].T)


def test_the_transform_adds_to_a_copy(graph, folder):
    before = set(graph.edge_types), set(graph["item"].keys())
    augmented = LLMAugmentation()(graph)
    assert (set(graph.edge_types), set(graph["item"].keys())) == before
    assert torch.equal(augmented[PREFERS].edge_index[0], augmented[REJECTS].edge_index[0])
    assert torch.equal(augmented["item"].attribute_content, graph["item"].x_text)
    small = bipartite_graph(num_users=2, num_items=3)
    read = LLMAugmentation(root=str(folder))(small)
    assert read["user"].profile.shape == (2, 4)
    assert read["item"].attribute_director.shape == (3, 5)


def test_nothing_to_stand_in_from():
    with pytest.raises(ValueError, match=r"modality='audio'.*\['image', 'text'\]"):
        LLMAugmentation(modality="audio")(bipartite_graph())
    with pytest.raises(ValueError, match=r"the items have \[\]"):
        LLMAugmentation()(bipartite_graph(modalities=()))
    with pytest.raises(ValueError, match="num_candidates=1"):
        LLMAugmentation(num_candidates=1)(bipartite_graph())


def test_the_hash_of_its_files_follows_each_of_them(folder):
    transform = LLMAugmentation(root=str(folder))
    hashes = {transform.file_hash()}
    for name in ("user_profile.npy", "item_year.npy", "pairs.tsv"):
        before = (folder / name).read_bytes()
        (folder / name).write_bytes(before[:-1] + bytes([before[-1] ^ 1]))
        hashes.add(transform.file_hash())
        (folder / name).write_bytes(before)
    (folder / "item_year.npy").rename(folder / "item_age.npy")
    hashes.add(transform.file_hash())
    assert len(hashes) == 5
    assert LLMAugmentation().file_hash() is None

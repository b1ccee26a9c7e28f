"""Damaged data folders: a data set that is read whole, or a sentence that names the file."""

import io
import shutil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmgraph.datasets import MMRecFolder
from mmgraph.transforms import read_augmentation
from tests.fuzz.conftest import BOUNDED, ODD, answer, damaged

NUM_USERS, NUM_ITEMS = 6, 7
ROWS = [(u, (u + step) % NUM_ITEMS, label) for u in range(NUM_USERS) for step, label in enumerate((0, 0, 0, 1, 2))]
HEADER = "userID\titemID\tx_label"
INTER = "\n".join([HEADER, *("\t".join(map(str, row)) for row in ROWS)]).encode() + b"\n"
ITEMS = b"itemID\ttitle\n" + b"".join(b"%d\tred shoe %d\n" % (i, i) for i in range(NUM_ITEMS))


def npy(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


FEATURES = npy(np.random.default_rng(0).normal(size=(NUM_ITEMS, 3)).astype(np.float32))
MASK = npy(np.arange(NUM_ITEMS) != 2)
FILES = {"toy.inter": INTER, "text_feat.npy": FEATURES, "text_mask.npy": MASK, "items.tsv": ITEMS}


def read(root):
    dataset = MMRecFolder(root, cache_dir=root / "cache")
    data = dataset[0]
    assert data["item"].x_text.isfinite().all()
    assert data["item"].x_text.size(0) == data["item"].num_nodes
    assert dataset.items is None or len(dataset.items) == data["item"].num_nodes


def folder_of(files, tmp_path_factory):
    root = tmp_path_factory.mktemp("toy")
    for name, content in files.items():
        (root / name).write_bytes(content)
    return root


def refuses_or_reads(tmp_path_factory, name, content):
    root = folder_of(FILES | {name: content}, tmp_path_factory)
    answer(lambda: read(root), name, str(root), "modalities", "split", "k_core")
    shutil.rmtree(root)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", FILES)
def test_damaged_file(name, tmp_path_factory):
    @BOUNDED
    @given(damaged(FILES[name]))
    def run(content):
        refuses_or_reads(tmp_path_factory, name, content)

    run()


FIELD = st.one_of(
    st.integers(-2, 9).map(str), st.sampled_from([piece.decode("latin-1") for piece in ODD]), st.text(max_size=4)
)
LINE = st.lists(FIELD, min_size=0, max_size=5).map("\t".join)


@pytest.mark.filterwarnings("ignore")
@BOUNDED
@given(
    header=st.permutations(["userID", "itemID", "x_label", "rating", "userID"]).map(lambda names: names[:4]),
    lines=st.lists(LINE, max_size=6),
    encoding=st.sampled_from(["utf-8", "utf-16", "latin-1"]),
)
def test_written_lines(header, lines, encoding, tmp_path_factory):
    content = INTER.decode() if header[:2] == ["userID", "itemID"] else "\t".join(header) + "\n"
    refuses_or_reads(
        tmp_path_factory, "toy.inter", (content + "\n".join(lines)).encode(encoding, errors="replace") + b"\n"
    )


@pytest.mark.filterwarnings("ignore")
@BOUNDED
@given(
    dtype=st.sampled_from(["f2", "f4", "f8", "i8", "u1", "?", "c8", "U3", "S2", "M8[s]", "V4", ">f4"]),
    shape=st.sampled_from([(), (7,), (7, 3), (7, 0), (0, 3), (6, 3), (8, 3), (7, 3, 1)]),
    value=st.sampled_from([0, 1, 200]),
    order=st.sampled_from("CF"),
)
def test_arrays_of_any_kind(dtype, shape, value, order, tmp_path_factory):
    array = np.full(shape, value, order=order).astype(dtype) if dtype != "V4" else np.zeros(shape, "V4")
    refuses_or_reads(tmp_path_factory, "text_feat.npy", npy(array))


AUGMENTATION = {
    "user_profile.npy": npy(np.ones((NUM_USERS, 4), np.float32)),
    "item_year.npy": npy(np.ones((NUM_ITEMS, 4), np.float16)),
    "pairs.tsv": b"userID\tliked_itemID\tdisliked_itemID\n" + b"".join(b"%d\t%d\t0\n" % (u, u + 1) for u in range(6)),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", AUGMENTATION)
def test_damaged_augmentation(name, tmp_path_factory):
    @BOUNDED
    @given(damaged(AUGMENTATION[name]))
    def run(content):
        root = folder_of(AUGMENTATION | {name: content}, tmp_path_factory)
        answer(lambda: read_augmentation(root, num_users=NUM_USERS, num_items=NUM_ITEMS), name, str(root))
        shutil.rmtree(root)

    run()

import os
import re

import numpy as np
import pytest
import torch

from mmgraph.datasets import MMRecFolder, cache
from mmgraph.typing import INTERACTS

PARTS = ("edge_index", "val_edge_label_index", "test_edge_label_index")


def all_pairs(data):
    edges = torch.cat([data[INTERACTS][part] for part in PARTS], dim=1)
    return sorted(zip(*edges.tolist(), strict=True))


def same_graph(one, other):
    one, other = one.to_dict(), other.to_dict()
    assert one.keys() == other.keys()
    for store in one:
        assert one[store].keys() == other[store].keys()
        for key, value in one[store].items():
            assert torch.equal(torch.as_tensor(value), torch.as_tensor(other[store][key])), (store, key)
    return True


def test_a_whole_folder(folder, pairs):
    dataset = MMRecFolder(folder)
    data = dataset[0]
    assert dataset.name == "toy"
    assert re.fullmatch("[0-9a-f]{64}", dataset.split_hash)
    assert (data["user"].num_nodes, data["item"].num_nodes) == (6, 12)
    assert all_pairs(data) == sorted(pairs)
    assert data["item"].x_image.shape == (12, 4)
    assert data["item"].x_image.dtype == data["item"].x_text.dtype == torch.float32
    np.testing.assert_array_equal(data["item"].x_image.numpy(), np.load(folder / "image_feat.npy").astype(np.float32))
    assert dataset.summary["modalities"] == {
        "image": {"dim": 4, "items_without": 0},
        "text": {"dim": 3, "items_without": 0},
    }


def test_options_reach_their_place(folder, pairs):
    data = MMRecFolder(folder, "toy", modalities=["text"], features={"text": "l2"}, min_rating=2)[0]
    assert "x_image" not in data["item"]
    torch.testing.assert_close(data["item"].x_text.norm(dim=1), torch.ones(12))
    assert all_pairs(data) == sorted((u, i) for u, i in pairs if 1 + (u * i) % 5 >= 2)
    by_time = MMRecFolder(folder, split="global_time")[0][INTERACTS]
    times = [max(10 * i + u for u, i in zip(*by_time[part].tolist(), strict=True)) for part in PARTS]
    assert times == sorted(times)


def test_lines_in_another_order_are_the_same_data_set(folder, tmp_path):
    one = MMRecFolder(folder)
    header, *lines = (folder / "toy.inter").read_text().splitlines()
    (folder / "toy.inter").write_text("\n".join([header, *np.random.default_rng(1).permutation(lines)]) + "\n")
    other = MMRecFolder(folder, cache_dir=tmp_path / "other")
    assert one.split_hash == other.split_hash
    assert same_graph(one[0], other[0])


def test_k_core_re_indexes_everything(folder):
    with (folder / "toy.inter").open("a") as file:
        file.write("40\t11\t3\t1\n2\t30\t3\t1\n")  # ids with gaps; both are below the core
    for name in ("image", "text"):
        features = np.load(folder / f"{name}_feat.npy")
        np.save(folder / f"{name}_feat.npy", np.vstack([features, np.full((20, features.shape[1]), 9)]))
    with pytest.raises(ValueError, match=r"ids must be without gaps.*set k_core=1"):
        MMRecFolder(folder)
    (folder / "items.tsv").write_text("itemID\tname\n" + "".join(f"{i}\titem {i}\n" for i in (30, 3, 2)))
    dataset = MMRecFolder(folder, k_core=1)
    data = dataset[0]
    assert data["user"].raw_id.tolist() == [0, 1, 2, 3, 4, 5, 40]
    assert data["item"].raw_id.tolist() == [*range(12), 30]
    assert data["item"].x_image[12].tolist() == [9, 9, 9, 9]
    assert dataset.items[12] == {"itemID": "30", "name": "item 30"}
    assert dataset.items[2:5] == [{"itemID": "2", "name": "item 2"}, {"itemID": "3", "name": "item 3"}, {}]
    assert MMRecFolder(folder, k_core=2)[0]["item"].raw_id.tolist() == list(range(12))


def test_items_are_for_people(folder):
    assert MMRecFolder(folder).items is None
    (folder / "items.tsv").write_text('itemID\tname\n0\ta "quoted\n1\tb\n')
    assert MMRecFolder(folder).items[:3] == [{"itemID": "0", "name": 'a "quoted'}, {"itemID": "1", "name": "b"}, {}]
    (folder / "items.tsv").write_text("id\tname\n0\ta\n")
    with pytest.raises(ValueError, match=r"items.tsv:1: no column 'itemID' in the header \['id', 'name'\]"):
        _ = MMRecFolder(folder).items


def test_the_cache_is_hit_and_gives_the_same(folder, reads, own_cache):
    first, second = MMRecFolder(folder), MMRecFolder(str(folder))
    assert len(reads) == 1
    assert same_graph(first[0], second[0])
    assert first.split_hash == second.split_hash
    assert first.summary == second.summary
    assert len(list(own_cache.iterdir())) == 1
    MMRecFolder(folder, cache_dir=own_cache / "elsewhere")
    assert len(reads) == 2


def test_one_other_byte_is_another_key(folder, reads):
    MMRecFolder(folder)
    content = bytearray((folder / "toy.inter").read_bytes())
    stamp = os.stat(folder / "toy.inter")
    content[-2] ^= 1
    (folder / "toy.inter").write_bytes(content)
    os.utime(folder / "toy.inter", ns=(stamp.st_atime_ns, stamp.st_mtime_ns))  # neither time nor size gives it away
    MMRecFolder(folder)
    assert len(reads) == 2


def test_features_are_not_kept_but_read_anew(folder, reads, own_cache):
    MMRecFolder(folder)
    np.save(folder / "text_mask.npy", np.arange(12) > 0)
    data = MMRecFolder(folder, features={"image": "l2"}, missing="mean")[0]
    assert data["item"].has_text.tolist() == [False] + [True] * 11
    torch.testing.assert_close(data["item"].x_text[0], data["item"].x_text[1:].mean(0))
    np.save(folder / "audio_feat.npy", np.ones((12, 1)))
    assert "x_audio" in MMRecFolder(folder)[0]["item"]
    assert MMRecFolder(folder, split_seed=1)[0]["item"].x_text.shape == (12, 3)
    assert all(path.stat().st_size < 16_000 for path in own_cache.iterdir())
    assert len(reads) == 2, "another seed is another split"


def test_every_option_is_in_the_key(folder, reads):
    header, *lines = (folder / "toy.inter").read_text().splitlines()
    (folder / "toy.inter").write_text("\n".join([f"{header}\tx_label", *(f"{line}\t0" for line in lines)]) + "\n")
    options = [
        {},
        {"split": "per_user_random"},
        {"split": "random"},
        {"split": "random", "ratios": [0.6, 0.2, 0.2]},
        {"split_seed": 1},
        {"min_rating": 1},
        {"k_core": 1},
        {"columns": {"x_label": "none"}},
    ]
    for count, chosen in enumerate(options, start=1):
        for _ in range(2):
            MMRecFolder(folder, **{"columns": {"x_label": "absent"}, **chosen})
        assert len(reads) == count, chosen


def test_a_damaged_cache_file_is_made_again(folder, reads, own_cache):
    first = MMRecFolder(folder)
    (kept,) = own_cache.iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(whole[: len(whole) // 2])
    assert same_graph(MMRecFolder(folder)[0], first[0])
    assert len(reads) == 2
    assert cache.load(kept, max_bytes=10**6) is not None


def test_the_folder_is_never_written_to(folder):
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    folder.chmod(0o555)
    try:
        MMRecFolder(folder)
    finally:
        folder.chmod(0o755)
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_no_cache_can_be_written(folder, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.warns(UserWarning, match="going on without a cache"):
        assert MMRecFolder(folder, cache_dir=tmp_path / "file")[0]["user"].num_nodes == 6


def test_nothing_is_kept_of_a_wrong_folder(folder, own_cache):
    np.save(folder / "text_feat.npy", np.ones((11, 3)))
    with pytest.raises(ValueError, match=r"image_feat.npy has 12, text_feat.npy has 11"):
        MMRecFolder(folder)
    assert not own_cache.exists()


def test_a_modality_that_no_item_has(folder):
    np.save(folder / "text_feat.npy", np.full((12, 3), np.nan))
    with pytest.raises(ValueError, match="no item has the modality 'text'; leave it out of modalities"):
        MMRecFolder(folder)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"missing": "median"}, r"missing='median': must be one of \['mean', 'zero', 'graph'\]"),
        ({"split": "lottery"}, "split='lottery': must be one of"),
        ({"features": "log"}, "unknown scaling"),
        ({"modalities": ["smell"]}, r"unknown \['smell'\]"),
        ({"k_core": 0}, "k_core=0: must be at least 1"),
        ({"k_core": 99}, "k_core=99: no interaction is left"),
        ({"min_rating": 9}, "min_rating=9: no interaction is left"),
        ({"min_rating": 2, "columns": {"rating": "stars"}}, "has no rating column"),
        ({"split": "x_label"}, "the file has no x_label column"),
    ],
)
def test_wrong_options(folder, own_cache, options, message):
    with pytest.raises(ValueError, match=message):
        MMRecFolder(folder, **options)
    assert not own_cache.exists()


def test_a_data_set_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError) as caught:
        MMRecFolder(tmp_path / "sports", "sports", source="ask the library")
    message = str(caught.value)
    for part in (
        "no sports.inter",
        "ask the library",
        f"{tmp_path}/sports/sports.inter",
        "<modality>_feat.npy",
        "data_root",
    ):
        assert part in message


def test_which_of_several(folder, tmp_path):
    (folder / "other.inter").write_text("userID\titemID\n0\t0\n0\t1\n0\t2\n")
    with pytest.raises(ValueError, match=r"several data sets, \['other', 'toy'\]; choose one with name="):
        MMRecFolder(folder)
    assert MMRecFolder(folder, "other", modalities=[]).summary["interactions"] == 3
    with pytest.raises(FileNotFoundError, match=r"there is \['other.inter', 'toy.inter'\]"):
        MMRecFolder(folder, "third")


def test_weights_of_train_reach_the_graph(tmp_path, own_cache):
    rows = [(u, i, 1 + u + 10 * i, i % 3) for u in range(4) for i in range(6)]
    lines = ["userID\titemID\tweight\tx_label", *("\t".join(map(str, row)) for row in rows)]
    (tmp_path / "x.inter").write_text("\n".join(lines) + "\n")
    for data in (MMRecFolder(tmp_path)[0], MMRecFolder(tmp_path)[0]):  # the second from the cache
        edges = data["user", "interacts", "item"]
        assert edges.weight.tolist() == (1 + edges.edge_index[0] + 10 * edges.edge_index[1]).tolist()
    core = MMRecFolder(tmp_path, k_core=4)[0]["user", "interacts", "item"]
    assert core.weight.numel() == core.edge_index.size(1)

import numpy as np
import pytest

from mmgraph.datasets import MMRecFolder
from mmgraph.datasets.inter_file import read_interactions
from mmgraph.datasets.split import held_out_counts, split_labels

# users, items, train, val, test, absent users, absent items, {modality: size}
REAL = {
    "lfm2k": (1858, 1425, 44_327, 4_799, 7_219, 0, 0, {"audio": 128, "speech": 512, "text": 384}),
    "tiktok": (9308, 6710, 59_541, 3_051, 6_130, 10, 465, {"audio": 128, "image": 128}),
    "baby": (19_445, 7_050, 118_551, 21_682, 20_559, 0, 2, {"image": 512, "text": 384}),
    "sports": (35_598, 18_357, 218_409, 40_029, 37_899, 0, 13, {"text": 384}),
}


@pytest.mark.data
@pytest.mark.parametrize("name", REAL)
def test_counts(name, real_data):
    summary = MMRecFolder(real_data / name).summary
    keys = ("users", "items", "train", "val", "test", "users_absent_from_train", "items_absent_from_train")
    modalities = {modality: found["dim"] for modality, found in summary["modalities"].items()}
    assert (*(summary[key] for key in keys), modalities) == REAL[name]


@pytest.mark.data
def test_a_drawn_split_of_baby_has_the_sizes_that_mmrec_reports(real_data):
    table = read_interactions(real_data / "baby" / "baby.inter", optional=[])
    assert np.bincount(split_labels(table)).tolist() == [118_551, 20_559, 21_682]
    val, test = held_out_counts(np.bincount(table.user))
    assert (val.sum(), test.sum()) == (20_559, 21_682)


@pytest.mark.data
def test_items_of_lfm2k(real_data):
    dataset = MMRecFolder(real_data / "lfm2k")
    assert len(dataset.items) == 1425
    assert dataset.items[0]["name"] == "Groove Armada"

import pytest
import torch

from mmgraph.datasets.augment import main, text_vectors, write_augmentation
from mmgraph.transforms import read_augmentation, stand_in
from tests.conftest import bipartite_graph


def test_rare_words_count_more():
    x = text_vectors(["blue song", "red song", "red song", "red song"], dim=4096)
    assert x.norm(dim=1).tolist() == pytest.approx([1, 1, 1, 1])
    assert 0 <= x[0] @ x[1] < 0.1


def test_written_and_read_again(tmp_path, graph):
    augmentation = stand_in(graph, graph["item"].x_text)
    write_augmentation(tmp_path / "out", augmentation)
    read = read_augmentation(tmp_path / "out", num_users=12, num_items=9)
    assert torch.equal(read.profile, augmentation.profile)
    assert torch.equal(read.pairs, augmentation.pairs)
    assert torch.equal(read.attributes["content"], augmentation.attributes["content"])


@pytest.fixture
def folder(tmp_path):
    edges = bipartite_graph()["user", "interacts", "item"].edge_index.T.tolist()
    lines = [f"{user}\t{item}\t0" for user, item in edges] + ["0\t8\t1", "1\t8\t2"]
    (tmp_path / "toy.inter").write_text("\n".join(["userID\titemID\tx_label", *lines]) + "\n")
    return tmp_path


def test_the_command_makes_files_from_item_text(tmp_path, folder):
    words = ["a quiet song", "a loud song", "silence"] * 3
    rows = [f"{item}\t{text}" for item, text in enumerate(words)]
    (folder / "items.tsv").write_text("\n".join(["itemID\tname", *rows]) + "\n")
    main([str(folder), str(tmp_path / "out"), "--dim", "32"])
    read = read_augmentation(tmp_path / "out", num_users=12, num_items=9)
    assert read.attributes["content"].shape == (9, 32)
    assert read.pairs.size(1) > 0


def test_without_text_the_command_says_so(tmp_path, folder, capsys):
    with pytest.raises(SystemExit):
        main([str(folder), str(tmp_path / "out")])
    assert "has no items.tsv" in capsys.readouterr().err


def test_text_of_no_item_is_an_error(tmp_path, folder, capsys):
    (folder / "items.tsv").write_text("itemID\tname\n0.0\tred shoe\n")
    with pytest.raises(SystemExit):
        main([str(folder), str(tmp_path / "out")])
    assert "items.tsv: none of its 1 ids ('0.0') is an item" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()

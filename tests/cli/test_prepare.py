"""mmgraph-prepare: the words of prepare_data, and errors as sentences."""

import pytest

from mmgraph.cli.prepare import main
from tests.prepare.conftest import PAIRS, lines


@pytest.fixture
def orders(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "orders.csv").write_text(lines([(*pair, 5) for pair in PAIRS], header="who,item,rating"))
    return tmp_path


def test_the_words_are_those_of_the_function(orders, capsys):
    main(
        [
            "orders.csv",
            "out=shop",
            "columns.user=who",
            "repeats=count",
            "split=random",
            "ratios=[0.5,0.3,0.2]",
            "license=CC0",
        ]
    )
    out, told = capsys.readouterr()
    assert out == "written to shop\n"
    assert "columns of orders.csv: user=who, item=item, rating=rating" in told
    assert "read: 20 interactions, 5 users, 6 items" in told
    assert (orders / "shop" / "shop.inter").read_text().startswith("userID\titemID\trating\tweight\tx_label\n")
    assert '"license": "CC0"' in (orders / "shop" / "dataset.json").read_text()


@pytest.mark.parametrize(("words", "message"), [
    (["orders.csv"], "out=FOLDER is missing"),
    (["orders.csv", "out=shop"], "which column of ['who', 'item', 'rating'] has the users?"),
    (["orders.csv", "out=shop", "kcore=5"], "there is no word kcore; did you mean k_core="),
    (["nowhere.csv", "out=shop"], "nowhere.csv: there is no such file or folder"),
    (["out=shop"], "there is nothing to read"),
])  # fmt: skip
def test_errors_are_sentences(orders, capsys, words, message):
    with pytest.raises(SystemExit):
        main(words)
    assert message in capsys.readouterr().err
    assert not (orders / "shop").exists()


@pytest.mark.parametrize(
    ("words", "text"), [(["--help"], "mmgraph-prepare orders.csv out=shop"), (["--version"], "mmgraph ")]
)
def test_help_and_version(capsys, words, text):
    with pytest.raises(SystemExit, match="0"):
        main(words)
    assert text in capsys.readouterr().out

"""``mmgraph-encode`` and ``mmgraph-compare-encoders``: their words are the arguments of the functions."""

import numpy as np
import pytest

from mmgraph.cli import compare_encoders, encode


@pytest.fixture
def shop(tmp_path):
    rows = [f"{item}\t{['red shoe', 'green tea'][item % 2]}\t{'ab'[item % 2]} thing" for item in range(40)]
    (tmp_path / "items.tsv").write_text("\n".join(["itemID\ttitle\tkind", *rows]) + "\n")
    pairs = [f"{user}\t{item}" for user in range(20) for item in range(user % 2, 40, 2) if (user + item) % 3]
    (tmp_path / "shop.inter").write_text("\n".join(["userID\titemID", *pairs]) + "\n")
    return tmp_path


def test_words_are_arguments(shop, capsys):
    encode.main([str(shop), "text_columns=[kind]", "precision=single"])
    assert np.load(shop / "text_feat.npy").dtype == np.float32
    assert "text: column kind; 0 of 40 items have none" in capsys.readouterr().out


def test_encoders_are_compared(shop, capsys):
    compare_encoders.main([str(shop), "text=[tfidf]"])
    assert "1.0000" in capsys.readouterr().out
    assert not (shop / "text_feat.npy").exists()


@pytest.mark.parametrize("main", [encode.main, compare_encoders.main])
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["txet=[tfidf]"], "there is no word txet; did you mean text=?"),
        (["batch_size=many"], "batch_size=many: must be a whole number"),
        (["tfidf"], "tfidf: is no setting"),
        (["device=abacus"], "device='abacus': is none that torch can use here"),
    ],
)
def test_wrong_words_are_answered_by_a_sentence(shop, capsys, main, words, message):
    with pytest.raises(SystemExit, match="1"):
        main([str(shop), *words])
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error


@pytest.mark.parametrize("main", [encode.main, compare_encoders.main])
def test_help_has_examples(capsys, main):
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    assert "examples:" in capsys.readouterr().out

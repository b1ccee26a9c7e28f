"""``mmgraph-encode`` and ``mmgraph-compare-encoders``: their words are the arguments of the functions."""

import os
import signal

import numpy as np
import pytest

from mmgraph.cli import compare_encoders, encode
from mmgraph.prepare.features import unfinished
from mmgraph.prepare.features.tfidf import TfidfEncoder


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


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_command_that_is_ended_by_a_signal_goes_on_when_it_is_given_again(shop, capsys, monkeypatch, number, code):
    monkeypatch.setattr(unfinished, "ROWS", 10)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # in the background it is ignored
    encode_part = TfidfEncoder.encode
    parts = []

    def ended(self, texts):
        if len(parts) == 2:
            os.kill(os.getpid(), number)
        parts.append(len(texts))
        return encode_part(self, texts)

    with monkeypatch.context() as patch:
        patch.setattr(TfidfEncoder, "encode", ended)
        with pytest.raises(SystemExit, match=str(code)):
            encode.main([str(shop)])
    signal.signal(signal.SIGINT, before)
    assert "the same command goes on after what is encoded" in capsys.readouterr().err
    assert not (shop / "text_feat.npy").exists()
    encode.main([str(shop)])
    assert "text_feat.npy: goes on after 20 items" in capsys.readouterr().out
    stopped = (shop / "text_feat.npy").read_bytes()
    (shop / "text_feat.npy").unlink()
    encode.main([str(shop)])
    assert (shop / "text_feat.npy").read_bytes() == stopped


@pytest.mark.parametrize("main", [encode.main, compare_encoders.main])
def test_help_has_examples(capsys, main):
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    assert "examples:" in capsys.readouterr().out

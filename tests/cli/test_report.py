import pytest

import mmgraph as mm
from mmgraph.cli.report import main
from tests.evidence.page.runs import found_in, hits_of, save_run


@pytest.fixture
def runs(tmp_path):
    return save_run(tmp_path / "a", "m", hits_of([1, 0], [0, 1]))


def test_the_words_of_the_command_are_those_of_python(runs, tmp_path, capsys):
    main([str(runs), f"out={tmp_path / 'a.html'}", "metric=ndcg@2", "maps=[]", "details=0"])
    assert capsys.readouterr().out == f"written to {tmp_path / 'a.html'}\n"
    mm.write_report(runs, out=tmp_path / "b.html", metric="ndcg@2", maps=[], details=0)
    first, second = (found_in(tmp_path / f"{name}.html") for name in "ab")
    del first["board"]["made"], second["board"]["made"]
    assert first == second
    assert first["board"]["metric"] == "ndcg@2"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["metrik=ndcg@2"], "there is no word metrik; did you mean metric=?"),
        (["k=ten"], "k=ten: must be a whole number"),
        (["metric=mrr@1"], "no run has it; they have recall@1"),
    ],
)
def test_wrong_words_are_sentences(runs, capsys, words, message):
    with pytest.raises(SystemExit) as caught:
        main([str(runs), *words])
    assert caught.value.code == 1
    assert message in " ".join(capsys.readouterr().err.split())


def test_folders_are_asked_for(capsys):
    with pytest.raises(SystemExit):
        main(["out=a.html"])
    assert "name a folder of runs" in capsys.readouterr().err


def test_help_has_examples_and_words(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    text = capsys.readouterr().out
    assert "mmgraph-report outputs" in text
    assert "maps=[pca,tsne]" in text

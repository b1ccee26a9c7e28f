import pytest

from mmgraph.cli.reproduce import main
from mmgraph.evidence.reproduce import api
from tests.evidence.reproduce.conftest import SMALL, tiny  # noqa: F401  # fixture


def test_papers_and_items_are_listed_with_their_cost(capsys):
    main([])
    everything = capsys.readouterr().out
    assert "lgmrec" in everything
    main(["rednd"])
    listed = capsys.readouterr().out
    assert "figure-2-lambda_c" in listed
    assert "lgmrec" not in listed
    (line,) = (line for line in listed.splitlines() if "table-2" in line)
    assert "24" in line
    assert "light" in line


def test_a_plan(tiny, capsys):  # noqa: F811
    main(["rednd", "tiny", "dataset=synthetic", "seeds=0,1", *SMALL, "plan=true"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == "4 runs (4 to train) on synthetic"
    assert lines[2].split() == ["to", "train", "MF,", "synthetic,", "seed", "0"]
    assert lines[-1].split(maxsplit=2)[2] == "Oracle, synthetic: its code was never published"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["redn"], "there is no paper 'redn'; did you mean rednd?"),
        (["rednd", "table3"], "did you mean table-3?"),
        (["rednd", "table-3", "seedss=0"], "seedss=0: there is no word seedss; did you mean seeds=?"),
        (["rednd", "table-3", "dataset=synthetic", "trainer.max_epohs=1"], "did you mean 'max_epochs'?"),
        (["rednd", "table-3", "dataset=synthetic", "jobs=x"], "jobs=x: must be a whole number"),
        (["rednd", "table-3", "more"], "'more' is no word"),
    ],
)
def test_what_is_mistyped_ends_in_a_sentence(words, message, capsys):
    with pytest.raises(SystemExit) as end:
        main(words)
    assert end.value.code == 1
    assert message in capsys.readouterr().err


def test_failed_runs_are_an_error_at_the_end(tiny, monkeypatch, capsys):  # noqa: F811
    monkeypatch.setattr(api, "train_all", lambda slots, **_: dict.fromkeys(slots, "no memory"))
    with pytest.raises(SystemExit):
        main(["rednd", "tiny", "dataset=synthetic", "seeds=0", *SMALL])
    shown = capsys.readouterr()
    assert "MF (Planted): seed 0 failed: no memory." in shown.out
    assert "2 runs failed: the same command tries them again" in shown.err

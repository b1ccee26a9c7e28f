import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser

from mmgraph.config.words import check_keys, comma_message, grammar_message, readable

PARSER = OverridesParser.create()


@pytest.mark.parametrize(
    "value",
    [
        ",",
        "a=b",
        "a b",
        "größe",
        "[x",
        "it's",
        'dq"x',
        "$x",
        "a:b",
        "a#b",
        "(z)",
        "back\\sl",
        "日本",
        " ",
        "\t",
        "~t",
        "%s",
    ],
)
def test_text_that_is_no_list_arrives_as_it_is(value):
    word = readable(f"dataset.root=/p{value}" if len(value) > 1 else f"dataset.separator={value}")
    expected = f"/p{value}" if len(value) > 1 else value
    read = PARSER.parse_override(word).value()
    assert getattr(read, "text", read) == expected


def test_the_home_folder_is_written_out(monkeypatch):
    monkeypatch.setenv("HOME", "/home/a b=c")
    read = PARSER.parse_override(readable("dataset.root=~/x")).value()
    assert getattr(read, "text", read) == "/home/a b=c/x"


@pytest.mark.parametrize("word", ["seed=0,1", "evaluator.ks=[10,20]", "graph.x={a: 1}", "seed=range(0,3)", "seed='0'"])
def test_what_hydra_reads_is_left_alone(word):
    assert readable(word) == word


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("mf_bpr", "is no setting: write GROUP=OPTION or KEY=VALUE"),
        ("model = mf_bpr", "without spaces around '='"),
        ("größe=3", "what stands before '=' must be a group or a dotted key"),
        ("evaluator.ks=[ö]", "cannot be read as a list or mapping"),
        ("hydra.job_logging.x={(): os.system}", "cannot be read as a list or mapping"),
        ("seed=f(", """quoted for Hydra and for the shell: 'seed="f("'"""),
    ],
)
def test_words_that_cannot_be_read(word, message):
    assert message in grammar_message(word, "why")


def test_commas_where_nothing_is_swept():
    message = comma_message("data_root=/a,b")
    assert message.endswith(
        """-m data_root=/a,b; a list is written 'data_root=[/a,b]', and text with commas 'data_root="/a,b"'"""
    )


@pytest.mark.parametrize("word", ["=x", "+=", "++=", "~", "~=", "@=x", "+@b=x"])
def test_a_word_without_a_key_is_refused(word):
    with pytest.raises(ValueError, match=r"names no setting: write GROUP=OPTION"):
        check_keys(["model=mf_bpr", word])


def test_words_that_name_something_pass():
    check_keys(["model=mf_bpr", "seed=0", "+a.b=", "~loss.terms.align", "graph@x=knn", "hydra.run.dir=x", "a=[", ""])

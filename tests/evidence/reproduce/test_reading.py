import pytest

from mmgraph.evidence.reproduce.reading import read_item
from tests.evidence.reproduce.conftest import TINY

SWEEP = """
title: t
source: s
datasets: {baby: Baby}
columns: {recall@20: R@20}
words: [model=rednd]
sweeps:
  - {symbol: k, key: graph.knn.k, values: [5, 1e-3], words: [seed=1], published: {5: {baby: [0.5]}}}
"""


@pytest.fixture
def read(tmp_path):
    def reader(text):
        (tmp_path / "rednd").mkdir(exist_ok=True)
        path = tmp_path / "rednd" / "table-9.yaml"
        path.write_text(text)
        return read_item(path)

    return reader


def test_an_item(read):
    item = read(TINY)
    assert (item.paper, item.name, item.full_name) == ("rednd", "table-9", "rednd-table-9")
    assert [row.label for row in item.rows] == ["MF", "w/o image", "w/o audio", "Oracle"]
    assert item.rows[0].published == {"synthetic": (0.5, 0.25)}
    assert item.rows[1].without == "image"
    assert not item.by_section


def test_what_a_paper_says_without_values(read):
    item = read(SWEEP.replace("words: [seed=1]", "words: [seed=1], first: {baby: 1e-3}") + "claim: it hardly matters\n")
    assert item.claim == "it hardly matters"
    assert [row.first_on for row in item.rows] == [(), ("baby",)]


@pytest.mark.parametrize(
    ("first", "rule"),
    [("{baby: 6}", "sweeps.0..first.baby must be one of 5, 1e-3, got '6'"), ("{office: 5}", "data sets are baby")],
)
def test_what_is_said_to_be_first_must_be_there(read, first, rule):
    with pytest.raises(ValueError, match=rule):
        read(SWEEP.replace("words: [seed=1]", f"words: [seed=1], first: {first}"))


def test_a_sweep_is_a_row_for_each_value_as_it_is_written(read):
    item = read(SWEEP)
    assert [row.label for row in item.rows] == ["k = 5", "k = 1e-3"]
    assert item.rows[1].words == ("seed=1", "graph.knn.k=1e-3")
    assert [row.published for row in item.rows] == [{"baby": (0.5,)}, {}]
    assert item.by_section


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ("source:", "sauce:", r"table-9.yaml: the file has no key 'sauce'; did you mean source\?"),
        ("why_not:", "whynot:", r"rows\[3\] has no key 'whynot'; did you mean why_not"),
        ("source: nowhere, Table 0\n", "", "the file lacks source"),
        ("[0.5, 0.25]", "[0.5]", "row 'MF': published.synthetic has 1 values, there are 2 columns"),
        ("[0.5, 0.25]", "[0.5, 1e-3]", r"rows\[0\].published.synthetic must hold numbers .*got '1e-3'"),
        ("[0.5, 0.25]", "[0.5, true]", "must hold numbers"),
        ("published: {synthetic", "published: {sports", "published.sports: the paper's data sets are synthetic, baby"),
        ("figure: bars", "figure: pie", "figure must be one of lines, bars, got 'pie'"),
        ("figure: bars", "kind: magic", "kind must be one of runs"),
        ("figure: bars", "title: again", "line 2: title stands twice"),
        ("figure: bars", "figure: [bars", "table-9.yaml: while parsing"),
        ("words: [model=mf_bpr, model.emb_dim=4]", "words: model=mf_bpr", r"rows\[0\].words must be a list"),
        ("why_not: its code was never published", "fuses: [MF]", "row 'Oracle': fuses must name two rows or more"),
        (
            "why_not: its code was never published",
            "fuses: [MF, VB]",
            "'VB' must be the label of one row that is trained",
        ),
        ("why_not: its code was never published", "words: [seed=1]\n    fuses: [MF, MF]", "exclude each other"),
        ("label: Oracle", "label: 3", r"rows\[3\].label must be a text, got 3"),
    ],
)
def test_what_is_mistyped_is_named_with_its_place(read, right, wrong, message):
    assert right in TINY
    with pytest.raises(ValueError, match=message):
        read(TINY.replace(right, wrong))


def test_floors_are_appended_and_their_file_is_read_as_strictly(read, tmp_path):
    floors = tmp_path / "floors.yaml"
    floors.write_text("- {label: Popularity, words: [model=popularity]}\n")
    item = read(TINY.replace("figure: bars", "floors: true"))
    assert (item.rows[-1].label, item.rows[-1].section) == ("Popularity", "Floors, not in the paper")
    floors.write_text("- {lable: Popularity}\n")
    with pytest.raises(ValueError, match=r"floors.yaml: \[0\] has no key 'lable'; did you mean label"):
        read(TINY.replace("figure: bars", "floors: true"))


def test_nothing_to_show_is_an_error(read):
    with pytest.raises(ValueError, match="rows or sweeps must hold something"):
        read(TINY[: TINY.index("rows:")])

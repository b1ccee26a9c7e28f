"""The sentence on what the paper has first, with runs that are nothing but their figures."""

from pathlib import Path

from mmgraph.evidence.finished import FinishedRun
from mmgraph.evidence.reproduce.claims import claims
from mmgraph.evidence.reproduce.item import Item, Row
from tests.conftest import run_report


def runs(*values):
    return [FinishedRun(Path("run"), run_report(test={"recall@20": value})) for value in values]


def item(*rows, **given):
    return Item(
        paper="p",
        name="t",
        title="t",
        source="s",
        datasets={"baby": "Baby", "sports": "Sports"},
        columns={"ndcg@20": "N@20", "recall@20": "R@20"},
        rows=rows,
        **given,
    )


def row(label, baby, sports, **given):
    return Row(label=label, published={"baby": (0.9, baby), "sports": (0.1, sports)}, **given)


OWN = row("Own", 0.1, 0.09)
OLD = row("Old", 0.08, None)
FLOOR = Row(label="Floor")


def test_the_same_row_is_first():
    found = {(OWN, "lfm2k"): runs(0.4, 0.42), (OLD, "lfm2k"): runs(0.3, 0.32), (FLOOR, "lfm2k"): runs(0.9)}
    assert claims(item(OWN, OLD, FLOOR), found, ["lfm2k"]) == [
        "On lfm2k, R@20, the paper has Own first on Baby, Sports; so it is here: Own (0.4100 ± 0.0141), before Old "
        "(0.3100 ± 0.0141)."
    ]


def test_another_row_is_first():
    found = {(OWN, "baby"): runs(0.4), (OLD, "baby"): runs(0.41)}
    assert claims(item(OWN, OLD), found, ["baby"]) == [
        "On Baby, R@20, the paper has Own first on Baby, Sports; here Old (0.4100) is first, Own (0.4000) is number 2 "
        "of 2."
    ]


def test_what_seeds_may_have_brought_is_no_order():
    found = {(OWN, "baby"): runs(0.4, 0.5), (OLD, "baby"): runs(0.41, 0.51)}
    (sentence,) = claims(item(OWN, OLD), found, ["baby"])
    assert sentence.endswith("Own (0.4500 ± 0.0707) is number 2 of 2, within what seeds differ by.")


def test_a_paper_may_have_one_first_here_and_another_there():
    other = row("Other", 0.05, 0.2)
    rivals = item(OWN, other)
    found = {(row, dataset): runs(0.1 if row is OWN else 0.2) for row in rivals.rows for dataset in ("baby", "lfm2k")}
    on_baby, on_another = claims(rivals, found, ["baby", "lfm2k"])
    assert on_baby.endswith(
        "the paper has Own first on Baby; Other first on Sports; here Other (0.2000) is first, Own (0.1000) is number "
        "2 of 2."
    )
    assert on_another.endswith("so it is here, as on Sports: Other (0.2000), before Own (0.1000).")


def test_rivals_of_a_sweep_are_of_one_section():
    rows = [row(label, value, value, section=section) for section in "kl" for label, value in (("1", 0.1), ("2", 0.2))]
    found = {(each, "baby"): runs(0.3 if each.label == "1" else 0.2) for each in rows}
    sentences = claims(item(*rows, by_section=True), found, ["baby"])
    assert len(sentences) == 2
    assert all("here 1 (0.3000) is first, 2 (0.2000) is number 2 of 2." in sentence for sentence in sentences)


def test_nothing_to_say():
    assert claims(item(OWN, OLD), {(OWN, "baby"): runs(0.1)}, ["baby"]) == []
    assert claims(item(FLOOR), {(FLOOR, "baby"): runs(0.1)}, ["baby"]) == []


def test_what_the_paper_has_first_may_have_no_run():
    older = row("Older", 0.07, None)
    (sentence,) = claims(item(OWN, OLD, older), {(OLD, "baby"): runs(0.4), (older, "baby"): runs(0.3)}, ["baby"])
    assert sentence.endswith("here Old (0.4000) is first, Own has no run.")


def test_a_paper_may_say_what_is_first_without_a_value():
    best = Row(label="k = 10", first_on=("baby", "sports"))
    other = Row(label="k = 20")
    found = {(best, "lfm2k"): runs(0.4), (other, "lfm2k"): runs(0.42)}
    assert claims(item(best, other, figure="lines"), found, ["lfm2k"]) == [
        "On lfm2k, R@20, the paper has k = 10 first on Baby, Sports; here k = 20 (0.4200) is first, k = 10 (0.4000) is "
        "number 2 of 2."
    ]


def test_what_a_paper_reads_from_curves_without_naming_the_first():
    curve = item(Row(label="0"), Row(label="1"), figure="lines", claim="the weight hardly matters")
    found = {(row, "lfm2k"): runs(*values) for row, values in zip(curve.rows, [(0.3, 0.4), (0.35, 0.36)], strict=True)}
    assert claims(curve, found, ["lfm2k"]) == [
        "On lfm2k, R@20, the paper has that the weight hardly matters; here 1 (0.3550 ± 0.0071) is first of 2, 0 "
        "(0.3500 ± 0.0707) last, within what seeds differ by."
    ]

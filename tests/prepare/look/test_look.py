"""What mmgraph-data shows: numbers against plain Python, and a page that stands alone and runs nothing."""

import re
from collections import Counter, defaultdict
from xml.etree import ElementTree

import numpy as np
import pytest

from mmgraph.cli.data import main
from mmgraph.datasets import MMRecFolder
from mmgraph.prepare.look.numbers import look_at, spread
from tests.prepare.conftest import lines

DAY = 86400
START = 1704067200  # 2024-01-01
RNG = np.random.default_rng(0)
ROWS = [
    (f"u{u}", f"i{i}", START + DAY * int(RNG.integers(0, 120)))
    for u in range(12)
    for i in RNG.choice(30, 8, replace=False)
]
TITLE = "<script>alert(1)</script>"


@pytest.fixture
def made(prepare):
    table = lines([(f"i{i}", TITLE, f"../{i}.png") for i in range(30)], header="item,title,image")
    files = {"a.csv": lines(ROWS, header="user,item,time"), "t.csv": table}
    made = prepare(files, items="t.csv", split="per_user_time", license="CC BY 4.0")
    np.save(made.folder / "text_feat.npy", RNG.standard_normal((len(made.items), 3)).astype("float32"))
    np.save(made.folder / "text_mask.npy", np.arange(len(made.items)) % 2 == 0)
    return made


def test_a_spread_is_that_of_plain_python():
    degree = RNG.integers(0, 50, 200)
    found = spread(degree)
    pairwise = np.abs(degree[:, None] - degree).sum() / (2 * len(degree) ** 2 * degree.mean())
    assert found.gini == pytest.approx(pairwise)
    assert found.top == pytest.approx(np.sort(degree)[-2:].sum() / degree.sum())
    assert (found.least, found.most, found.mean) == (degree.min(), degree.max(), pytest.approx(degree.mean()))


def test_numbers_of_a_prepared_folder(made):
    look = look_at(MMRecFolder(made.folder))
    times = {(u, i): t for u, i, t in ROWS}
    labels = made.labels
    by_part = defaultdict(list)
    for pair, label in labels.items():
        by_part[label].append(times[pair])
    assert look.density == len(ROWS) / (12 * len(made.items))
    assert look.spreads["user"].most == 8
    assert look.modalities["text"].items == pytest.approx(np.mean(np.arange(len(made.items)) % 2 == 0))
    assert look.drift.late_train == pytest.approx(np.mean(np.array(by_part[0]) > min(by_part[2])))
    assert look.drift.ordered == 1
    assert sum(sum(period.parts) for period in look.drift.periods) == len(ROWS)
    assert sum(period.new_items for period in look.drift.periods) == len(made.items)
    assert look.drift.periods[0].start == "2024-01-01"
    first_span = min(t for *_, t in ROWS) + (max(t for *_, t in ROWS) - min(t for *_, t in ROWS)) / 12
    assert look.drift.periods[0].new_users == len({u for u, _, t in ROWS if t < first_span})
    assert look.popular[0][1] == max(Counter(i for _, i, _ in ROWS).values())
    assert look.split == ("per_user_time", made.record["split"]["hash"])


def test_a_folder_without_times_tables_or_record(tmp_path):
    rows = [(u, (u + k) % 9, k % 3) for u in range(6) for k in range(6)]
    (tmp_path / "x.inter").write_text(lines(rows, header="userID\titemID\tx_label", separator="\t"))
    look = look_at(MMRecFolder(tmp_path))
    assert look.drift is None
    assert look.popular[0] == ({"itemID": "5"}, 6)


@pytest.mark.parametrize("core", ["", "k_core: 3\n"])
def test_times_of_what_the_options_keep(tmp_path, core):
    rows = [(u + 1, (u + k) % 9 + 1, 1000 * k) for u in range(6) for k in range(6)]
    (tmp_path / "x.inter").write_text(lines(rows, header="userID\titemID\tat", separator="\t"))
    (tmp_path / "dataset.yaml").write_text("columns: {timestamp: at}\nsplit: per_user_time\n" + core)
    dataset = MMRecFolder(tmp_path)
    drift = look_at(dataset).drift
    assert sum(sum(period.parts) for period in drift.periods) == dataset.summary["interactions"]
    assert (drift.first, drift.last) == ("0", "5000")
    assert drift.ordered == 1


def test_the_page_stands_alone_and_shows_texts_as_texts(made, tmp_path, capsys):
    main([str(made.folder), f"page={tmp_path / 'page.html'}"])
    page = (tmp_path / "page.html").read_text()
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert not re.findall(r"""(?:src|href)=["'](?!data:)|url\(|@import|https?:""", page)
    assert "License: CC BY 4.0" in page
    body = ElementTree.fromstring(page[page.index("<main>") : page.index("</main>") + len("</main>")])
    pictures = list(body.iter("svg"))
    assert len(pictures) == 6
    assert all(picture.get("aria-label") for picture in pictures)
    shown = capsys.readouterr().out
    assert "12 users, " in shown
    assert "split per_user_time: " in shown
    assert "2024-01-01" in shown


@pytest.mark.parametrize(("words", "message"), [
    (["nowhere"], "no NAME.inter in "),
    ([".", "pag=x"], "there is no word pag; did you mean page=? The words are page"),
    ([".", "x.html"], "'x.html' is no word: write page=FILE.html"),
])  # fmt: skip
def test_errors_are_sentences(tmp_path, monkeypatch, capsys, words, message):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit):
        main(words)
    assert message in capsys.readouterr().err

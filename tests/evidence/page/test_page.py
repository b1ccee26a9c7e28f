"""The page in a headless Chromium, from the disk."""

import pytest

from mmgraph.evidence.page.write import write_report
from tests.evidence.page.runs import found_in, hits_of, run_of, save_run
from tests.serve.browser import Page, open_browser

pytest.importorskip("selenium")

WIDE, PHONE = (1400, 900), (400, 800)
HOSTILE = "x=</script><img src=x onerror=document.title=1>"
MANY = {"alpha": 0.5, "beta": 0.9, "gamma": 0.1, "delta": 0.7}


@pytest.fixture(scope="module")
def browser():
    browser = open_browser()
    yield browser
    browser.quit()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """``many.html``, of runs that never were."""
    root = tmp_path_factory.mktemp("pages")
    for number, (name, share) in enumerate(MANY.items()):
        found = hits_of([place < 20 * share for place in range(20)], [False] * 20)
        for seed in (0, 1):
            save_run(
                root / "runs" / f"{name}-{seed}",
                name,
                found,
                seed=seed,
                dataset="tiny" if number % 2 else "other",
                words=[HOSTILE] if name == "beta" else [],
                minutes=10.0**number,
                history=None if name != "gamma" else [],
                best_epoch=0 if name != "gamma" else None,
            )
    write_report(root / "runs", out=root / "many.html", metric="recall@1", maps=[])
    return root


@pytest.fixture
def page(browser, folder):
    """At the end nothing may stand in the console, and no address may have been asked for."""
    page = Page(browser, f"file://{folder}")
    page.resize(WIDE)
    page.emulate(prefers_color_scheme="light")
    page.complaints()
    yield page
    assert page.complaints() == []
    assert (
        page.script("performance.getEntriesByType('resource').filter((one) => !one.name.startsWith('data:')).length")
        == 0
    )


def column(page, number):
    return page.texts(f"table.board tbody tr > :nth-child({number})")


def models(page):
    return [text.split("\n")[0] for text in column(page, 1)]


def test_rows_are_sorted_by_any_column_and_say_so(page):
    assert page.open("many.html").text == "Leaderboard"
    assert models(page) == ["alpha", "gamma", "beta", "delta"], "by data set, the best first"
    assert "Parameters" not in page.wait("table.board").text, "no run states them"
    test, minutes = (page.all("table.board th button")[place] for place in (2, 8))
    test.click()
    assert [float(text.split()[0]) for text in column(page, 3)] == [0.9, 0.7, 0.5, 0.1]
    test.click()
    assert models(page) == ["gamma", "alpha", "delta", "beta"]
    heads = page.all("table.board th[scope=col]")
    assert [head.get_attribute("aria-sort") for head in heads].count("ascending") == 1
    minutes.click()
    assert models(page) == ["delta", "beta", "alpha", "gamma"], "gamma has no time and stays at the end"
    minutes.click()
    assert models(page) == ["alpha", "beta", "delta", "gamma"]


def test_rows_are_filtered(page):
    page.open("many.html")
    page.wait("#search").send_keys("a TINY")
    assert models(page) == ["beta", "delta"]
    assert page.wait("#found").text == "2 of 4 rows"
    page.wait("#model").send_keys("beta")
    assert models(page) == ["beta"]
    page.wait("#search").clear()
    page.wait("#search").send_keys("nothing of this")
    assert models(page) == []


def test_everything_is_reached_by_keys(page):
    from selenium.webdriver.common.keys import Keys

    page.open("many.html")
    page.wait("#search").click()
    page.press(Keys.TAB * 4)
    assert page.focused().text.startswith("Model"), "past two choices and the table's own scroll"
    page.press(Keys.ENTER)
    assert models(page) == ["alpha", "beta", "delta", "gamma"]
    page.press(Keys.TAB * 10)
    assert page.focused().text == "alpha"
    page.press(Keys.ENTER)
    page.wait("#run h1", lambda found: found.text == "alpha on other")
    assert page.focused().tag_name == "h1"


def test_hash_links_open_a_run_and_lead_back(page):
    page.open("many.html#run-other-gamma")
    assert page.wait("h1").text == "gamma on other"
    assert page.browser.title == "gamma on other · mmgraph"
    assert "There are no epochs" in page.wait("#run").text
    page.wait("#run a").click()
    page.wait("#board h1", lambda found: found.text == "Leaderboard")
    page.open("many.html#run-nobody")
    assert page.wait("h1").text == "Leaderboard"
    assert page.script("document.getElementById('status').textContent") == "There is no run nobody on this page"


def test_texts_of_runs_are_texts(page, folder):
    page.open("many.html")
    assert HOSTILE in column(page, 1)[models(page).index("beta")]
    slug = next(row["slug"] for row in found_in(folder / "many.html")["board"]["rows"] if row["model"] == "beta")
    page.open(f"many.html#run-{slug}")
    assert HOSTILE in page.wait("#run").text
    assert page.browser.title == "beta on tiny · mmgraph"
    assert not page.all("#run img")


def test_cost_against_quality_has_a_mark_for_each_timed_row(page):
    page.open("many.html")
    marks = page.all("#costs svg a")
    assert [mark.get_attribute("aria-label") for mark in marks] == [
        "alpha: 0.5000 in 1 minutes",
        f"beta {HOSTILE}: 0.9000 in 10 minutes",
        "delta: 0.7000 in 1,000 minutes",
    ]
    assert len(page.all("#costs .front")) == 2


@pytest.mark.parametrize("size", [WIDE, PHONE])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_any_screen_and_can_be_read(page, page_of_shop, size, scheme):
    page.resize(size, mobile=size == PHONE)
    page.emulate(prefers_color_scheme=scheme)
    page.address = f"file://{page_of_shop.parent}"
    for view in ("report.html", f"report.html#{run_of(found_in(page_of_shop), 'vbpr')}"):
        page.open(view)
        assert page.script("document.documentElement.scrollWidth") <= size[0]
        for selector in ("h1", ".note", "section:not([hidden]) th"):
            assert page.contrast(selector) > 4.5, selector


def test_a_run_shows_people_with_hits_pictures_maps_and_curves(page, page_of_shop):
    page.address = f"file://{page_of_shop.parent}"
    data = found_in(page_of_shop)
    page.open(f"report.html#{run_of(data, 'vbpr')}")
    people = data[run_of(data, "vbpr")]["people"]
    assert len(page.all(".person")) == len(people) == 2
    hits = sum(hit for one in people for _, _, hit in one["recommended"])
    assert len(page.all(".columns > div:first-child .is-hit")) == hits
    loaded = "[...document.querySelectorAll('#run img')].filter((image) => image.complete && image.naturalWidth).length"
    page.wait("#run", lambda _: page.script(loaded) > 3)
    assert len(page.all("svg.map")) == 1
    assert len(page.all("svg.map .mark")) == 57
    assert len(page.all("svg.plot")) >= 2
    assert [
        text for text in page.texts("#run h2") if text in ("Curves", "Metrics", "Users by activity", "Over-smoothing")
    ]

"""The page in a headless Chromium."""

import pytest

from mmgraph.serve.open_run import open_run
from mmgraph.serve.settings import TOKEN
from tests.serve.browser import PHONE, Page, open_browser
from tests.serve.client import ask, service
from tests.serve.shop import HOSTILE

pytest.importorskip("selenium")


@pytest.fixture(scope="module")
def browser():
    browser = open_browser()
    yield browser
    browser.quit()


@pytest.fixture(scope="module")
def run(shop):
    return open_run(shop.run.folder)


@pytest.fixture(scope="module")
def address(shop, run):
    with service(run, images=shop.images) as address:
        yield address


@pytest.fixture
def page(browser, address):
    """The page at desktop width; at the end nothing may stand in the console."""
    page = Page(browser, address)
    page.resize((1280, 900))
    page.emulate(prefers_color_scheme="light")
    page.complaints()
    yield page
    assert page.complaints() == []


def test_it_begins_with_users_and_items_to_choose_from(page, run):
    assert page.open().text == "Who, or what?"
    assert page.texts(".chips a") == run.users.starting_with("", limit=8)
    assert len(page.all(".cards .card")) == 12
    page.wait("footer", lambda found: "vbpr on shop: 76 users, 57 items" in found.text)


def test_a_user_has_a_history_and_recommendations_with_pictures_and_scores(page, run, address):
    user = run.users.ids[0]
    page.open()
    page.wait(".chips a", lambda found: found.text == run.users.starting_with("", limit=1)[0]).click()
    page.open(f"#user={user}")
    assert page.wait("h1").text == user
    assert page.browser.title == f"{user} · mmgraph"
    expected = ask(address, f"/recommend?user={user}&details=true").json["items"]
    assert page.texts(".ranked > li > .text .title") == [item["title"] for item in expected]
    assert page.texts(".ranked > li > .measure .number")[0].endswith(f"{expected[0]['score']:.3f}")
    assert page.wait(".strip .card")
    assert len(page.all(".strip .card")) == run.history(0).size
    loaded = "[...document.querySelectorAll('.ranked img')].every((image) => image.complete && image.naturalWidth)"
    page.wait("main", lambda _: page.script(loaded))
    assert len(page.all(".ranked img")) >= 8


def test_why_names_neighbors_of_the_history_and_modalities(page, run):
    page.open(f"#user={run.users.ids[0]}")
    page.wait(".ranked summary").click()
    titles = {run.items.columns_of(row)["title"] for row in run.history(0).tolist()}
    page.wait(".why a")
    assert set(page.texts(".why a")) <= titles
    page.wait(".why", lambda found: "text\nnearer than " in found.text and "image\nnearer than " in found.text)


def test_more_recommendations(page, run):
    page.open(f"#user={run.users.ids[0]}")
    page.wait(".part > button").click()
    page.wait(".ranked > li:nth-child(11)")
    assert page.focused().tag_name == "a"
    assert len(page.all(".ranked > li")) == 20


def test_an_item_has_its_columns_and_what_is_like_it(page, run, address):
    item = run.items.ids.ids[3]
    page.open(f"#item={item}")
    assert page.wait("h1").text == run.items.columns_of(3)["title"]
    assert f"price\n{run.items.columns_of(3)['price']}" in page.wait(".facts").text
    expected = ask(address, f"/similar?item={item}&k=12&details=true").json["items"]
    assert page.texts(".cards .title") == [other["title"] for other in expected]
    page.wait(".cards a").click()
    page.wait("h1", lambda found: found.text == expected[0]["title"])
    page.browser.back()
    page.wait("h1", lambda found: found.text == run.items.columns_of(3)["title"])


def test_search_by_mouse(page, run):
    page.open()
    title = run.items.columns_of(5)["title"]
    page.wait("#query").send_keys(title)
    page.wait("[role=option]", lambda found: title in found.text).click()
    page.wait("h1", lambda found: found.text == title)


def test_search_by_keyboard_alone(page, run):
    from selenium.webdriver.common.keys import Keys

    user = run.users.ids[7]
    page.open()
    page.press("/")
    assert page.focused().get_attribute("id") == "query"
    page.press(user[:4])
    page.wait("[role=option]")
    assert page.wait("#query").get_attribute("aria-expanded") == "true"
    page.press(Keys.ESCAPE)
    assert not page.all("#matches:not([hidden])")
    page.press(user[4:])
    page.wait("[role=option]", lambda found: found.text == user)
    page.press(Keys.ARROW_DOWN)
    marked = page.wait("[role=option][aria-selected=true]")
    assert page.focused().get_attribute("aria-activedescendant") == marked.get_attribute("id")
    page.press(Keys.ENTER)
    page.wait("h1", lambda found: found.text == user)
    assert page.focused().tag_name == "h1"
    # On by Tab: to the first recommendation, then to its reasons, which Enter opens.
    page.press(Keys.TAB)
    assert page.focused().get_attribute("class") == "title"
    page.press(Keys.TAB)
    assert page.focused().tag_name == "summary"
    page.press(Keys.ENTER)
    page.wait(".why a")


def test_the_first_stop_of_the_keyboard_skips_to_the_content(page):
    from selenium.webdriver.common.keys import Keys

    page.open()
    page.press(Keys.TAB)
    assert page.focused().text == "Skip to the content"


def test_a_search_without_a_match_says_so(page):
    page.open()
    page.wait("#query").send_keys("zzzz")
    assert "zzzz" in page.wait("#matches .nothing").text


def test_titles_are_shown_as_text(page, run):
    page.open(f"#item={run.items.ids.ids[0]}")
    assert page.wait("h1").text == HOSTILE
    assert page.browser.title == f"{HOSTILE} · mmgraph"
    assert not page.all("h1 *")
    page.wait("#query").send_keys("onerror")
    assert HOSTILE in page.wait("[role=option]").text


def test_every_control_has_a_name_and_every_id_stands_once(page, run):
    for view in ("", f"#user={run.users.ids[0]}", f"#item={run.items.ids.ids[2]}"):
        page.open(view)
        named = (
            "[...document.querySelectorAll('a, button, input, summary')].filter((found) => "
            "!(found.getAttribute('aria-label') || found.textContent.trim() || found.labels?.length)).length"
        )
        assert page.script(named) == 0
        ids = page.script("[...document.querySelectorAll('[id]')].map((found) => found.id)")
        assert len(ids) == len(set(ids))
        assert len(page.all("h1")) == 1


@pytest.mark.parametrize("view", ["", "#user=0", "#item=0"])
def test_a_phone_s_width_is_enough(page, run, view):
    page.resize(PHONE, mobile=True)
    ids = {"#user=0": f"#user={run.users.ids[0]}", "#item=0": f"#item={run.items.ids.ids[2]}"}
    page.open(ids.get(view, ""))
    for summary in page.all("summary")[:1]:
        summary.click()
        page.wait(".why a")
    assert page.script("document.documentElement.scrollWidth") <= PHONE[0]
    beyond = (
        f"[...document.querySelectorAll('main *')].filter((found) => !found.closest('.strip') && "
        f"found.getBoundingClientRect().right > {PHONE[0] + 0.5}).length"
    )
    assert page.script(beyond) == 0
    small = (
        "[...document.querySelectorAll('.bar a, .bar button, .bar input')].filter((f) => f.offsetHeight < 24).length"
    )
    assert page.script(small) == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_can_be_read_in_the_light_and_in_the_dark(page, run, scheme):
    page.emulate(prefers_color_scheme=scheme)
    page.open(f"#user={run.users.ids[0]}")
    page.wait(".ranked summary").click()
    page.wait(".why li .note")
    for selector in ("h1", ".kind", ".tools a", ".ranked .note", ".ranked .number", "summary", ".why .note", ".why h4"):
        assert page.contrast(selector) >= 4.5, selector
    brightness = page.script("getComputedStyle(document.body).backgroundColor")
    assert (brightness == "rgb(250, 248, 245)") == (scheme == "light")


def test_the_theme_can_be_chosen_and_is_kept(page):
    page.open()
    before = page.script("getComputedStyle(document.body).backgroundColor")
    for _ in range(2):  # system, light, dark
        page.wait("#theme").click()
    assert page.wait("#theme").get_attribute("aria-label") == "Theme: dark"
    assert page.script("getComputedStyle(document.body).backgroundColor") != before
    page.open()
    assert page.wait("#theme").get_attribute("aria-label") == "Theme: dark"
    page.script("localStorage.clear()")


def test_without_pictures_letters_stand_in_their_place(browser, run):
    with service(run) as address:
        page = Page(browser, address)
        page.open(f"#user={run.users.ids[0]}")
        assert not page.all("main img")
        letters = page.texts(".ranked > li > .picture")
        assert letters == [title[0].upper() for title in page.texts(".ranked > li > .text .title")]
        assert page.complaints() == []


def test_an_id_that_there_is_not_is_said_with_close_ones(browser, address, run):
    page = Page(browser, address)
    user = run.users.ids[0]
    page.open(f"#user={user[:-1]}")
    assert f"there is no user '{user[:-1]}'" in page.wait(".lead").text
    page.wait(".chips a", lambda found: found.text == user).click()
    page.wait("h1", lambda found: found.text == user)
    assert [message for message in page.complaints() if "404" not in message] == []


def test_with_a_token_the_page_asks_for_it_once(browser, run, shop, monkeypatch):
    monkeypatch.setenv(TOKEN, "s3cret")
    with service(run, images=shop.images) as address:
        page = Page(browser, address)
        page.browser.get(address)
        page.wait("#token").send_keys("wrong\n")
        page.wait("#token", lambda found: found.get_attribute("value") == "").send_keys("s3cret\n")
        assert page.wait("h1").text == "Who, or what?"
        loaded = "[...document.querySelectorAll('main img')].filter((image) => image.naturalWidth).length"
        page.wait("main", lambda _: page.script(loaded) > 0)
        page.open(f"#user={run.users.ids[0]}")
        assert page.all(".ranked > li")
        assert [message for message in page.complaints() if "401" not in message] == []


def test_the_description_of_the_interface_is_shown(page):
    page.browser.get(f"{page.address}/docs")
    page.wait(".opblock-summary-path", lambda found: found.text == "/recommend")
    sources = page.script("performance.getEntriesByType('resource').map((found) => new URL(found.name).origin)")
    assert set(sources) == {page.address}

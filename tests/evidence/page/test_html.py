import base64
import hashlib
import re

from mmgraph.evidence.page.html import page
from tests.evidence.page.runs import found_in

HOSTILE = '</script><script>alert(1)</script><!-- &amp; "\u2028'


def test_texts_stay_data(tmp_path):
    data = {"board": {"name": HOSTILE}, "run-x": [HOSTILE]}
    path = tmp_path / "a.html"
    path.write_text(page(HOSTILE, data), encoding="utf-8")
    assert found_in(path) == data
    text = path.read_text()
    assert text.count("<script") == text.count("</script>") == 3
    assert "alert(1)</script>" not in text


def test_the_policy_allows_the_pages_own_style_and_script_and_nothing_else():
    text = page("Runs", {})
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1]
    for name in ("style", "script"):
        content = re.search(rf"<{name}>(.*?)</{name}>", text, re.DOTALL)[1]
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'; img-src data:;")


def test_nothing_is_fetched():
    text = page("Runs", {})
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", text)
    assert not re.search(r"@import|url\(|\bfetch\(|XMLHttpRequest|innerHTML", text)

import reproductions

from mmgraph.evidence.reproduce.outline import Outline

CLAIM = "On lfm2k, R@20, the paper has A first on Baby; so it is here: A (0.2), before B (0.1)."


def page(root, dataset, name, title, text=""):
    folder = root / dataset / name
    folder.mkdir(parents=True)
    (folder / f"{name}.md").write_text(f"# {title}\n\n{text}\n")


def test_an_item_is_a_line_with_a_page_for_each_data_set(tmp_path):
    page(tmp_path, "lfm2k", "p-table-1", "p table-1: Models", CLAIM)
    page(tmp_path, "tiktok", "p-table-1", "p table-1: Models")
    page(tmp_path, "tiktok", "p-table-2", "p table-2: Parts")
    (tmp_path / "lfm2k" / "leaderboard.md").write_text("# Leaderboard: lfm2k\n")
    lines = reproductions.index(tmp_path).splitlines()
    assert "- [Leaderboard: lfm2k](lfm2k/leaderboard.md)" in lines
    assert "| what | lfm2k | tiktok |" in lines
    both = "[lfm2k](lfm2k/p-table-1/p-table-1.md) | [tiktok](tiktok/p-table-1/p-table-1.md)"
    assert f"| p table-1: Models | {both} |" in lines
    assert "| p table-2: Parts |  | [tiktok](tiktok/p-table-2/p-table-2.md) |" in lines
    assert lines[-1] == f"- p table-1: Models: {CLAIM}"


def test_what_is_half_run_is_shown():
    def outline(*states):
        return Outline("t", [(state, "run") for state in states], {}, ("lfm2k",))

    assert not reproductions.is_mostly_missing(outline("finished", "to train"))
    assert reproductions.is_mostly_missing(outline("finished", "to train", "to go on with"))

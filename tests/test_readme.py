"""The README's tables are what the models, their cards and the results say (``make readme``)."""

import pytest
import readme

RESULTS = """# Results

| data set | model | words | seeds | val recall@20 | test recall@20 |
| -- | -- | -- | -- | -- | -- |
| baby | vbpr | lr=1 | 0, 1, 2 | 0.2000 ± 0.0100 | 0.1000 ± 0.0200 |
| baby | vbpr | lr=2 | 0, 1, 2 | 0.3000 ± 0.0100 | 0.0900 ± 0.0300 |
| baby | vbpr | lr=3 | 0 | 0.4000 | 0.2000 |
| baby | vbpr | dataset.modalities=[text] | 0, 1, 2 | 0.5000 ± 0.0100 | 0.3000 ± 0.0100 |
| tiktok | vbpr |  | 1, 2 | 0.1000 ± 0.0141 | 0.0300 ± 0.0141 |
| tiktok | vbpr |  | 0 | 0.1300 | 0.0600 |

| another table |
| -- |
"""


def test_the_readme_is_what_it_is_made_from():
    text = readme.README.read_text(encoding="utf-8")
    assert readme.generated(text) == text, "run make readme"


def test_a_score_is_that_of_most_seeds_and_then_of_the_best_validation():
    baby = readme.scores(RESULTS)["baby", "vbpr"]
    assert (baby.seeds, baby.test, baby.deviation) == (3, pytest.approx(0.09), pytest.approx(0.03))


def test_rows_of_the_same_settings_are_one():
    """Seeds 1 and 2 have .02 and .04 then, seed 0 has .06."""
    tiktok = readme.scores(RESULTS)["tiktok", "vbpr"]
    assert (tiktok.seeds, tiktok.val, tiktok.test) == (3, pytest.approx(0.11), pytest.approx(0.04))
    assert tiktok.deviation == pytest.approx(0.02, rel=1e-2)


def test_a_readme_without_its_marks_is_told():
    with pytest.raises(SystemExit, match="must have the lines '<!-- models: make readme -->'"):
        readme.generated("# mmgraph")


def test_what_the_readme_says_of_models_is_plain_text():
    table = "\n".join(readme.model_table(readme.mmgraph.list_models()))
    assert ":math:" not in table
    assert "``" not in table

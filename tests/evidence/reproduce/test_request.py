import pytest

from mmgraph.evidence.reproduce.catalogue import load_item
from mmgraph.evidence.reproduce.request import default_datasets, make_request


def request(**given):
    nothing = {"datasets": ["synthetic"], "seeds": [0], "words": [], "out": None, "runs": None, "jobs": None}
    return make_request(load_item("rednd", "table-3"), **nothing | given)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"words": ["model=vbpr"]}, "model=vbpr: the rows name the models"),
        ({"words": ["seed=1"]}, "seeds=0,1,2 chooses"),
        ({"words": ["model.num_layers=2"]}, "model.num_layers is what the rows of rednd-table-3 differ in"),
        ({"words": ["epochs"]}, "'epochs' is no word: write key=value"),
        ({"seeds": []}, "seeds must be different numbers"),
        ({"seeds": [1, 1]}, "seeds must be different numbers"),
        ({"jobs": 0}, "jobs must be at least 1"),
        ({"datasets": ["baby", "baby"]}, "names one twice"),
    ],
)
def test_what_cannot_be_meant_is_refused(given, message):
    with pytest.raises(ValueError, match=message):
        request(**given)


def test_the_first_set_of_the_paper_that_is_there_is_taken(tmp_path):
    item = load_item("rednd", "table-3")
    words = [f"data_root={tmp_path}"]
    with pytest.raises(ValueError, match="none of baby, sports, office is in"):
        default_datasets(item, words)
    (tmp_path / "office").mkdir()
    assert default_datasets(item, words) == ("office",)
    (tmp_path / "sports").mkdir()
    assert default_datasets(item, words) == ("sports",)


def test_the_command_is_the_same_anywhere():
    found = request(seeds=[0, 1], words=["data_root=/here", "trainer.max_epochs=3"], out="x")
    assert found.command == "mmgraph-reproduce rednd table-3 dataset=synthetic seeds=0,1 trainer.max_epochs=3"

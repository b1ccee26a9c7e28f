import pytest
import torch

from mmgraph.extension.content import Content, joined
from mmgraph.extension.new_nodes import NewNodes

ALL = torch.ones(200).bool()


def planted(num_items=200, kinds=10):
    """Items of a few kinds, which their text shows and their image does not."""
    kind = torch.arange(num_items) % kinds
    vectors = torch.eye(kinds)[kind] + 0.05 * torch.randn(num_items, kinds)
    text = torch.eye(kinds)[kind] + 0.1 * torch.randn(num_items, kinds)
    return {"image": torch.randn(num_items, 6), "text": text}, vectors


def test_a_new_item_is_like_those_of_its_kind():
    features, vectors = planted()
    content = Content(features, {}, vectors, ALL)
    new = NewNodes(num_items=3, features={"text": torch.eye(10)[:3], "image": torch.randn(3, 6)})
    guess, known = content.guess(new)
    assert known.all()
    assert guess.argmax(1).tolist() == [0, 1, 2]


def test_the_modality_that_tells_most_comes_first():
    features, vectors = planted()
    assert Content(features, {}, vectors, ALL).bases[0] == ("text",)
    more = {"noise": torch.randn(200, 3), **features}
    assert Content(more, {}, vectors, ALL).bases[0] == ("text",)


def test_modalities_that_tell_half_each_are_taken_together():
    _, vectors = planted()
    kind = torch.arange(200) % 10
    tens = torch.eye(5)[kind // 2] + 0.05 * torch.randn(200, 5)
    ones = torch.eye(2)[kind % 2] + 0.05 * torch.randn(200, 2)
    assert Content({"tens": tens, "ones": ones}, {}, vectors, ALL).bases[0] == ("tens", "ones")


def test_an_item_that_lacks_the_best_modality_is_compared_by_another():
    features, vectors = planted()
    content = Content({"text": features["text"], "copy": features["text"] + 0.2}, {}, vectors, ALL)
    has = {"text": torch.tensor([False, True]), "copy": torch.tensor([True, False])}
    given = {"text": torch.eye(10)[:2], "copy": torch.eye(10)[:2]}
    guess, known = content.guess(NewNodes(num_items=2, features=given, has=has))
    assert known.all()
    assert guess.argmax(1).tolist() == [0, 1]


def test_an_item_without_any_modality_is_not_known():
    features, vectors = planted()
    guess, known = Content(features, {}, vectors, ALL).guess(NewNodes(num_items=2, features={}))
    assert known.tolist() == [False, False]
    assert not guess.any()


def test_items_that_were_not_trained_or_lack_the_modality_are_no_neighbours():
    vectors = torch.arange(8.0).unsqueeze(1)
    features = {"text": torch.ones(8, 2)}  # all equally near
    trained = torch.tensor([True] * 6 + [False] * 2)
    has = {"text": torch.tensor([False] + [True] * 7)}
    guess, _ = Content(features, has, vectors, trained).guess(
        NewNodes(num_items=1, features={"text": torch.ones(1, 2)})
    )
    torch.testing.assert_close(guess, torch.tensor([[3.0]]).double())  # the mean of 1 to 5


def test_data_without_modalities():
    content = Content({}, {}, torch.randn(5, 2), torch.ones(5).bool())
    assert content.bases == []
    assert content.guess(NewNodes(num_items=1))[1].tolist() == [False]


def test_nobody_is_a_neighbour_of_itself_when_bases_are_judged():
    """Else every basis would seem to guess well."""
    vectors = torch.randn(40, 3)
    content = Content({"noise": torch.randn(40, 5)}, {}, vectors, torch.ones(40).bool())
    assert content._error(("noise",)) > 0.8 * vectors.var()


@pytest.mark.parametrize("sizes", [(3,), (2, 5)])
def test_joined_rows_have_length_1(sizes):
    torch.testing.assert_close(joined([torch.randn(4, size) for size in sizes]).norm(dim=1), torch.ones(4))

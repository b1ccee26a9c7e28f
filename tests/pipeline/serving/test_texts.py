import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmgraph.pipeline.serving import Texts

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


@settings(deadline=None)
@given(st.lists(TEXT))
def test_texts_come_back(given):
    texts = Texts.of(given)
    assert list(texts) == given
    assert [texts[row] for row in range(len(texts))] == given
    again = Texts(texts.content.copy(), texts.offset.copy())
    assert list(again) == given


def test_rows_in_any_shape():
    texts = Texts.of(["a", "", "größe"])
    found = texts.take(np.array([[2, 0], [-1, 2]]))
    assert found.tolist() == [["größe", "a"], [None, "größe"]]
    assert texts.take(np.empty(0, dtype=np.int64)).tolist() == []


@pytest.mark.parametrize("offset", [[], [1, 3], [0, 2], [0, 2, 1, 3]])
def test_offsets_of_other_texts(offset):
    with pytest.raises(ValueError, match="offsets of texts must ascend from 0"):
        Texts(np.zeros(3, dtype=np.uint8), np.array(offset, dtype=np.int64))

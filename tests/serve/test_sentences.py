"""Every sentence through pydantic's own errors; those of requests are in test_api.py."""

import pytest
from pydantic import ValidationError

from mmgraph.serve.requests import BatchRequest, ListRequest
from mmgraph.serve.sentences import sentence


@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        (ListRequest, {"user": "a", "k": "9" * 5000}, "k must be a smaller number; got '999"),
        (ListRequest, {"user": "a", "details": []}, "details must be true or false; got []"),
        (BatchRequest, {"deny": 3}, "deny must be a list; got 3"),
        (BatchRequest, {"users": [True]}, "users[0] must be text; got True"),
    ],
)
def test_sentences(kind, values, expected):
    with pytest.raises(ValidationError) as caught:
        kind(**values)
    error = caught.value.errors()[0]
    assert sentence({**error, "loc": ("body", *error["loc"])}).startswith(expected)


def test_an_error_of_a_kind_that_has_no_sentence_keeps_its_message():
    error = {"type": "new_kind", "loc": ("query", "k"), "msg": "Input is odd", "input": 3}
    assert sentence(error) == "k is wrong (Input is odd); got 3"

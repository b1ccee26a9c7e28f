"""The agreement of two judges on an order, by hand."""

import pytest
import torch

from mmgraph.losses import OrderAgreement


def judged(encoding, first, second):
    return encoding._replace(views={"solidity": {"first": torch.tensor(first), "second": torch.tensor(second)}})


def test_by_hand(model, encoding, batch):
    # pairs (0, 2) and (1, 3): first 1 - 3 and 2 - 2.5, second .5 - .25 and .1 - .9; scale 2: 1 + 1, 1 - .8
    views = judged(encoding, [1.0, 2.0, 3.0, 2.5], [0.5, 0.1, 0.25, 0.9])
    torch.testing.assert_close(OrderAgreement("solidity", scale=2)(model, views, batch), torch.tensor(1.1))
    total = OrderAgreement("solidity", scale=2, reduction="sum")(model, views, batch)
    torch.testing.assert_close(total, torch.tensor(2.2))


def test_judges_that_agree_enough_cost_nothing(model, encoding, batch):
    views = judged(encoding, [2.0, 0.0], [0.9, 0.1])
    assert OrderAgreement("solidity")(model, views, batch) == 0
    assert OrderAgreement("solidity", scale=0.5)(model, views, batch) > 0


def test_nothing_judged_costs_nothing(model, encoding, batch):
    assert OrderAgreement("solidity")(model, encoding._replace(views={"solidity": {}}), batch) == 0


def test_what_cannot_be():
    with pytest.raises(ValueError, match="scale=0 must be above 0"):
        OrderAgreement("solidity", scale=0)
    with pytest.raises(ValueError, match="reduction='max' is not known"):
        OrderAgreement("solidity", reduction="max")

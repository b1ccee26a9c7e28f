import pytest
import torch
from torch.nn.functional import normalize
from torch.testing import assert_close

from mmgraph.nn import UnitRows
from mmgraph.nn.closed_form import unit_rows


@pytest.mark.parametrize("columns", [128, 3])
def test_products_are_those_of_centred_rows_of_length_one(columns, monkeypatch):
    monkeypatch.setattr(unit_rows, "COLUMNS", columns)
    x, later = torch.randn(6, 10) + 5, torch.randn(4, 10) + 5
    z = normalize(x - x.mean(0), dim=-1)
    rows = UnitRows.of(x)
    assert_close(rows.columns(0, 10), z)
    found = torch.ones(6, 6)
    rows.add_products_(found, rows, 3.0)
    assert_close(found, 1 + 3 * z @ z.T)
    found = torch.zeros(6, 4)
    rows.add_products_(found, UnitRows.of(later, mean=rows.mean), 1.0)
    assert_close(found, z @ normalize(later - x.mean(0), dim=-1).T)


def test_rows_without_the_features_are_zeros_and_count_for_no_mean():
    x = torch.randn(6, 4)
    has = torch.tensor([True, True, False, True, True, False])
    expected = torch.zeros(6, 4)
    expected[has] = normalize(x[has] - x[has].mean(0), dim=-1)
    assert_close(UnitRows.of(x, has).columns(0, 4), expected)
    assert not UnitRows.of(x, has & False).columns(0, 4).any()


@pytest.mark.parametrize("size", [1e-3, 1.0, 1e6])
def test_features_that_are_all_the_same_say_nothing(size):
    """What rounding leaves of them is no direction."""
    assert not UnitRows.of(size * torch.randn(1, 50).expand(30, -1)).scale.any()

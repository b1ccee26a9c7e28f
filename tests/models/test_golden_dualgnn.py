"""The user graphs of DualGNN and DRAGON are those of their authors' code (tests/golden/README.md)."""

import pytest
import torch

from tests.models.conftest import read_golden
from tests.models.golden_table import row

pytestmark = pytest.mark.usefixtures("in_double")


@pytest.mark.parametrize("name", ["dualgnn", "dragon"])
def test_which_users_are_aggregated_and_with_what_weights(agree, name):
    golden, entry = read_golden(name), row(name, "items1")
    edges = entry.graph(golden)["user", "co_interacts", "user"]
    model = entry.build(golden, "items1")
    agree(model.user_conv(torch.eye(golden["problem"]["num_users"]), edges), golden["heard"])

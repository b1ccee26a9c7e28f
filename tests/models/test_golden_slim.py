"""SLIM finds the weights that scikit-learn's ElasticNet finds, which RecBole calls (tests/golden/README.md)."""

import pytest
import torch

from mmgraph.models import SLIM

GOLDEN_FILE = "slim"


@pytest.mark.parametrize("case", ["l1_0.5_l2_5", "l1_0_l2_1", "l1_1_l2_0.5"])
def test_weights(golden, case):
    numbers, graph = golden["cases"][case], golden.graph(merge=False)
    model = SLIM(graph, l1_weight=numbers["l1_weight"], l2_weight=numbers["l2_weight"])
    found = model(graph).item.to_dense()
    torch.testing.assert_close(found, torch.tensor(numbers["weights"]), atol=2e-5, rtol=0)

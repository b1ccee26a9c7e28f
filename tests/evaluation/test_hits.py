import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmgraph.evaluation import Hits
from mmgraph.evaluation.metrics import METRICS


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32 - 1), st.sampled_from(list(METRICS)), st.integers(1, 7))
def test_values_are_those_of_the_metric_on_all_users(seed, metric, k):
    generator = torch.Generator().manual_seed(seed)
    hit = torch.rand(9, 7, generator=generator) < 0.2
    relevant = hit.sum(-1) + torch.randint(1, 4, (9,), generator=generator)
    hits = Hits(torch.arange(9), hit, relevant)
    torch.testing.assert_close(hits.value(f"{metric}@{k}"), METRICS[metric](hit[:, :k], relevant))


@pytest.mark.parametrize("name", ["recall@8", "recall@0", "recall", "coverage@5", "recall@-1", "recall@²"])
def test_what_has_no_value_of_single_users_is_refused(name):
    hits = Hits(torch.arange(2), torch.zeros(2, 7, dtype=torch.bool), torch.ones(2, dtype=torch.long))
    with pytest.raises(ValueError, match="metric"):
        hits.value(name)

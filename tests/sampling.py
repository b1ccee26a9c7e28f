"""Whether this environment can sample."""

import warnings

import pytest
import torch_geometric.typing

CAN_SAMPLE = torch_geometric.typing.WITH_PYG_LIB or torch_geometric.typing.WITH_TORCH_SPARSE


def need_sampler():
    """Skips loudly where neither pyg-lib nor torch-sparse is installed."""
    if not CAN_SAMPLE:
        warnings.warn("neither pyg-lib nor torch-sparse is installed: sampled training is not tested", stacklevel=2)
        pytest.skip("sampled training needs pyg-lib or torch-sparse (make sparse)")

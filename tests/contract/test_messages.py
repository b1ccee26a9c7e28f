"""No model goes round its convolutions: who looks at single messages sees all of them, and can change them."""

import pytest
import torch
from torch_geometric.nn import MessagePassing

from tests.contract.conftest import MODELS, small_parts


def encode(parts):
    """Vectors of users and items."""
    with torch.no_grad():
        encoding = parts.model.eval()(parts.model.inference_graph(parts.graph))
    return encoding.user, encoding.item


def convs_of(model):
    """Its convolutions, by name."""
    return {name: module for name, module in model.named_modules() if isinstance(module, MessagePassing)}


@pytest.mark.parametrize("name", MODELS)
def test_hooks_are_called_by_every_convolution_and_change_nothing(name):
    parts = small_parts(name)
    expected, called = encode(parts), set()
    convs = convs_of(parts.model)
    for key, conv in convs.items():
        conv.register_message_forward_hook(lambda module, inputs, out, key=key: called.add(key))
    got = encode(parts)
    assert called == set(convs)
    if expected[0].layout != torch.sparse_coo:
        torch.testing.assert_close(got, expected, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("name", MODELS)
def test_a_mask_that_hides_every_message_reaches_the_vectors(name):
    parts = small_parts(name)
    expected, convs = encode(parts), convs_of(parts.model)
    for conv in convs.values():
        conv.explain = True
        conv.explain_message = lambda inputs, dim_size: 0 * inputs
    if convs:
        assert not all(torch.allclose(x, y) for x, y in zip(encode(parts), expected, strict=True))

import pytest
import torch
from torch.testing import assert_close

from mmgraph.losses import products, streaming_info_nce
from mmgraph.losses.products import add_product_, has_onednn, onednn_is_faster, product

FASTER = pytest.param(True, marks=pytest.mark.skipif(not has_onednn(), reason="torch without oneDNN"))
SHAPES = [(64, 4_200, 48), (4_096, 32, 32), (33, 40, 4_099), (64, 200, 48), (1, 5_000, 40), (0, 40, 40), (40, 0, 40)]


@pytest.fixture(params=[FASTER, False])
def either(request, monkeypatch):
    """oneDNN's products or MKL's, whatever the processor."""
    monkeypatch.setattr(products, "onednn_is_faster", lambda: request.param)
    return request.param


def turned(x):
    """The same numbers, each column in one piece."""
    return x.t().contiguous().t()


@pytest.mark.parametrize("layout", [torch.clone, turned])
@pytest.mark.parametrize("shape", SHAPES)
def test_left_times_right_turned(either, shape, layout):
    rows, columns, dim = shape
    left = torch.randn(rows, dim)
    right = torch.randn(columns, dim)
    expected = (left.double() @ right.double().T).float()
    out = torch.empty(rows, columns)
    assert_close(product(layout(left), layout(right), out=out), expected, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("layout", [torch.clone, turned])
@pytest.mark.parametrize("shape", SHAPES)
def test_what_is_added(either, shape, layout):
    rows, columns, summands = shape
    left = torch.randn(rows, summands)
    right = torch.randn(summands, columns)
    total = layout(torch.randn(rows, columns))
    expected = (total.double() + left.double() @ right.double()).float()
    add_product_(total, layout(left), layout(right))
    assert_close(total, expected, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_other_types_are_torchs(either, dtype):
    left = torch.randn(40, 40).to(dtype)
    total = torch.zeros(40, 40, dtype=torch.float64)
    add_product_(total, left, left)
    assert product(left, left).dtype == dtype
    assert_close(total, (left @ left).double())


@pytest.mark.parametrize(("columns", "is_torchs"), [(2_000, True), (5_000, False)])
def test_shapes_that_differ_from_batch_to_batch_are_torchs(monkeypatch, columns, is_torchs):
    """oneDNN would compile each and keep it; where torch multiplies, the result is in ``out``."""
    if not has_onednn():
        pytest.skip("torch without oneDNN")
    monkeypatch.setattr(products, "onednn_is_faster", lambda: True)
    out = torch.empty(64, columns)
    found = product(torch.randn(64, 64), torch.randn(columns, 64), out=out)
    assert (found is out) is is_torchs


def test_contrast_and_gradients_are_the_same(monkeypatch):
    if not has_onednn():
        pytest.skip("torch without oneDNN")
    found = []
    for is_faster in (True, False):
        monkeypatch.setattr(products, "onednn_is_faster", lambda is_faster=is_faster: is_faster)
        generator = torch.Generator().manual_seed(0)
        anchor, positive, candidates = (
            torch.nn.functional.normalize(torch.randn(rows, 64, generator=generator)).requires_grad_()
            for rows in (300, 300, 5_000)
        )
        loss = streaming_info_nce(anchor, positive, candidates, tau=0.2)
        found.append((loss, *torch.autograd.grad(loss, [anchor, positive, candidates])))
    assert_close(found[0], found[1], atol=1e-5, rtol=1e-5)
    assert all(gradient.is_contiguous() for gradients in found for gradient in gradients)


@pytest.mark.parametrize(
    ("processor", "faster"),
    [
        ({"avx512_f": True, "cpu_name": "AMD EPYC"}, True),
        ({"avx512_f": False, "cpu_name": "AMD EPYC"}, False),
        ({"avx512_f": True, "cpu_name": "Intel(R) Xeon(R)"}, False),
        ({}, False),
    ],
)
def test_processors_on_which_mkl_forgoes_instructions(monkeypatch, processor, faster):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: processor, raising=False)
    monkeypatch.setattr(torch.backends.mkl, "is_available", lambda: True)
    monkeypatch.setattr(products, "has_onednn", lambda: True)
    assert onednn_is_faster.__wrapped__() is faster


def test_a_torch_that_does_not_know_its_processor(monkeypatch):
    monkeypatch.delattr(torch.cpu, "get_capabilities", raising=False)
    assert not onednn_is_faster.__wrapped__()

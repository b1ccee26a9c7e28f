"""Items predicted from all other items by ridge regression: one inverse gives the weights of all."""

import numpy as np
import scipy.sparse as sp
import torch
from jaxtyping import Float
from scipy.linalg import get_lapack_funcs
from torch import Tensor

BLOCK = 512
"""Rows that are made or moved at once."""


def interaction_gram(interactions: sp.csr_array) -> Float[Tensor, "items items"]:
    """How many users each two items share: X^T X, dense.

    Args:
        interactions: X ``(U, I)``, 1 where a user chose an item.

    Example:
        >>> interaction_gram(sp.csr_array(np.array([[1.0, 1.0], [0.0, 1.0]], dtype=np.float32)))
        tensor([[1., 1.],
                [1., 2.]])
    """
    by_item = interactions.T.tocsr()
    num_items = by_item.shape[0]
    gram = torch.empty(num_items, num_items)
    for start in range(0, num_items, BLOCK):
        gram[start : start + BLOCK] = torch.from_numpy((by_item[start : start + BLOCK] @ interactions).toarray())
    return gram


def common_users(interactions: sp.csr_array, chosen: sp.csr_array) -> Float[Tensor, "items further"]:
    """How many users each item shares with each of some further items, dense.

    Args:
        interactions: X ``(U, I)``, 1 where a user chose an item.
        chosen: the same users x the further items ``(U, T)``.
    """
    return torch.from_numpy((interactions.T @ chosen).toarray())


def ridge_inverse_(gram: Float[Tensor, "items items"], l2_weight: float) -> Float[Tensor, "items items"]:
    r""":math:`\mathbf P = (\mathbf G + \lambda \mathbf I)^{-1}` by Cholesky's factors, in the memory of G.

    Args:
        gram: G, symmetric, on the CPU; P afterwards.
        l2_weight: lambda.

    Raises:
        ValueError: if the sum cannot be inverted in G's precision.

    Example:
        >>> ridge_inverse_(torch.tensor([[1.0, 1.0], [1.0, 1.0]]), 1.0)
        tensor([[ 0.6667, -0.3333],
                [-0.3333,  0.6667]])
    """
    factor = _cholesky_(gram, l2_weight)
    (invert,) = get_lapack_funcs(("potri",), (factor,))
    invert(factor, lower=1, overwrite_c=1)
    _mirror_(gram)
    return gram


def ridge_weights_(gram: Float[Tensor, "items items"], l2_weight: float) -> Float[Tensor, "items items"]:
    r"""Weights B with which every item is best predicted from all the others, in the memory of G (EASE, Eq. 8).

    .. math:: \min_{\mathbf B} \|\mathbf X - \mathbf X \mathbf B\|_F^2 + \lambda \|\mathbf B\|_F^2 \quad \text{s.t.}\
              \operatorname{diag}(\mathbf B) = 0, \qquad
              \mathbf B = \mathbf I - \mathbf P \operatorname{diag}(1 / P_{jj})

    Args:
        gram: :math:`\mathbf G = \mathbf X^\top \mathbf X`, on the CPU; B afterwards.
        l2_weight: lambda.

    Raises:
        ValueError: as :func:`ridge_inverse_` does.

    Example:
        >>> ridge_weights_(torch.tensor([[1.0, 1.0], [1.0, 1.0]]), 1.0)
        tensor([[0.0000, 0.5000],
                [0.5000, 0.0000]])
    """
    inverse = ridge_inverse_(gram, l2_weight)
    inverse.div_(inverse.diagonal().neg())
    return inverse.fill_diagonal_(0)


def ridge_solution_(
    gram: Float[Tensor, "items items"], target: Float[Tensor, "items further"], l2_weight: float
) -> Float[Tensor, "items further"]:
    r""":math:`(\mathbf G + \lambda \mathbf I)^{-1} \mathbf T`: weights of these items in predictions of further ones.

    Args:
        gram: G, on the CPU; nothing of use afterwards.
        target: T, products of these items with the further ones.
        l2_weight: lambda.

    Raises:
        ValueError: as :func:`ridge_inverse_` does.

    Example:
        >>> ridge_solution_(torch.eye(2), torch.tensor([[4.0], [8.0]]), 3.0)
        tensor([[1.],
                [2.]])
    """
    factor = _cholesky_(gram, l2_weight)
    (solve,) = get_lapack_funcs(("potrs",), (factor,))
    found, _ = solve(factor, target.numpy(), lower=1)
    return torch.from_numpy(np.ascontiguousarray(found))


def multiply_left_(
    left: Float[Tensor, "items items"], right: Float[Tensor, "items items"]
) -> Float[Tensor, "items items"]:
    """The product of two matrices in the memory of the second, a few columns at a time.

    Example:
        >>> multiply_left_(torch.tensor([[0.0, 2.0], [1.0, 0.0]]), torch.tensor([[1.0, 2.0], [3.0, 4.0]]))
        tensor([[6., 8.],
                [1., 2.]])
    """
    for columns in right.split(BLOCK, dim=1):
        columns.copy_(left @ columns)
    return right


def _cholesky_(gram: Tensor, l2_weight: float) -> np.ndarray:
    """The lower factor of G + lambda I, over G, which is seen transposed: the order that LAPACK writes in place."""
    gram.diagonal().add_(l2_weight)
    matrix = gram.numpy().T
    (factorise,) = get_lapack_funcs(("potrf",), (matrix,))
    factor, failed = factorise(matrix, lower=1, overwrite_a=1, clean=0)
    if failed:
        raise ValueError(
            f"the items' ridge regression cannot be solved with an L2 weight of {l2_weight:g}: the matrix is singular "
            "in single precision; give it a larger one"
        )
    assert np.shares_memory(factor, matrix)
    return factor


def _mirror_(matrix: Tensor) -> None:
    """Copies what lies above the diagonal below it, a few rows at a time."""
    for start in range(0, matrix.size(0), BLOCK):
        rows = slice(start, start + BLOCK)
        matrix[rows, :start] = matrix[:start, rows].T
        square = matrix[rows, rows]
        square.copy_(square.triu() + square.triu(1).T)

"""Random orders and draws that are computed where they are looked at, and held nowhere."""

import torch
from jaxtyping import Int64
from torch import Tensor

_ROUNDS = 4
_LOW_63 = 2**63 - 1


def _signed(value: int) -> int:
    return value - 2**64 if value >= 2**63 else value


_STEP, _FIRST, _SECOND = map(_signed, (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))


def hashed(x: Int64[Tensor, "*n"], key: int | Tensor) -> Int64[Tensor, "*n"]:
    """Numbers of 63 random bits, always the same of the same ``x`` and ``key`` (SplitMix64).

    Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014,
    https://doi.org/10.1145/2714064.2660195.

    >>> hashed(torch.tensor([0, 1]), 3).bitwise_and(7)
    tensor([7, 4])
    """
    z = (x + key) * _STEP
    z = (z ^ _shifted(z, 30)) * _FIRST
    z = (z ^ _shifted(z, 27)) * _SECOND
    return (z ^ _shifted(z, 31)) & _LOW_63


def _shifted(z: Tensor, bits: int) -> Tensor:
    """To the right, with zeros coming in: torch's own shift keeps the sign."""
    return (z >> bits) & ((1 << (64 - bits)) - 1)


def shuffled(place: Int64[Tensor, " places"], size: int, key: int) -> Int64[Tensor, " places"]:
    """Which of ``size`` things stand at some places of a random order, one order for each key.

    A Feistel network over the next power of 4, in which what lies beyond ``size`` is walked through (Black and Rogaway,
    "Ciphers with Arbitrary Finite Domains", CT-RSA 2002, https://doi.org/10.1007/3-540-45760-7_9): a permutation, of
    which nothing is held.

    Args:
        place: places, from 0 to ``size - 1``.
        size: how many things there are.
        key: which order.

    Example:
        >>> sorted(shuffled(torch.arange(5), 5, key=7).tolist())
        [0, 1, 2, 3, 4]
    """
    half = max(1, ((size - 1).bit_length() + 1) // 2)
    found = _permuted(place, half, key)
    outside = (found >= size).nonzero().flatten()
    while outside.numel():
        again = _permuted(found[outside], half, key)
        found[outside] = again
        outside = outside[again >= size]
    return found


def _permuted(x: Tensor, half: int, key: int) -> Tensor:
    mask = (1 << half) - 1
    left, right = x >> half, x & mask
    for round_key in hashed(torch.arange(_ROUNDS, device=x.device), key):
        left, right = right, left ^ (hashed(right, round_key) & mask)
    return (left << half) | right

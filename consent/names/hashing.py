"""A number for every range of a text in constant time, also with one character left out.

A polynomial over the characters' own 64-bit numbers, modulo 2**64 (Karp and Rabin 1987, with an odd base, so that shifting a
range back is a multiplication by the base's inverse). Two texts with one number are possible and must cost time only: whoever
finds a row by number compares the letters afterwards.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
Places = NDArray[np.int64]

_BASE = 0x9E3779B97F4A7C15
_INVERSE = pow(_BASE, -1, 1 << 64)
#: Powers are kept for texts of this many characters; longer ones make their own.
_KEPT = 1 << 15


def mix(values: Hashes, salt: int = 0) -> Hashes:
    """Spread numbers over all 64 bits (the finaliser of splitmix64; Steele, Lea and Flood 2014), one way for each salt."""
    z = values + np.uint64((salt + 1) * _BASE & 0xFFFFFFFFFFFFFFFF)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def characters(text: str) -> NDArray[np.uint32]:
    """Code points of ``text``, lone surrogates too."""
    return np.array(memoryview(text.encode("utf-32-le", "surrogatepass")).cast("I"), np.uint32)


class Rolling:
    """Numbers of ranges of one sequence of code points; equal ranges have equal numbers in every sequence."""

    def __init__(self, codes: NDArray[np.uint32]) -> None:
        count = len(codes)
        powers, self._inverse = _kept() if count <= _KEPT else _make_powers(count)
        self._sums = np.zeros(count + 1, np.uint64)
        np.cumsum(mix(codes.astype(np.uint64)) * powers[:count], out=self._sums[1:])

    def of(self, starts: Places, ends: Places) -> Hashes:
        """The numbers of ``[start, end)``."""
        found: Hashes = (self._sums[ends] - self._sums[starts]) * self._inverse[starts]
        return found

    def without(self, starts: Places, ends: Places, left_out: Places) -> Hashes:
        """The numbers that ``[start, end)`` has once the character at ``left_out`` is gone."""
        before = self._sums[left_out] - self._sums[starts]
        behind = (self._sums[ends] - self._sums[left_out + 1]) * np.uint64(_INVERSE)
        found: Hashes = (before + behind) * self._inverse[starts]
        return found


@lru_cache(maxsize=1)
def _kept() -> tuple[Hashes, Hashes]:
    return _make_powers(_KEPT)


def _make_powers(count: int) -> tuple[Hashes, Hashes]:
    up, down = np.full(count + 1, _BASE, np.uint64), np.full(count + 1, _INVERSE, np.uint64)
    up[0] = down[0] = 1
    return np.cumprod(up), np.cumprod(down)

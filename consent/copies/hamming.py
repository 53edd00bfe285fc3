"""Every hash within so many bits of another, among a million, without comparing them all and without missing one.

A hash of 256 bits is cut into 16 pieces of 16. Two that differ in at most 31 bits differ in at most one bit of at least one
piece, so looking up each piece and its 16 neighbours finds them all (Norouzi, Punjani and Fleet, "Multi-index hashing", CVPR
2012).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: Pieces of a hash, and the most differing bits at which none is missed: 16 pieces of two differing bits each are 32.
PIECES, MOST_BITS = 16, 31
#: Hashes that came after the tables were built are compared one by one until they are so many.
LATEST = 8192
#: What a piece is changed by to reach itself and its neighbours of one bit.
_NEAR = np.concatenate([[0], 1 << np.arange(16)]).astype(np.uint16)


class HashIndex:
    """Hashes (32 bytes each) under their numbers, 0, 1, 2, ... in the order they were added; none is ever taken out."""

    def __init__(self) -> None:
        self._hashes = np.zeros((0, 32), np.uint8)
        self._count = self._built = 0
        self._order: list[NDArray[np.uint32]] = []
        self._starts: list[NDArray[np.uint32]] = []

    def __len__(self) -> int:
        return self._count

    def add(self, hashes: NDArray[np.uint8]) -> None:
        """``hashes`` uint8 (n, 32)."""
        needed = self._count + len(hashes)
        if needed > len(self._hashes):
            grown = np.zeros((max(needed, len(self._hashes) * 3 // 2), 32), np.uint8)
            grown[: self._count] = self._hashes[: self._count]
            self._hashes = grown
        self._hashes[self._count : needed] = hashes
        self._count = needed
        if self._count - self._built > max(LATEST, self._built // 8):
            self._build()

    def within(self, hash: bytes, most: int = MOST_BITS) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Numbers of all hashes that differ from ``hash`` in at most ``most`` bits, and in how many; in order of numbers."""
        if most > MOST_BITS:
            raise ValueError(f"hashes further than {MOST_BITS} bits away could be missed")
        wanted = np.frombuffer(hash, np.uint8)
        near = [np.arange(self._built, self._count, dtype=np.int64)]
        if self._built:
            for piece, order, starts in zip(wanted.view(np.uint16), self._order, self._starts, strict=True):
                values = (piece ^ _NEAR).astype(np.int64)
                near += [order[starts[v] : starts[v + 1]].astype(np.int64) for v in values]
        rows = np.unique(np.concatenate(near))
        bits = np.bitwise_count(self._hashes[rows] ^ wanted).sum(axis=1, dtype=np.int64)
        kept = bits <= most
        return rows[kept], bits[kept]

    def _build(self) -> None:
        pieces = self._hashes[: self._count].view(np.uint16)
        self._order = [np.argsort(pieces[:, i], kind="stable").astype(np.uint32) for i in range(PIECES)]
        self._starts = [
            np.concatenate([[0], np.bincount(pieces[:, i], minlength=1 << 16).cumsum()]).astype(np.uint32) for i in range(PIECES)
        ]
        self._built = self._count

"""Rows by 64-bit number: three flat arrays that a file can be mapped onto, searched for thousands of numbers at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from consent.names.hashing import Hashes

Rows = NDArray[np.uint32]
Arrays = dict[str, NDArray[np.generic]]


@dataclass(frozen=True)
class Multimap:
    """``starts`` gives for each value of a number's upper bits where its entries begin; ``checks`` are the lower 32 bits."""

    starts: NDArray[np.uint32]
    checks: NDArray[np.uint32]
    rows: Rows

    @classmethod
    def build(cls, keys: Hashes, rows: Rows) -> Multimap:
        """One entry a key, about one entry a bucket."""
        bits = max(1, int(len(keys) - 1).bit_length()) if len(keys) else 1
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        counts = np.bincount((keys >> np.uint64(64 - bits)).astype(np.int64), minlength=1 << bits)
        starts = np.zeros((1 << bits) + 1, np.uint32)
        np.cumsum(counts, out=starts[1:])
        return cls(starts, keys.astype(np.uint32), rows[order])

    def find(self, keys: Hashes) -> tuple[NDArray[np.int64], Rows]:
        """Which of ``keys`` have rows, and these, as pairs in the order of ``keys``."""
        bits = (len(self.starts) - 1).bit_length() - 1
        bucket = (keys >> np.uint64(64 - bits)).astype(np.int64)
        first = self.starts[bucket].astype(np.int64)
        count = self.starts[bucket + 1] - first
        some = np.flatnonzero(count)
        count, first = count[some], first[some]
        before = np.cumsum(count) - count
        which = np.repeat(some, count)
        places = np.arange(len(which)) + np.repeat(first - before, count)
        same = self.checks[places] == keys[which].astype(np.uint32)
        return which[same], self.rows[places[same]]

    def arrays(self, name: str) -> Arrays:
        """Its arrays under names that begin with ``name``."""
        return {f"{name}.starts": self.starts, f"{name}.checks": self.checks, f"{name}.rows": self.rows}

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[np.generic]], name: str) -> Multimap:
        """The inverse of ``arrays``."""
        return cls(*(np.asarray(arrays[f"{name}.{part}"]).view(np.uint32) for part in ("starts", "checks", "rows")))

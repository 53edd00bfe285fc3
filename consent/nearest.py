"""Nearest neighbours among a million unit vectors: a graph that is walked, and candidates that are compared again exactly.

The graph is usearch's (Malkov and Yashunin, "HNSW", PAMI 2018) over rows kept in half precision or in bytes. It is built by one
thread, so that the same rows in the same order give the same graph and the same answers. It must never be the last word on
whether two vectors are close: it can miss a neighbour, and what it returns is compared again.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from consent.vectors import Vectors

if TYPE_CHECKING:
    from usearch.index import Index

#: How rows are kept: bytes cost a quarter of the memory and 0.001 of a cosine, half precision 0.0002.
Kept = Literal["i8", "f16", "f32"]
#: Up to this many rows every one is compared, which takes no longer than walking the graph and misses nothing.
EXACT_UP_TO = 4096
#: Neighbours a node has, and how many are kept in hand while building and while searching. More finds more and takes longer.
LINKS, BUILDING, SEARCHING = 16, 128, 256
#: Candidates compared again, for each neighbour that was asked for, and at the least.
AGAIN, LEAST_AGAIN = 4, 64


class NearIndex:
    """``consent.vectors.VectorIndex`` by a graph. Row numbers are keys: 0, 1, 2, ... unless ``keys`` says otherwise.

    Adding, removing and searching at the same time is the caller's to prevent.
    """

    def __init__(self, rows: Vectors, dtype: Kept = "f16", *, keys: Sequence[int] | NDArray[np.int64] | None = None) -> None:
        """``rows`` float32 (n, d) of unit length, d at least 1, n may be 0."""
        self.dtype: Kept = dtype
        self.dimensions = int(rows.shape[1])
        self._index = _empty(self.dimensions, dtype)
        self.add(np.arange(len(rows), dtype=np.int64) if keys is None else keys, rows)

    def __len__(self) -> int:
        return len(self._index)

    @property
    def megabytes(self) -> float:
        """Memory of rows and graph."""
        return float(self._index.memory_usage) / 1e6

    def add(self, keys: Sequence[int] | NDArray[np.int64], rows: Vectors) -> None:
        """Take in rows under keys; one that was there before is replaced."""
        given = np.asarray(keys, np.uint64)
        if len(given) != len(rows):
            raise ValueError("one key a row")
        known = np.asarray(self._index.contains(given), np.bool_) if len(given) and len(self) else np.zeros(len(given), np.bool_)
        if known.any():
            self.remove(np.asarray(given[known], np.int64))
        if len(given):
            self._index.add(given, self._packed(np.asarray(rows, np.float32)), threads=1)

    def remove(self, keys: Sequence[int] | NDArray[np.int64]) -> None:
        """Forget rows; keys that are not there are no trouble."""
        for key in np.asarray(keys, np.uint64):
            if int(key) in self._index:
                self._index.remove(int(key))

    def search(self, queries: Vectors, k: int) -> tuple[NDArray[np.int64], Vectors]:
        """Keys int64 (q, k) and cosines float32 (q, k), best first, ties by key; k is at most the number of rows.

        Where the graph found fewer than k, the rest is key -1 with cosine -1.
        """
        k = min(k, len(self))
        found = np.full((len(queries), k), -1, np.int64)
        cosines = np.full((len(queries), k), -1.0, np.float32)
        if k == 0:
            return found, cosines
        exact = len(self) <= EXACT_UP_TO
        many = min(len(self), k if exact else max(AGAIN * k, LEAST_AGAIN))
        for number, query in enumerate(np.asarray(queries, np.float32)):
            near = self._index.search(self._packed(query[None])[0], many, threads=1, exact=exact)
            candidates = np.sort(np.asarray(near.keys, np.uint64))
            again = self._unpacked(candidates) @ query
            best = np.argsort(-again, kind="stable")[:k]
            found[number, : len(best)], cosines[number, : len(best)] = candidates[best].astype(np.int64), again[best]
        return found, cosines

    def save(self, path: Path) -> None:
        """Write rows and graph to ``path``, whole or not at all."""
        partial = path.with_name(path.name + ".partial")
        self._index.save(str(partial))
        partial.replace(path)

    @classmethod
    def load(cls, path: Path, dimensions: int, dtype: Kept = "f16") -> NearIndex:
        """What ``save`` wrote. Raises ``ValueError`` when the file is another's or of another shape."""
        made = cls(np.zeros((0, dimensions), np.float32), dtype)
        try:
            made._index.load(str(path))
        except Exception as reason:
            raise ValueError(f"{path.name} is no index") from reason
        if made._index.ndim != dimensions or str(made._index.dtype).rsplit(".", 1)[-1].lower() != dtype:
            raise ValueError(f"{path.name} is an index of another shape")
        return made

    def _packed(self, rows: Vectors) -> NDArray[np.int8] | Vectors:
        """Rows as the graph keeps them. Bytes use their whole range whatever the row, since only the direction counts."""
        if self.dtype != "i8":
            return np.ascontiguousarray(rows)
        widest = np.maximum(np.abs(rows).max(axis=1, keepdims=True), 1e-12)
        return np.asarray(np.round(rows * (127 / widest)), np.int8)

    def _unpacked(self, keys: NDArray[np.uint64]) -> Vectors:
        """Kept rows as float32 of unit length."""
        rows = np.stack([np.asarray(self._index.get(int(key)), np.float32).reshape(-1) for key in keys])
        return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12), np.float32)


def _empty(dimensions: int, dtype: Kept) -> Index:
    from usearch.index import Index

    return Index(
        ndim=dimensions, metric="cos", dtype=dtype, connectivity=LINKS, expansion_add=BUILDING, expansion_search=SEARCHING
    )  # fmt: skip

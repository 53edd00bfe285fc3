"""256 numbers of a whole picture that hardly change when it is mirrored, cropped, recoloured, compressed or marked.

A linear projection of the embedding, fitted by ``bench/training/copy_codes.py``. It finds what may be a copy; whether it is one
is for the corners to say, never for this.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FILE = Path(__file__).with_name("copies_codes.npz")


class Coder:
    """Picklable; the projection is read once a process, when it is first needed."""

    def codes(self, embeddings: NDArray[np.float32]) -> NDArray[np.int8]:
        """int8 (n, 256) for embeddings (n, 1472); each row uses the whole range, as only its direction counts."""
        mean, projection = _read()
        rows = (embeddings - mean) @ projection
        widest = np.maximum(np.abs(rows).max(axis=1, keepdims=True, initial=0), 1e-12)
        return np.asarray(np.round(rows * (127 / widest)), np.int8)


@lru_cache(maxsize=1)
def _read() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    with np.load(FILE) as kept:
        return kept["mean"].astype(np.float32), kept["projection"].astype(np.float32)

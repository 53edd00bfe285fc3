"""The trained weights of the heads: what they are, how they score, and the refusal of a file made for other features."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classifiers.errors import BrokenHeads
from classifiers.prompt import features
from classifiers.prompt.embedding import DIMENSIONS
from classifiers.prompt.features import Features
from classifiers.prompt.labels import ROWS

FILE = Path(__file__).parent / "data" / "heads.npz"

Floats = NDArray[np.float64]
Small = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Heads:
    """Weights (labels, columns), biases, and the calibration: score = sigmoid(slope * z + offset)."""

    weights: Small
    bias: Floats
    slope: Floats
    offset: Floats

    def raw(self, seen: Features) -> Floats:
        """Uncalibrated logits, shape (texts, labels)."""
        out = (seen.dense @ self.weights[:, :DIMENSIONS].T).astype(np.float64) + self.bias
        for i, (columns, values) in enumerate(seen.sparse):
            out[i] += self.weights[:, columns] @ values
        return out

    def score(self, seen: Features) -> Floats:
        """Calibrated scores, shape (texts, labels), 0 to 1."""
        return np.asarray(1.0 / (1.0 + np.exp(-np.clip(self.raw(seen) * self.slope + self.offset, -30.0, 30.0))))


@lru_cache(maxsize=1)
def heads() -> Heads:
    """The committed heads. Raises ``BrokenHeads`` when they were trained for other features or labels."""
    try:
        with np.load(FILE, allow_pickle=False) as file:
            if int(file["version"]) != features.VERSION or tuple(file["labels"].tolist()) != ROWS:
                raise BrokenHeads("The trained heads were made for other features; run `python -m classifiers.prompt.train`.")
            return Heads(file["weights"].astype(np.float32), file["bias"], file["slope"], file["offset"])
    except (OSError, KeyError, ValueError) as reason:
        raise BrokenHeads(f"The trained heads {FILE.name} cannot be read; run `python -m classifiers.prompt.train`.") from reason

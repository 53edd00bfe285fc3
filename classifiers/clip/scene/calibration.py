"""From cosines to probabilities, for one checkpoint and no other.

A cosine says nothing by itself: what 0.3 means differs from model to model. So every figure stands in a file beside the
checkpoint, with the digest that it was measured for. What was not measured stays None, and whoever asks gets no answer. The
file of another checkpoint is refused.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, ValidationError

from classifiers.clip.scene.choice import Choice
from safety.errors import BadInput
from safety.values import Value

#: Weight of the best caption's cosine beside the distance: of 2, 5 and 10 the one that parted best the calibration's photographs.
FITTING = 5.0


class Curve(Value):
    """Probability = 1 / (1 + exp(-(slope x + offset))); ``on`` says what it was fitted on."""

    slope: float
    offset: float
    on: str = ""

    def of(self, x: float) -> float:
        return float(1 / (1 + np.exp(-np.clip(self.slope * x + self.offset, -40, 40))))


class Domain(Value):
    """The pictures that a checkpoint knows: their mean and the directions they spread in (rows, each divided by its spread).

    ``curve`` turns ``distance`` into ``known``.
    """

    mean: tuple[float, ...]
    directions: tuple[tuple[float, ...], ...]
    curve: Curve

    def known(self, features: NDArray[np.float32], nearest: NDArray[np.float32]) -> NDArray[np.float64]:
        """0 to 1 for each row of features (n, dimensions) whose best caption has the cosine ``nearest`` (n,)."""
        return np.array([self.curve.of(float(d)) for d in self.distance(features, nearest)])

    def distance(self, features: NDArray[np.float32], nearest: NDArray[np.float32]) -> NDArray[np.float64]:
        """Logarithm of Mahalanobis' distance squared by dimension, less what the best caption fits, (n,)."""
        along = (features.astype(np.float64) - np.asarray(self.mean)) @ np.asarray(self.directions).T
        return np.asarray(np.log((along**2).mean(axis=1) + 1e-9) - FITTING * nearest, np.float64)


class Calibration(Value):
    """``words_known``: the model knows the words of ``words.yaml`` alone. ``labels``: zero-shot labels that were measured."""

    checkpoint: str = Field(pattern=r"^[0-9a-f]{64}$")
    words_known: bool = False
    follows: Curve | None = None
    domain: Domain | None = None
    labels: dict[str, Curve] = {}


def calibration_of(choice: Choice) -> Calibration:
    """What lies beside the checkpoint; empty without a file. Raises ``BadInput`` for one that is broken or of another."""
    path = choice.calibration
    if not path.is_file():
        return Calibration(checkpoint=choice.sha256)
    try:
        read = Calibration.model_validate_json(path.read_bytes())
    except (ValidationError, ValueError) as reason:
        raise BadInput(f"The calibration {path} cannot be read; measure it again or take it away.") from reason
    if read.checkpoint != choice.sha256:
        raise BadInput(f"The calibration {path} was measured for another checkpoint; measure it again or take it away.")
    return read


def fit(scores: Sequence[float], truth: Sequence[bool], on: str = "") -> Curve:
    """The curve for scores of known truth (Platt 1999, with his two pseudo-counts against certainty)."""
    from scipy.optimize import minimize

    x, y = np.asarray(scores, float), np.asarray(truth, bool)
    yes, no = y.sum(), (~y).sum()
    target = np.where(y, (yes + 1) / (yes + 2), 1 / (no + 2))
    centre, spread = x.mean(), x.std() or 1.0
    z = (x - centre) / spread

    def loss(p: NDArray[np.float64]) -> float:
        t = p[0] * z + p[1]
        return float(np.mean(np.logaddexp(0, t) - target * t))

    a, b = minimize(loss, np.array([1.0, 0.0]), method="BFGS").x
    return Curve(slope=float(a / spread), offset=float(b - a * centre / spread), on=on)

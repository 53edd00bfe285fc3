"""Whether pictures show what a prompt asks for, as one calibrated probability.

The prompt is held against a background of other captions: how much better does it fit than they do? It must give no answer where
the model knows neither such pictures nor the prompt's words, and for a checkpoint that was not measured.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from classifiers.clip.scene import bank
from classifiers.clip.scene.told import told

if TYPE_CHECKING:
    from classifiers.clip.scene.eyes import Eyes, Vectors

#: A picture is of a known kind from here on; at least this share of the frames must be.
KNOWN, MOST = 0.5, 0.5


def known_of(eyes: Eyes, vectors: Vectors) -> NDArray[np.float64]:
    """How far each picture is of a kind that the model was trained on, 0 to 1 (n,); 0 where that was not measured."""
    domain = eyes.calibration.domain
    if domain is None or not len(vectors):
        return np.zeros(len(vectors))
    return domain.known(vectors, (vectors @ eyes.words(background()).T).max(axis=1))


def agreements(eyes: Eyes, vectors: Vectors, known: NDArray[np.float64], prompt: str | None) -> float | None:
    """Probability that the frames (n, dimensions), ``known`` (n,) each, follow ``prompt``; None when it cannot be judged."""
    curve = eyes.calibration.follows
    rows = known >= KNOWN
    if curve is None or prompt is None or not len(rows) or rows.mean() < MOST:
        return None
    text = prompt.strip()
    if eyes.calibration.words_known:
        part = told(prompt)
        if part is None:
            return None
        text = part.text
    return curve.of(fit_of(eyes, vectors[rows], text)) if text else None


def fit_of(eyes: Eyes, vectors: Vectors, text: str) -> float:
    """How much better ``text`` fits than the background does, in logits; the mean of the better half of the frames.

    The better half, because what was asked for may come late or leave early.
    """
    own = eyes.scale * vectors @ eyes.words([text])[0]
    others = eyes.scale * vectors @ eyes.words(background()).T
    margins = np.sort(own - np.logaddexp.reduce(others.astype(np.float64), axis=1) + np.log(others.shape[1]))
    return float(margins[len(margins) // 2 :].mean())


def background() -> list[str]:
    """Every thing in every place, in English."""
    return [
        f"{bank.texts('things', thing)[0]} {bank.texts('places', place)[0]}"
        for thing in bank.values_of("things")
        for place in bank.values_of("places")
    ]

"""The trained weights of the heads: what they are, how they score, and the refusal of a file made for other features.

Two judges a label, both logistic regressions: a cheap one on n-grams and lexicon hits, a deep one on the tuned reader's vector.
Their logits are mixed and calibrated. A text that the cheap judge finds clearly harmless is settled without asking the reader.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classifiers.errors import BrokenHeads
from classifiers.prompt import features
from classifiers.prompt.features import Sparse
from classifiers.prompt.labels import HOLD, ROWS
from classifiers.prompt.reader.encoder import reader

FILE = Path(__file__).parent / "data" / "heads.npz"
#: The same judges, who have also learnt what people say when they ask for nothing: for the words of clips.
WORDS_FILE = Path(__file__).parent / "data" / "heads-words.npz"
#: Windows of one prompt that the reader reads at most, the most suspicious ones; what is left unread makes a person look.
MOST_READ = 40

Floats = NDArray[np.float64]
Small = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Heads:
    """For each label (rows of ROWS): ``cheap`` (labels, columns) and ``deep`` (labels, dimensions) with their biases; the ``mix``
    (labels, 2) of their logits; the calibration, score = sigmoid(slope * mixed + offset); and when the cheap judge settles:
    all its logits under ``calm``, for which ``usual`` (labels) stands in for the deep logits."""

    cheap: Small
    cheap_bias: Floats
    deep: Small
    deep_bias: Floats
    mix: Floats
    slope: Floats
    offset: Floats
    calm: float
    usual: Floats

    def cheap_logits(self, seen: Sequence[Sparse]) -> Floats:
        """Logits of the cheap judge, shape (texts, labels)."""
        out = np.empty((len(seen), len(self.cheap_bias)))
        for i, (columns, values) in enumerate(seen):
            out[i] = self.cheap[:, columns] @ values + self.cheap_bias
        return out

    def deep_logits(self, vectors: Small) -> Floats:
        """Logits of the deep judge for vectors of the reader, shape (texts, labels)."""
        return np.asarray(vectors @ self.deep.T, np.float64) + self.deep_bias

    def mixed(self, cheap: Floats, deep: Floats) -> Floats:
        """Both logits as calibrated scores, 0 to 1."""
        z = (cheap * self.mix[:, 0] + deep * self.mix[:, 1]) * self.slope + self.offset
        return np.asarray(1.0 / (1.0 + np.exp(-np.clip(z, -30.0, 30.0))))

    def score(self, texts: Sequence[str], seen: Sequence[Sparse]) -> Floats:
        """Calibrated scores of windows, shape (texts, labels)."""
        cheap = self.cheap_logits(seen)
        worst = cheap.max(axis=1)
        asked = np.flatnonzero(worst >= self.calm)
        asked, unread = np.split(asked[np.argsort(-worst[asked], kind="stable")], [MOST_READ])
        deep = np.tile(self.usual, (len(texts), 1))
        if len(asked):
            deep[asked] = self.deep_logits(reader().embed([texts[int(i)] for i in asked]))
        scores = self.mixed(cheap, deep)
        scores[unread, -1] = np.maximum(scores[unread, -1], HOLD)
        return scores


def heads(words: bool = False) -> Heads:
    """The committed heads, for prompts or for the ``words`` of clips.

    Raises ``BrokenHeads`` when they were trained for other features or labels.
    """
    return _read(WORDS_FILE if words else FILE)


@lru_cache(maxsize=2)
def _read(path: Path) -> Heads:
    try:
        with np.load(path, allow_pickle=False) as file:
            if int(file["version"]) != features.VERSION or tuple(file["labels"].tolist()) != ROWS:
                raise BrokenHeads("The trained heads were made for other features; run `python -m classifiers.prompt.train`.")
            small = {name: file[name].astype(np.float32) for name in ("cheap", "deep")}
            rest = {name: file[name] for name in ("cheap_bias", "deep_bias", "mix", "slope", "offset", "usual")}
            return Heads(**small, **rest, calm=float(file["calm"]))
    except (OSError, KeyError, ValueError) as reason:
        raise BrokenHeads(f"The trained heads {path.name} cannot be read; run `python -m classifiers.prompt.train`.") from reason


def write(made: Heads, words: bool = False) -> None:
    """Keep ``made`` where ``heads`` finds it; matrices in half precision."""
    with (WORDS_FILE if words else FILE).open("wb") as out:
        np.savez_compressed(
            out, version=np.int64(features.VERSION), labels=np.array(ROWS), cheap=made.cheap.astype(np.float16),
            deep=made.deep.astype(np.float32), cheap_bias=made.cheap_bias, deep_bias=made.deep_bias, mix=made.mix,
            slope=made.slope, offset=made.offset, calm=np.float64(made.calm), usual=made.usual,
        )  # fmt: skip
    _read.cache_clear()

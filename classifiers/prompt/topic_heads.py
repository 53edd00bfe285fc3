"""The trained weights of the topics: a watch that settles most texts for nothing, and one linear head a topic behind it.

The watch is a logistic regression on the n-grams that the prompt heads read too. What it finds clearly about no topic is settled;
only the rest is read by the sentence encoder, whose vector the heads judge. The file is refused when it was made for other
features or topics.
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
from classifiers.prompt.embedding import encoder
from classifiers.prompt.features import Sparse

#: In the order of the rows of the weights.
TOPICS: tuple[str, ...] = (
    "politics",
    "religion",
    "swimwear_or_underwear",
    "alcohol_or_drugs",
    "smoking",
    "gambling",
    "advertising",
    "romance",
    "medical",
    "weapon",
)
FILE = Path(__file__).parent / "data" / "topics.npz"

Floats = NDArray[np.float64]
Small = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class TopicHeads:
    """``watch`` (columns) with its bias, and ``calm``, the logit under which it settles a text.

    ``deep`` (topics, 512) with biases, calibrated: score = sigmoid(deep @ vector + bias). Row 0 of ``bias`` (2, topics) is for
    prompts, row 1 for the words of clips, in which people speak of anything without asking for it.
    """

    watch: Small
    watch_bias: float
    calm: float
    deep: Small
    bias: Floats

    def suspicion(self, seen: Sequence[Sparse]) -> Floats:
        """How far each text lies above what the watch settles, shape (texts,); under 0 it is settled."""
        found = [float(self.watch[columns] @ values) for columns, values in seen]
        return np.array(found) + (self.watch_bias - self.calm)

    def judged(self, vectors: Small, words: bool = False) -> Floats:
        """Scores, 0 to 1, for vectors of the sentence encoder, shape (texts, topics); ``words``: they are the words of a clip."""
        z = np.asarray(vectors @ self.deep.T, np.float64) + self.bias[int(words)]
        return np.asarray(1.0 / (1.0 + np.exp(-np.clip(z, -30.0, 30.0))))

    def read(self, texts: Sequence[str], words: bool = False) -> Floats:
        """Scores of texts, each read by the encoder, shape (texts, topics)."""
        return self.judged(encoder().embed(texts), words)


@lru_cache(maxsize=1)
def topic_heads() -> TopicHeads:
    """The committed heads. Raises ``BrokenHeads`` when they were trained for other features or topics."""
    try:
        with np.load(FILE, allow_pickle=False) as file:
            if int(file["version"]) != features.VERSION or tuple(file["topics"].tolist()) != TOPICS:
                raise BrokenHeads(
                    "The topics were trained for other features; run `python -m classifiers.prompt.training.topics`."
                )
            watch, deep = (file[name].astype(np.float32) for name in ("watch", "deep"))
            return TopicHeads(watch, float(file["watch_bias"]), float(file["calm"]), deep, file["bias"])
    except (OSError, KeyError, ValueError) as reason:
        raise BrokenHeads(f"The trained topics {FILE.name} cannot be read; train them again.") from reason


def write(made: TopicHeads) -> None:
    """Keep ``made`` where ``topic_heads`` finds it; the watch in half precision."""
    with FILE.open("wb") as out:
        np.savez_compressed(
            out, version=np.int64(features.VERSION), topics=np.array(TOPICS), watch=made.watch.astype(np.float16),
            watch_bias=np.float64(made.watch_bias), calm=np.float64(made.calm), deep=made.deep, bias=made.bias,
        )  # fmt: skip
    topic_heads.cache_clear()

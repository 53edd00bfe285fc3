"""What the heads see of a text: its sentence embedding, its hashed n-grams, and its lexicon hits.

The same code runs in training and at the gate, so that the two cannot drift apart; the heads' file names this module's
``VERSION`` and is refused when it differs.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifiers.prompt.embedding import DIMENSIONS, encoder
from classifiers.prompt.folding import fold
from classifiers.prompt.labels import HEADS
from classifiers.prompt.lexicon import lexicon

VERSION = 1
#: Hash buckets for character and word n-grams; 2**15 keeps the heads' file under 1 MB and collisions rare for short texts.
BUCKETS = 1 << 15
#: Lexicon columns: clear and hint for each head, and one for minors.
LEXICAL = 2 * len(HEADS) + 1
COLUMNS = DIMENSIONS + BUCKETS + LEXICAL
#: The share of each block in the sum, set by hand: the embedding carries meaning, n-grams and lexicon sharpen it.
EMBEDDING_SCALE, NGRAM_SCALE, LEXICAL_SCALE = 6.0, 2.0, 0.7
#: Words to a window, and how many of them two neighbours share: an unsafe clause in a long prompt must not be averaged away.
WINDOW, OVERLAP = 36, 8
#: Windows judged in one reading at most, spread evenly when there are more.
MOST_WINDOWS = 160
_WORD = re.compile(r"\S+")

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Features:
    """Rows for ``len(dense)`` texts: dense embeddings, and sparse columns as (column, value) pairs a row."""

    dense: Floats
    sparse: tuple[tuple[NDArray[np.int64], Floats], ...]


def extract(texts: Sequence[str]) -> Features:
    """Features of each text; texts should be windows of at most some forty words."""
    dense = encoder().embed(texts) * np.float32(EMBEDDING_SCALE)
    return Features(dense, tuple(_sparse(fold(text)) for text in texts))


def windows(text: str) -> list[tuple[int, int]]:
    """Half-open ranges of ``text`` to judge one by one: whole when short, else overlapping windows of words."""
    words = [(m.start(), m.end()) for m in _WORD.finditer(text)]
    if not words:
        return []
    if len(words) <= WINDOW:
        return [(words[0][0], words[-1][1])]
    count = -(-(len(words) - OVERLAP) // (WINDOW - OVERLAP))
    # Evenly laid, so that the last one is no stump torn out of its sentence.
    firsts = [round(i * (len(words) - WINDOW) / (count - 1)) for i in range(count)]
    found = [(words[i][0], words[i + WINDOW - 1][1]) for i in firsts]
    if len(found) > MOST_WINDOWS:
        found = [found[round(i * (len(found) - 1) / (MOST_WINDOWS - 1))] for i in range(MOST_WINDOWS)]
    return found


def _sparse(folded: str) -> tuple[NDArray[np.int64], Floats]:
    counts = Counter(_ngrams(folded))
    columns = np.fromiter(counts.keys(), np.int64, len(counts)) + DIMENSIONS
    values = np.log1p(np.fromiter(counts.values(), np.float32, len(counts)))
    values *= NGRAM_SCALE / max(float(np.linalg.norm(values)), 1e-6)
    hits: Counter[int] = Counter()
    for hit in lexicon().find(folded):
        if hit.label == "minors":
            hits[LEXICAL - 1] += 1
        elif hit.label in HEADS:
            hits[2 * HEADS.index(hit.label) + (hit.weight == "hint")] += 1
    extra = np.array(sorted(hits), np.int64) + DIMENSIONS + BUCKETS
    weight = np.array([min(hits[k], 3) * LEXICAL_SCALE for k in sorted(hits)], np.float32)
    return np.concatenate([columns, extra]), np.concatenate([values, weight])


def _ngrams(folded: str) -> Iterator[int]:
    """Buckets of the words, word pairs, and the 3- to 5-letter pieces of words with their borders."""
    words = folded.split()
    previous = ""
    for word in words:
        yield _bucket("w", word)
        if previous:
            yield _bucket("p", f"{previous} {word}")
        previous = word
        framed = f"<{word[:24]}>"
        for size in (3, 4, 5):
            for i in range(len(framed) - size + 1):
                yield _bucket("c", framed[i : i + size])


def _bucket(kind: str, piece: str) -> int:
    return zlib.crc32(f"{kind}{piece}".encode("utf-8", "surrogatepass")) % BUCKETS

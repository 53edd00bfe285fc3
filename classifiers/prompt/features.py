"""What the cheap judge sees of a text, its hashed n-grams and its lexicon hits, and how long texts are cut into windows.

The same code runs in training and at the gate, so that the two cannot drift apart; the heads' file names this module's
``VERSION`` and is refused when it differs.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from classifiers.prompt.folding import fold
from classifiers.prompt.labels import HEADS
from classifiers.prompt.lexicon import Hit, lexicon

VERSION = 2
#: Hash buckets for character and word n-grams; 2**15 keeps the heads' file near 1 MB and collisions rare for short texts.
BUCKETS = 1 << 15
#: Lexicon columns: clear and hint for each head, and one for minors.
LEXICAL = 2 * len(HEADS) + 1
COLUMNS = BUCKETS + LEXICAL
#: Length of the n-gram part, and what a lexicon hit adds to its column, set by hand.
NGRAM_SCALE, LEXICAL_SCALE = 3.0, 0.7
#: Words to a window, and how many of them two neighbours share: an unsafe clause in a long prompt must not be averaged away.
WINDOW, OVERLAP = 80, 20
#: Windows judged in one reading at most, spread evenly when there are more.
MOST_WINDOWS = 80
_WORD = re.compile(r"\S+")

Floats = NDArray[np.float32]
#: The columns that are not zero, and their values.
Sparse = tuple[NDArray[np.int64], Floats]


def extract(texts: Sequence[str]) -> tuple[list[Sparse], list[list[Hit]]]:
    """Features and lexicon hits of each text; texts should be windows."""
    folded = [fold(text) for text in texts]
    hits = [lexicon().find(text) for text in folded]
    return [_sparse(text, found) for text, found in zip(folded, hits, strict=True)], hits


def windows(text: str) -> list[tuple[int, int]]:
    """Half-open ranges of ``text`` to judge one by one: whole when short, else overlapping windows of words."""
    words = [(m.start(), m.end()) for m in _WORD.finditer(text)]
    if not words:
        return []
    if len(words) <= WINDOW:
        return [(words[0][0], words[-1][1])]
    count = -(-(len(words) - OVERLAP) // (WINDOW - OVERLAP))
    # As long as they must be and evenly laid: no stump torn out of its sentence, and no word read more often than it has to.
    length = -(-(len(words) + OVERLAP * (count - 1)) // count)
    firsts = [round(i * (len(words) - length) / (count - 1)) for i in range(count)]
    found = [(words[i][0], words[i + length - 1][1]) for i in firsts]
    if len(found) > MOST_WINDOWS:
        found = [found[round(i * (len(found) - 1) / (MOST_WINDOWS - 1))] for i in range(MOST_WINDOWS)]
    return found


def _sparse(folded: str, found: Sequence[Hit]) -> Sparse:
    words = folded.split()
    buckets: list[int] = []
    for word in words:
        buckets += _word_buckets(word)
    buckets += [_bucket("p", f"{left} {right}") for left, right in pairwise(words)]
    columns, counts = np.unique(np.array(buckets, np.int64), return_counts=True)
    values = np.log1p(counts.astype(np.float32))
    values *= NGRAM_SCALE / max(float(np.linalg.norm(values)), 1e-6)
    hits: Counter[int] = Counter()
    for hit in found:
        if hit.label == "minors":
            hits[LEXICAL - 1] += 1
        elif hit.label in HEADS:
            hits[2 * HEADS.index(hit.label) + (hit.weight == "hint")] += 1
    extra = np.array(sorted(hits), np.int64) + BUCKETS
    weight = np.array([min(hits[k], 3) * LEXICAL_SCALE for k in sorted(hits)], np.float32)
    return np.concatenate([columns, extra]), np.concatenate([values, weight])


@lru_cache(maxsize=65536)
def _word_buckets(word: str) -> list[int]:
    """Buckets of the word and of its 3- to 5-letter pieces with its borders."""
    framed = f"<{word[:24]}>"
    pieces = [framed[i : i + size] for size in (3, 4, 5) for i in range(len(framed) - size + 1)]
    return [_bucket("w", word), *(_bucket("c", piece) for piece in pieces)]


def _bucket(kind: str, piece: str) -> int:
    return zlib.crc32(f"{kind}{piece}".encode("utf-8", "surrogatepass")) % BUCKETS

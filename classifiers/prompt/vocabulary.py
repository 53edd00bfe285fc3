"""The words people use in prompts, to tell a word from what only looks like one.

The list is made by ``classifiers.prompt.train`` from the training prompts (folded, with how often each was seen). It answers two
questions the normaliser asks: does this text read like language, and where are the word borders in a run without spaces?
"""

from __future__ import annotations

import gzip
import math
from functools import lru_cache
from pathlib import Path

from classifiers.prompt.lexicon import lexicon

FILE = Path(__file__).parent / "data" / "words.txt.gz"
#: No word longer than this is looked for inside a run of letters.
LONGEST = 20
#: Runs longer than this are left alone: no prompt hides a sentence of that length in one word.
LONGEST_RUN = 400
#: Cost, in nats, of a letter that belongs to no word; far above any word's.
_STRAY = 14.0


class Vocabulary:
    """Words with the cost (negative log probability) of each."""

    def __init__(self, counts: dict[str, int]) -> None:
        total = sum(counts.values()) + 1
        self._cost = {word: -math.log(count / total) for word, count in counts.items()}

    def __contains__(self, word: object) -> bool:
        return word in self._cost

    def known(self, folded: str) -> float:
        """The share of letters of ``folded`` that stand in known words of two letters or more, 0 to 1."""
        words = [w for w in folded.split() if w.isalpha()]
        letters = sum(map(len, words))
        return sum(len(w) for w in words if len(w) > 1 and w in self._cost) / letters if letters else 0.0

    def split(self, run: str) -> list[str] | None:
        """The likeliest words that ``run`` (folded, no spaces) is made of, or None when it is not made of words."""
        n = len(run)
        if n > LONGEST_RUN:
            return None
        best = [0.0] + [math.inf] * n
        back = [0] * (n + 1)
        for end in range(1, n + 1):
            for start in range(max(0, end - LONGEST), end):
                cost = self._cost.get(run[start:end], _STRAY if end - start == 1 else math.inf)
                if end - start == 1 and run[start] not in "aiyeou0123456789":
                    cost = _STRAY
                if best[start] + cost < best[end]:
                    best[end] = best[start] + cost
                    back[end] = start
        words: list[str] = []
        end = n
        while end:
            words.append(run[back[end] : end])
            end = back[end]
        words.reverse()
        stray = sum(1 for w in words if len(w) == 1 and w not in self._cost)
        return words if stray <= len(words) // 3 and sum(map(len, words)) >= 2 * len(words) else None


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """The committed list together with the words of the lexicon."""
    counts: dict[str, int] = {}
    if FILE.is_file():
        with gzip.open(FILE, "rt", encoding="utf-8") as lines:
            for line in lines:
                word, count = line.split()
                counts[word] = int(count)
    for word in lexicon().words:
        counts[word] = counts.get(word, 0) + 5
    return Vocabulary(counts)

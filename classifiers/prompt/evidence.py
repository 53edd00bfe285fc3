"""Which words drove a score: the lexicon's hits, else the words whose pieces weigh most in the deep judge's logit.

The deep judge is linear in the mean of the reader's pieces, so a word's share of the logit is the sum over its pieces.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from classifiers.prompt.folding import fold, fold_character
from classifiers.prompt.labels import HEADS, SEXUAL_MINORS
from classifiers.prompt.lexicon import Hit
from classifiers.prompt.reader.encoder import reader

if TYPE_CHECKING:
    from classifiers.prompt.model import Heads

_WORD = re.compile(r"\S+")
MOST_RANGES = 3
#: Words of one range, and the least share of the best range's weight that another needs to be named.
GROUP, SHARE = 3, 0.5


def words_behind(text: str, label: str, hits: list[Hit], heads: Heads) -> list[tuple[int, int]]:
    """Half-open ranges of ``text``, most telling first."""
    wanted = {"sexual", "minors"} if label == SEXUAL_MINORS else {label}
    telling = [h for h in hits if h.label in wanted and (h.weight == "clear" or label == SEXUAL_MINORS)]
    if telling:
        places = _unfold(text)
        ranges = [(places[h.start], places[h.end - 1] + 1) for h in telling if h.end <= len(places)]
        return list(dict.fromkeys(ranges))[:MOST_RANGES]
    words = [(m.start(), m.end()) for m in _WORD.finditer(text)]
    if len(words) <= GROUP:
        return [(words[0][0], words[-1][1])] if words else []
    head = HEADS.index("sexual" if label == SEXUAL_MINORS else label)
    weight = np.zeros(len(words))
    starts = np.array([start for start, _ in words])
    for start, share in reader().weigh(text, heads.deep[head]):
        weight[max(0, int(np.searchsorted(starts, start, side="right")) - 1)] += share
    sums = np.convolve(weight, np.ones(GROUP), mode="valid")
    chosen: list[int] = []
    for at in np.argsort(-sums, kind="stable"):
        if sums[at] < SHARE * sums[chosen[0]] if chosen else False:
            break
        if all(abs(int(at) - other) >= GROUP for other in chosen):
            chosen.append(int(at))
        if len(chosen) == MOST_RANGES:
            break
    return [(words[at][0], words[at + GROUP - 1][1]) for at in chosen]


def _unfold(text: str) -> list[int]:
    """For each character of ``fold(text)`` the index in ``text`` it came from."""
    pieces = [(c, i) for i, character in enumerate(text) for c in fold_character(character)]
    places: list[int] = []
    pending: int | None = None
    for c, i in pieces:
        if c.isspace():
            pending = i if places else None
            continue
        if pending is not None:
            places.append(pending)
            pending = None
        places.append(i)
    assert len(places) == len(fold(text))
    return places

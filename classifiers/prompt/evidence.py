"""Which words drove a score: the lexicon's hits, else the words whose removal lowers the head's logit most."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from classifiers.prompt.features import extract
from classifiers.prompt.folding import fold, fold_character
from classifiers.prompt.labels import HEADS, SEXUAL_MINORS
from classifiers.prompt.lexicon import Hit

if TYPE_CHECKING:
    from classifiers.prompt.model import Heads

_WORD = re.compile(r"\S+")
MOST_RANGES = 3
#: Words left out at a time; a window of 36 words then costs at most 12 embeddings.
GROUP = 3


def words_behind(text: str, label: str, hits: list[Hit], heads: Heads) -> list[tuple[int, int]]:
    """Half-open ranges of ``text``, most telling first."""
    wanted = {"sexual", "minors"} if label == SEXUAL_MINORS else {label}
    telling = [h for h in hits if h.label in wanted and (h.weight == "clear" or label == SEXUAL_MINORS)]
    if telling:
        places = _unfold(text)
        ranges = [(places[h.start], places[h.end - 1] + 1) for h in telling if h.end <= len(places)]
        return list(dict.fromkeys(ranges))[:MOST_RANGES]
    head = HEADS.index("sexual" if label == SEXUAL_MINORS else label)
    words = [(m.start(), m.end()) for m in _WORD.finditer(text)]
    if len(words) <= GROUP:
        return [(words[0][0], words[-1][1])] if words else []
    groups = [(words[i][0], words[min(i + GROUP, len(words)) - 1][1]) for i in range(0, len(words), GROUP)]
    without = [text[:start] + text[end:] for start, end in groups]
    logits = heads.raw(extract([text, *without]))[:, head]
    drops = sorted(((logits[0] - logits[i + 1], group) for i, group in enumerate(groups)), reverse=True)
    best = drops[0][0]
    return [group for drop, group in drops[:MOST_RANGES] if drop > 0 and drop >= best / 2] or [groups[0]]


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

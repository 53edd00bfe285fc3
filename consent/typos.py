"""Misspelt names: windows of words within a slip or two of a name, found by rapidfuzz.

Names are kept by length, so that only those that could be near are compared. A window made of everyday words alone is never
taken for a misspelling: "castle" is not "Castel".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from consent.words import is_unspaced

#: Shortest name whose misspellings are looked for, in characters, and from which length on two slips are forgiven.
SHORTEST = 6
TWO_SLIPS = 10
#: Words of a window at most, and characters of a text that are looked at: far above any prompt that is let in.
MOST_WORDS = 6
MOST_WINDOWS = 20_000


class Speller:
    """Folded names by length."""

    def __init__(self, names: Iterable[str]) -> None:
        self._by_length: dict[int, list[str]] = defaultdict(list)
        self._known = frozenset(names)
        for name in self._known:
            if len(name) >= SHORTEST and name.count(" ") < MOST_WORDS and not any(map(is_unspaced, name)):
                self._by_length[len(name)].append(name)
        self._longest = max((name.count(" ") + 1 for names in self._by_length.values() for name in names), default=0)

    def search(self, text: str, everyday: frozenset[str]) -> Iterator[tuple[int, int, str, int]]:
        """``(start, end, name, slips)`` for every window of ``text`` that is nearly, but not exactly, a name."""
        windows = self._windows(text, everyday)
        by_length: dict[int, list[tuple[int, int, str]]] = defaultdict(list)
        for start, end in windows:
            by_length[end - start].append((start, end, text[start:end]))
        for length, group in by_length.items():
            for other in range(length - 2, length + 3):
                names = self._by_length.get(other)
                allowed = 2 if other >= TWO_SLIPS else 1
                if not names or abs(other - length) > allowed:
                    continue
                queries = [window for _, _, window in group]
                slips = process.cdist(queries, names, scorer=OSA.distance, score_cutoff=allowed, dtype=np.uint8)
                for row, column in zip(*np.nonzero((slips <= allowed) & (slips > 0)), strict=True):
                    yield group[row][0], group[row][1], names[column], int(slips[row, column])

    def _windows(self, text: str, everyday: frozenset[str]) -> list[tuple[int, int]]:
        """Runs of up to as many words as the longest name has (and one more, for a space too many), not all everyday."""
        if not self._longest:
            return []
        starts = [i for i in range(len(text)) if text[i] != " " and (i == 0 or text[i - 1] == " ")]
        ends = [i + 1 for i in range(len(text)) if text[i] != " " and (i + 1 == len(text) or text[i + 1] == " ")]
        odd = [text[s:e] not in everyday for s, e in zip(starts, ends, strict=True)]
        found: list[tuple[int, int]] = []
        for first in range(len(starts)):
            for last in range(first, min(len(starts), first + self._longest + 1)):
                window = text[starts[first] : ends[last]]
                if len(window) >= SHORTEST - 1 and any(odd[first : last + 1]) and window not in self._known:
                    found.append((starts[first], ends[last]))
            if len(found) > MOST_WINDOWS:
                break
        return found

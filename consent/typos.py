"""Misspelt names: windows of words within a slip or two of a name.

A name is kept under each of its three thirds. A slip or two leaves one third whole, at most two places away, so only names that
share a third with a window are compared with it; two slips of which one exchanges letters across a border may be missed. A
window made of everyday words alone is never taken for a misspelling: "castle" is not "Castel".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from rapidfuzz.distance import OSA

from consent.words import is_unspaced

#: Shortest name whose misspellings are looked for, in characters, and from which length on two slips are forgiven.
SHORTEST = 6
TWO_SLIPS = 10
#: Words of a name at most, and windows of a text that are looked at: more than the longest prompt that is let in has.
MOST_WORDS = 6
MOST_WINDOWS = 80_000


class Speller:
    """Folded names by length, third and its letters."""

    def __init__(self, names: Iterable[str]) -> None:
        self._known = frozenset(names)
        self._thirds: dict[tuple[int, int, str], list[str]] = defaultdict(list)
        usable = [n for n in self._known if len(n) >= SHORTEST and n.count(" ") < MOST_WORDS and not any(map(is_unspaced, n))]
        for name in usable:
            for third, (start, end) in enumerate(_cuts(len(name))):
                self._thirds[len(name), third, name[start:end]].append(name)
        self._lengths = frozenset(map(len, usable))
        self._longest = max((name.count(" ") + 1 for name in usable), default=0)

    def search(self, text: str, everyday: frozenset[str]) -> Iterator[tuple[int, int, str, int]]:
        """``(start, end, name, slips)`` for every window of ``text`` that is nearly, but not exactly, a name."""
        places: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for start, end in self._windows(text, everyday):
            places[text[start:end]].append((start, end))
        for window, found in places.items():
            for name in self._candidates(window):
                allowed = slips_allowed(len(name))
                slips = int(OSA.distance(window, name, score_cutoff=allowed))
                if 0 < slips <= allowed:
                    yield from ((start, end, name, slips) for start, end in found)

    def _candidates(self, window: str) -> set[str]:
        """Names that share a third with ``window`` at nearly the same place."""
        found: set[str] = set()
        for length in range(len(window) - 2, len(window) + 3):
            allowed = slips_allowed(length)
            if length not in self._lengths or abs(length - len(window)) > allowed:
                continue
            for third, (start, end) in enumerate(_cuts(length)):
                for at in range(max(0, start - allowed), min(start + allowed, len(window) - (end - start)) + 1):
                    found.update(self._thirds.get((length, third, window[at : at + end - start]), ()))
        return found

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


def slips_allowed(length: int) -> int:
    """Letters too many, missing, wrong or exchanged that a name of this length forgives."""
    return 2 if length >= TWO_SLIPS else 1


def _cuts(length: int) -> tuple[tuple[int, int], ...]:
    """Where a name's thirds begin and end."""
    one, two = length // 3, 2 * length // 3
    return (0, one), (one, two), (two, length)

"""Misspelt names: windows of words within a slip or two of a name, for a handful of names at hand.

The registry's own index searches in the same way (``consent.names.slips``). A window made of everyday words alone is never taken
for a misspelling: "castle" is not "Castel".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from consent.names.columns import Columns
from consent.names.query import Spelling
from consent.names.segment import Segment
from consent.names.words import plain_fold, split

_NOBODY = "00000000-0000-0000-0000-000000000000"


class Speller:
    """Folded names, and what is nearly one of them."""

    def __init__(self, names: Iterable[str]) -> None:
        columns = Columns()
        nobody = columns.add_work(_NOBODY, None)
        for name in dict.fromkeys(names):
            columns.add_name(nobody, name, plain_fold, 0)
        self._segment = Segment.build(columns)

    def search(self, text: str, everyday: frozenset[str]) -> Iterator[tuple[int, int, str, int]]:
        """``(start, end, name, slips)`` for every window of folded ``text`` that is nearly, but not exactly, a name."""
        spelling, names = Spelling(split(text, plain_fold), everyday), self._segment.folded
        known = frozenset((p.start, p.end) for p in spelling.exact(self._segment) if text[p.start : p.end] == names[p.row])
        for place in spelling.misspelt(self._segment, known):
            yield place.start, place.end, names[place.row], place.slips

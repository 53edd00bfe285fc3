"""Text that remembers where each of its characters came from, so that evidence points at what the user wrote."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from safety.signal import Span


@dataclass(frozen=True, slots=True)
class Traced:
    """``text`` and, for each character of it, the index in the source; both have the same length."""

    text: str
    origin: Sequence[int]

    def __len__(self) -> int:
        return len(self.text)

    def cut(self, start: int, end: int) -> Traced:
        """The half-open piece [start, end)."""
        return Traced(self.text[start:end], self.origin[start:end])

    def span(self, start: int, end: int) -> Span | None:
        """The range of the source that the piece [start, end) came from, or None for an empty piece."""
        return source_span(self.origin, start, end)

    def reverse(self) -> Traced:
        """Back to front."""
        return Traced(self.text[::-1], self.origin[::-1])

    def substitute(self, pattern: re.Pattern[str], replace: Callable[[re.Match[str]], str | None]) -> Traced:
        """Replace each match by ``replace(match)``; None keeps it.

        A replacement of the same length keeps its characters' places; any other points, as a whole, at the match.
        """
        parts: list[str] = []
        origin: list[int] = []
        done = 0
        for match in pattern.finditer(self.text):
            new = replace(match)
            if new is None or match.start() == match.end():
                continue
            start, end = match.span()
            parts.append(self.text[done:start])
            origin.extend(self.origin[done:start])
            parts.append(new)
            origin.extend(_spread(self.origin[start:end], len(new)))
            done = end
        if not done:
            return self
        parts.append(self.text[done:])
        origin.extend(self.origin[done:])
        return Traced("".join(parts), origin)


def source_span(origin: Sequence[int], start: int, end: int) -> Span | None:
    """The range of the source that characters [start, end) came from; ``origin`` need not ascend (a reversed reading)."""
    piece = origin[max(0, start) : end]
    if not piece:
        return None
    return Span(start=min(piece), end=max(piece) + 1)


def _spread(places: Sequence[int], length: int) -> list[int]:
    """Places for ``length`` characters made from those at ``places``: even steps, first and last kept."""
    if length == len(places):
        return list(places)
    if length <= 1:
        return list(places[:1]) * length
    step = (len(places) - 1) / (length - 1)
    return [places[round(i * step)] for i in range(length)]

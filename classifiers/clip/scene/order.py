"""A clip told in order, for the prompt gate: what each shot shows, and what is read and heard while it does.

A pure function of what was found. It must never leave out words that were read or heard: a description may be wrong, they are
what the viewer gets.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Protocol

from safety.passage import Passage

#: A caption is told from these on: how well the model knows such pictures, and how sure it is of what it says.
KNOWN, SURE = 0.5, 0.2
_HOW = {"speech": "one hears", "writing": "one reads"}


class Seen(Protocol):
    """What of a ``SceneSeen`` is told."""

    @property
    def time(self) -> float: ...
    @property
    def shot(self) -> int: ...
    @property
    def caption(self) -> str: ...
    @property
    def probability(self) -> float: ...
    @property
    def known(self) -> float: ...


def order_text(seen: Iterable[Seen], passages: Iterable[Passage]) -> str:
    """The lines of ``order_lines`` as one text."""
    return "\n".join(line for line, _ in order_lines(seen, passages))


def order_lines(seen: Iterable[Seen], passages: Iterable[Passage]) -> list[tuple[str, tuple[float, float]]]:
    """One line a shot: its caption, then what is read and heard from its beginning to the next, in order of time; and its time.

    Words found before the first shot stand in its line. A shot nothing is known of and nothing is said in has no line.
    Text that is heard or read twice running, as in overlapping parts, is told once.
    """
    shots: dict[int, list[Seen]] = {}
    for each in sorted(seen, key=lambda s: s.time):
        shots.setdefault(each.shot, []).append(each)
    groups = sorted(shots.values(), key=lambda g: g[0].time)
    found = sorted((p for p in passages if p.medium in _HOW and p.text.strip()), key=lambda p: (p.time, p.medium, p.text))
    if not groups:
        line = _said(found)
        return [(line[0].upper() + line[1:] + ".", (found[0].time[0], found[-1].time[1]))] if line else []
    ends = [later[0].time for _, later in pairwise(groups)] + [float("inf")]
    lines, left = list[tuple[str, tuple[float, float]]](), found
    for group, end in zip(groups, ends, strict=True):
        here = [p for p in left if p.time[0] < end]
        left = left[len(here) :]
        parts = [part for part in (_shown(group), _said(here)) if part]
        if parts:
            line = "; ".join(parts)
            last = max([group[-1].time, *(p.time[1] for p in here)])
            lines.append((line[0].upper() + line[1:] + ".", (group[0].time, last)))
    return lines


def _shown(group: Sequence[Seen]) -> str:
    """The captions of a shot that can be believed, each once."""
    told = [s.caption for s in group if s.known >= KNOWN and s.probability >= SURE]
    return ", then ".join(dict.fromkeys(told))


def _said(passages: Sequence[Passage]) -> str:
    told: list[str] = []
    for p in passages:
        line = f'{_HOW[p.medium]} "{" ".join(p.text.split())}"'
        if not told or told[-1] != line:
            told.append(line)
    return "; ".join(told)

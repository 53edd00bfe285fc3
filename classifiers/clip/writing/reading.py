"""One line's words, whichever way it stands: upright, on its head, turned by a right angle, or in the mirror.

A clip is mirrored with one click and its words are then still read by people; so a line that reads badly is read in the mirror
too. What reads best wins. It must not decide whether words matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from classifiers.clip.writing.engine import Engine
from safety.media import Picture

#: A line this sure is not tried another way. Mirrored lines that were looked at by hand read with 0.65 to 0.87 as they stood.
WELL = 0.92
#: Another way must be this much surer than the way the line stands: symmetrical letters (A, O, H) read either way.
BETTER = 0.05
#: Another way must have so many letters or digits in a row, and is not tried on strips narrower than this many heights: one or
#: two signs read as something whichever way they are held.
WORD = re.compile(r"[^\W_]{3}")
NARROW = 1.3
#: A strip this much taller than wide may be a line turned by a right angle, and this much may still be one letter.
TURNED, ONE_LETTER = 1.5, 3.0


@dataclass(frozen=True)
class Reading:
    """``turns`` quarter turns (counterclockwise) and then ``mirrored`` bring the strip upright; confidence 0 to 1."""

    text: str
    confidence: float
    turns: int = 0
    mirrored: bool = False


def read(engine: Engine, strip: Picture) -> Reading:
    """The best reading of ``strip``; empty text when there are no letters."""
    best: Reading | None = None
    for turns, mirrored in _ways(engine, strip):
        if best is not None and best.confidence >= WELL:
            break
        turned = np.rot90(strip, turns)
        text, confidence = engine.read(np.ascontiguousarray(turned[:, ::-1] if mirrored else turned))
        if best is None or (WORD.search(text) and confidence > best.confidence + (BETTER if mirrored else 0.0)):
            best = Reading(text, confidence, turns, mirrored)
    assert best is not None
    return best


def _ways(engine: Engine, strip: Picture) -> Iterator[tuple[int, bool]]:
    """Ways to hold the strip, the likeliest first."""
    height, width = strip.shape[:2]
    if height < TURNED * width:
        first = 2 if engine.upside_down(strip) else 0
        yield first, False
        if width >= NARROW * height:
            yield from ((first, True), (2 - first, False), (2 - first, True))
        return
    if height < ONE_LETTER * width:
        yield 0, False
    first = 3 if engine.upside_down(np.ascontiguousarray(np.rot90(strip))) else 1
    yield first, False
    yield from ((4 - first, False), (first, True), (4 - first, True))

"""The same line over many frames: seen again, moved, read better, or gone.

A line that is still there is not read again (``strips.py``), and a line that was read twice is told once. Two readings that are
both sure and differ are two lines: nothing that was on the screen may be lost because it resembles what came before.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

from classifiers.clip.writing.reading import Reading
from classifiers.clip.writing.strips import Print, same

#: Frames a line may be missing and still be the same line.
GAP = 2
#: Farthest a line moves from one sampled frame to the next, as a part of the frame's diagonal.
FAR = 0.3
#: Likeness of two readings, 0 to 100, of which at least one is not sure (confidence under ``SURE``), that are one line.
ALIKE, SURE = 75.0, 0.9
#: Letters below which only equal readings are one line: letters may be spelt one after another.
SHORT = 4


@dataclass
class Line:
    """A line so far: its best ``reading``, its latest ``quad`` (pixels) and ``look``, the last frame it was ``seen`` in."""

    number: int
    reading: Reading
    quad: NDArray[np.float32]
    look: Print
    seen: int


class Sightings:
    """Goes through the frames of one clip in order."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self._open: list[Line] = []

    def meet(
        self, quads: list[NDArray[np.float32]], looks: list[Print], read: Callable[[int], Reading], ordinal: int, diagonal: float
    ) -> list[Line]:
        """The lines of frame ``ordinal``; ``read`` is asked for a quad only where no line is known by its looks."""
        self._open = [line for line in self._open if ordinal - line.seen <= GAP + 1]
        met: dict[int, Line] = {}
        for i, (quad, look) in enumerate(zip(quads, looks, strict=True)):
            for line in self._near(quad, ordinal, diagonal):
                if same(line.look, look):
                    met[i] = self._seen(line, quad, look, ordinal)
                    break
        for i, (quad, look) in enumerate(zip(quads, looks, strict=True)):
            if i not in met:
                met[i] = self._read(read(i), quad, look, ordinal, diagonal)
        return [met[i] for i in range(len(quads))]

    def stay(self, lines: list[Line], ordinal: int) -> list[Line]:
        """Nothing has changed since the frame before: its lines are still there."""
        for line in lines:
            line.seen = ordinal
        return lines

    def _near(self, quad: NDArray[np.float32], ordinal: int, diagonal: float) -> list[Line]:
        """Lines not yet met in this frame that can have come here, the nearest first."""
        middle = quad.mean(0)
        ranked = [(float(np.linalg.norm(line.quad.mean(0) - middle)), line) for line in self._open if line.seen < ordinal]
        return [line for far, line in sorted(ranked, key=lambda pair: (pair[0], pair[1].number)) if far <= FAR * diagonal]

    def _read(self, reading: Reading, quad: NDArray[np.float32], look: Print, ordinal: int, diagonal: float) -> Line:
        for line in self._near(quad, ordinal, diagonal):
            if alike(line.reading, reading):
                if reading.confidence > line.reading.confidence:
                    line.reading = reading
                return self._seen(line, quad, look, ordinal)
        line = Line(len(self.lines), reading, quad, look, ordinal)
        self.lines.append(line)
        self._open.append(line)
        return line

    @staticmethod
    def _seen(line: Line, quad: NDArray[np.float32], look: Print, ordinal: int) -> Line:
        line.quad, line.look, line.seen = quad, look, ordinal
        return line


def folded(text: str) -> str:
    """Letters and digits alone, without case or accents."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(c for c in plain if c.isalnum())


def alike(one: Reading, other: Reading) -> bool:
    """Whether two readings are of one line."""
    a, b = folded(one.text), folded(other.text)
    if a == b:
        return one.text == other.text or bool(a)
    if min(len(a), len(b)) < SHORT:
        return False
    return min(one.confidence, other.confidence) < SURE and fuzz.ratio(a, b) >= ALIKE

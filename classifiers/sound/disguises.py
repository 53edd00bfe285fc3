"""Speech that was turned round or sped up so that no machine reads it, while people turn it back.

Whisper doubts such words, so what it doubts is read once more each way, and the way it doubts least is taken. It must never
replace a reading that was sure.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from classifiers.sound.whisper import Line, Reading
from safety.media import Sound

#: Below this likelihood a reading is doubtful (plain speech had -0.2 to -0.4, backwards -0.7 to -1.2), and by how much another
#: must be likelier to be taken instead.
DOUBTFUL, LIKELIER = -0.6, 0.2
#: How much slower what was sped up is played: halfway between the 1.25 and 1.5 that are common.
SLOWER = 1.4


@dataclass(frozen=True)
class Disguise:
    """``note`` says how it was undone; ``undo`` gives the sound, and ``place`` a time in it as one in the original."""

    note: str
    undo: Callable[[Sound], Sound]
    place: Callable[[float, float], float]

    def lines(self, reading: Reading, seconds: float) -> tuple[Line, ...]:
        """The reading's lines at their times in the original, which is ``seconds`` long, in order."""
        moved = []
        for line in reading.lines:
            edges = sorted(min(max(self.place(t, seconds), 0.0), seconds) for t in (line.start, line.end))
            moved.append(Line(edges[0], edges[1], line.text))
        return tuple(moved)


def _slower(sound: Sound) -> Sound:
    return np.asarray(np.interp(np.arange(0, sound.size - 1, 1 / SLOWER), np.arange(sound.size), sound), np.float32)


DISGUISES = (
    Disguise("played backwards", lambda sound: np.ascontiguousarray(sound[::-1]), lambda t, seconds: seconds - t),
    Disguise("sped up", _slower, lambda t, seconds: t / SLOWER),
)


def undisguise(read: Callable[[Sound], Reading], sound: Sound, plain: Reading, seconds: float) -> tuple[Reading, str | None]:
    """The likeliest reading of ``sound`` (16 kHz), times in the sound itself, and how it was undone; None for as it stands."""
    best: tuple[Reading, str | None] = (plain, None)
    if plain.likelihood >= DOUBTFUL and not plain.loops:
        return best
    for disguise in DISGUISES:
        other = read(disguise.undo(sound))
        least = max(DOUBTFUL, (plain.likelihood if not plain.loops else -9.0) + LIKELIER)
        if other.lines and not other.loops and other.likelihood > max(least, best[0].likelihood if best[1] else -9.0):
            lines = disguise.lines(other, seconds)
            best = Reading(lines, other.likelihood, other.silence, other.language), disguise.note
    return best

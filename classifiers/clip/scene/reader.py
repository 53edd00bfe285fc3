"""What each shot shows, in words and as a vector, and whether it is what the prompt asked for.

An observer: it answers with values and decides nothing. Where the model does not know such pictures, or none of the prompt's
words, it says so and never guesses.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifiers.clip.scene import bank
from classifiers.clip.scene.agreement import agreements, known_of
from classifiers.clip.scene.choice import Choice
from classifiers.clip.scene.eyes import eyes, of_shots
from safety.media import SampledClip

#: Frames of each shot that are described.
A_SHOT = 3


@dataclass(frozen=True, eq=False)
class SceneSeen:
    """One frame: its ``frame`` index, ``time`` and ``shot``; the ``caption`` and its ``probability``.

    ``embedding`` is float16 of unit length. ``known``: 0 for a picture of a kind the model never saw, 1 for its own kind.
    ``follows``: probability that the frames of this clip or part show what the prompt asks for; None when that cannot be judged.
    """

    frame: int
    time: float
    shot: int
    caption: str
    probability: float
    embedding: NDArray[np.float16]
    known: float
    follows: float | None


class SceneReader:
    """The observer. Cheap to make and to pickle: the model stays in the process that loaded it."""

    name = "scene/1"

    def __init__(self, choice: Choice | None = None) -> None:
        self.choice = choice

    def look(self, clip: SampledClip) -> tuple[SceneSeen, ...]:
        """One to three a shot, in order. Raises ``WeightsError`` or ``BadInput`` when the model cannot be loaded."""
        if not clip.frames:
            return ()
        seen = eyes(self.choice)
        vectors = seen.clip(clip)
        known = known_of(seen, vectors)
        judged = agreements(seen, vectors, known, clip.prompt)
        rows = of_shots(clip.frames, A_SHOT)
        captions = bank.captions(seen, vectors[rows])
        return tuple(
            SceneSeen(
                frame=clip.frames[row].index,
                time=clip.frames[row].time,
                shot=clip.frames[row].shot,
                caption=caption,
                probability=probability,
                embedding=vectors[row].astype(np.float16),
                known=float(known[row]),
                follows=judged,
            )
            for row, (caption, probability) in zip(rows, captions, strict=True)
        )

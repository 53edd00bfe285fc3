"""Whether a recording answers its challenge: one person, there in depth, who turned as asked and said what was asked.

``hear`` and ``see`` give one reason, the first that holds, in a sentence the person can act on. They know no database and keep
nothing; frames and sound were looked at elsewhere. What it cannot tell is a film made on the spot by a machine that follows
the challenge; nothing here claims so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from consent.faces.engine import Embedding
from consent.faces.thresholds import MATCH
from consent.liveness import digits
from consent.liveness.challenge import Challenge
from consent.liveness.errors import EnrolmentRefused
from consent.liveness.pose import Look, Motion, fits, read_motion

#: Frames with the face, of all; and the longest time without it, seconds, in which somebody else could step in.
SEEN, UNSEEN = 0.7, 1.0
#: A second face counts from this part of the first one's size on, and in so many frames; posters are smaller.
BESIDE, OFTEN = 0.33, 2
#: Of the frames, how many must be like the person ahead, and how like; the best frame of every turn must be too. Heads made of
#: four people's photographs have 0.39 and more on the way to a turn, though 0.26 at its end; of strangers none has more than
#: 0.35 there, and their photographs reach 0.385 (``faces.thresholds``).
SAME, SAME_TURNED = 0.75, 0.40


@dataclass(frozen=True)
class Sighting:
    """One frame: its ``time`` in seconds, its largest face, whose ``embedding`` is looked at in every second frame or so, and how
    many others of that size are ``beside`` it."""

    time: float
    look: Look | None = field(repr=False)
    embedding: Embedding | None = field(repr=False)
    beside: int = 0


def hear(challenge: Challenge, readings: Sequence[str], speech: float) -> None:
    """Raise ``EnrolmentRefused`` unless one of a recogniser's ``readings`` has the digits; ``speech`` is how many seconds of it
    there are."""
    if not speech:
        raise EnrolmentRefused("no-speech", "Nobody was heard; say the digits aloud, near the microphone.")
    if not any(digits.answers(digits.spoken(heard), challenge.digits) for heard in readings):
        detail = "The digits heard are not the ones shown; ask for new ones and say each clearly, in their order."
        raise EnrolmentRefused("wrong-words", detail)


def see(challenge: Challenge, sightings: Sequence[Sighting]) -> Motion:
    """How the head moved, where frames in order show one person who turns as asked. Raises ``EnrolmentRefused``."""
    seen = _one_face(sightings)
    motion = read_motion([s.look for s in seen if s.look is not None])
    _one_person(seen, motion)
    if motion.depth < 1.0:
        detail = "The face does not move; film yourself, not a picture, and turn your head as asked."
        if motion.moved:
            detail = "The face moves as a picture does and not as a head; turn your head itself, further to each side."
        raise EnrolmentRefused("still-picture", detail)
    if not fits(motion.turns, challenge.turns):
        asked, made = (", ".join(turns) or "none" for turns in (challenge.turns, motion.turns))
        detail = f"The turns seen were {made}, and not {asked}; ask for new ones, turn further, and back to the middle each time."
        raise EnrolmentRefused("wrong-turns", detail)
    return motion


def _one_face(sightings: Sequence[Sighting]) -> list[Sighting]:
    """The sightings that show the face."""
    if sum(1 for s in sightings if s.beside) >= OFTEN:
        raise EnrolmentRefused("two-people", "More than one face is in the picture; be alone in it.")
    seen = [s for s in sightings if s.look is not None]
    times = [sightings[0].time, *(s.time for s in seen), sightings[-1].time] if sightings else []
    gap = max((b - a for a, b in pairwise(times)), default=0.0)
    known = any(s.embedding is not None for s in seen)
    if not known or len(seen) < SEEN * len(sightings) or gap > UNSEEN:
        raise EnrolmentRefused("no-face", "The face is not to be seen all the time; keep it in the picture, in good light.")
    return seen


def _one_person(seen: Sequence[Sighting], motion: Motion) -> None:
    """Raise when the face becomes another's, ahead or in a turn."""
    known = {i: s.embedding for i, s in enumerate(seen) if s.embedding is not None}
    ahead = np.stack([known[i] for i in motion.middle if i in known] or list(known.values()))
    # one sighting and not their mean, which is like two people at once
    middle = ahead[int((ahead @ ahead.T).sum(axis=1).argmax())]
    cosines = {i: float(row @ middle) for i, row in known.items()}
    turned = [[c for i, c in cosines.items() if e.first <= i < e.last] for e in motion.excursions]
    least = min((max(some) for some in turned if some), default=1.0)
    alike = float(np.mean([c >= SAME_TURNED for c in cosines.values()]))
    if alike < SAME or least < SAME_TURNED or float(np.median(list(cosines.values()))) < MATCH:
        detail = "The face becomes another person's in the recording; one person must be in it throughout."
        raise EnrolmentRefused("another-person", detail)

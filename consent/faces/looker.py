"""Looking at a part of a clip: every face of every sampled frame, described once, to be matched elsewhere.

It runs in a process of its own and knows nobody: no template comes near decoded media. Every face is reported. One that hardly
differs from what was just seen on the same spot borrows that sighting's embedding, because embedding is most of the work.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from consent.faces.align import align
from consent.faces.boxes import overlap
from consent.faces.engine import Embedding, FaceEngine, FaceFinder, Spot, give_back_memory
from consent.faces.quality import print_of, worth
from consent.faces.thresholds import COMPARABLE_PX
from safety.errors import BadMedia
from safety.media import Frame, SampledClip
from safety.signal import Box

#: Product of two prints from which a sighting borrows, of one so many seconds ago at the most: the sooner, the less alike they
#: must be. Of 78,000 pairs of aligned photographs of different people 1.7 % had 0.85 and none 0.942 (the ORL faces); one person's
#: embeddings agreed to 0.58 at the least from 0.85 on, to 0.82 from 0.95 on.
BORROW = ((0.45, 0.85), (1.1, 0.95))
#: It must also be on the same spot, by intersection over union, and in the same shot.
SAME_SPOT = 0.3
#: Seconds within which two sightings are of neighbouring frames.
SOON = BORROW[-1][0]


@dataclass(frozen=True)
class Sighting:
    """One face in one frame: ``frame`` index, ``time`` in seconds and ``shot`` as in ``safety.media.Frame``, the rest as in
    ``consent.faces.engine.Spot``; ``quality`` 0 to 1 (``consent.faces.quality.worth``).

    ``embedding`` is None for a face too small to compare; ``borrowed`` when it is that of a sighting just before. Never printed.
    """

    frame: int
    time: float
    shot: int
    box: Box
    landmarks: NDArray[np.float32] = field(repr=False)
    score: float
    size_px: float
    quality: float
    embedding: Embedding | None = field(repr=False)
    borrowed: bool = False


@dataclass(frozen=True)
class _Seen:
    """What a later sighting is held against: its time, place and looks."""

    frame: Frame = field(repr=False)
    box: Box
    print: NDArray[np.float32] = field(repr=False)
    embedding: Embedding = field(repr=False)


class FaceLooker:
    """Observer of faces. Cheap to make and to pickle: the models are loaded at the first frame."""

    name = "faces/1"

    def __init__(self, engine: FaceFinder | None = None) -> None:
        self._engine = engine if engine is not None else FaceEngine()

    @property
    def version(self) -> str:
        """Of the embeddings; those of another are not compared."""
        return self._engine.name

    def look(self, clip: SampledClip) -> tuple[Sighting, ...]:
        """Every face of every frame, in order. Raises ``BadMedia`` for a part with neither frames nor sound, and
        ``FaceEngineError``."""
        if not clip.frames and clip.sound is None:
            raise BadMedia("No frame of the clip could be sampled, so nobody was looked for.")
        seen: list[_Seen] = []
        found: list[Sighting] = []
        for frame in clip.frames:
            seen = [s for s in seen if s.frame.shot == frame.shot and frame.time - s.frame.time <= SOON]
            fresh: list[_Seen] = []
            for spot in self._engine.locate(frame.picture):
                found.append(self._describe(frame, spot, seen, fresh))
            seen += fresh
        give_back_memory()
        return tuple(found)

    def _describe(self, frame: Frame, spot: Spot, seen: Iterable[_Seen], fresh: list[_Seen]) -> Sighting:
        aligned = align(np.ascontiguousarray(frame.picture), spot.landmarks)
        quality = worth(spot.score, spot.size_px, spot.landmarks, np.asarray(cv2.cvtColor(aligned, cv2.COLOR_RGB2GRAY), np.uint8))
        embedding, borrowed = None, False
        if spot.size_px >= COMPARABLE_PX:
            print_ = print_of(aligned)
            like = [(alike, s) for s in seen if (alike := float(s.print @ print_)) >= _needed(frame, spot, s)]
            if like:
                embedding, borrowed = max(like, key=lambda pair: pair[0])[1].embedding, True
            else:
                embedding = self._engine.embed(aligned)
                fresh.append(_Seen(frame, spot.box, print_, embedding))
        return Sighting(
            frame=frame.index, time=frame.time, shot=frame.shot, box=spot.box, landmarks=spot.landmarks, score=spot.score,
            size_px=spot.size_px, quality=quality, embedding=embedding, borrowed=borrowed,
        )  # fmt: skip


def _needed(frame: Frame, spot: Spot, seen: _Seen) -> float:
    """How alike the prints must be for ``spot`` to borrow from ``seen``; more than they can be where it may not."""
    if overlap(seen.box, spot.box) < SAME_SPOT:
        return float("inf")
    since = frame.time - seen.frame.time
    return next((needed for seconds, needed in BORROW if since <= seconds), float("inf"))

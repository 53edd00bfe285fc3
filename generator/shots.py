"""Where one shot ends and the next begins, told frame by frame from thumbnails, in one pass and constant memory.

A shot is a look. A single foreign frame is a shot of its own, so that a flash of something forbidden is not missed between
two samples; a look that comes back at once resumes its shot, so that a strobe of two pictures is two shots and not a
thousand. It must never hide a frame that looks new: what is no cut may still be ``new``, and then it is sampled too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
from av.video.reformatter import Interpolation, VideoReformatter
from numpy.typing import NDArray

#: Thumbnail compared from frame to frame, (width, height).
THUMB = (48, 27)
#: A jump: mean change of a thumbnail pixel in its most changed colour, levels of 255, and how many times the recent change.
CUT_LEVELS = 14.0
CUT_TIMES = 3.5
#: A look that was left less than this long ago, seconds, and comes back within so many levels, is the same shot resumed.
BACK_SECONDS = 1.0
BACK_LEVELS = 7.0
#: Looks remembered at once; more than an eye tells apart in ``BACK_SECONDS`` and little to compare.
LOOKS = 8

Thumb = NDArray[np.int16]


@dataclass(frozen=True)
class Look:
    """What a frame is: the number of its ``shot``, from 0, and whether it looks ``new``, so that it must be sampled."""

    shot: int
    new: bool


@dataclass
class _Seen:
    thumb: Thumb
    shot: int
    time: float


@dataclass
class Shots:
    """Takes the thumbnails of a clip in order; see ``see``."""

    last: Thumb | None = None
    usual: float = 0.0
    current: int = 0
    count: int = 0
    looks: list[_Seen] = field(default_factory=list)

    def see(self, thumb: Thumb, time: float) -> Look:
        """The shot of the next frame. ``thumb`` is int16 (27, 48, 3), ``time`` seconds from the first frame, never falling."""
        before, self.last = self.last, thumb
        if before is None:
            return self._begin(thumb, time)
        change = difference(thumb, before)
        if change <= CUT_LEVELS or change <= CUT_TIMES * self.usual:
            # a cut tells nothing of how lively the shot is, and must not hide the next one: only other changes count
            self.usual = 0.8 * self.usual + 0.2 * change
            self._remember(thumb, time)
            return Look(self.current, new=False)
        back = next((s for s in self.looks if time - s.time <= BACK_SECONDS and difference(thumb, s.thumb) <= BACK_LEVELS), None)
        if back is None:
            return self._begin(thumb, time)
        self.current = back.shot
        self._remember(thumb, time)
        return Look(self.current, new=False)

    def _begin(self, thumb: Thumb, time: float) -> Look:
        self.current, self.count = self.count, self.count + 1
        self._remember(thumb, time)
        return Look(self.current, new=True)

    def _remember(self, thumb: Thumb, time: float) -> None:
        others = [s for s in self.looks if s.shot != self.current]
        self.looks = [*others[-LOOKS + 1 :], _Seen(thumb, self.current, time)]


def difference(one: Thumb, two: Thumb) -> float:
    """Mean over the picture of the change in the most changed colour, levels of 255."""
    return float(np.abs(one - two).max(axis=2).mean())


def thumbnails() -> Callable[[Any], Thumb]:
    """A function that shrinks decoder frames, int16 (27, 48, 3); it keeps its scaler, which is dear to set up each time."""
    scaler = VideoReformatter()

    def shrink(frame: Any) -> Thumb:
        small = scaler.reformat(frame, width=THUMB[0], height=THUMB[1], format="rgb24", interpolation=Interpolation.AREA)
        return cast(Thumb, small.to_ndarray().astype(np.int16))

    return shrink

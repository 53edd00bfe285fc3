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
#: A jump: mean change of a thumbnail pixel in its most changed colour, levels of 255, and how many times the recent change,
#: which counts as at most so much: a wild shot must not hide the cut that ends it.
CUT_LEVELS, CUT_TIMES, MOST_USUAL = 14.0, 2.5, 20.0
#: A jump is a cut when the two pictures are less alike than this (``alike``); a pan and a lightning are jumps and no cuts. Of 70
#: cuts of real and drawn film 98 % are below 0.55, of 970 jumps by pans and changing light 98 % above 0.67.
SAME_SCENE = 0.6
#: A jump within a scene is worth a look of its own when this much is left after moving and lighting are evened out, levels.
NEW_LEVELS = 12.0
#: A look that was left less than this long ago, seconds, and comes back within so many levels, is the same shot resumed.
BACK_SECONDS, BACK_LEVELS = 1.0, 8.0
#: The same for a look that comes back slowly, as behind smoke.
SLOW_BACK_SECONDS = 3.0
#: Looks remembered at once; more than an eye tells apart in ``BACK_SECONDS`` and little to compare.
LOOKS = 8
#: Dissolves are looked for in thumbnails this far apart, seconds, over spans of so many of them (a third of a second to two).
SLOW_STEP, SLOW_SPANS = 0.079, (4, 6, 8, 11, 14, 18, 24)
SLOW_STEPS = max(SLOW_SPANS)
#: What may be left when a picture is told as a mixture of the first and the last, as a share of their difference; the share of
#: either in the middle; and how much of the usual step the last step may be, so that the end is the end.
MIXTURE, MIXED, SETTLED = 0.22, 0.2, 0.7
#: A picture that varies less than this, levels (standard deviation), is flat, as between two fades; from the second on it shows.
FLAT, SHOWN = 5.0, 12.0
#: What fades in is the scene that faded out when it is at least so much ``alike``.
SAME_LIGHT = 0.9

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
class Dissolves:
    """Recognises a scene that flowed into another: the pictures between are mixtures of both, in rising shares."""

    #: Thumbnails at ``SLOW_STEP`` for ``SLOW_STEPS``, since the last cut.
    ring: list[NDArray[np.float32]] = field(default_factory=list)
    due: float = 0.0

    def forget(self, thumb: Thumb, time: float) -> None:
        """A cut: what was before it is of another shot."""
        self.ring, self.due = [thumb.astype(np.float32)], time + SLOW_STEP

    def ended(self, thumb: Thumb, time: float) -> bool:
        """Whether a dissolve came to its end with this frame."""
        if time < self.due:
            return False
        self.due = time + SLOW_STEP
        self.ring = [*self.ring[-SLOW_STEPS:], thumb.astype(np.float32)]
        if is_flat(thumb):
            return False
        if any(self._spans(n) for n in SLOW_SPANS if n < len(self.ring)):
            self.forget(thumb, time)
            return True
        return False

    def _spans(self, n: int) -> bool:
        first, last = self.ring[-1 - n], self.ring[-1]
        far = float(np.abs(last - first).max(axis=2).mean())
        if far < CUT_LEVELS or float(np.abs(last - self.ring[-2]).max(axis=2).mean()) > SETTLED * far / n:
            return False
        shares = []
        for i in (n // 4, n // 2, 3 * n // 4):
            between = self.ring[-1 - n + i]
            change = last - first
            share = float(((between - first) * change).sum() / max(1.0, (change * change).sum()))
            rest = float(np.abs(between - first - share * change).max(axis=2).mean())
            if rest > MIXTURE * far:
                return False
            shares.append(share)
        if not (shares[0] < shares[1] < shares[2] and MIXED < shares[1] < 1 - MIXED):
            return False
        return alike(first.astype(np.int16), last.astype(np.int16))[0] < SAME_SCENE and not is_flat(first)


@dataclass
class Shots:
    """Takes the thumbnails of a clip in order; see ``see``."""

    last: Thumb | None = None
    usual: float = 0.0
    current: int = 0
    count: int = 0
    #: Whether the picture shows nothing, whether the shot began like that, and the last picture that showed something.
    flat: bool = False
    born_flat: bool = False
    shown: Thumb | None = None
    looks: list[_Seen] = field(default_factory=list)
    slow: Dissolves = field(default_factory=Dissolves)

    def see(self, thumb: Thumb, time: float) -> Look:
        """The shot of the next frame. ``thumb`` is int16 (27, 48, 3), ``time`` seconds from the first frame, never falling."""
        before, self.last = self.last, thumb
        if before is None:
            return self._begin(thumb, time)
        change = difference(thumb, before)
        new = False
        out_of_dark = self.flat and not self.born_flat and not is_flat(thumb)  # a quick fade is no jump
        if change > CUT_LEVELS and change > CUT_TIMES * self.usual and not out_of_dark:
            likeness, rest = alike(before, thumb)
            if likeness < SAME_SCENE:
                return self._resume(thumb, time) or self._begin(thumb, time)
            new = rest > NEW_LEVELS
        # a cut tells nothing of how lively the shot is: only other changes count
        self.usual = 0.8 * self.usual + 0.2 * min(change, MOST_USUAL)
        if self._came_out_of_flat(thumb):
            new = True
            if self.shown is not None and alike(self.shown, thumb)[0] < SAME_LIGHT:
                return self._begin(thumb, time)
        elif self.slow.ended(thumb, time):
            return self._resume(thumb, time, SLOW_BACK_SECONDS) or self._begin(thumb, time)
        self._remember(thumb, time)
        return Look(self.current, new)

    def _came_out_of_flat(self, thumb: Thumb) -> bool:
        """True for the first frame that shows something after a fade to black, or to any other colour."""
        if not self.flat:
            self.flat = is_flat(thumb)
            self.shown = thumb if shows(thumb) else self.shown
            return False
        self.flat = not shows(thumb)
        return not self.flat

    def _begin(self, thumb: Thumb, time: float) -> Look:
        self.current, self.count = self.count, self.count + 1
        self.flat = self.born_flat = is_flat(thumb)
        self.shown = thumb if shows(thumb) else self.shown
        self.slow.forget(thumb, time)
        self._remember(thumb, time)
        return Look(self.current, new=True)

    def _resume(self, thumb: Thumb, time: float, within: float = BACK_SECONDS) -> Look | None:
        """The shot that looked like this a moment ago."""
        recent = (s for s in self.looks if s.shot != self.current and time - s.time <= within)
        back = next((s for s in recent if difference(thumb, s.thumb) <= BACK_LEVELS or moved(s.thumb, thumb)), None)
        if back is None:
            return None
        self.current = back.shot
        self.flat = self.born_flat = is_flat(thumb)
        self.shown = thumb if shows(thumb) else self.shown
        self.slow.forget(thumb, time)
        self._remember(thumb, time)
        return Look(self.current, new=False)

    def _remember(self, thumb: Thumb, time: float) -> None:
        others = [s for s in self.looks if s.shot != self.current]
        self.looks = [*others[-LOOKS + 1 :], _Seen(thumb, self.current, time)]


def difference(one: Thumb, two: Thumb) -> float:
    """Mean over the picture of the change in the most changed colour, levels of 255."""
    return float(np.abs(one - two).max(axis=2).mean())


def alike(one: Thumb, two: Thumb) -> tuple[float, float]:
    """How alike two pictures are whatever moved or lit them: best correlation of the middle of ``two`` with a place in ``one``
    (-1 to 1), and what is left there after one gain and one offset, mean of the most changed colour in levels."""
    import cv2

    whole, middle = one.astype(np.float32), np.ascontiguousarray(two[4:-4, 8:-8], np.float32)
    if is_flat(one) or is_flat(two) or middle.std() < 1.0:
        return 0.0, difference(one, two)
    scores = cv2.matchTemplate(whole, middle, cv2.TM_CCOEFF_NORMED)
    _, best, _, (x, y) = cv2.minMaxLoc(scores)
    there = whole[y : y + middle.shape[0], x : x + middle.shape[1]]
    there, here = there - there.mean(), middle - middle.mean()
    gain = float(np.clip((there * here).sum() / max(1.0, (there * there).sum()), 0.3, 3.0))
    return float(best), float(np.abs(here - gain * there).max(axis=2).mean())


def moved(one: Thumb, two: Thumb) -> bool:
    """Whether ``two`` is ``one`` a moment later, also when the camera moved; brightness may not have changed."""
    likeness, rest = alike(one, two)
    return likeness > 0.9 and rest <= BACK_LEVELS and abs(float(one.mean()) - float(two.mean())) <= BACK_LEVELS


def is_flat(thumb: NDArray[Any]) -> bool:
    """Whether nothing is shown: one colour, or nearly."""
    return float(thumb.std(axis=(0, 1)).max()) < FLAT


def shows(thumb: Thumb) -> bool:
    """Whether something is shown that can be compared."""
    return float(thumb.std(axis=(0, 1)).max()) >= SHOWN


def thumbnails() -> Callable[[Any], Thumb]:
    """A function that shrinks decoder frames, int16 (27, 48, 3); it keeps its scaler, which is dear to set up each time."""
    scaler = VideoReformatter()

    def shrink(frame: Any) -> Thumb:
        small = scaler.reformat(frame, width=THUMB[0], height=THUMB[1], format="rgb24", interpolation=Interpolation.AREA)
        return cast(Thumb, small.to_ndarray().astype(np.int16))

    return shrink

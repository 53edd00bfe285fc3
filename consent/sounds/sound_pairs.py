"""Pairs of landmarks as small numbers that can be looked up: the search key of reserved recordings.

A pair is the pitch of its first landmark, coarsely, the interval to its second, finely, and the time between them (Wang, ISMIR
2003, who used frequencies; an interval stays the same at every speed). A reference keeps few pairs of its strongest landmarks; a
clip asks with all of them, so that one landmark lost to noise does not lose its neighbours' pairs too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

#: Steps an octave of the first pitch and of the interval; seconds of a step of the time between.
PITCH_STEPS, INTERVAL_STEPS, TIME_STEP = 24, 64, 0.024
#: Pitches that occur, octaves above 1 Hz (128 Hz to 4.1 kHz, room for a change of speed at both ends).
LOWEST, OCTAVES = 7.0, 5.0
#: Farthest interval, octaves, and least and greatest time between the two, seconds.
INTERVAL, SOONEST, LATEST = 1.2, 0.072, 1.2
_PITCHES = int(OCTAVES * PITCH_STEPS)
_INTERVALS = 2 * round(INTERVAL * INTERVAL_STEPS) + 1
_TIMES = int(LATEST * 1.27 / TIME_STEP) + 2
#: How many different numbers there are.
KEYS = _PITCHES * _INTERVALS * _TIMES


@dataclass(frozen=True)
class Pairs:
    """``first`` int64 indexes of the first landmarks, ``pitch`` theirs, ``interval`` octaves, ``gap`` seconds."""

    first: NDArray[np.int64]
    pitch: Floats
    interval: Floats
    gap: Floats


def pair_up(times: NDArray[np.floating], pitches: Floats, each: int | None) -> Pairs:
    """Pairs of landmarks in order of time; ``each`` bounds how many begin at one landmark, the nearest in time first."""
    firsts, seconds = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    taken = np.zeros(times.size, np.int64)
    for step in range(1, times.size):
        gap = times[step:] - times[:-step]
        if gap.min() > LATEST:
            break
        good = (gap >= SOONEST) & (gap <= LATEST) & (np.abs(pitches[step:] - pitches[:-step]) <= INTERVAL)
        if each is not None:
            good &= taken[:-step] < each
        at = np.nonzero(good)[0]
        taken[at] += 1
        firsts.append(at)
        seconds.append(at + step)
    first, second = np.concatenate(firsts), np.concatenate(seconds)
    gap = (times[second] - times[first]).astype(np.float32)
    return Pairs(first, pitches[first], pitches[second] - pitches[first], gap)


def keys(pairs: Pairs, higher: float = 1.0, slower: float = 1.0) -> NDArray[np.int32]:
    """The number of each pair, were it ``higher`` times as high and ``slower`` times as long; -1 where there is none."""
    pitch = np.floor((pairs.pitch + np.float32(np.log2(higher)) - LOWEST) * PITCH_STEPS).astype(np.int32)
    interval = np.rint(pairs.interval * INTERVAL_STEPS).astype(np.int32) + _INTERVALS // 2
    gap = np.rint(pairs.gap * (slower / TIME_STEP)).astype(np.int32)
    good = (pitch >= 0) & (pitch < _PITCHES) & (gap >= 0) & (gap < _TIMES)
    return np.where(good, (pitch * _INTERVALS + interval) * _TIMES + gap, -1).astype(np.int32)

"""Does a clip play this recording here? Landmark by landmark, against what chance gives for the same two.

A guess gives a moment and a speed. The line through it is fitted to the landmarks that agree, and then every landmark the
recording has there is either in the clip or not. How often a landmark is there by chance is counted on the same two sounds at
other moments, so that long tones, a busy clip, or a piece in the same key are no match. The answer is the stretch that speaks
most for the recording, in nats: the log of how much likelier it is when it plays than when it does not (a sum as in Smith and
Waterman, 1981).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from consent.sounds.sound_index import Place, SoundIndex
from safety.sound_print import SoundPrint

#: How far a landmark may be from where it should be, seconds and octaves, at last and while the line is fitted.
NEAR = (0.018, 0.006)
FITTING = ((0.14, 0.024, 3.0), (0.07, 0.018, 5.0), (0.045, 0.013, 10.0), (0.03, 0.011, 1e9))
#: Share of its landmarks that a recording keeps under noise as loud as itself; 0.46 to 0.48 were measured, near in a wider sense.
KEEPS = 0.40
#: Moments at which chance is counted, seconds from the guess; no even steps, since music repeats evenly.
ELSEWHERE = (-7.31, -4.87, -3.19, -2.23, -1.37, -0.83, 0.71, 1.13, 1.91, 2.77, 4.33, 6.67)
#: Chance is never taken for less than this: with few landmarks none may have been counted.
LEAST_CHANCE = 0.03


@dataclass(frozen=True)
class Alignment:
    """``nats`` for the recording; ``heard`` and ``played``: seconds from and to, in the clip and in the recording; ``agreeing``
    landmarks of ``of`` in that stretch, where ``chance`` would give its share."""

    number: int
    nats: float
    heard: tuple[float, float]
    played: tuple[float, float]
    higher: float
    faster: float
    agreeing: int
    of: int
    chance: float


def align(index: SoundIndex, sound: SoundPrint, place: Place) -> Alignment | None:
    """The best stretch along the guess's line; None when too few landmarks agree to draw a line at all."""
    lead = (place.heard - sound.span[0]) * place.faster
    tail = (sound.span[1] - place.heard) * place.faster
    times, pitches = index.landmarks(place.number, place.played - lead * 1.05 - 1, place.played + tail * 1.05 + 1)
    if times.size < 8 or len(sound) < 8:
        return None
    # the recording as it would sound in the clip: x seconds from the guessed moment, y octaves
    x, y = (times - place.played) / place.faster, pitches.astype(np.float64) + np.log2(place.higher)
    clip_x, clip_y = sound.times.astype(np.float64) - place.heard, sound.pitches.astype(np.float64)
    shift, slope, raised = 0.0, 1.0, 0.0
    for near_time, near_pitch, reach in FITTING:
        mine, theirs = _close(x * slope + shift, y + raised, clip_x, clip_y, near_time, near_pitch, reach)
        if mine.size < 5:
            return None
        raised += _middle(clip_y[theirs] - y[mine] - raised, near_pitch)
        off = clip_x[theirs] - (x[mine] * slope + shift)
        if reach <= 3.0:
            shift += _middle(off, near_time)
            continue
        tilt = _tilt(x[mine], off)
        slope, shift = slope + tilt[0], shift + tilt[1]
    if not 0.7 < place.faster / slope < 1.4:
        return None
    at, high = x * slope + shift, y + raised
    inside = (at >= sound.span[0] - place.heard - 0.02) & (at <= sound.span[1] - place.heard + 0.02)
    if inside.sum() < 8:
        return None
    hits = _there(at, high, clip_x, clip_y)
    elsewhere = [_there(at + s, high, clip_x, clip_y)[_within(at + s, sound, place)] for s in ELSEWHERE]
    chances = np.concatenate(elsewhere)
    chance = max(LEAST_CHANCE, float(chances.mean()) if chances.size else 1.0)
    if chance >= KEEPS:
        return None
    rows = np.nonzero(inside)[0]
    there, missing = float(np.log(KEEPS / chance)), float(np.log((1 - KEEPS) / (1 - chance)))
    start, end, nats = _best(hits[rows].astype(np.float64) * (there - missing) + missing)
    part = rows[start:end]
    heard = (max(sound.span[0], at[part[0]] + place.heard), min(sound.span[1], at[part[-1]] + place.heard))
    return Alignment(
        number=place.number, nats=nats, heard=(float(heard[0]), float(max(heard))),
        played=(float(times[part[0]]), float(times[part[-1]])), higher=float(place.higher * 2**raised),
        faster=float(place.faster / slope), agreeing=int(hits[part].sum()), of=int(part.size), chance=chance,
    )  # fmt: skip


def _within(at: NDArray[np.float64], sound: SoundPrint, place: Place) -> NDArray[np.bool_]:
    return (at >= sound.span[0] - place.heard) & (at <= sound.span[1] - place.heard)


def _close(
    x: NDArray[np.float64], y: NDArray[np.float64], clip_x: NDArray[np.float64], clip_y: NDArray[np.float64],
    near_time: float, near_pitch: float, reach: float,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:  # fmt: skip
    """Which landmarks of the recording lie close to which of the clip's, within ``reach`` seconds of the guessed moment."""
    some = np.nonzero(np.abs(x) <= reach)[0]
    low = np.searchsorted(clip_x, x[some] - near_time)
    counts = np.searchsorted(clip_x, x[some] + near_time) - low
    mine = np.repeat(some, counts)
    theirs = np.arange(mine.size) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(low, counts)
    good = np.abs(clip_y[theirs] - y[mine]) <= near_pitch
    return mine[good], theirs[good]


def _there(
    x: NDArray[np.float64], y: NDArray[np.float64], clip_x: NDArray[np.float64], clip_y: NDArray[np.float64]
) -> NDArray[np.bool_]:
    mine, _ = _close(x, y, clip_x, clip_y, *NEAR, 1e9)
    found = np.zeros(x.size, np.bool_)
    found[mine] = True
    return found


def _middle(off: NDArray[np.float64], width: float) -> float:
    """Where most of the values lie together: the middle of the fullest third of -width to width."""
    ordered = np.sort(off)
    ends = np.searchsorted(ordered, ordered + width * 0.66, side="right")
    start = int(np.argmax(ends - np.arange(ordered.size)))
    return float(np.median(ordered[start : ends[start]]))


def _tilt(x: NDArray[np.float64], off: NDArray[np.float64]) -> tuple[float, float]:
    """Slope and height of the line through the offsets, twice, the second time without the third that fits worst."""
    for _ in range(2):
        centre = x.mean()
        spread = float(((x - centre) ** 2).sum())
        slope = float(((x - centre) * off).sum() / spread) if spread > 1.0 else 0.0
        height = float(off.mean() - slope * centre)
        miss = np.abs(off - slope * x - height)
        keep = miss <= np.quantile(miss, 0.67)
        x, off = x[keep], off[keep]
    return slope, height


def _best(weights: NDArray[np.float64]) -> tuple[int, int, float]:
    """The run of weights with the greatest sum (Kadane): first, one past the last, the sum."""
    sums = np.concatenate([[0.0], np.cumsum(weights)])
    gains = sums - np.minimum.accumulate(sums)
    end = int(np.argmax(gains))
    start = int(np.argmin(sums[: end + 1]))
    return start, max(end, start + 1), float(gains[end])

"""Reference recordings in memory, laid end to end on one line of time, and which of them a clip's sound may come from.

A lookup answers a place on that line, so one number tells both the recording and where in it. What is found here is a guess by
votes; ``sound_alignment`` decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from consent.sounds.sound_pairs import KEYS, Pairs, keys, pair_up
from safety.sound_print import SoundPrint

#: Landmarks of a reference that are kept: fewer stronger neighbours than this (about 17 a second of music) ...
KEPT = 4
#: ... and pairs begun at each.
EACH = 3
#: Landmarks of a clip that ask.
ASKING = 9
#: Silence between two recordings on the line, seconds; longer than any pair.
BETWEEN = 5.0
#: Votes for one place are counted in steps of this, seconds.
PLACE = 0.1
#: Fewest votes for one place to be looked at, and how many places are.
VOTES, PLACES = 5, 48
#: (times as high, times as fast) that are tried. A tape: both together, to 8 % (a step of 2 % leaves two thirds of the pairs in
#: their boxes). A stretch: 0.79 to 1.27 times as fast at its own pitch. A shift: up to a semitone at its own pace.
SPEEDS: tuple[tuple[float, float], ...] = (
    *((1.02**k, 1.02**k) for k in range(-4, 5)),
    *((1.0, 1.04**k) for k in range(-6, 7) if k),
    *((1.02**k, 1.0) for k in range(-3, 4) if k),
)
_MILLI = 1000.0
#: Longest line of a segment, milliseconds: 28 hours, or 2,800 recordings of 30 s. Laying out 8,000 at once took a process to
#: 1.4 GB for a moment; a third of them bounds that.
_LINE = 100_000_000
#: Bits of a packed vote for the moment it was heard at, in steps of 20 ms.
_MOMENT_BITS, _MOMENT = 24, 0.02
#: Added to a place, which may lie before the line begins, so that it is never below zero.
_OFFSET = 2**20


@dataclass(frozen=True)
class Place:
    """A guess: ``number`` of the recording, ``votes``, a moment in the clip (``heard``) and in the recording (``played``),
    seconds, and how many times as high and as fast the clip plays it."""

    number: int
    votes: int
    heard: float
    played: float
    higher: float
    faster: float


@dataclass(frozen=True)
class _Segment:
    """Some recordings: their numbers, where each begins on the line (ms), all landmarks, and pairs sorted by key.

    ``times`` uint32 milliseconds on the line and ``pitches`` uint16 thousandths of an octave: six bytes a landmark; four bytes a
    pair (``places``, in ms of the first landmark) and four for each possible key.
    """

    numbers: NDArray[np.int64]
    begins: NDArray[np.uint32]
    times: NDArray[np.uint32]
    pitches: NDArray[np.uint16]
    starts: NDArray[np.uint32]
    places: NDArray[np.uint32]


class SoundIndex:
    """Never changes: more recordings make another index that shares the large segments, so searching needs no lock. Segments are
    joined as they grow, and each recording is sorted again only as often as the index doubles."""

    def __init__(self, segments: tuple[_Segment, ...] = ()) -> None:
        self._segments = segments

    def __len__(self) -> int:
        return sum(s.numbers.size for s in self._segments)

    @property
    def bytes_held(self) -> int:
        """Memory of all arrays."""
        return sum(getattr(s, field.name).nbytes for s in self._segments for field in fields(s))

    def grown(self, prints: Sequence[SoundPrint]) -> SoundIndex:
        """With these references too; they get the numbers from ``len`` of this one on."""
        segments, number = list(self._segments), len(self)
        while number < len(self) + len(prints):
            some = _that_fit(prints[number - len(self) :])
            segments.append(_built(np.arange(number, number + len(some)), *_laid(some)))
            number += len(some)
            while len(segments) > 1 and _worth_joining(segments[-2], segments[-1]):
                late, early = segments.pop(), segments.pop()
                segments.append(_joined(early, late))
        return SoundIndex(tuple(segments))

    def landmarks(self, number: int, start: float, end: float) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
        """Times and pitches of a recording's landmarks from ``start`` to ``end`` seconds of it."""
        segment = next(s for s in self._segments if s.numbers[0] <= number <= s.numbers[-1])
        row = int(number - segment.numbers[0])
        begin = int(segment.begins[row])
        last = int(segment.begins[row + 1]) if row + 1 < segment.begins.size else 2**32 - 1
        low, high = np.searchsorted(
            segment.times,
            np.array([max(begin, begin + int(start * _MILLI)), min(last - 1, max(begin, begin + int(end * _MILLI)))], np.uint32),
        )
        return (segment.times[low:high].astype(np.int64) - begin) / _MILLI, segment.pitches[low:high].astype(
            np.float32
        ) / np.float32(_MILLI)

    def places(self, sound: SoundPrint, allowed: NDArray[np.bool_]) -> list[Place]:
        """Where the sound may come from, most votes first; only recordings whose number is ``allowed``."""
        asking = sound.ranks < ASKING
        times = sound.times[asking].astype(np.float64)
        pairs = pair_up(times, sound.pitches[asking], None)
        found: list[Place] = []
        for segment in self._segments:
            for higher, faster in SPEEDS:
                found += _voted(segment, pairs, times, higher, faster, allowed)
        found.sort(key=lambda place: -place.votes)
        return found[:PLACES]


def _voted(
    segment: _Segment, pairs: Pairs, times: NDArray[np.float64], higher: float, faster: float, allowed: NDArray[np.bool_]
) -> Iterable[Place]:
    """Places of one segment at one speed. The clip sounds ``higher`` than the recording, so it is asked for lower and longer."""
    asked = keys(pairs, 1 / higher, faster)
    asker = np.nonzero(asked >= 0)[0]
    begin, end = segment.starts[asked[asker]].astype(np.int64), segment.starts[asked[asker] + 1].astype(np.int64)
    counts = end - begin
    total = int(counts.sum())
    if not total:
        return []
    which = np.repeat(np.arange(asker.size), counts)
    rows = np.arange(total) - np.repeat(np.cumsum(counts) - counts, counts) + begin[which]
    heard = times[pairs.first[asker[which]]]
    line = segment.places[rows].astype(np.float64)
    # one number of both, so that one sort brings votes for a place together and keeps when they were heard
    place = ((line / _MILLI - heard * faster) / PLACE).astype(np.int64) + _OFFSET
    order = np.sort((place << _MOMENT_BITS) | (heard / _MOMENT).astype(np.int64))
    bins, first, votes = np.unique(order >> _MOMENT_BITS, return_index=True, return_counts=True)
    # a place may lie across two steps
    both = votes.copy()
    both[:-1] += np.where(np.diff(bins) == 1, votes[1:], 0)
    good = np.nonzero(both >= VOTES)[0]
    good = good[np.argsort(-both[good], kind="stable")][:PLACES]
    answer = []
    for row in good:
        until = first[row] + both[row]
        moment = (float(np.median(order[first[row] : until] & (2**_MOMENT_BITS - 1))) + 0.5) * _MOMENT
        at = ((int(bins[row]) - _OFFSET + 1) * PLACE + moment * faster) * _MILLI
        one = max(0, int(np.searchsorted(segment.begins, max(at, 0), side="right")) - 1)
        number = int(segment.numbers[one])
        if allowed[number]:
            played = (at - float(segment.begins[one])) / _MILLI
            answer.append(Place(number, int(both[row]), moment, played, higher, faster))
    return answer


def _laid(prints: Sequence[SoundPrint]) -> tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.uint16]]:
    """Where each begins, and all landmarks, on one line."""
    begins, times, pitches, at = [], [np.zeros(0, np.uint32)], [np.zeros(0, np.uint16)], 0
    for sound in prints:
        kept = sound.ranks < KEPT
        begins.append(at)
        times.append((np.rint((sound.times[kept].astype(np.float64) - sound.span[0]) * _MILLI) + at).astype(np.uint32))
        pitches.append(np.rint(sound.pitches[kept] * _MILLI).astype(np.uint16))
        at += int((sound.seconds + BETWEEN) * _MILLI)
    return np.array(begins, np.uint32), np.concatenate(times), np.concatenate(pitches)


def _that_fit(prints: Sequence[SoundPrint]) -> Sequence[SoundPrint]:
    """As many as one line holds, at least one."""
    ends = np.cumsum([(sound.seconds + BETWEEN) * _MILLI for sound in prints])
    return prints[: max(1, int(np.searchsorted(ends, _LINE)))]


def _worth_joining(early: _Segment, late: _Segment) -> bool:
    return early.times.size < 2 * late.times.size and _end(early) + _end(late) < _LINE


def _end(segment: _Segment) -> int:
    """Where the next recording may begin on the segment's line, ms."""
    return int(max(segment.begins[-1], segment.times[-1] if segment.times.size else 0)) + int(BETWEEN * _MILLI)


def _built(
    numbers: NDArray[np.int64], begins: NDArray[np.uint32], times: NDArray[np.uint32], pitches: NDArray[np.uint16]
) -> _Segment:
    """A segment with its pairs sorted by key."""
    pairs = pair_up(times / _MILLI, pitches.astype(np.float32) / np.float32(_MILLI), EACH)
    key = keys(pairs)
    order = np.argsort(key, kind="stable")
    order = order[np.searchsorted(key[order], 0) :]
    starts = np.zeros(KEYS + 1, np.uint32)
    np.cumsum(np.bincount(key[order], minlength=KEYS), out=starts[1:])
    return _Segment(numbers, begins, times, pitches, starts, times[pairs.first[order]])


def _joined(early: _Segment, late: _Segment) -> _Segment:
    """Both, laid end to end."""
    at = np.uint32(_end(early))
    return _built(
        np.concatenate([early.numbers, late.numbers]),
        np.concatenate([early.begins, late.begins + at]),
        np.concatenate([early.times, late.times + at]),
        np.concatenate([early.pitches, late.pitches]),
    )

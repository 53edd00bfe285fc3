"""A clip of any length in windows of bounded memory that together leave nothing out.

Picture and sound are each decoded once, side by side. A window is given before the rest of the file was read, so **nothing said
of a window may be used until the last one came**: a file whose end is missing, or damaged, raises only where that is found, and
a gate that saw half a clip has not seen it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from generator.hearing import stream_sound
from generator.reading import read_facts
from generator.sampling import Pace, file_digest, offered, small
from safety.media import SOUND_RATE, ClipFacts, Frame, SampledClip, Sound

#: Longest window, seconds, and most bytes of its pictures (23 frames of 1280x720).
WINDOW_SECONDS = 30.0
WINDOW_BYTES = 64_000_000
#: Sound a window repeats from the one before, seconds, so that no word is cut in two.
OVERLAP = 2.0
#: Less new sound than this, seconds, waits for a later window: thousands of shots must not make thousands of hearings.
LEAST_SOUND = 5.0


def read_parts(path: Path, per_second: float = 2.0) -> Iterator[SampledClip]:
    """The windows of the clip, in order; at least one. ``per_second`` regular samples, never fewer than two.

    Sound longer than the picture comes in windows without frames, and some windows have frames only. Raises ``BadClip`` when
    the file cannot be read to its end, after which no window before may be trusted.
    """
    maker = _Windows(file_digest(path), read_facts(path), Ear(stream_sound(path)))
    for raw, index, time, look in offered(path, Pace(step=1.0 / max(per_second, 2.0))):
        frame = small(raw, index, time, look.shot)
        del raw
        if maker.is_full(frame):
            yield from maker.close(time)
        maker.frames.append(frame)
    yield from maker.finish()


@dataclass
class _Windows:
    digest: str
    facts: ClipFacts
    ear: Ear
    frames: list[Frame] = field(default_factory=list)

    def is_full(self, another: Frame) -> bool:
        """Whether ``another`` frame must begin a new window."""
        if not self.frames:
            return False
        held = sum(frame.picture.nbytes for frame in self.frames)
        return another.time - self.frames[0].time >= WINDOW_SECONDS or held + another.picture.nbytes > WINDOW_BYTES

    def close(self, until: float) -> Iterator[SampledClip]:
        """The window that ends at ``until`` seconds, and windows of sound alone where the frames stand far apart."""
        while until - self.ear.heard > WINDOW_SECONDS:
            part = self._part(self.ear.heard + WINDOW_SECONDS)
            if part.frames or part.sound is not None:
                yield part
        part = self._part(until if until - self.ear.heard >= LEAST_SOUND else None)
        if part.frames or part.sound is not None:
            yield part

    def finish(self) -> Iterator[SampledClip]:
        """What is left: the last frames, and all sound to its end."""
        sound = True
        while self.frames or sound:
            part = self._part(self.ear.heard + WINDOW_SECONDS)
            sound = part.sound is not None
            if part.frames or sound:
                yield part

    def _part(self, until: float | None) -> SampledClip:
        """The frames gathered, and the sound that was not heard before ``until`` seconds (None: it waits)."""
        frames, self.frames = tuple(self.frames), []
        start, sound = self.ear.give(until) if until is not None else (0.0, None)
        return SampledClip(digest=self.digest, facts=self.facts, frames=frames, sound=sound, sound_from=start)


class Ear:
    """Hands the sound out by time, and remembers the last ``OVERLAP`` seconds."""

    def __init__(self, pieces: Iterator[tuple[int, Sound]]) -> None:
        self._pieces = pieces
        self._held: list[Sound] = []
        first = next(pieces, None)
        #: Places, in samples from the clip's first frame: of the first held, behind the last held, behind the last given.
        self._start = self._end = self._given = first[0] if first else 0
        self._silent = first is None
        if first is not None:
            self._hold(first[1])

    @property
    def heard(self) -> float:
        """Up to when sound was given out, seconds from the clip's first frame."""
        return self._given / SOUND_RATE

    def give(self, until: float) -> tuple[float, Sound | None]:
        """Sound up to ``until`` seconds with the overlap before it, and the time of its first sample; None when none is new."""
        stop = round(until * SOUND_RATE)
        while self._end < stop and (piece := next(self._pieces, None)) is not None:
            self._hold(piece[1])
        if self._silent or min(stop, self._end) <= self._given:
            self._given = max(self._given, stop)
            return 0.0, None
        held = np.concatenate(self._held)
        stop = min(stop, self._end)
        sound, start = held[: stop - self._start].copy(), self._start / SOUND_RATE
        self._given = stop
        keep = max(0, stop - round(OVERLAP * SOUND_RATE) - self._start)
        self._held, self._start = [held[keep:].copy()], self._start + keep
        return start, sound

    def _hold(self, piece: Sound) -> None:
        self._held.append(piece)
        self._end += piece.size

"""A clip as the gate's workers take it: its sound first, then its pictures, in parts small enough to be passed on early.

Speech is the slowest to look at and sound the quickest to decode, so whoever listens begins while the first frames are still
being decoded; and pictures come a few seconds at a time, so that both cores have work. As with ``generator.parts``, **nothing
said of a part may be used until the last one came without an error**.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from generator.hearing import stream_sound
from generator.parts import Ear
from generator.reading import read_facts
from generator.sampling import Pace, file_digest, offered, small
from safety.media import ClipFacts, Frame, SampledClip

#: New sound of a part, seconds; with what it repeats of the one before that is the half minute a speech model reads at once.
HEARD_SECONDS = 28.0
#: Most of the pictures of a part: seconds from its first frame to its last, and bytes (5 frames of 1280x720).
SEEN_SECONDS, SEEN_BYTES = 4.0, 14_000_000


def read_viewed(path: Path, per_second: float = 2.0) -> Iterator[SampledClip]:
    """Parts with sound alone, then parts with frames alone. Raises ``BadClip``, perhaps only after parts were given."""
    digest, facts = file_digest(path), read_facts(path)
    yield from _sounds(path, digest, facts)
    yield from _pictures(path, digest, facts, per_second)


def _sounds(path: Path, digest: str, facts: ClipFacts) -> Iterator[SampledClip]:
    ear = Ear(stream_sound(path))
    while True:
        start, sound = ear.give(ear.heard + HEARD_SECONDS)
        if sound is None:
            return
        yield SampledClip(digest=digest, facts=facts, frames=(), sound=sound, sound_from=start)


def _pictures(path: Path, digest: str, facts: ClipFacts, per_second: float) -> Iterator[SampledClip]:
    frames: list[Frame] = []
    held = 0
    for raw, index, time, look in offered(path, Pace(step=1.0 / max(per_second, 2.0))):
        frame = small(raw, index, time, look.shot)
        del raw
        if frames and (time - frames[0].time >= SEEN_SECONDS or held + frame.picture.nbytes > SEEN_BYTES):
            yield SampledClip(digest=digest, facts=facts, frames=tuple(frames), sound=None)
            frames, held = [], 0
        frames.append(frame)
        held += frame.picture.nbytes
    if frames:
        yield SampledClip(digest=digest, facts=facts, frames=tuple(frames), sound=None)

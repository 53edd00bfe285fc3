"""Clips in and out: the house's ``safety.media.MediaReader`` and the writer, in one place to import from.

Transforming a clip takes one pass and one frame of memory::

    codec = Codec()
    facts = codec.facts(draft)
    size = {"width": facts.width, "height": facts.height, "fps": facts.fps}
    write_clip(out, map(draw_badge, codec.frames(draft)), codec.sound(draft), **size)
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from generator.hearing import read_sound
from generator.parts import read_parts
from generator.reading import read_facts, read_frames
from generator.sampling import MAX_FRAMES, MAX_SIDE, sample_clip
from generator.sources import MAX_PIXELS, MAX_SECONDS
from generator.stills import is_still, read_still, sample_still, still_facts, still_frame
from generator.viewing import read_viewed
from generator.writing import ClipWriter, write_chunks, write_clip
from safety.media import ClipFacts, Frame, SampledClip, Sound

__all__ = ["MAX_FRAMES", "MAX_PIXELS", "MAX_SECONDS", "MAX_SIDE", "ClipWriter", "Codec", "write_chunks", "write_clip"]


class Codec:
    """Reads any clip, or still picture, within the limits; every method raises ``safety.errors.BadMedia`` with one sentence."""

    def facts(self, path: Path) -> ClipFacts:
        return still_facts(read_still(path)) if is_still(path) else read_facts(path)

    def frames(self, path: Path) -> Iterator[Frame]:
        return iter((still_frame(read_still(path)),)) if is_still(path) else read_frames(path)

    def sound(self, path: Path) -> Sound | None:
        return None if is_still(path) else read_sound(path)

    def sample(self, path: Path, per_second: float = 2.0) -> SampledClip:
        return sample_still(path) if is_still(path) else sample_clip(path, per_second)

    def parts(self, path: Path, per_second: float = 2.0) -> Iterator[SampledClip]:
        """The clip in windows (``generator.parts``). No window may be trusted before the last one came without an error."""
        return iter((sample_still(path),)) if is_still(path) else read_parts(path, per_second)

    def viewed(self, path: Path, per_second: float = 2.0) -> Iterator[SampledClip]:
        """The clip as the gate's workers take it (``generator.viewing``): parts of sound, then parts of frames."""
        return iter((sample_still(path),)) if is_still(path) else read_viewed(path, per_second)

"""Pictures and sound as the gates see them: plain arrays, already decoded.

The four peers may not import one another, so the pipeline decodes a clip once (``generator.codec``) and hands these values
around. Nothing here reads a file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

#: uint8, shape (height, width, 3), RGB.
Picture = NDArray[np.uint8]
#: float32, shape (samples,), mono, -1 to 1.
Sound = NDArray[np.float32]
#: Sample rate of every ``Sound`` in the house, hertz.
SOUND_RATE = 48_000


@dataclass(frozen=True)
class Frame:
    """One decoded frame: ``picture`` uint8 (h, w, 3) RGB, its presentation ``time`` in seconds from the clip's first frame, its
    ``index`` among all frames of the clip, and the number of the ``shot`` it belongs to, from 0."""

    picture: Picture
    time: float
    index: int
    shot: int = 0


@dataclass(frozen=True)
class ClipFacts:
    """What the container says: size in pixels after rotation, frames per second, seconds, codecs."""

    width: int
    height: int
    fps: float
    seconds: float
    video_codec: str | None
    audio_codec: str | None


@dataclass(frozen=True)
class SampledClip:
    """Frames sampled for inspection (at least two a second and one a shot) and the sound, decoded; the whole clip, or a part.

    ``digest`` is that of the file's bytes, so that a verdict is about exactly these bytes. ``facts`` are the whole clip's also
    in a part. ``sound_from`` is the time of the first sound sample, seconds from the clip's first frame; parts overlap in sound.
    ``prompt`` is what the clip was made from, where that is known.
    """

    digest: str
    facts: ClipFacts
    frames: tuple[Frame, ...]
    sound: Sound | None
    sound_from: float = 0.0
    prompt: str | None = None


class MediaReader(Protocol):
    """How the pipeline lets a peer read a file without knowing codecs. Raises ``safety.errors.BadMedia``."""

    def facts(self, path: Path) -> ClipFacts: ...

    def frames(self, path: Path) -> Iterator[Frame]: ...

    def sound(self, path: Path) -> Sound | None: ...

    def sample(self, path: Path, per_second: float = 2.0) -> SampledClip: ...

    def parts(self, path: Path, per_second: float = 2.0) -> Iterator[SampledClip]:
        """The clip in parts of bounded memory, in order, that together leave nothing out."""
        ...


ShouldStop = Callable[[], bool]
#: Called with the fraction done (0 to 1) and a few words.
Progress = Callable[[float, str], None]

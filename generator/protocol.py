"""The plug point for generators: text in, frames and sound out, a piece at a time.

A generator never decides about safety. It asks ``should_stop`` between steps and stops within one, and it reports progress.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from safety.media import Picture, Progress, ShouldStop, Sound
from safety.values import Value


@dataclass(frozen=True)
class CameoReference:
    """A person to depict: an opaque id, the name the prompt uses, and one RGB picture of the face (any size)."""

    person: str
    name: str
    picture: Picture


class GenerationRequest(Value):
    """What to draw. Sizes in pixels (even numbers), length in seconds, ``seed`` any integer from 0 to 2^63-1."""

    prompt: str
    seed: int = 0
    width: int = 640
    height: int = 360
    fps: int = 24
    seconds: float = 4.0
    remix_of: str | None = None


@dataclass(frozen=True)
class Chunk:
    """Consecutive frames, uint8 (n, height, width, 3) RGB, and the sound that belongs to them, float32 (m,) at 48 kHz."""

    frames: NDArray[np.uint8]
    sound: Sound


class Stopped(Exception):  # noqa: N818  (an outcome, not a fault)
    """Raised by a generator that was told to stop."""


@runtime_checkable
class Generator(Protocol):
    """``name`` and ``version`` are written into the manifest; ``kind`` is the C2PA digital source type in short."""

    name: str
    version: str
    kind: Literal["trainedAlgorithmicMedia", "algorithmicMedia"]

    def generate(
        self,
        request: GenerationRequest,
        *,
        cameos: tuple[CameoReference, ...] = (),
        parent: Path | None = None,
        should_stop: ShouldStop,
        progress: Progress,
    ) -> Iterator[Chunk]:
        """Yield the clip in order. Raises ``Stopped`` when told to, ``GeneratorError`` when it cannot."""
        ...

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
from pydantic import Field

from safety.media import Picture, Progress, ShouldStop, Sound
from safety.values import Value


@dataclass(frozen=True)
class CameoReference:
    """A person to depict: an opaque id, the name the prompt uses, and one RGB picture of the face (any size)."""

    person: str
    name: str
    picture: Picture


class Ancestor(Value):
    """What an earlier clip of the same line was made from."""

    prompt: str
    seed: int = Field(default=0, ge=0, lt=2**63)


class GenerationRequest(Value):
    """What to draw. Sizes in pixels (even numbers), length in seconds, ``seed`` any integer from 0 to 2^63-1.

    A remix names its parent in ``remix_of`` and lists in ``ancestors`` what that line was made from, oldest first, the
    parent last: a generator that can re-derive a scene keeps it and changes only what ``prompt`` names. Without ancestors a
    remix is drawn from ``prompt`` alone.
    """

    prompt: str
    seed: int = Field(default=0, ge=0, lt=2**63)
    width: int = Field(default=640, ge=320, le=1280, multiple_of=2)
    height: int = Field(default=360, ge=320, le=1280, multiple_of=2)
    fps: int = Field(default=24, ge=8, le=60)
    seconds: float = Field(default=4.0, ge=3.0, le=10.0)
    remix_of: str | None = None
    ancestors: tuple[Ancestor, ...] = Field(default=(), max_length=32)


@dataclass(frozen=True)
class Chunk:
    """Consecutive frames, uint8 (n, height, width, 3) RGB, and the sound that belongs to them, float32 (m,) at 48 kHz."""

    frames: NDArray[np.uint8]
    sound: Sound


class Stopped(Exception):
    """Raised by a generator that was told to stop."""


@runtime_checkable
class Generator(Protocol):
    """``name`` and ``version`` are written into the manifest; ``kind`` is the C2PA digital source type in short."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    @property
    def kind(self) -> Literal["trainedAlgorithmicMedia", "algorithmicMedia"]: ...

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

"""What a picture looks like, as numbers that survive re-encoding: a PDQ hash and an embedding, whole or of one region.

``classifiers`` computes them, ``consent`` searches them among reserved works, ``provenance`` compares them with what was
released; the value stands here because those three may not import one another.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from safety.media import Frame, Picture, SampledClip
from safety.signal import Box

#: One corner of a picture: its place in 1/65535 of width and height, and 256 bits of what lies around it.
POINT = np.dtype([("x", "<u2"), ("y", "<u2"), ("bits", "u1", 32)])
#: Numbers of a ``code``.
CODE = 256


@dataclass(frozen=True)
class PictureFingerprint:
    """``pdq`` 32 bytes (256 bits) with ``quality`` 0 to 100; ``embedding`` float32, unit length; ``box`` None for the whole.

    Whole pictures also carry what finds altered copies of them: ``code``, int8 (``CODE``,), whose direction hardly changes when
    a picture is mirrored, cropped or recoloured; and ``points``, a row of ``POINT``, by which two pictures are laid over each
    other, with ``mirrored``, the same of its mirror image, on the side of the references. Empty where they were not computed;
    the embedding is empty for frames of a reference clip, whose subject nobody files.
    """

    pdq: bytes
    quality: int
    embedding: NDArray[np.float32]
    frame: int | None = None
    time: float | None = None
    box: Box | None = None
    code: NDArray[np.int8] | None = None
    points: bytes = b""
    mirrored: bytes = b""
    shape: float = 0.0
    """Width by height of what the points were found in; 0 without points."""


class Fingerprinter(Protocol):
    """``name`` carries the version: fingerprints of different names are never compared."""

    name: str

    def reference(self, picture: Picture) -> tuple[PictureFingerprint, ...]:
        """Fingerprints of a rights holder's reference picture: the whole, its subject, and their mirror images."""
        ...

    def reference_clip(self, frames: Iterable[Frame]) -> tuple[PictureFingerprint, ...]:
        """Fingerprints of frames of a rights holder's clip, each with its time; nothing of what moves in them."""
        ...

    def clip(self, clip: SampledClip) -> tuple[PictureFingerprint, ...]:
        """Fingerprints of every sampled frame: the whole and the regions that stand out."""
        ...


def read_points(packed: bytes) -> NDArray[np.void]:
    """``points`` as a row of ``POINT``."""
    return np.frombuffer(packed, POINT)


def unit(codes: Sequence[NDArray[np.int8]]) -> NDArray[np.float32]:
    """Codes as float32 (n, ``CODE``) of unit length, as cosines are taken of."""
    rows = np.stack(codes).astype(np.float32) if len(codes) else np.zeros((0, CODE), np.float32)
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12), np.float32)

"""What a picture looks like, as numbers that survive re-encoding: a PDQ hash and an embedding, whole or of one region.

``classifiers`` computes them, ``consent`` searches them among reserved works, ``provenance`` compares them with what was
released; the value stands here because those three may not import one another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from safety.media import Picture, SampledClip
from safety.signal import Box


@dataclass(frozen=True)
class PictureFingerprint:
    """``pdq`` 32 bytes (256 bits) with ``quality`` 0 to 100; ``embedding`` float32, unit length; ``box`` None for the whole."""

    pdq: bytes
    quality: int
    embedding: NDArray[np.float32]
    frame: int | None = None
    time: float | None = None
    box: Box | None = None


class Fingerprinter(Protocol):
    """``name`` carries the version: fingerprints of different names are never compared."""

    name: str

    def reference(self, picture: Picture) -> tuple[PictureFingerprint, ...]:
        """Fingerprints of a rights holder's reference picture: the whole, its subject, and their mirror images."""
        ...

    def clip(self, clip: SampledClip) -> tuple[PictureFingerprint, ...]:
        """Fingerprints of every sampled frame: the whole and the regions that stand out."""
        ...

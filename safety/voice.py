"""A voice as the gates hand it around: when somebody spoke, and what the voice is like as numbers.

The listener lives in ``classifiers/`` and the people in ``consent/``; this is what passes between them. Nothing here listens.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from safety.media import SampledClip

#: float32, shape (256,), unit length.
VoicePrint = NDArray[np.float32]


@dataclass(frozen=True)
class Utterance:
    """One stretch of one voice: ``time`` seconds from and to, of which ``voiced`` seconds are speech.

    ``embedding`` float32 (256,) of unit length by ``engine``, never printed; those of different engines are never compared.
    """

    time: tuple[float, float]
    voiced: float
    engine: str
    embedding: VoicePrint = field(repr=False)


class VoiceFinder(Protocol):
    """What enrolment needs of a listener; ``engine`` is the version of its embeddings."""

    @property
    def engine(self) -> str: ...

    def look(self, clip: SampledClip) -> tuple[Utterance, ...]: ...

"""How alike two faces must be to be one person, and what the likeness is worth as a score.

Measured with this pack (docs/consent.md has the table). One number decides enrolment, duplicates and recognition alike, so
that nobody can enrol a face that recognition would take for someone else's.
"""

from __future__ import annotations

import numpy as np

#: Cosine from which two faces count as one person. Different people reached at most 0.385 in 385 pairs, the same person
#: fell to 0.65 in unaltered photographs and to 0.53 under blur, JPEG and darkness; SFace's authors publish 0.363 on LFW
#: (opencv_zoo, face_recognition_sface), which a gate that searches thousands of people cannot afford.
MATCH = 0.45
#: Below this likeness is chance and not reported; between it and MATCH a signal scores under one half.
WORTH_SAYING = 0.38
#: Steepness of the score: 0.45 gives 0.5, 0.38 gives 0.2, 0.52 gives 0.8, 0.65 gives 0.98.
STEEPNESS = 20.0
#: Smallest face, in pixels, whose embedding means something: at 24 the same photograph still has cosine 0.72 with itself in
#: full size, at 14 it has 0.15. Smaller faces are reported as faces, never as a person.
COMPARABLE_PX = 22.0


def score(cosine: float) -> float:
    """The calibrated score of a likeness: ``MATCH`` maps to 0.5."""
    return float(1.0 / (1.0 + np.exp(-STEEPNESS * (cosine - MATCH))))

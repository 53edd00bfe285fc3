"""How alike two faces must be to be one person, and what the likeness is worth as a score.

Measured with this pack (docs/consent.md has the table). One number decides enrolment, duplicates and recognition alike, so
that nobody can enrol a face that recognition would take for someone else's.
"""

from __future__ import annotations

import numpy as np

#: Cosine from which two faces count as one person. Different people reached at most 0.385 in 385 pairs of photographs and 0.32
#: in 642 more with blur, JPEG, darkness and small sizes; the same person in another photograph has 0.63 and more, and 96 % of
#: the altered ones keep 0.45. SFace's authors publish 0.363 for pairs (opencv_zoo, face_recognition_sface), too low for a gate
#: that searches thousands of people.
MATCH = 0.45
#: Below this likeness is chance and not reported; between it and MATCH a signal scores under one half.
WORTH_SAYING = 0.38
#: Steepness of the score: 0.45 gives 0.5, 0.38 gives 0.2, 0.52 gives 0.8, 0.65 gives 0.98.
STEEPNESS = 20.0
#: Smallest face, in pixels, whose embedding means something: at 24 a photograph has cosine 0.65 and more with itself in full
#: size, at 20 it falls to 0.45, at 16 to 0.24. Smaller faces are reported as faces, never as a person.
COMPARABLE_PX = 20.0


def score(cosine: float) -> float:
    """The calibrated score of a likeness: ``MATCH`` maps to 0.5."""
    return float(1.0 / (1.0 + np.exp(-STEEPNESS * (cosine - MATCH))))

"""How alike two faces must be to be one person, among how many, and what the likeness is worth as a score.

Measured with this pack (docs/faces.md has the tables). One number decides enrolment, duplicates and recognition alike, so
that nobody can enrol a face that recognition would take for someone else's.
"""

from __future__ import annotations

from math import log10

import numpy as np

#: Cosine from which two faces count as one person, among few. Different people reached at most 0.385 in 385 pairs of photographs
#: and 0.32 in 642 more with blur, JPEG, darkness and small sizes; the same person in another photograph has 0.63 and more, and
#: 96 % of the altered ones keep 0.45. SFace's authors publish 0.363 for pairs (opencv_zoo, face_recognition_sface), too low for a
#: gate that searches thousands of people.
MATCH = 0.45
#: Templates up to which ``MATCH`` holds, and what every ten times more adds: the more are compared, the nearer comes a stranger.
#: Between 100 and 1,000,000 that keeps the strangers' tracks taken for somebody at or under about one in twenty.
FEW = 100
A_DECADE = 0.05
#: How far below the threshold a likeness is still worth saying; further down it is chance.
WORTH_SAYING = 0.07
#: Steepness of the score: at the threshold it gives 0.5, 0.07 below 0.2, 0.07 above 0.8, 0.2 above 0.98.
STEEPNESS = 20.0
#: Smallest face, in pixels, whose embedding means something: at 24 a photograph has cosine 0.65 and more with itself in full
#: size, at 20 it falls to 0.45, at 16 to 0.24. Smaller faces are reported as faces, never as a person.
COMPARABLE_PX = 20.0


def threshold(templates: int) -> float:
    """Cosine from which a face is one of the people with ``templates`` templates in all.

    What it costs is a match missed; such a face is then a realistic face of nobody known, which the policy holds for a person.
    """
    return MATCH + A_DECADE * max(0.0, log10(max(1, templates) / FEW))


def score(cosine: float, templates: int = 1) -> float:
    """The calibrated score of a likeness among so many: the threshold maps to 0.5."""
    return float(1.0 / (1.0 + np.exp(-STEEPNESS * (cosine - threshold(templates)))))

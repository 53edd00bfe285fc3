"""How alike two voices must be to be one person's, and what the likeness is worth as a score.

One number decides enrolment, duplicates and recognition alike, so that nobody can enrol a voice that recognition would take for
someone else's. Where it comes from: ``console/bench/voices.py``.
"""

from __future__ import annotations

import numpy as np

#: Cosine from which two voices count as one person's: the value that one in a thousand comparisons of different people reached
#: on half of the speakers, 5 s enrolled and 3.6 s heard; the other half is reported.
MATCH = 0.81
#: Below this likeness is chance and not reported (one in a hundred on the same half is 0.71); up to MATCH scores under one half.
WORTH_SAYING = 0.71
#: Steepness of the score: 0.71 gives 0.12, 0.81 gives 0.5, 0.88 gives 0.8.
STEEPNESS = 20.0
#: Utterances of one enrolment that are less alike than this are two people's: 1 % of one person's have less at 2.5 s, and 85 %
#: of two people's.
ONE_PERSON = 0.5


def score(cosine: float) -> float:
    """The calibrated score of a likeness: ``MATCH`` maps to 0.5."""
    return float(1.0 / (1.0 + np.exp(-STEEPNESS * (cosine - MATCH))))

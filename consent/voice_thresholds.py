"""How alike two voices must be to be one person's, and what the likeness is worth as a score.

One number decides enrolment, duplicates and recognition alike, so that nobody can enrol a voice that recognition would take for
someone else's. Where it comes from: ``console/bench/voices.py``.
"""

from __future__ import annotations

import numpy as np

#: Cosine from which two voices count as one person's. One in a hundred comparisons of different people reached 0.754 on the half
#: of the speakers that it was chosen on (16 of 32, 5.2 s enrolled, 3.6 s heard). On the other half 0.14 % reach MATCH (95 %
#: interval 0 to 0.8) and 7 % (2 to 15) of what one person says stays below. Enough to ask a person; too weak to tell one among
#: a million.
MATCH = 0.76
#: Below this likeness nothing is reported; between it and MATCH a signal scores under one half.
WORTH_SAYING = 0.70
#: Steepness of the score: 0.70 gives 0.2, 0.76 gives 0.5, 0.83 gives 0.8, 0.88 gives 0.9.
STEEPNESS = 20.0
#: Utterances of one enrolment that are less alike than this are two people's: 1 % of one person's have less at 2.5 s, and 85 %
#: of two people's.
ONE_PERSON = 0.5


def score(cosine: float) -> float:
    """The calibrated score of a likeness: ``MATCH`` maps to 0.5."""
    return float(1.0 / (1.0 + np.exp(-STEEPNESS * (cosine - MATCH))))

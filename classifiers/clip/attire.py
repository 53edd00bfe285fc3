"""Swimwear and underwear in pictures, from the parts that NudeNet finds anyway: a topic a person may forbid, no reason by itself.

No single part says it. A covered crotch is seen in bikini bottoms and briefs, and now and then in tight trousers; a bare belly in
trunks, and in a short top over jeans. So the parts of one person are weighed together. The weights were set by hand from what
each class means, and the boundary on drawings; no photograph of swimwear was ever looked at, so what is found of those is not
known.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from classifiers.clip import pool
from classifiers.clip.voters import Part
from safety.media import SampledClip
from safety.signal import Box, Signal

LABEL = "swimwear_or_underwear"
#: What each part's log odds above ``NEUTRAL`` weigh. NudeNet's guess of sex is not used.
WEIGHTS = {
    "FEMALE_GENITALIA_COVERED": 1.8,
    "BELLY_EXPOSED": 0.5,
    "MALE_BREAST_EXPOSED": 0.8,
    "FEMALE_BREAST_EXPOSED": 0.8,
    "BUTTOCKS_EXPOSED": 0.8,
    "BUTTOCKS_COVERED": 0.3,
    "FEMALE_BREAST_COVERED": 0.25,
    "ARMPITS_EXPOSED": 0.2,
}
#: Log odds of nothing seen, and NudeNet's own neutral point (it takes 0.25 for a find; logit 0.25 = -1.1).
PRIOR, NEUTRAL = -2.0, 1.1
#: Parts are one person's when their middles are no further apart than this many times the larger one's longer side.
REACH = 3.0


def signal(clip: SampledClip, detector: str, seen: Sequence[Sequence[Part]]) -> Signal:
    """The clip's signal from the parts of each frame: the worst frame's likeliest person counts, and says which parts spoke."""
    judged = [judge(parts) for parts in seen]
    return pool.signal(clip, LABEL, detector, [j[0] for j in judged], [j[1] for j in judged], [j[2] for j in judged])


def judge(parts: Sequence[Part]) -> tuple[float, str, Box | None]:
    """Score of one picture, the parts behind it in words, and the box of the weightiest; without parts there is nobody to see."""
    best: tuple[float, str, Box | None] = (0.0, "nobody lightly dressed", None)
    for middle in parts:
        person: dict[str, Part] = {}
        for part in parts:  # the surest of a kind comes first
            if _near(middle.box, part.box):
                person.setdefault(part.kind, part)
        if len(person) < 2:
            continue  # one part by itself is no person: NudeNet gives a colour wheel 0.83 for "buttocks"
        weight = {kind: WEIGHTS[kind] * max(0.0, pool.log_odds(p.score) + NEUTRAL) for kind, p in person.items()}
        score = float(1 / (1 + np.exp(-(sum(weight.values()) + PRIOR))))
        if score > best[0]:
            telling = sorted(person, key=lambda kind: -weight[kind])
            note = ", ".join(f"{kind.lower().replace('_', ' ')} {person[kind].score:.2f}" for kind in telling[:4])
            best = (score, note, person[telling[0]].box)
    return best


def _near(one: Box, other: Box) -> bool:
    """Whether two boxes may belong to one person, in fractions of the frame."""
    across = abs((one.x + one.w / 2) - (other.x + other.w / 2)) / max(one.w, other.w, 1e-6)
    down = abs((one.y + one.h / 2) - (other.y + other.h / 2)) / max(one.h, other.h, 1e-6)
    return max(across, down) <= REACH

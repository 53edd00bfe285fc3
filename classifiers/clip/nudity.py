"""Finds uncovered body parts, with their place in the frame, and asks a second model before believing the first.

NudeNet alone is not enough for drawn pictures: it gives a flat colour wheel 0.83 and a cup of coffee 0.33 for "buttocks". So
open_nsfw looks at the same place, cut out twice (tight, and with a margin), and at the whole frame; its greatest vote is pooled
with the box's. It says 0.004 and 0.012 of those two, and 0.55 to 0.84 of crude drawings of naked figures.

Measured with this code: 31 benign pictures (six of them photographs of lightly clothed women) at most 0.12, that colour wheel;
crude drawings of naked figures in three skin tones on two grounds 0.47 to 0.79. No explicit photograph was ever looked at, so
recall on those is the publishers' claim, not ours.

What NudeNet says beside that of covered parts and bare skin is judged for swimwear and underwear (``attire.py``), so that no
model looks twice.
"""

from __future__ import annotations

from collections.abc import Sequence

from classifiers.clip import attire, pool
from classifiers.clip import pictures as shape
from classifiers.clip.report import answer
from classifiers.clip.voters import BoxVoter, Part, ScoreVoter
from safety.media import Picture, SampledClip
from safety.signal import Box, Report, Signal

#: Weight of each vote's log odds and log odds of nudity given that a box was found at all.
WEIGHT, PRIOR = 0.8, -0.5
#: Log odds added to a box: NudeNet takes 0.25 for a find, so its neutral point lies there (logit 0.25 = -1.1), not at 0.5.
BOX_NEUTRAL = 1.1
#: Boxes a frame that get a second opinion, and the margins it is asked with, as parts of the box.
ASKED = 2
MARGINS = (0.0, 0.25)


class NudityDetector:
    """Label ``nudity``: genitals, anus, buttocks or a woman's breast uncovered; and the label of ``attire``.

    See the modules' texts for the figures.
    """

    name = "nudity/1"
    labels = frozenset({"nudity", attire.LABEL})

    def __init__(self, boxes: BoxVoter | None = None, scores: ScoreVoter | None = None) -> None:
        self.boxes = boxes or BoxVoter()
        self.scores = scores or ScoreVoter()

    def detect(self, clip: SampledClip) -> Report:
        """A signal a label with the worst frame's score; evidence names the part, the frame and the box."""
        return answer(self.name, self.labels, clip, self._look)

    def _look(self, clip: SampledClip) -> tuple[Signal, ...]:
        pictures = [f.picture for f in clip.frames]
        both = self.boxes.both(pictures)
        found = [explicit for explicit, _ in both]
        seconds = self._second_opinions(pictures, found)
        scores, notes, boxes = [], [], list[Box | None]()
        for parts, second in zip(found, seconds, strict=True):
            votes = [(believed(p.score, s), p, s) for p, s in zip(parts, second, strict=False)]
            score, part, vote = max(votes, key=lambda v: v[0], default=(0.0, None, 0.0))
            scores.append(score)
            boxes.append(part.box if part else None)
            kind = part.kind.lower().replace("_", " ") if part else ""
            notes.append(f"{kind} {part.score:.2f}, second opinion {vote:.2f}" if part else "no uncovered part")
        worn = attire.signal(clip, self.name, [parts for _, parts in both])
        return pool.signal(clip, "nudity", self.name, scores, notes, boxes), worn

    def _second_opinions(self, pictures: Sequence[Picture], found: Sequence[tuple[Part, ...]]) -> list[list[float]]:
        """For each picture and each of its first ``ASKED`` parts, the greatest vote of open_nsfw on its cuts and the whole."""
        cuts: list[Picture] = []
        for picture, parts in zip(pictures, found, strict=True):
            if parts:
                cuts.append(picture)
                cuts += [shape.cut(picture, part.box, margin) for part in parts[:ASKED] for margin in MARGINS]
        votes = iter(self.scores.look(cuts).tolist())
        opinions = []
        for parts in found:
            whole = next(votes) if parts else 0.0
            opinions.append([max(whole, *(next(votes) for _ in MARGINS)) for _ in parts[:ASKED]])
        return opinions


def believed(box: float, second: float) -> float:
    """Score of a part that NudeNet gave ``box`` and open_nsfw, at the same place, ``second``."""
    return pool.pooled((box, second), WEIGHT, PRIOR + WEIGHT * BOX_NEUTRAL)

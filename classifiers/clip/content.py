"""Sexual and graphic content of whole frames, from models that know each other's mistakes.

``nsfw``: open_nsfw and image-safety-classifier-s vote on every frame. The second is known to cry wolf: of six photographs of
lightly clothed women it gives five 0.5 to 0.92, where open_nsfw says at most 0.13. Where the two disagree, and only there,
NudeNet is asked for uncovered parts and votes as the third. Disagreement stays visible in the score and in the note.

``graphic`` (gore, corpses, open wounds) has one model and so one vote. Its weight is below one and its prior negative, which
puts its most certain 0.93 at 0.83: alone it can ask for a person, but it never reaches 0.85, where a policy may block unseen.

Measured with this code: 31 benign pictures (22 of them photographs of people) ``nsfw`` at most 0.22 (three clothed women), the
others 0.11; ``graphic`` at most 0.05. No graphic picture was looked at, so its recall is the publisher's claim, not ours.
"""

from __future__ import annotations

from collections.abc import Sequence

from classifiers.clip import pool
from classifiers.clip.report import answer
from classifiers.clip.voters import BOX_FLOOR, BoxVoter, SceneVoter, ScoreVoter
from safety.media import Picture, SampledClip
from safety.signal import Report, Signal

#: Two votes that agree: weight of each one's log odds; log odds of sexual content in a stream that is mostly benign.
PAIR_WEIGHT, PRIOR = 0.8, -0.5
#: Three votes, after a disagreement: less each, so that certainty does not grow by asking more often.
TRIPLE_WEIGHT = 0.6
#: The two disagree when they stand on different sides of one half and this far apart (log odds).
APART = 1.5
#: The single vote for graphic content: 0.93, the most the model says, becomes 0.83.
SINGLE_WEIGHT, SINGLE_PRIOR = 0.8, -0.5


class ContentDetector:
    """Labels ``nsfw`` and ``graphic``. See the module's text for the figures."""

    name = "content/1"
    labels = frozenset({"nsfw", "graphic"})

    def __init__(self, scores: ScoreVoter | None = None, scenes: SceneVoter | None = None, boxes: BoxVoter | None = None) -> None:
        self.scores = scores or ScoreVoter()
        self.scenes = scenes or SceneVoter()
        self.boxes = boxes or BoxVoter()

    def detect(self, clip: SampledClip) -> Report:
        """One signal a label with the worst frame's score; evidence names the frame, its time and the votes."""
        return answer(self.name, self.labels, clip, self._look)

    def _look(self, clip: SampledClip) -> tuple[Signal, ...]:
        pictures = [f.picture for f in clip.frames]
        first = self.scores.look(pictures).tolist()
        scenes = self.scenes.look(pictures)
        second, gore = scenes[:, 1].tolist(), scenes[:, 0].tolist()
        third = self._arbitrated(pictures, first, second)
        sexual = [together(a, b, c) for a, b, c in zip(first, second, third, strict=True)]
        notes = [
            f"open_nsfw {a:.2f}, scene {b:.2f}" + ("" if c is None else f"; they disagree, uncovered parts {c:.2f}")
            for a, b, c in zip(first, second, third, strict=True)
        ]
        graphic = [pool.pooled((g,), SINGLE_WEIGHT, SINGLE_PRIOR) for g in gore]
        return (
            pool.signal(clip, "nsfw", self.name, sexual, notes),
            pool.signal(clip, "graphic", self.name, graphic, [f"scene {g:.2f}, a single vote" for g in gore]),
        )

    def _arbitrated(self, pictures: Sequence[Picture], first: Sequence[float], second: Sequence[float]) -> list[float | None]:
        """NudeNet's greatest explicit score for each picture the two disagree on; None where they agree.

        Finding nothing is only as strong a vote as the floor below which NudeNet's boxes are not kept.
        """
        asked = [i for i, (a, b) in enumerate(zip(first, second, strict=True)) if disagree(a, b)]
        found = dict(zip(asked, self.boxes.look([pictures[i] for i in asked]), strict=True))
        return [max((p.score for p in found[i]), default=BOX_FLOOR) if i in found else None for i in range(len(pictures))]


def disagree(first: float, second: float) -> bool:
    """Whether two votes stand on different sides of one half, ``APART`` or more from each other."""
    return (first >= 0.5) != (second >= 0.5) and abs(pool.log_odds(first) - pool.log_odds(second)) >= APART


def together(first: float, second: float, third: float | None = None) -> float:
    """Score of two votes, or of three after a disagreement."""
    if third is None:
        return pool.pooled((first, second), PAIR_WEIGHT, PRIOR)
    return pool.pooled((first, second, third), TRIPLE_WEIGHT, PRIOR)

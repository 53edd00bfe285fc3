"""Several votes about one picture as one calibrated score, and a clip's frames as one signal.

The formula is a logarithmic opinion pool with a prior (Genest and Zidek, "Combining probability distributions", 1986): the
weighted sum of the votes' log odds plus the log odds of the thing being there at all. Votes of models that were trained on
half unsafe pictures are too sure for a stream where few are, which the prior mends; weights below one say that the votes are
not independent. It must never drop a vote in silence: a vote that could not be had is an exception, and then a failed report.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from safety.media import SampledClip
from safety.signal import Box, Evidence, Signal

#: No vote is taken for surer than one in a hundred; a single model never outweighs the others by claiming 0.9999.
SUREST = 0.99
#: Frames shown as evidence of one signal, the worst first.
SHOWN = 8
#: A frame is shown when its score is at least this part of the clip's, so that evidence is about what made the score.
WORTH_SHOWING = 0.5
#: Seconds between two sampled frames (the gate sees at least two a second).
SAMPLING = 0.5
#: Below this score a frame says nothing; of a clip without any above, only the worst frame is shown.
QUIET = 0.1


def log_odds(vote: float) -> float:
    """Logit of a vote, bounded by ``SUREST``."""
    p = min(max(vote, 1 - SUREST), SUREST)
    return float(np.log(p / (1 - p)))


def pooled(votes: Iterable[float], weight: float, prior: float) -> float:
    """Probability of ``votes`` together: ``weight`` on each one's log odds, plus the log odds ``prior``."""
    return float(1 / (1 + np.exp(-(weight * sum(log_odds(v) for v in votes) + prior))))


def span(clip: SampledClip, position: int) -> tuple[float, float]:
    """Seconds the sampled frame number ``position`` stands for: until the next one, or, for the last, until the next was due."""
    start = clip.frames[position].time
    if position + 1 < len(clip.frames):
        return start, clip.frames[position + 1].time
    return start, max(start, min(clip.facts.seconds, start + SAMPLING))


def signal(
    clip: SampledClip,
    label: str,
    detector: str,
    scores: Sequence[float],
    notes: Sequence[str],
    boxes: Sequence[Box | None] | None = None,
) -> Signal:
    """The clip's signal: the worst frame's score (one frame shown is a clip shown), with the worst frames as evidence."""
    worst = sorted(range(len(scores)), key=lambda i: (-scores[i], i))
    top = scores[worst[0]]
    shown = [i for i in worst[:SHOWN] if i == worst[0] or scores[i] >= max(WORTH_SHOWING * top, QUIET)]
    evidence = tuple(
        Evidence(time=span(clip, i), frame=clip.frames[i].index, box=boxes[i] if boxes else None, note=notes[i]) for i in shown
    )
    return Signal(label=label, score=top, detector=detector, evidence=evidence)

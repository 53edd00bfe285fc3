"""Intent that builds up: steps that are harmless one by one and not in sum, over a remix chain or over one person's session.

The heads judge the steps joined into one text. What counts is how much the sum says that no step says alone: a bad step is the
other clauses' business, and must never hold an innocent prompt that comes after it. The detector never decides, and without
earlier prompts it does nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from classifiers.prompt.fragments import decode, spelt
from classifiers.prompt.heads import ORDER, judge
from classifiers.prompt.labels import HOLD
from classifiers.prompt.steps import Step, current, goes_on, join, lines, shorten
from safety.prompt import ReadPrompt
from safety.signal import Evidence, Report, Signal, Span

LABEL = "built_up"
#: Words that are judged as one sum; of longer steps only the telling clauses are kept.
WORDS = 72
#: How many of the last steps are joined to the prompt, and which single earlier ones (2: the last but one), past steps between.
RUNS, SINGLES = (1, 2, 3, 4), (2, 3, 4)
#: Score of a word that only several steps together spell: a person should see it.
SPELT = 0.75
#: Score from which a sum is read a second time.
LOOK_TWICE = 0.3
#: Scores under this are left out of the report.
LEAST = 0.05


@dataclass(frozen=True, slots=True)
class Boundary:
    """Where a sum is worth holding: its score, and how far (in logits) it lies above each step alone and above the earlier ones
    together. A prompt that begins anew must make a clearer case than one that goes on with what came before.

    ``python -m classifiers.prompt.training.sessions`` prints what other boundaries would catch and disturb.
    """

    going_on: float = 0.5
    anew: float = 0.95
    gain: float = 0.8


BOUNDARY = Boundary()


@dataclass(frozen=True, slots=True)
class Sum:
    """Earlier ``steps`` and the prompt, judged as one text.

    ``score`` is what the heads say of ``label``, ``gain`` how far that is above every part (logits), ``before`` what they say of
    the earlier steps without the prompt, under any label, ``goes_on`` whether the prompt is an edit or a continuation.
    """

    label: str
    score: float
    gain: float
    before: float
    goes_on: bool
    steps: tuple[Step, ...]

    def excess(self, boundary: Boundary = BOUNDARY) -> float:
        """0 to 1, from 0.5 on where both the sum and the gain lie over the boundary."""
        if self.before >= HOLD and not self.goes_on:
            return 0.0  # it was over the line before, and this prompt does not go on with it
        line = boundary.going_on if self.goes_on else boundary.anew
        return _squash(min(logit(self.score) - logit(line), self.gain - boundary.gain))


class BuildUp:
    """The detector over a prompt and what came before it."""

    name = "built-up/1"
    labels = frozenset({LABEL})

    def detect(self, prompt: ReadPrompt) -> Report:
        """At most one signal: the worst sum, or a word spelt over several steps; its evidence names the steps."""
        signals = [s for s in (self.spelt(prompt), self._summed(prompt)) if s is not None]
        worst = sorted(signals, key=lambda s: -s.score)[:1]
        return Report(detector=self.name, labels=self.labels, signals=tuple(worst))

    def _summed(self, prompt: ReadPrompt) -> Signal | None:
        worst = max(sums(prompt), key=lambda s: s.excess(), default=None)
        if worst is None or worst.excess() < LEAST:
            return None
        note = f"with what came before it reads as {worst.label} ({worst.score:.2f})"
        return self._signal(prompt, round(worst.excess(), 4), worst.steps, note)

    def spelt(self, prompt: ReadPrompt) -> Signal | None:
        """A signal for a word that only several steps together spell."""
        for line in lines(prompt):
            found = spelt([*(step.written for step in line), prompt.prompt.text])
            if found is not None:
                spelling, hit = found
                steps = tuple(line[i] for i in spelling.steps if i < len(line))
                return self._signal(prompt, SPELT, steps, f"together they spell {hit.term!r}, a word of {hit.label}")
        return None

    def _signal(self, prompt: ReadPrompt, score: float, steps: tuple[Step, ...], note: str) -> Signal:
        here = Evidence(span=Span(start=0, end=len(prompt.prompt.text)), text=prompt.prompt.text[:200] or None, note=note)
        before = tuple(Evidence(text=step.written[:200], note=step.place) for step in steps)
        return Signal(label=LABEL, score=score, detector=self.name, evidence=(here, *before))


def sums(prompt: ReadPrompt) -> Iterator[Sum]:
    """Each set of earlier steps that is tried, once for each label that gains by the sum."""
    this = current(prompt)
    if not this:
        return
    tried: set[tuple[str, ...]] = set()
    for line in lines(prompt):
        for steps in _chosen(line):
            if (key := tuple(step.text for step in steps)) not in tried:
                tried.add(key)
                yield from _weigh(steps, this)


def _chosen(line: tuple[Step, ...]) -> Iterator[tuple[Step, ...]]:
    for run in RUNS:
        if run <= len(line):
            yield line[-run:]
    for back in SINGLES:
        if back <= len(line):
            yield (line[-back],)


def _weigh(steps: tuple[Step, ...], this: str) -> Iterator[Sum]:
    share = WORDS // (len(steps) + 1)
    parts = [shorten(text, share, _harm) for text in (*(step.text for step in steps), this)]
    alone = [_scores(part) for part in parts]
    if max(alone[-1]) >= HOLD:
        return  # what it says by itself is not what it adds
    before = _scores(join(parts[:-1]))
    whole = _sure(parts)
    decoded = decode(parts[-1], [step.text for step in steps])
    if decoded is not None:
        whole = tuple(map(max, whole, _scores(decoded)))
    said = max(*before, *map(max, alone[:-1]))
    # What was over the line already must be outdone under any label, or a colour changed in a refused scene would count as more.
    least = said if said >= HOLD else 0.0
    for i, label in enumerate(ORDER):
        gain = logit(whole[i]) - logit(max(least, before[i], *(part[i] for part in alone)))
        if gain > 0 and whole[i] >= LEAST:
            yield Sum(label, whole[i], gain, said, goes_on(this), steps)


def _sure(parts: Sequence[str]) -> tuple[float, ...]:
    """Scores of the joined parts. What looks bad is read a second time, joined otherwise, and the mean counts: a sum that is bad
    stays so, a stumble of the heads over one wording does not (it took away three in four false alarms on unrelated prompts)."""
    first = _scores(join(parts))
    if max(first) < LOOK_TWICE:
        return first
    second = _scores(join(parts, ", "))
    return tuple(_squash((logit(a) + logit(b)) / 2) for a, b in zip(first, second, strict=True))


@lru_cache(maxsize=4096)
def _scores(text: str) -> tuple[float, ...]:
    """The heads' scores of one text; a session's earlier texts are asked for again at each of its prompts."""
    scores, _ = judge([text])
    return tuple(float(score) for score in scores[0])


def _harm(text: str) -> float:
    return max(_scores(text))


def logit(score: float) -> float:
    """Log odds, of scores between 0.0001 and 0.9999."""
    kept = min(max(score, 1e-4), 1 - 1e-4)
    return math.log(kept / (1 - kept))


def _squash(odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-odds))

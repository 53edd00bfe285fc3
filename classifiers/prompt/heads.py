"""Our own heads: one calibrated linear judge a label, over every window of every reading of a prompt.

A score is calibrated so that 0.5 is the suggested boundary to hold at and 0.8 the one to block at (see docs/prompt-gate.md). The
detector never decides. ``sexual_minors`` is composed, not trained: sexual content and a minor in the same window.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from classifiers.prompt.evidence import words_behind
from classifiers.prompt.features import extract, windows
from classifiers.prompt.labels import HEADS, LABELS, SEXUAL_MINORS
from classifiers.prompt.lexicon import Hit
from classifiers.prompt.model import Floats, heads
from classifiers.prompt.tracing import source_span
from safety.prompt import ReadPrompt
from safety.signal import Evidence, Report, Signal

#: Scores under this say nothing; leaving them out keeps reports short.
LEAST = 0.05
#: Evidence is looked for from this score on.
TELLING = 0.35
#: What a clear lexicon phrase is worth by itself, and in a window that the head finds utterly harmless.
FLOOR, DOUBTED_FLOOR, DOUBT = 0.82, 0.55, 0.02
#: Sexual score from which a minor in the same window makes it about a minor: with a sexual word in the window, far under the
#: boundary for adults; without one, at that boundary.
MINOR_SEXUAL, MINOR_SEXUAL_UNSAID = 0.15, 0.5


@dataclass(frozen=True, slots=True)
class Window:
    """A range of one reading: which reading, where, its text."""

    reading: int
    start: int
    end: int
    text: str


class PromptHeads:
    """The detector over all readings."""

    name = "prompt-heads/2"
    labels = LABELS

    def detect(self, prompt: ReadPrompt) -> Report:
        """Signals above ``LEAST`` with the words behind them; the best window of any reading counts.

        Words of a clip are judged by the heads that were trained for them.
        """
        words = prompt.prompt.medium is not None
        cut = [Window(i, start, end, text[start:end]) for i, text in enumerate(prompt.texts) for start, end in windows(text)]
        unique: dict[str, int] = {}
        for window in cut:
            unique.setdefault(window.text, len(unique))
        if not unique:
            return Report(detector=self.name, labels=self.labels)
        texts = list(unique)
        scores, hits = judge(texts, words)
        signals: list[Signal] = []
        for label in sorted(LABELS):
            column = scores[:, ORDER.index(label)]
            best = max(cut, key=lambda w: column[unique[w.text]])
            score = float(column[unique[best.text]])
            if score < LEAST:
                continue
            evidence: tuple[Evidence, ...] = ()
            if score >= TELLING:
                evidence = self._evidence(prompt, best, label, hits[unique[best.text]], words)
            signals.append(Signal(label=label, score=round(score, 4), detector=self.name, evidence=evidence))
        return Report(detector=self.name, labels=self.labels, signals=tuple(signals))

    def _evidence(
        self, prompt: ReadPrompt, best: Window, label: str, hits: list[Hit], words: bool
    ) -> tuple[Evidence, ...]:  # fmt: skip
        """Where in the source the words behind the score stand, at most three ranges."""
        origin = prompt.origin
        if best.reading:
            known = prompt.reading_origins
            origin = known[best.reading - 1] if best.reading <= len(known) else ()
        note = "as written" if not best.reading else "read through a disguise: " + ", ".join(prompt.disguises)
        found: list[Evidence] = []
        for start, end in words_behind(best.text, label, hits, heads(words)):
            span = source_span(origin, best.start + start, best.start + end)
            found.append(Evidence(span=span, text=best.text[start:end][:200] or None, note=note[:200]))
        return tuple(found)


#: Columns of ``judge``'s answer.
ORDER: tuple[str, ...] = (*HEADS, SEXUAL_MINORS)


def judge(texts: list[str], words: bool = False) -> tuple[Floats, list[list[Hit]]]:
    """Scores of windows, shape (texts, len(ORDER)): the heads, lifted by the lexicon, with ``sexual_minors`` composed.

    ``words``: they are the words of a clip.
    """
    seen, hits = extract(texts)
    judged = heads(words).score(texts, seen)
    scores = np.zeros((len(texts), len(ORDER)))
    scores[:, : len(HEADS)] = judged[:, : len(HEADS)]
    # The head for any harm knows that something is wrong, its neighbours which harm is likeliest.
    likeliest = scores[:, : len(HEADS)].argmax(axis=1)
    rows = np.arange(len(texts))
    scores[rows, likeliest] = np.maximum(scores[rows, likeliest], judged[:, len(HEADS)])
    for row, found in zip(scores, hits, strict=True):
        for hit in found:
            if hit.weight == "clear":
                i = HEADS.index(hit.label)
                row[i] = max(row[i], FLOOR if row[i] > DOUBT else DOUBTED_FLOOR)
        if any(hit.label == "minors" for hit in found):
            sexual = row[HEADS.index("sexual")]
            said = any(hit.label == "sexual" for hit in found)
            if sexual >= (MINOR_SEXUAL if said else MINOR_SEXUAL_UNSAID):
                row[-1] = max(FLOOR, sexual)
    return scores, hits

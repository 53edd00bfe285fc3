"""Topics that stop nobody by themselves, and that a person may forbid for their own likeness: politics, swimwear and the like.

The policy lists them as ``grantable``; only a grant that forbids one makes anything of it. A prompt is judged sentence by
sentence, so that a topic named once in a long description is not averaged away. The detector never decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from classifiers.prompt import features
from classifiers.prompt.topic_heads import TOPICS, topic_heads
from classifiers.prompt.tracing import source_span
from safety.prompt import ReadPrompt
from safety.signal import Evidence, Report, Signal

#: Words to a piece; sentences are put together until there are so many, and a longer one is cut evenly.
PIECE = 30
#: Scores below this say nothing; from the second on the sentence is given as evidence.
LEAST, TELLING = 0.05, 0.3
#: Pieces that are read at most. A text with more that need reading, thousands of words, is for a person.
MOST_READ = 120
_SENTENCE = re.compile(r"[.!?;:…\n。！？]+\s*")


@dataclass(frozen=True, slots=True)
class Piece:
    """A range of one reading: which reading, where, its text."""

    reading: int
    start: int
    end: int
    text: str


class Topics:
    """One label a topic; the best piece of any reading counts."""

    name = "topics/1"
    labels = frozenset(TOPICS)
    #: Nobody is stopped by a topic unless a person asked for forbids it.
    when_asked = True

    def detect(self, prompt: ReadPrompt) -> Report:
        """A signal for each topic above ``LEAST``, with its sentence; a failed report when too much would have to be read."""
        cut = [Piece(i, a, b, text[a:b]) for i, text in enumerate(prompt.texts) for a, b in pieces(text)]
        texts = list(dict.fromkeys(p.text for p in cut))
        if not texts:
            return Report(detector=self.name, labels=self.labels)
        heads = topic_heads()
        suspicious = [texts[int(i)] for i in np.flatnonzero(heads.suspicion(features.extract(texts)[0]) >= 0)]
        if len(suspicious) > MOST_READ:
            why = "The text is too long to be searched for topics; a person will look at it."
            return Report(detector=self.name, labels=self.labels, failure=why)
        if not suspicious:
            return Report(detector=self.name, labels=self.labels)
        scores = heads.read(suspicious, words=prompt.prompt.medium is not None)
        first = {p.text: p for p in reversed(cut)}
        signals = []
        for column, topic in enumerate(TOPICS):
            best = int(scores[:, column].argmax())
            score = float(scores[best, column])
            if score >= LEAST:
                evidence = (_evidence(prompt, first[suspicious[best]]),) if score >= TELLING else ()
                signals.append(Signal(label=topic, score=round(score, 4), detector=self.name, evidence=evidence))
        return Report(detector=self.name, labels=self.labels, signals=tuple(signals))


def pieces(text: str) -> list[tuple[int, int]]:
    """Half-open ranges of ``text`` to judge one by one: sentences, together up to ``PIECE`` words, longer ones cut evenly."""
    edges = [0, *(m.end() for m in _SENTENCE.finditer(text)), len(text)]
    found: list[tuple[int, int, int]] = []
    for start, end in pairwise(edges):
        words = [m.span() for m in re.finditer(r"\S+", text[start:end])]
        if not words:
            continue
        parts = -(-len(words) // PIECE)
        for part in np.array_split(np.arange(len(words)), parts):
            a, b, n = start + words[part[0]][0], start + words[part[-1]][1], len(part)
            if found and found[-1][2] + n <= PIECE:
                a, n = found[-1][0], found[-1][2] + n
                found.pop()
            found.append((a, b, n))
    return [(a, b) for a, b, _ in found]


def _evidence(prompt: ReadPrompt, piece: Piece) -> Evidence:
    origin, note = prompt.origin, "as written"
    if piece.reading:
        known = prompt.reading_origins
        origin = known[piece.reading - 1] if piece.reading <= len(known) else ()
        note = "read through a disguise: " + ", ".join(prompt.disguises)
    return Evidence(span=source_span(origin, piece.start, piece.end), text=piece.text[:200] or None, note=note[:200])

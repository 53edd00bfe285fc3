"""Labels that a CLIP gives a clip: that it shows something else than was asked for, and what the zero-shot list looks for.

Only labels with a curve for the loaded checkpoint are answered for. ``off_prompt`` is silent where the model knows neither the
pictures nor the words: not to know is no reason to hold. It never decides.
"""

from __future__ import annotations

from pathlib import Path

from classifiers.clip import pool
from classifiers.clip.report import answer
from classifiers.clip.scene.agreement import agreements, known_of
from classifiers.clip.scene.calibration import calibration_of
from classifiers.clip.scene.choice import Choice, chosen
from classifiers.clip.scene.eyes import Eyes, Vectors, eyes
from classifiers.clip.scene.labels import LIST, margins, texts_of
from safety.media import SampledClip
from safety.signal import Evidence, Report, Signal

OFF_PROMPT = "off_prompt"


class SceneDetector:
    """Label ``off_prompt``, and those of the list that were calibrated for this checkpoint."""

    name = "scene-labels/1"
    #: Labels that are true of a clip only if they are of each of its parts.
    whole = frozenset({OFF_PROMPT})

    def __init__(self, choice: Choice | None = None, labels: Path = LIST) -> None:
        self.choice = choice or chosen()
        self.list = labels
        curves = calibration_of(self.choice).labels
        self.labels = frozenset({OFF_PROMPT, *(set(curves) & set(texts_of(labels)))})

    def detect(self, clip: SampledClip) -> Report:
        """A signal a label; the worst frame counts, except for ``off_prompt``, which is about the clip."""
        return answer(self.name, self.labels, clip, self._look)

    def _look(self, clip: SampledClip) -> tuple[Signal, ...]:
        seen = eyes(self.choice)
        vectors = seen.clip(clip)
        off = self._off_prompt(seen, vectors, clip)
        found = [self._label(seen, vectors, clip, label) for label in sorted(self.labels - {OFF_PROMPT})]
        return (*((off,) if off else ()), *found)

    def _off_prompt(self, seen: Eyes, vectors: Vectors, clip: SampledClip) -> Signal | None:
        follows = agreements(seen, vectors, known_of(seen, vectors), clip.prompt)
        if follows is None:
            return None
        evidence = Evidence(
            time=(clip.frames[0].time, clip.frames[-1].time),
            note=f"the pictures follow the prompt with probability {follows:.2f}",
        )
        return Signal(label=OFF_PROMPT, score=round(1 - follows, 4), detector=self.name, evidence=(evidence,))

    def _label(self, seen: Eyes, vectors: Vectors, clip: SampledClip, label: str) -> Signal:
        curve = seen.calibration.labels[label]
        found = margins(seen, vectors, texts_of(self.list)[label])
        notes = [f"log odds of the texts {m:.1f}" for m in found]
        return pool.signal(clip, label, self.name, [round(curve.of(float(m)), 4) for m in found], notes)

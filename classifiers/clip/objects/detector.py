"""Weapons, signs of hate, fights and blood: every sampled frame is looked at by one or more models, and the worst frame counts.

The model that is shipped knows only the embedded world's drawings, so a score near 0 on a photograph means nothing. A model
of your own (``settings.py``) looks beside it, and for each label the surer of the two is believed.
"""

from __future__ import annotations

from pathlib import Path

from classifiers.clip import pool
from classifiers.clip.objects.eye import Eye, Found
from classifiers.clip.objects.fighting import FIGHT, over_time
from classifiers.clip.objects.meaning import LABELS, read
from classifiers.clip.report import answer
from safety.media import SampledClip
from safety.signal import Report, Signal

DATA = Path(__file__).parent / "data"
OWN_MODEL, OWN_LABELS = DATA / "world-objects.onnx", DATA / "world-objects.yaml"
#: Digest of the model that is shipped.
OWN_SHA256 = "c592aa9a911bcd14e7193dfea726621ec80051a6bc4ee350366bc3634163d86d"


def own_eye() -> Eye:
    """The shipped model, held to its digest like any other."""
    return Eye(str(OWN_MODEL), OWN_SHA256, read(OWN_LABELS))


class ObjectDetector:
    """Labels ``weapon``, ``hate_symbol``, ``fight`` and ``blood``. See the module's text for what it does not know."""

    name = "objects/1"
    labels = LABELS

    def __init__(self, eyes: tuple[Eye, ...] | None = None) -> None:
        self.eyes = eyes or (own_eye(),)

    def detect(self, clip: SampledClip) -> Report:
        """One signal a label with the worst frame's score; evidence names the class, the frame, its time and the box."""
        return answer(self.name, self.labels, clip, self._look)

    def _look(self, clip: SampledClip) -> tuple[Signal, ...]:
        best: dict[str, list[tuple[Found, str] | None]] = {label: [None] * len(clip.frames) for label in self.labels}
        for eye in self.eyes:
            knows = eye.meanings.knows
            found = [eye.look(frame.picture) for frame in clip.frames]
            for label in eye.meanings.labels:
                tops = over_time(clip.frames, found) if label == FIGHT else [_surest(things, label) for things in found]
                for i, top in enumerate(tops):
                    before = best[label][i]
                    if top is not None and (before is None or top.score > before[0].score):
                        best[label][i] = (top, knows)
        return tuple(self._signal(clip, label, best[label]) for label in sorted(self.labels))

    def _signal(self, clip: SampledClip, label: str, best: list[tuple[Found, str] | None]) -> Signal:
        known = "; ".join(eye.meanings.knows for eye in self.eyes if label in eye.meanings.labels) or "no model looks for it"
        scores = [b[0].score if b else 0.0 for b in best]
        notes = [f"{b[0].kind.replace('_', ' ')} {b[0].score:.2f} ({b[1]})" if b else f"nothing found ({known})" for b in best]
        return pool.signal(clip, label, self.name, scores, notes, [b[0].box if b else None for b in best])


def _surest(things: list[Found], label: str) -> Found | None:
    return next((f for f in things if f.label == label), None)

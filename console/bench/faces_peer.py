"""The peer in the same run: dlib's face recogniser, where somebody installed it (``dlib-bin`` and ``face-recognition-models``).

It is no dependency of the project and never will be. It is shown the same faces in the same frames, by our boxes, because the
question is the recogniser; its landmarks are its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from console.bench.faces_photos import Rows
from safety.media import Picture
from safety.signal import Box

#: Distance up to which its authors call two faces one (dlib's face_recognition example, face_recognition's ``tolerance``).
TOLERANCE = 0.6


class Peer:
    """dlib's 5-point landmarks and its 128 numbers for a face."""

    name = "dlib face recognition resnet v1"

    def __init__(self, models: Path) -> None:
        import dlib  # type: ignore[import-not-found, unused-ignore]

        self._dlib: Any = dlib
        self._points = dlib.shape_predictor(str(models / "shape_predictor_5_face_landmarks.dat"))
        self._recogniser = dlib.face_recognition_model_v1(str(models / "dlib_face_recognition_resnet_model_v1.dat"))

    def embed(self, picture: Picture, box: Box) -> Rows:
        """float32 (128,), not of unit length; distances are Euclidean."""
        height, width = picture.shape[:2]
        # dlib's own detector draws square boxes from the brows to the chin: the lower part of ours, which begin at the hairline
        side = (box.w * width + box.h * height) / 2
        x, y = (box.x + box.w / 2) * width, (box.y + 0.55 * box.h) * height
        edges = (x - side / 2, y - side / 2, x + side / 2, y + side / 2)
        shape = self._points(picture, self._dlib.rectangle(*(round(e) for e in edges)))
        return np.asarray(self._recogniser.compute_face_descriptor(picture, shape), np.float32)


def find_peer() -> Peer | None:
    """The peer, where it is installed."""
    models = find_spec("face_recognition_models")
    if find_spec("dlib") is None or models is None or not models.submodule_search_locations:
        return None
    return Peer(Path(next(iter(models.submodule_search_locations))) / "models")


def likeness(one: Rows, others: Sequence[Rows]) -> float:
    """Minus the least distance: more is more alike, as with a cosine."""
    return -min((float(np.linalg.norm(one - other)) for other in others), default=2.0)

"""One detector model and its meanings: from a picture to boxes with calibrated scores.

The file is read once, held against its digest before a byte of it is interpreted, and loaded when first needed. It may be any
ONNX export with one picture input (n, 3, h, w), 0 to 1, and the common YOLO output: four box numbers and a score for each class,
for each of many boxes. Anything else is refused in one sentence.
"""

from __future__ import annotations

import ast
import hashlib
import math
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from classifiers.clip.objects.meaning import Meanings
from classifiers.clip.pictures import planes, resize
from classifiers.clip.session import THREADS
from safety import weights
from safety.media import Picture
from safety.signal import Box
from safety.weights import WeightsError

#: Free sides are rounded up to this many pixels: the coarsest stride of the common models.
STEP = 32
#: Boxes of one class in a picture that are compared for overlap, the surest ones, and those that are worth telling.
CANDIDATES, MOST = 60, 6
#: A box with a calibrated score below this is not worth the time to compare it.
FAINT = 0.02
#: Least intersection over union of one thing in a picture and in its mirror image.
SAME_PLACE = 0.4


@dataclass(frozen=True)
class Found:
    """A thing: its label, the model's own ``kind``, the calibrated ``score``, and where."""

    label: str
    kind: str
    score: float
    box: Box


class Eye:
    """``model`` is a name in ``safety/weights.yaml``, or a path, and then ``sha256`` must be given. Picklable before loading."""

    def __init__(self, model: str, sha256: str, meanings: Meanings) -> None:
        self.model, self.sha256, self.meanings = model, sha256, meanings
        self._lock = threading.Lock()
        self._session: Any = None
        self._classes: tuple[str, ...] = ()

    def __reduce__(self) -> tuple[type[Eye], tuple[str, str, Meanings]]:
        return type(self), (self.model, self.sha256, self.meanings)

    def look(self, picture: Picture) -> list[Found]:
        """All that is found in one picture, surest first. Raises ``WeightsError`` for a file that cannot be used."""
        height, width = self._sides(self._loaded().get_inputs()[0].shape, picture)
        scale = min(height / picture.shape[0], width / picture.shape[1])
        small = resize(picture, max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
        found = self._seen(small, height, width)
        if self.meanings.mirror:
            there = [
                replace(f, box=f.box.model_copy(update={"x": 1 - f.box.x - f.box.w}))
                for f in self._seen(small[:, ::-1], height, width)
            ]
            found = [replace(f, score=self._agreed(f, there)) for f in found]
        scored = [replace(f, score=self.meanings.labels[f.label].calibrated(f.score)) for f in found]
        return sorted(scored, key=lambda f: -f.score)

    def _agreed(self, one: Found, others: list[Found]) -> float:
        """The geometric mean of a raw score and that of the same thing in the mirror, which is the floor where it is not seen."""
        same = (o.score for o in others if o.label == one.label and overlap(o.box, one.box) >= SAME_PLACE)
        return math.sqrt(one.score * max(same, default=self.meanings.labels[one.label].floor))

    def _seen(self, small: Picture, height: int, width: int) -> list[Found]:
        """What is found in a picture that fits into the model's input as it is, with the model's own scores."""
        session = self._loaded()
        h, w = small.shape[:2]
        square = np.zeros((height, width, 3), np.uint8)
        square[:h, :w] = small
        entrance = session.get_inputs()[0].name
        out = np.asarray(session.run(None, {entrance: planes([square], 1 / 255)})[0], np.float32)
        return self._told(self._table(out), w, h)

    def _sides(self, shape: list[Any], picture: Picture) -> tuple[int, int]:
        """Height and width of the model's input for this picture: its own, or just what the picture needs."""
        if isinstance(shape[2], int) and isinstance(shape[3], int):
            return shape[2], shape[3]
        k = self.meanings.side / max(picture.shape[:2])
        up = [max(STEP, -(-round(s * k) // STEP) * STEP) for s in picture.shape[:2]]
        return up[0], up[1]

    def _table(self, out: NDArray[np.float32]) -> NDArray[np.float32]:
        """(4 + classes, boxes), however the export lays it out."""
        rows = 4 + len(self._classes)
        if out.ndim == 3 and out.shape[0] == 1 and rows in out.shape[1:]:
            table: NDArray[np.float32] = out[0] if out.shape[1] == rows else out[0].T
            if np.isfinite(table).all() and table[4:].size and table[4:].min() >= 0 and table[4:].max() <= 1:
                return table
        raise WeightsError(
            f"The objects model {self.model} does not answer with four box numbers and {len(self._classes)} scores from 0 to 1 "
            "a box; export it with the plain YOLO output or correct its labels file."
        )

    def _told(self, table: NDArray[np.float32], w: int, h: int) -> list[Found]:
        """Boxes over their label's floor, of overlapping ones of a class the best; ``w``, ``h`` is the picture's own size."""
        found = []
        for label, meaning in self.meanings.labels.items():
            for kind in meaning.classes:
                scores = table[4 + self._classes.index(kind)]
                keep = np.flatnonzero(scores >= meaning.floor)
                keep = keep[np.argsort(-scores[keep], kind="stable")[:CANDIDATES]]
                if not len(keep):
                    continue
                x, y, wide, high = table[:4, keep]
                corners = np.stack([x - wide / 2, y - high / 2, wide, high], 1)
                chosen = cv2.dnn.NMSBoxes(corners.tolist(), scores[keep].tolist(), meaning.floor, self.meanings.overlap)
                for i in np.asarray(chosen, int).ravel()[:MOST]:
                    low = np.clip(corners[i, :2] / (w, h), 0, 1)
                    top = np.clip((corners[i, :2] + corners[i, 2:]) / (w, h), 0, 1)
                    place = Box(x=float(low[0]), y=float(low[1]), w=float(top[0] - low[0]), h=float(top[1] - low[1]))
                    raw = float(scores[keep][i])
                    if meaning.calibrated(raw) >= FAINT:
                        found.append(Found(label, kind, raw, place))
        return found

    def _loaded(self) -> Any:
        with self._lock:
            if self._session is None:
                self._session = self._open()
            return self._session

    def _open(self) -> Any:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = THREADS
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.enable_cpu_mem_arena = False
        data = self._bytes()
        try:
            session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        except Exception as reason:
            raise WeightsError(
                f"The objects model {self.model} is no ONNX model that can be run ({type(reason).__name__})."
            ) from reason
        entrances = session.get_inputs()
        if len(entrances) != 1 or len(entrances[0].shape) != 4 or entrances[0].type != "tensor(float)":
            raise WeightsError(f"The objects model {self.model} does not take one float picture of shape (n, 3, height, width).")
        self._classes = self.meanings.classes or _names(session.get_modelmeta().custom_metadata_map.get("names", ""))
        if missing := sorted({c for m in self.meanings.labels.values() for c in m.classes} - set(self._classes)):
            raise WeightsError(
                f"The objects model {self.model} has no class {missing[0]!r}; list its classes in order in the labels file."
            )
        return session

    def _bytes(self) -> bytes:
        """The file, only if it is the one that was named."""
        if not self.sha256:
            return weights.find(self.model).read_bytes()
        try:
            data = Path(self.model).read_bytes()
        except OSError as reason:
            raise WeightsError(f"The objects model {self.model} cannot be read ({type(reason).__name__}).") from reason
        digest = hashlib.sha256(data).hexdigest()
        if digest != self.sha256:
            raise WeightsError(
                f"The objects model {self.model} has digest {digest[:12]}… but {self.sha256[:12]}… was named; "
                "put the right file there or name its digest."
            )
        return data


def overlap(a: Box, b: Box) -> float:
    """Intersection over union."""
    wide = min(a.x + a.w, b.x + b.w) - max(a.x, b.x)
    high = min(a.y + a.h, b.y + b.h) - max(a.y, b.y)
    both = max(0.0, wide) * max(0.0, high)
    return both / max(a.w * a.h + b.w * b.h - both, 1e-9)


def _names(text: str) -> tuple[str, ...]:
    """Class names from an export's metadata: a dictionary from number to name, or a list, written as text."""
    try:
        names = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return ()
    if isinstance(names, dict) and all(isinstance(k, int) for k in names):
        names = [names[k] for k in sorted(names)]
    return tuple(str(n) for n in names) if isinstance(names, (list, tuple)) else ()

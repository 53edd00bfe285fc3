"""The eyes: every face in a picture, with its landmarks and an embedding to compare by.

It finds small faces in large photographs and large faces in small frames by looking at several scales. It never says who
somebody is, keeps nothing, and never treats a picture it could not read as one without faces: that is an error.
"""

from __future__ import annotations

import ctypes
import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from consent.errors import ConsentError
from consent.faces.align import align
from consent.faces.pack import pack_name, prepare_pack
from consent.faces.scales import SIDE, Window, merge, windows
from safety.media import Picture
from safety.signal import Box

if TYPE_CHECKING:
    from insightface.app import FaceAnalysis

Embedding = NDArray[np.float32]

#: Least detection score that counts as a face; YuNet's authors suggest 0.6 to 0.9 (opencv_zoo, face_detection_yunet), and the
#: lowest is taken because a face that is overlooked here is a person who is not asked.
DETECT = 0.6
#: Faces of one picture that are looked at, largest first; a crowd must not stop the gate.
MOST_FACES = 64


class FaceEngineError(ConsentError):
    """The picture or the models cannot be used to look for faces."""

    status, code, title, exit_code = 503, "face-engine", "Faces cannot be looked for", 8


@dataclass(frozen=True)
class Spot:
    """Where a face is. ``box`` in fractions of the picture; ``landmarks`` float32 (5, 2) in pixels: eyes, nose, mouth corners as
    seen from the viewer's left; ``score`` 0 to 1; ``size_px`` the mean of the box's width and height in pixels."""

    box: Box
    landmarks: NDArray[np.float32]
    score: float
    size_px: float


@dataclass(frozen=True)
class Face(Spot):
    """A face that was looked at: ``embedding`` float32 (128,) of unit length, never printed."""

    embedding: Embedding = field(repr=False)


class FaceFinder(Protocol):
    """What the rest of this folder needs of an engine; ``name`` is the version of its embeddings.

    ``find`` is ``locate`` and, for each face, ``embed``: whoever sees the same face in frame after frame embeds it less often.
    """

    @property
    def name(self) -> str: ...

    def locate(self, picture: Picture) -> tuple[Spot, ...]: ...

    def embed(self, aligned: Picture) -> Embedding: ...

    def find(self, picture: Picture) -> tuple[Face, ...]: ...


class FaceEngine:
    """insightface over the derived pack; loaded at the first picture, safe to share between threads, and to pickle (the models
    stay behind)."""

    def __init__(self, threads: int = 1) -> None:
        self._threads = threads
        self._lock = threading.Lock()
        self._app: FaceAnalysis | None = None

    def __reduce__(self) -> tuple[type[FaceEngine], tuple[int]]:
        return type(self), (self._threads,)

    @property
    def name(self) -> str:
        """Version of the embeddings: those of different names are never compared."""
        return pack_name()

    def find(self, picture: Picture) -> tuple[Face, ...]:
        """Faces of ``picture`` (uint8, (h, w, 3), RGB), largest first. Raises ``FaceEngineError``."""
        spots = self.locate(picture)
        return tuple(
            Face(s.box, s.landmarks, s.score, s.size_px, self.embed(align(np.ascontiguousarray(picture), s.landmarks)))
            for s in spots
        )

    def locate(self, picture: Picture) -> tuple[Spot, ...]:
        """Where faces are in ``picture`` (uint8, (h, w, 3), RGB), largest first. Raises ``FaceEngineError``."""
        if picture.ndim != 3 or picture.shape[2] != 3 or picture.dtype != np.uint8 or min(picture.shape[:2]) < 1:
            raise FaceEngineError("A picture for the face engine must be RGB with 8 bits a channel; convert it first.")
        app = self._load()
        bgr = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), np.uint8)
        height, width = bgr.shape[:2]
        with _plain_errors():
            found = merge([self._look(app, bgr, window) for window in windows(width, height)])
            return tuple(_spot(row, width, height) for row in found[:MOST_FACES])

    def embed(self, aligned: Picture) -> Embedding:
        """float32 (128,) of unit length for an aligned face, uint8 (112, 112, 3) RGB. Raises ``FaceEngineError``."""
        app = self._load()
        with _plain_errors():
            embedding = app.models["recognition"].get_feat(np.asarray(cv2.cvtColor(aligned, cv2.COLOR_RGB2BGR))).ravel()
            length = float(np.linalg.norm(embedding))
            if not np.isfinite(length) or length == 0.0:
                raise ValueError("empty embedding")
            return np.asarray(embedding / length, np.float32)

    def _load(self) -> FaceAnalysis:
        with self._lock:
            if self._app is None:
                import onnxruntime  # heavy, and only needed once there is a picture
                from insightface.app import FaceAnalysis

                options = onnxruntime.SessionOptions()
                options.intra_op_num_threads = self._threads
                options.inter_op_num_threads = 1
                options.enable_cpu_mem_arena = False  # the arena keeps what the largest picture needed for ever
                # One session for every shape of picture: insightface would otherwise open one for each.
                app = FaceAnalysis(
                    name=str(prepare_pack()),
                    providers=["CPUExecutionProvider"],
                    sess_options=options,
                    static_shape_sessions=False,
                )
                app.prepare(ctx_id=-1, det_thresh=DETECT, det_size=(SIDE, SIDE))
                give_back_memory()
                self._app = app
            return self._app

    @staticmethod
    def _look(app: FaceAnalysis, bgr: NDArray[np.uint8], window: Window) -> NDArray[np.float32]:
        """Rows of box, score and points, float32 (n, 15), in the picture's pixels, seen through one window."""
        boxes, points = app.det_model.detect(window.cut(bgr), input_size=window.input_size)
        rows = np.concatenate([boxes[:, :5], points.reshape(len(boxes), 10)], axis=1).astype(np.float32)
        return window.restore(rows)


def _spot(row: NDArray[np.float32], width: int, height: int) -> Spot:
    x1, y1, x2, y2 = (float(v) for v in row[:4])
    return Spot(
        box=Box(x=x1 / width, y=y1 / height, w=(x2 - x1) / width, h=(y2 - y1) / height),
        landmarks=row[5:].reshape(5, 2).copy(),
        score=float(min(max(row[4], 0.0), 1.0)),
        size_px=(x2 - x1 + y2 - y1) / 2,
    )


def give_back_memory() -> None:
    """Return freed memory to the system: loading needs the weights two and three times over and a run needs buffers, and glibc
    keeps 60 MB and more of that until it is told."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


@contextmanager
def _plain_errors() -> Iterator[None]:
    """What the libraries raise, as an error a person can act on."""
    try:
        yield
    except (cv2.error, RuntimeError, ValueError) as reason:
        detail = f"Faces could not be looked for ({type(reason).__name__}); the operator must look into it."
        raise FaceEngineError(detail) from reason

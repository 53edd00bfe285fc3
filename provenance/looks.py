"""What a sealed clip looks like, small enough to keep: a second way to know it, independent of the mark.

A mark can be pasted onto another picture, and it can be erased. So every sealed clip leaves two looks a second: a 64-bit hash
that finds it again when the mark is gone, and a tiny grey picture (short side 36) that shows whether what carries the mark is
the clip that was marked, even if it was cropped or mirrored. A look is no identity: different clips may look alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import cv2
import numpy as np
import scipy.fft
from numpy.typing import NDArray

from provenance.watermark.detect import Geometry
from safety.media import Picture

#: A grey picture, (h, w), 0 to 255.
Grey = NDArray[Any]

#: Looks kept for a second of film, and the most for one clip.
PER_SECOND, MOST = 2.0, 240
#: Short side of the kept picture.
SHORT = 36
#: Frames flatter than this (deviation of the 32x32 luma) have no hash: every blank page would be found in every other.
FLATTEST = 3.0
#: Hashes of the same frame differ in fewer bits than this after re-encoding; those of different frames in about 32.
NEAR_BITS = 10
_TRIM = 2
#: At most this many frames are laid over this many looks; a still more thorough comparison takes seconds and says the same.
COMPARED_SEEN, COMPARED_KEPT = 16, 32

_Item = TypeVar("_Item")


@dataclass(frozen=True)
class Look:
    """One frame: its ``time`` in seconds, ``hash`` (64 bits as an integer; None for a flat frame), ``grey`` uint8 (h, w) or None
    once it has been forgotten."""

    time: float
    hash: int | None
    grey: NDArray[np.uint8] | None


class LookTaker:
    """Takes looks from frames as they pass, two a second."""

    def __init__(self) -> None:
        self.looks: list[Look] = []
        self._next = 0.0

    def see(self, picture: Picture, time: float) -> None:
        """Keep a look of ``picture`` if it is time for one."""
        if time + 1e-6 >= self._next and len(self.looks) < MOST:
            self.looks.append(take(picture, time))
            self._next = time + 1 / PER_SECOND


def take(picture: Picture, time: float) -> Look:
    """The look of one RGB picture."""
    luma = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    scale = SHORT / min(luma.shape)
    size = (max(SHORT, round(luma.shape[1] * scale)), max(SHORT, round(luma.shape[0] * scale)))
    return Look(time, frame_hash(luma), np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_AREA), np.uint8))


def frame_hash(luma: Grey) -> int | None:
    """64 bits: which of the 8x8 lowest frequencies of the 32x32 luma (without the mean) exceed their median."""
    small = cv2.resize(luma, (32, 32), interpolation=cv2.INTER_AREA).astype(np.float32)
    if float(small.std()) < FLATTEST:
        return None
    low = scipy.fft.dctn(small, norm="ortho")[:8, :8].ravel()
    low[0] = 0
    bits = low > np.median(low)
    return int.from_bytes(np.packbits(bits).tobytes(), "big")


def bits_apart(one: int, other: int) -> int:
    """In how many of the 64 bits two hashes differ."""
    return (one ^ other).bit_count()


def righted(luma: Grey, geometry: Geometry | None, share: float = 1.0) -> Grey:
    """``luma`` (h, w) at the scale of looks, turned and scaled back to how it was when it was marked.

    Without a geometry it is taken to be upright, and a ``share`` of each side of the whole.
    """
    luma = _without_bars(luma)
    shrink = SHORT / 360
    if geometry is None:
        scale_x = scale_y = SHORT * share / min(luma.shape)
    else:
        scale_x, scale_y = shrink / geometry.scale_x, shrink / geometry.scale_y
    size = (max(4, round(luma.shape[1] * scale_x)), max(4, round(luma.shape[0] * scale_y)))
    small = cv2.resize(luma, size, interpolation=cv2.INTER_AREA)
    if geometry is not None:
        if abs(geometry.angle) > 0.5:
            turn = cv2.getRotationMatrix2D((size[0] / 2, size[1] / 2), geometry.angle, 1.0)
            small = cv2.warpAffine(small, turn, size, borderMode=cv2.BORDER_REPLICATE)
        small = small.T if geometry.transposed else small
        small = small[:, ::-1] if geometry.mirrored else small
        small = small[::-1] if geometry.flipped else small
    return np.ascontiguousarray(small)


def agreement(kept: Sequence[Look], seen: Sequence[Grey]) -> float | None:
    """How well righted frames fit the looks of a clip: 1 is the same picture, about 0.3 another one; None if it cannot be said.

    Each frame is laid over each look, at every place it may have been cut from, and their fine structure is correlated. What a
    fifth of the frames reach counts: the clip may fill only a part of what is looked at, and damaged frames change nothing.
    """
    patterns = [_fine(look.grey) for look in _spread(kept, COMPARED_KEPT) if look.grey is not None]
    best = []
    for frame in _spread(seen, COMPARED_SEEN):
        part = _fine(frame)[_TRIM:-_TRIM, _TRIM:-_TRIM]
        if min(part.shape) < SHORT // 4 or float(part.std()) < 0.5:
            continue
        fits = [_fit(part, pattern) for pattern in patterns]
        if fits:
            best.append(max(fits))
    return float(np.quantile(best, 0.8)) if best else None


def hash_agreement(kept: Sequence[Look], seen: Sequence[Grey]) -> float | None:
    """The same from the hashes alone, once the pictures are forgotten: 1 is the same, about 0.4 another; crops defeat it."""
    known = [look.hash for look in kept if look.hash is not None]
    hashes = [h for h in (frame_hash(frame) for frame in _spread(seen, COMPARED_SEEN)) if h is not None]
    if not known or not hashes:
        return None
    return 1 - float(np.quantile([min(bits_apart(h, k) for k in known) for h in hashes], 0.2)) / 32


def _spread(items: Sequence[_Item], most: int) -> Sequence[_Item]:
    """At most ``most`` of ``items``, evenly."""
    return items if len(items) <= most else [items[i * len(items) // most] for i in range(most)]


def _fit(part: NDArray[np.float32], pattern: NDArray[np.float32]) -> float:
    """The best correlation of ``part`` with any place in ``pattern``; where it is larger, its middle is used."""
    high, wide = min(part.shape[0], pattern.shape[0]), min(part.shape[1], pattern.shape[1])
    top, left = (part.shape[0] - high) // 2, (part.shape[1] - wide) // 2
    field = cv2.matchTemplate(pattern, part[top : top + high, left : left + wide], cv2.TM_CCOEFF_NORMED)
    field = field[np.isfinite(field)]
    return float(field.max()) if field.size else 0.0


def _fine(grey: Grey) -> NDArray[np.float32]:
    """Without its broad light and shade: sky above and ground below is what most pictures share."""
    x = grey.astype(np.float32)
    return np.asarray(x - cv2.GaussianBlur(x, (0, 0), 4.0), np.float32)


def _without_bars(luma: Grey) -> Grey:
    """Cut off black bars; a picture that is dark all over stays whole."""
    rows, columns = luma.max(1) > 40, luma.max(0) > 40
    if rows.sum() < 16 or columns.sum() < 16:
        return luma
    top, bottom = int(rows.argmax()), len(rows) - int(rows[::-1].argmax())
    left, right = int(columns.argmax()), len(columns) - int(columns[::-1].argmax())
    if (bottom - top) * (right - left) < 0.25 * luma.size:
        return luma
    return luma[top:bottom, left:right]

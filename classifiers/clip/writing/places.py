"""Rectangles of a picture: from blocks that are to be looked at to as few pieces as hold them."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

#: left, top, right, bottom; right and bottom are outside.
Place = tuple[int, int, int, int]
#: A piece is split while less than this share of it is asked for, and while it has more pixels than a network is given at once
#: (the detector takes 400 bytes a pixel while it runs).
FULL, LARGEST = 0.5, 352 * 384


def pieces(mask: NDArray[np.bool_], unit: int, halo: int, largest: int = LARGEST) -> list[Place]:
    """Rectangles that together hold all of ``mask``, in units of ``unit`` pixels, none of more than ``largest`` pixels.

    Every rectangle will be looked at with ``halo`` pixels around it, so neighbours become one where that is the smaller work.
    """
    count, labels = cv2.connectedComponents(mask.astype(np.uint8), connectivity=8)
    found: list[Place] = []
    for label in range(1, count):
        found.extend(_split(labels == label, unit, largest))
    return _merged(found, halo, largest)


def _merged(places: list[Place], halo: int, largest: int) -> list[Place]:
    """Pairs whose common rectangle costs no more than the two are put together until there are none."""
    places, again = list(places), True
    while again:
        again = False
        for i in range(len(places)):
            for j in range(i + 1, len(places)):
                a, b = places[i], places[j]
                both = min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])
                area = (both[2] - both[0]) * (both[3] - both[1])
                if area <= largest and _cost(both, halo) <= _cost(a, halo) + _cost(b, halo):
                    places[i] = both
                    del places[j]
                    again = True
                    break
            if again:
                break
    return places


def _cost(place: Place, halo: int) -> int:
    return (place[2] - place[0] + 2 * halo) * (place[3] - place[1] + 2 * halo)


def _split(mask: NDArray[np.bool_], unit: int, largest: int) -> Iterator[Place]:
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not rows.size:
        return
    top, bottom, left, right = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
    part = mask[top:bottom, left:right]
    area = part.size * unit * unit
    if part.size == 1 or (area <= largest and part.mean() >= FULL):
        yield left * unit, top * unit, right * unit, bottom * unit
        return
    # cut the longer side; writing runs along rows, so a square is cut between rows
    half = np.zeros_like(mask)
    if right - left > bottom - top:
        half[:, : (left + right) // 2] = True
    else:
        half[: (top + bottom) // 2] = True
    yield from _split(mask & half, unit, largest)
    yield from _split(mask & ~half, unit, largest)


def widened(place: Place, by: int, width: int, height: int) -> Place:
    """The place and ``by`` pixels around it, as far as the picture goes."""
    left, top, right, bottom = place
    return max(0, left - by), max(0, top - by), min(width, right + by), min(height, bottom + by)

"""Batches for the small detector: whole pictures first, then parts of them with something in the middle.

Parts cost a fraction of a whole picture and nearly always hold something, so most of what is to be learnt is learnt there.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from console.bench.objects_pictures import Labelled
from console.bench.objects_pieces import CLASSES
from safety.media import Picture

#: Pixels of a picture, and rows of the network's input.
WIDTH, HEIGHT, ROWS = 320, 180, 192
BATCH = 8
#: Side of a small part, how many a step, and the longest thing it is for; then rows, columns and number of large parts.
SMALL, SMALLS, FITS = 128, 16, 96
TALL, LONG, LARGES = 192, 224, 6
#: A thing of which less than this is in the part is not asked for.
INSIDE = 0.6
#: Pictures (n, 3, h, w), and for each the (things, 5) that are in it.
Batch = tuple[torch.Tensor, list[torch.Tensor]]


def whole_batches(data: list[Labelled], steps: int, seed: int) -> Iterator[Batch]:
    """Shuffled, mirrored half the time, with other light; pictures stand in the top left corner as the detector pads them."""
    rng = np.random.default_rng(seed)
    order: list[int] = []
    for _ in range(steps):
        square = np.zeros((BATCH, ROWS, WIDTH, 3), np.float32)
        boxes = []
        for n in range(BATCH):
            if not order:
                order = rng.permutation(len(data)).tolist()
            item = data[order.pop()]
            flip = bool(rng.random() < 0.5)
            square[n, :HEIGHT] = _lit(item.picture[:, ::-1] if flip else item.picture, rng)
            boxes.append(torch.from_numpy(_rows(item, flip)))
        yield torch.from_numpy(square.clip(0, 1)).permute(0, 3, 1, 2), boxes


def _rows(item: Labelled, flip: bool) -> NDArray[np.float32]:
    """(things, 5): class, left, top, right, bottom in pixels."""
    rows = [(CLASSES.index(n), *((1 - r, t, 1 - l, b) if flip else (l, t, r, b))) for n, l, t, r, b in item.things]
    scale = np.array([1, WIDTH, HEIGHT, WIDTH, HEIGHT], np.float32)
    return np.array(rows, np.float32).reshape(-1, 5) * scale


def close_batches(data: list[Labelled], steps: int, seed: int, around: float, beside: float) -> Iterator[Batch]:
    """Two steps of small parts, one of large ones, in turn.

    A share ``around`` of the parts is cut around a thing, a share ``beside`` around a harmless piece, the rest anywhere.
    """
    rng = np.random.default_rng(seed)
    rows = [_rows(item, False) for item in data]
    length = [np.maximum(r[:, 3] - r[:, 1], r[:, 4] - r[:, 2]) for r in rows]
    small = [(i, k) for i, own in enumerate(length) for k in np.flatnonzero(own <= FITS)]
    large = [(i, k) for i, own in enumerate(length) for k in np.flatnonzero(own > 0.7 * FITS)]
    decoys = [(i, np.array(place, np.float32)) for i, item in enumerate(data) for place in item.harmless]
    for step in range(steps):
        big = step % 3 == 2
        number, h, w = (LARGES, TALL, LONG) if big else (SMALLS, SMALL, SMALL)
        square = np.zeros((number, h, w, 3), np.float32)
        boxes = []
        for n in range(number):
            pool = large if big else small
            draw = rng.random()
            if draw < around:
                i, k = pool[int(rng.integers(0, len(pool)))]
                middle = (rows[i][k, 1:3] + rows[i][k, 3:5]) / 2
            elif draw < around + beside:
                i, place = decoys[int(rng.integers(0, len(decoys)))]
                middle = (place[:2] + place[2:]) / 2 * (WIDTH, HEIGHT)
            else:
                i = int(rng.integers(0, len(data)))
                middle = rng.uniform(0, (WIDTH, HEIGHT))
            left = int(np.clip(middle[0] - w / 2 + rng.uniform(-0.3, 0.3) * w, 0, WIDTH - w))
            top = int(np.clip(middle[1] - h / 2 + rng.uniform(-0.3, 0.3) * h, 0, max(0, HEIGHT - h)))
            part = data[i].picture[top : top + h, left : left + w]
            flip = bool(rng.random() < 0.5)
            square[n, : part.shape[0]] = _lit(part[:, ::-1] if flip else part, rng)
            boxes.append(torch.from_numpy(_within(rows[i], left, top, part.shape[1], part.shape[0], flip)))
        yield torch.from_numpy(square.clip(0, 1)).permute(0, 3, 1, 2), boxes


def _within(rows: NDArray[np.float32], left: int, top: int, w: int, h: int, flip: bool) -> NDArray[np.float32]:
    """The things of a picture as they lie in a part of it."""
    moved = rows - np.array([0, left, top, left, top], np.float32)
    inner = moved.copy()
    inner[:, 1::2] = inner[:, 1::2].clip(0, w)
    inner[:, 2::2] = inner[:, 2::2].clip(0, h)
    area = lambda r: (r[:, 3] - r[:, 1]) * (r[:, 4] - r[:, 2])  # noqa: E731
    kept = inner[area(inner) >= INSIDE * area(moved)]
    if flip:
        kept[:, [1, 3]] = w - kept[:, [3, 1]]
    return kept


def _lit(picture: Picture, rng: np.random.Generator) -> NDArray[np.float32]:
    """In other light: contrast, brightness and each colour a little up or down."""
    gain = rng.uniform(0.8, 1.2) * rng.uniform(0.93, 1.07, 3)
    return np.asarray(np.clip((picture / 255 - 0.5) * rng.uniform(0.8, 1.2) + 0.5, 0, 1) * gain, np.float32)

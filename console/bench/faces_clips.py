"""Short clips of a photograph, as bad as clips come: the camera pans and zooms over it, at 240p and CRF 36.

They are as hard on the face's size and on compression as real ones, and easier in that nobody turns or blinks.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from consent.faces.looker import FaceLooker
from consent.faces.tracks import Track, follow
from generator.codec import Codec
from generator.writing import ClipWriter
from safety.media import Picture, SampledClip

WIDTH, HEIGHT, FPS, SECONDS, CRF = 426, 240, 24, 2.0, 36
#: Widths of the face in the clip, pixels.
SIZES = (24, 32, 48)


def film(picture: Picture, face_px: float, size: float, seed: int, path: Path) -> SampledClip:
    """Write the clip in which the face is ``size`` pixels at first, 1.15 times that at the end, and sample it as the gate does.

    ``picture`` uint8 (h, w, 3) with a face of ``face_px`` pixels; it moves over a coloured ground with a little noise.
    """
    rng = np.random.default_rng(seed)
    ground = np.full((HEIGHT, WIDTH, 3), rng.integers(40, 200, 3), np.uint8)
    ground = np.asarray(cv2.add(ground, rng.integers(0, 24, (HEIGHT, WIDTH, 1), np.uint8).repeat(3, 2)), np.uint8)
    start, drift = rng.uniform((0.1, 0.1), (0.5, 0.3)), rng.uniform(-20, 20, 2)
    count = round(FPS * SECONDS)
    with ClipWriter(path, width=WIDTH, height=HEIGHT, fps=FPS, sound=False, crf=CRF) as writer:
        for number in range(count):
            t = number / (count - 1)
            scale = size / face_px * (1 + 0.15 * t)
            small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
            small = small[: HEIGHT - 2, : WIDTH - 2]
            room = np.array([WIDTH - small.shape[1], HEIGHT - small.shape[0]])
            x, y = (int(v) for v in np.clip(room * start + drift * t, 0, room))
            frame = ground.copy()
            frame[y : y + small.shape[0], x : x + small.shape[1]] = small
            writer.add_frame(np.asarray(frame, np.uint8))
    return Codec().sample(path)


def tracks_of(clip: SampledClip, looker: FaceLooker) -> list[Track]:
    """Look and follow, as the gate does."""
    return follow(looker.look(clip))

"""Pictures and clips for these tests: free photographs from scikit-image, and drawings made here."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import skimage.data

from console.bench.drawn import SKINS, cartoon, figure
from safety.media import ClipFacts, Frame, Picture, SampledClip

__all__ = ["PHOTOGRAPHS", "SKINS", "cartoon", "chick", "clip", "figure", "photograph", "portrait", "robot", "walk"]

PHOTOGRAPHS = ("astronaut", "chelsea", "coffee", "rocket")


def photograph(name: str) -> Picture:
    return np.asarray(getattr(skimage.data, name)(), np.uint8)[..., :3].copy()


def clip(pictures: Sequence[Picture], per_second: float = 2.0) -> SampledClip:
    height, width = pictures[0].shape[:2] if pictures else (360, 640)
    frames = tuple(Frame(p, i / per_second, i * 12) for i, p in enumerate(pictures))
    return SampledClip("sha256:" + "0" * 64, ClipFacts(width, height, 24.0, len(frames) / per_second, "h264", None), frames, None)


def robot(image: Picture, x: float, y: float, h: float, swing: float = 0.0) -> None:
    """Draw a teal robot with an orange eye and a striped scarf, feet at (x, y), ``h`` pixels tall."""
    at = lambda dx, dy: (round(x + dx * h), round(y + dy * h))  # noqa: E731
    size = lambda *v: tuple(max(1, round(i * h)) for i in v)  # noqa: E731
    for side in (-1, 1):
        cv2.line(
            image, at(side * 0.1, -0.2), at(side * 0.12 + swing * side * 0.06, -0.03), (120, 130, 140), size(0.06)[0], cv2.LINE_AA
        )
        cv2.ellipse(
            image, at(side * 0.13 + swing * side * 0.06, -0.03), size(0.08, 0.04), 0, 0, 360, (240, 200, 40), -1, cv2.LINE_AA
        )
        cv2.line(
            image,
            at(side * 0.22, -0.45),
            at(side * (0.36 + swing * 0.05), -0.3 - swing * 0.1),
            (120, 130, 140),
            size(0.05)[0],
            cv2.LINE_AA,
        )
    cv2.circle(image, at(0, -0.45), size(0.27)[0], (30, 140, 150), -1, cv2.LINE_AA)
    cv2.circle(image, at(0, -0.52), size(0.13)[0], (230, 240, 240), -1, cv2.LINE_AA)
    cv2.circle(image, at(0, -0.52), size(0.09)[0], (240, 130, 20), -1, cv2.LINE_AA)
    cv2.circle(image, at(0, -0.52), size(0.045)[0], (20, 20, 30), -1, cv2.LINE_AA)
    for i in range(-4, 4):
        cv2.rectangle(image, at(i * 0.055, -0.35), at(i * 0.055 + 0.055, -0.28), (220, 50, 50) if i % 2 else (245, 240, 235), -1)
    cv2.line(image, at(0, -0.7), at(0.03, -0.88), (90, 90, 100), size(0.025)[0], cv2.LINE_AA)
    cv2.circle(image, at(0.03, -0.9), size(0.05)[0], (80, 220, 90), -1, cv2.LINE_AA)


def chick(image: Picture, x: float, y: float, h: float, swing: float = 0.0) -> None:
    """Draw a yellow chick in a violet hat and green boots."""
    at = lambda dx, dy: (round(x + dx * h), round(y + dy * h))  # noqa: E731
    size = lambda *v: tuple(max(1, round(i * h)) for i in v)  # noqa: E731
    for side in (-1, 1):
        cv2.rectangle(image, at(side * 0.12 - 0.05, -0.16), at(side * 0.12 + 0.06, -0.01), (50, 150, 70), -1)
        cv2.ellipse(
            image, at(side * 0.3, -0.4), size(0.07, 0.16), side * (20 + 30 * swing), 0, 360, (240, 180, 30), -1, cv2.LINE_AA
        )
    cv2.ellipse(image, at(0, -0.4), size(0.28, 0.3), 0, 0, 360, (250, 215, 70), -1, cv2.LINE_AA)
    for side in (-1, 1):
        cv2.circle(image, at(side * 0.1, -0.5), size(0.05)[0], (30, 25, 30), -1, cv2.LINE_AA)
    cv2.fillPoly(image, [np.array([at(-0.07, -0.43), at(0.07, -0.43), at(0, -0.34)])], (235, 110, 30), cv2.LINE_AA)
    cv2.rectangle(image, at(-0.2, -0.72), at(0.2, -0.67), (110, 60, 160), -1)
    cv2.rectangle(image, at(-0.12, -0.95), at(0.12, -0.7), (110, 60, 160), -1)
    cv2.rectangle(image, at(-0.12, -0.77), at(0.12, -0.72), (240, 90, 140), -1)


def portrait(draw: object, ground: tuple[int, int, int] = (244, 240, 230), side: int = 480) -> Picture:
    """A rights holder's clean picture of a character."""
    image = np.full((side, side, 3), ground, np.uint8)
    draw(image, side * 0.5, side * 0.9, side * 0.75)  # type: ignore[operator]
    return image


def walk(
    draw: object, ground: Picture, height: float = 0.5, *, mirrored: bool = False, pan: int = 0, frames: int = 8
) -> SampledClip:
    """A clip, re-encoded as JPEG 70, in which the character walks across ``ground`` (640x360) while the camera pans."""
    pictures = []
    wide = cv2.copyMakeBorder(ground, 0, 0, 0, pan, cv2.BORDER_REFLECT)
    for i in range(frames):
        image = wide[:, pan * i // frames : pan * i // frames + 640].copy()
        draw(image, 170 + 38 * i, 335 - 6 * (i % 2), height * 360, swing=float(np.sin(2.1 * i)))  # type: ignore[operator]
        image = image[:, ::-1] if mirrored else image
        packed = cv2.imencode(".jpg", np.ascontiguousarray(image), [cv2.IMWRITE_JPEG_QUALITY, 70])[1]
        pictures.append(np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8))
    return clip(pictures)

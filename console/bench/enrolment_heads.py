"""Heads that turn, and flat pictures that are turned, made of one photograph each: to measure enrolment on.

Films of people turning their heads are not to be had, so a photograph is laid over a head with depth (half an ellipsoid with a
nose) and seen by a camera in perspective while it turns; the attacks show the same photograph as a plane. Proportions are those
of a grown head with 63 mm between the eyes: 150 mm wide, 220 mm high, the nose 20 mm above the face (NASA-STD-3000, 3.3.1).
A rendered head is stiffer and cleaner than a real one. What holds for real ones is measured on photographs instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from consent.faces.engine import FaceFinder
from consent.liveness.challenge import Turn
from safety.media import Picture

#: Half the width, height and depth of the head, and the nose: height, and reach across and down; in distances between the eyes.
HALF = (1.2, 1.75, 1.5)
NOSE, NOSE_ACROSS, NOSE_DOWN = 0.32, 0.22, 0.30
#: How far before the middle of the head eyes and mouth are.
FACE = 1.35
#: Where the nose and the middle of the head are, downwards from between the eyes.
NOSE_AT, MIDDLE_AT = 0.62, 0.35
#: How far the camera is from the head, in the same unit (about 50 cm).
CAMERA = 8.0
#: Picture sides in pixels, and the distance between the eyes.
SIDE, EYES = 320, 52.0
_MOUTH = 1.12


@dataclass(frozen=True)
class Pose:
    """Degrees: ``across`` to the person's own left, ``down``; ``lean`` in the picture's plane. ``mouth`` opens from 0 to 1."""

    across: float = 0.0
    down: float = 0.0
    lean: float = 0.0
    mouth: float = 0.0


@dataclass(frozen=True)
class Sitting:
    """A photograph brought to ``SIDE`` by ``SIDE`` with the eyes level, ``EYES`` apart, and between them at ``eyes``."""

    picture: Picture = field(repr=False)
    eyes: tuple[float, float]


def sit(photograph: Picture, engine: FaceFinder) -> Sitting | None:
    """The photograph's largest face made ready to be turned; None when there is none."""
    spots = engine.locate(photograph)
    if not spots:
        return None
    left, right = spots[0].landmarks[0].astype(float), spots[0].landmarks[1].astype(float)
    middle, across = (left + right) / 2, right - left
    scale, angle = EYES / float(np.linalg.norm(across)), float(np.degrees(np.arctan2(across[1], across[0])))
    matrix = cv2.getRotationMatrix2D((float(middle[0]), float(middle[1])), angle, scale)
    eyes = (SIDE / 2, 0.44 * SIDE)
    matrix[:, 2] += np.array(eyes) - middle
    drawn = cv2.warpAffine(photograph, matrix, (SIDE, SIDE), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return Sitting(np.ascontiguousarray(drawn, np.uint8), eyes)


def head(sitting: Sitting, pose: Pose) -> Picture:
    """The photograph on a head that is turned."""
    x, y = _plane(sitting)
    inside = 1 - (x / HALF[0]) ** 2 - ((y - MIDDLE_AT) / HALF[1]) ** 2
    depth = HALF[2] * np.sqrt(np.maximum(inside, 0.0))
    depth += NOSE * np.exp(
        -((x / NOSE_ACROSS) ** 2) - ((y - NOSE_AT) / np.where(y < NOSE_AT, 1.6 * NOSE_DOWN, NOSE_DOWN * 0.8)) ** 2
    )
    return _seen(_speak(sitting.picture, x, y, pose.mouth), sitting, (x, y - MIDDLE_AT, depth), inside > 0, pose, plane=FACE)


def print_of(sitting: Sitting, pose: Pose, bent: float = 0.0, near: float = CAMERA) -> Picture:
    """The photograph as a print that is turned, from ``near`` the camera; ``bent`` is the curvature across, per distance
    between the eyes."""
    x, y = _plane(sitting)
    depth = -0.5 * bent * x**2
    everywhere = np.ones(x.shape, bool)
    return _seen(sitting.picture, sitting, (x, y - MIDDLE_AT, depth), everywhere, pose, plane=0.0, camera=near)


def moves(turns: Sequence[Turn], degrees: float = 28.0, still: int = 10, steps: int = 3, hold: int = 4) -> list[Pose]:
    """Poses of a film: ``still`` frames ahead, then each turn there, held, and back."""
    ways: dict[Turn, tuple[float, float]] = {"left": (1, 0), "right": (-1, 0), "up": (0, -1), "down": (0, 1)}
    poses = [Pose()] * still
    for turn in turns:
        across, down = ways[turn]
        shares = [*(i / steps for i in range(1, steps)), *[1.0] * hold, *(i / steps for i in range(steps - 1, 0, -1)), 0.0, 0.0]
        poses += [Pose(across=across * degrees * s, down=down * degrees * s) for s in shares]
    return poses


def shaken(picture: Picture, number: int, noise: float = 2.0) -> Picture:
    """The picture as a hand-held camera's frame ``number``: moved by up to two pixels, with some noise; the same every time."""
    rng = np.random.default_rng(number)
    shift = np.float32([[1, 0, 2 * np.sin(number / 3)], [0, 1, 1.5 * np.cos(number / 4)]])  # type: ignore[arg-type]
    moved = cv2.warpAffine(picture, np.asarray(shift), (picture.shape[1], picture.shape[0]), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(np.clip(moved + rng.normal(0, noise, moved.shape), 0, 255), np.uint8)


def _plane(sitting: Sitting) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where each point of the picture is on the face, at twice its resolution: across and down, in distances between the eyes."""
    steps = (np.arange(2 * SIDE) + 0.5) / 2 - 0.5
    x, y = np.meshgrid((steps - sitting.eyes[0]) / EYES, (steps - sitting.eyes[1]) / EYES)
    return x, y


def _speak(picture: Picture, x: NDArray[np.float64], y: NDArray[np.float64], mouth: float) -> Picture:
    """The picture with the mouth opened: what is below the lips moves down, and the gap is dark."""
    if mouth <= 0:
        return picture
    small_x, small_y = x[::2, ::2], y[::2, ::2]
    width = np.exp(-((small_x / 0.55) ** 4))
    open_by = 0.22 * mouth * width
    below = np.clip((small_y - _MOUTH) / 0.02, 0, 1) * np.clip((2.3 - small_y) / 0.6, 0, 1)
    source_y = (small_y - open_by * below) * EYES
    shift = (source_y - small_y * EYES).astype(np.float32)
    grid_x, grid_y = np.meshgrid(np.arange(SIDE, dtype=np.float32), np.arange(SIDE, dtype=np.float32))
    moved = cv2.remap(picture, grid_x, grid_y + shift, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    gap = ((small_y > _MOUTH) & (small_y < _MOUTH + open_by) & (np.abs(small_x) < 0.35)).astype(np.float32)
    dark = np.asarray(cv2.GaussianBlur(gap, (0, 0), 1.2))[..., None]
    return np.asarray(moved * (1 - dark) + np.array([50, 20, 20]) * dark, np.uint8)


def _seen(
    picture: Picture,
    sitting: Sitting,
    points: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]],
    inside: NDArray[np.bool_],
    pose: Pose,
    *,
    plane: float,
    camera: float = CAMERA,
) -> Picture:
    """Every point of the surface turned, put through the camera and painted, the far ones first; holes are filled from beside.

    What is ``plane`` before the middle of the head, and ``camera`` from the camera, keeps the photograph's size.
    """
    a, b, c = (np.radians(v) for v in (pose.across, pose.down, pose.lean))
    x, y, z = points
    x, z = x * np.cos(a) + z * np.sin(a), -x * np.sin(a) + z * np.cos(a)
    y, z = y * np.cos(b) + z * np.sin(b), -y * np.sin(b) + z * np.cos(b)
    x, y = x * np.cos(c) - y * np.sin(c), x * np.sin(c) + y * np.cos(c)
    scale = EYES * camera / (camera + plane - z)
    column = np.round(x * scale + sitting.eyes[0]).astype(int)
    row = np.round(y * scale + sitting.eyes[1] + MIDDLE_AT * EYES).astype(int)
    keep = inside & (column >= 0) & (column < SIDE) & (row >= 0) & (row < SIDE)
    colours = cv2.resize(picture, (2 * SIDE, 2 * SIDE), interpolation=cv2.INTER_LINEAR)
    order = np.argsort(z[keep], kind="stable")
    out = picture.copy() if inside.sum() < inside.size else np.full_like(picture, 70)
    painted = np.zeros((SIDE, SIDE), np.uint8)
    out[row[keep][order], column[keep][order]] = colours[keep][order]
    painted[row[keep], column[keep]] = 255
    holes = cv2.morphologyEx(painted, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8)) - painted
    return np.asarray(cv2.inpaint(out, holes, 2, cv2.INPAINT_TELEA) if holes.any() else out, np.uint8)

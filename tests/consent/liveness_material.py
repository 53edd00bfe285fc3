"""A head of five points and a box in space, and a flat picture of it, seen by a camera: exact, and without a picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from consent.liveness.assessment import Sighting
from consent.liveness.challenge import Turn
from consent.liveness.pose import Look

#: Eyes, nose, mouth corners (right, down, towards the camera), in distances between the eyes; then forehead, chin and both sides.
HEAD = np.array(
    [
        [-0.5, 0.0, 1.34], [0.5, 0.0, 1.34], [0.0, 0.62, 1.78], [-0.4, 1.1, 1.24], [0.4, 1.1, 1.24],
        [0.0, -0.9, 1.1], [0.0, 1.65, 1.0], [-1.0, 0.3, 0.8], [1.0, 0.3, 0.8],
    ]
)  # fmt: skip
PIXELS, CENTRE = 60.0, np.array([320.0, 200.0])
#: Two faces that are nobody's, and at right angles.
ANA, EVE = np.eye(128, dtype=np.float32)[:2]
WAYS: dict[Turn, tuple[float, float]] = {"left": (1, 0), "right": (-1, 0), "up": (0, -1), "down": (0, 1)}


def flat() -> NDArray[np.float64]:
    """The head as printed: everything in one plane."""
    points = HEAD.copy()
    points[:, 2] = 0.0
    return points


def seen(points: NDArray[np.float64], across: float = 0.0, down: float = 0.0, lean: float = 0.0, camera: float = 10.0) -> Look:
    """``points`` turned by degrees to the person's left and down, and leant, from ``camera`` distances between the eyes away."""
    a, b, c = (np.radians(v) for v in (across, down, lean))
    sideways = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
    nodding = np.array([[1, 0, 0], [0, np.cos(b), np.sin(b)], [0, -np.sin(b), np.cos(b)]])
    leaning = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    x, y, z = leaning @ nodding @ sideways @ points.T
    on_screen = (np.stack([x, y], axis=1) * (camera / (camera - z))[:, None]) * PIXELS + CENTRE
    low, high = on_screen[5:].min(axis=0), on_screen[5:].max(axis=0)
    return Look(on_screen[:5].astype(np.float32), (*low, *(high - low)))


def moves(turns: Sequence[Turn], degrees: float = 28.0, still: int = 10) -> list[tuple[float, float]]:
    """Across and down, frame by frame: ahead for a while, then there and back for each turn."""
    path = [(0.0, 0.0)] * still
    for turn in turns:
        across, down = WAYS[turn]
        path += [(across * degrees * s, down * degrees * s) for s in (0.4, 0.8, 1, 1, 1, 0.8, 0.4, 0, 0)]
    return path


def sightings(looks: Iterable[Look | None], face: NDArray[np.float32] = ANA) -> list[Sighting]:
    """Frames at eight a second of one person; None is a frame without a face."""
    return [
        Sighting(i / 8, look, face if look is not None and i % 2 == 0 else None) for i, look in enumerate(looks)
    ]  # fmt: skip

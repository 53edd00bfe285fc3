"""How a head turns, out of five points of its face and the box around it, told so that a flat picture cannot do it.

**Left and right** are told by depth. Two eyes and two mouth corners always lie in one plane, because a head is the same left and
right: the line through the eyes and the line through the corners are parallel. The tip of the nose stands out of that plane.
Four points of a plane in two views give the one homography between them, and everything else in the plane must follow it. So
the homography of eyes and mouth is undone, and what is looked at is where the nose lies then. Of a print or a screen it lies
where it did, however that is turned, tilted, moved or brought near: printed nose, eyes and mouth are in one plane. On a head it
moves by its height over the plane times the tangent of the turn, some 0.45 of the distance between the eyes times that. What is
left against it is the finder of the landmarks, which has seen heads only and begins to see one in a print that is turned away
far; but such a print narrows more than a head does, and that is taken off.

**Up and down** are told by where the eyes are in the box around the face: forehead and chin come and go as the head nods. That
is steadier than the nose, which hardly moves when one looks up, and it is no proof of depth. Hence every challenge has turns to
both sides.

It tells depth and order, and no more: a film of a turning head that is shown on a screen has its depth in it. Against that
stand the digits and the order of the turns, which are new each time.

*Left* is the person's own left. Some phones mirror what the front camera films and nothing in a file says so, hence an order
counts also when every left in it is a right (``fits``); that costs one bit, and the digits have seventeen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from consent.liveness.challenge import Turn

Points = NDArray[np.float32]
#: Rows of the landmarks that lie in one plane, and the nose.
PLANE, NOSE = [0, 1, 3, 4], 2
#: From where a turn begins: across, in distances between the eyes, and up or down, in heights of the box: halfway between what 95
#: of 100 faces that look ahead stay below (0.083 and 0.019) and 95 of 100 heads turned by 25 degrees reach (0.130 and 0.050). On
#: heads made of photographs of 20 people (``console/bench/enrolment.py``); of the 20 others come the rates.
TURNED = (0.106, 0.034)
#: The part of it below which the head is back in the middle: 0.6 of 0.034 is what a face ahead stays below.
BACK = 0.6
#: How much of a face's narrowing is taken off; more lets no fewer turned prints through (1 in 100 looks, the same 20 people) and
#: costs heads.
NARROWING = 0.6
#: How much more across counts than up and down where a head does both: 1.0 to 1.4 told the most turns of 9 people of those 20.
SIDEWAYS = 1.2
#: Looks this near to one another, in turns, are one pose, when the pose is looked for that most frames have.
ALIKE = 0.4
_OTHER_SIDE: dict[Turn, Turn] = {"left": "right", "right": "left", "up": "up", "down": "down"}


@dataclass(frozen=True)
class Look:
    """One frame's face: ``points`` float32 (5, 2), and its box (x, y, width, height), in pixels."""

    points: Points = field(repr=False)
    box: tuple[float, float, float, float]

    @property
    def eyes(self) -> float:
        """The distance between the eyes, pixels."""
        return float(np.linalg.norm(self.points[1] - self.points[0]))

    @property
    def slimness(self) -> float:
        """Logarithm of the box's height by its width."""
        return float(np.log(max(self.box[3], 1.0) / max(self.box[2], 1.0)))

    @property
    def eye_line(self) -> float:
        """How far down the box the eyes are, 0 to 1."""
        return float((self.points[:2, 1].mean() - self.box[1]) / max(self.box[3], 1.0))


@dataclass(frozen=True)
class Excursion:
    """One turn and back: the way, and the indices of its first frame and of one past its last."""

    turn: Turn
    first: int
    last: int


@dataclass(frozen=True)
class Motion:
    """``shifts`` float32 (n, 2): across and down from the middle, 1 where a turn begins.

    ``depth`` is the furthest across that two frames in a row stood, ``moved`` whether the face moved in the picture at all, and
    ``middle`` the indices of the frames of the pose that most frames have.
    """

    shifts: NDArray[np.float32] = field(repr=False)
    excursions: tuple[Excursion, ...]
    depth: float
    moved: bool
    middle: tuple[int, ...]

    @property
    def turns(self) -> tuple[Turn, ...]:
        return tuple(e.turn for e in self.excursions)


def read_motion(looks: Sequence[Look]) -> Motion:
    """The turns in a film of one face, looked at frame by frame; at least one look."""
    rough = np.stack([_shift(look, looks[0].points, looks[0].slimness, looks[0].eye_line) for look in looks])
    near = np.linalg.norm(rough[:, None] - rough[None], axis=2) <= ALIKE
    middle = tuple(int(i) for i in np.flatnonzero(near[int(near.sum(axis=1).argmax())]))
    frontal = np.mean([_settled(looks[i].points) for i in middle], axis=0).astype(np.float32)
    slimness = float(np.median([looks[i].slimness for i in middle]))
    eye_line = float(np.median([looks[i].eye_line for i in middle]))
    shifts = np.stack([_shift(look, frontal, slimness, eye_line) for look in looks])
    across = np.abs(shifts[:, 0])
    depth = float(np.minimum(across[1:], across[:-1]).max(initial=0.0))
    return Motion(shifts, excursions(shifts), depth, _moves(looks), middle)


def parallax(points: Points, frontal: Points) -> NDArray[np.float32]:
    """Where the nose of ``points`` lies once eyes and mouth are brought over those of ``frontal``, less where it lay there.

    Across and down, in distances between the eyes; zero for any view of a flat picture. Four points that give no plane, in a
    profile, give zero too.
    """
    source, target = (np.ascontiguousarray(p[PLANE], np.float32) for p in (points, frontal))
    x, y, w = cv2.getPerspectiveTransform(source, target) @ np.array([*points[NOSE], 1.0])
    eyes = float(np.linalg.norm(frontal[1] - frontal[0]))
    if not np.isfinite([x, y, w]).all() or abs(w) < 1e-6 or eyes < 1e-6:
        return np.zeros(2, np.float32)
    shift = (np.array([x / w, y / w]) - frontal[NOSE]) / eyes
    return np.asarray(np.clip(shift, -1.0, 1.0), np.float32)


def excursions(shifts: NDArray[np.float32]) -> tuple[Excursion, ...]:
    """Every leaving of the middle in which two frames in a row are turned; its way is the one it goes furthest.

    The way is judged over the whole excursion, because a head that turns to the side nods a little.
    """
    far = np.abs(shifts).max(axis=1)
    away = np.flatnonzero(np.diff(np.concatenate([[False], far >= BACK, [False]]).astype(int)))
    found: list[Excursion] = []
    for first, last in away.reshape(-1, 2):
        turned = far[first:last] >= 1.0
        if not (turned[1:] & turned[:-1]).any():
            continue
        across, down = shifts[first:last][turned].mean(axis=0)
        sideways: tuple[Turn, Turn] = ("left", "right")
        upright: tuple[Turn, Turn] = ("down", "up")
        (plus, minus), most = (sideways, across) if SIDEWAYS * abs(across) >= abs(down) else (upright, down)
        found.append(Excursion(plus if most > 0 else minus, int(first), int(last)))
    return tuple(found)


def fits(made: Sequence[Turn], asked: Sequence[Turn]) -> bool:
    """Whether the turns made are those asked for, in that order and no others; seen plainly or in a mirror throughout."""
    return tuple(made) == tuple(asked) or tuple(_OTHER_SIDE[t] for t in made) == tuple(asked)


def _shift(look: Look, frontal: Points, slimness: float, eye_line: float) -> NDArray[np.float32]:
    """Across and down of one look, 1 where a turn begins."""
    nose = float(parallax(look.points, frontal)[0])
    across = np.sign(nose) * max(0.0, abs(nose) - NARROWING * max(0.0, look.slimness - slimness))
    return np.array([across / TURNED[0], (look.eye_line - eye_line) / TURNED[1]], np.float32)


def _settled(points: Points) -> Points:
    """The landmarks with the eyes at (0, 0) and (1, 0)."""
    across = points[1] - points[0]
    length = float(across @ across)
    if length < 1e-9:
        return np.zeros((5, 2), np.float32)
    turn = np.array([[across[0], across[1]], [-across[1], across[0]]]) / length
    return np.asarray((points - points[0]) @ turn.T, np.float32)


def _moves(looks: Sequence[Look]) -> bool:
    """Whether the face moves in the picture: by more than a tenth of the distance between the eyes over the whole film."""
    centres = np.stack([look.points.mean(axis=0) for look in looks])
    return bool(np.ptp(centres, axis=0).max() > 0.1 * float(np.median([look.eyes for look in looks])))

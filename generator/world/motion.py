"""Movement: where an actor is at a time, how it stands, and when it makes a sound.

Closed formulas of time, so that any frame can be drawn alone and sound and picture cannot drift apart. Lengths in frame
heights, times in seconds; gravity is 2.6 a second squared, as if the frame were 3.8 m tall.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from generator.world.pose import Pose
from generator.world.scene import Actor

GRAVITY = 2.6
RESTITUTION = 0.83
BEAT = 0.5  # seconds: 120 beats a minute


@dataclass(frozen=True)
class State:
    """``x``, ``y`` of the feet; ``lift`` above the ground for the shadow (None: no shadow); ``turn`` about the middle."""

    x: float
    y: float
    pose: Pose
    angle: float = 0.0
    turn: float = 0.0
    sx: float = 1.0
    sy: float = 1.0
    lift: float | None = 0.0


@dataclass(frozen=True)
class Sounding:
    """``voice`` at ``time`` seconds, ``gain`` 0 to 1, ``pitch`` a factor, ``pan`` unused in mono, ``length`` for lasting ones."""

    time: float
    voice: str
    gain: float = 0.5
    pitch: float = 1.0
    length: float = 0.0


@dataclass(frozen=True)
class Setting:
    """What movement needs to know of the scene."""

    aspect: float
    ground: float
    seconds: float
    medium: str
    place: str

    @property
    def gravity(self) -> float:
        return GRAVITY * {"air": 1.0, "water": 0.25, "space": 0.3}[self.medium]


@dataclass(frozen=True)
class Motion:
    at: Callable[[float], State]
    sounds: tuple[Sounding, ...] = ()


def _blink(t: float, seed: int) -> float:
    at = (t + seed % 29 * 0.13) % 3.1
    return 1.0 if at < 0.11 else 0.0


def pose_of(actor: Actor, t: float) -> Pose:
    wiggle = 0.1 * math.sin(t * 2.0 + actor.seed % 5)
    return Pose(
        t=t, left=0.3 + wiggle, right=0.3 - wiggle, blink=_blink(t, actor.seed), look=0.7 * math.sin(t * 0.9 + actor.seed % 7)
    )


def across(actor: Actor, s: Setting, t: float, share: float = 0.66) -> float:
    """Steadily from left to right, at its own place in the middle of the clip."""
    return actor.x + (t / s.seconds - 0.5) * s.aspect * share

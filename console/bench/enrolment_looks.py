"""What the eyes see of a turning head, pose by pose, to put films together from: a film of its own for each would take hours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from consent.faces.align import align
from consent.faces.engine import Embedding, FaceEngine
from consent.liveness.assessment import Sighting
from consent.liveness.challenge import TURNS, Turn
from consent.liveness.pose import Look
from console.bench.enrolment_heads import Pose, Sitting, shaken, sit
from console.bench.enrolment_material import Drawn
from console.bench.faces_photos import PICTURES
from safety.media import Picture

#: Parts of a turn that are looked at, how often each, and how many times the head ahead.
SHARES, TAKES, AHEAD = (0.35, 0.7, 1.0), 3, 5
#: Frames of a turn: there, held, and back; then the head ahead.
ROUTE = (0, 1, 2, 2, 2, 2, 1, 0)
#: Degrees that whoever holds a head or a print is off by, one deviation.
UNSTEADY = 2.0
Taken = tuple[Look, Embedding] | None


@dataclass(frozen=True)
class Album:
    """What was seen, by way and part of the turn; ``None`` where no face was."""

    ahead: tuple[Taken, ...] = field(repr=False)
    turned: dict[tuple[Turn, int], tuple[Taken, ...]] = field(repr=False)

    def film(self, turns: Sequence[Turn], rng: np.random.Generator, other: Album | None = None) -> list[Sighting]:
        """Frames of somebody who makes ``turns``, every one taken anew; ``other`` turns in the first one's place."""
        taken: list[Taken] = [self._one(self.ahead, rng) for _ in range(16)]
        for turn in turns:
            taken += [self._one((other or self).turned[turn, share], rng) for share in ROUTE]
            taken += [self._one(self.ahead, rng) for _ in range(3)]
        return [
            Sighting(i / 8, None, None) if one is None else Sighting(i / 8, one[0], one[1] if i % 2 == 0 else None)
            for i, one in enumerate(taken)
        ]

    def still(self) -> list[Sighting]:
        """Frames of a picture that nobody moves."""
        one = self.ahead[0]
        return [Sighting(i / 8, one[0], one[1]) for i in range(60)] if one is not None else []

    @staticmethod
    def _one(takes: Sequence[Taken], rng: np.random.Generator) -> Taken:
        return takes[int(rng.integers(len(takes)))]


def album(drawn: Drawn, sitting: Sitting, degrees: float, engine: FaceEngine, rng: np.random.Generator) -> Album:
    """Looks at ``sitting`` turned up to ``degrees`` each way, as ``drawn``."""
    ways: dict[Turn, tuple[float, float]] = {"left": (1, 0), "right": (-1, 0), "up": (0, -1), "down": (0, 1)}

    def take(across: float, down: float) -> Taken:
        a, d, lean = rng.normal(0, UNSTEADY, 3)
        return look(shaken(drawn(sitting, Pose(across + a, down + d, lean)), int(rng.integers(10_000))), engine)

    turned = {
        (turn, n): tuple(take(*(way * degrees * share for way in ways[turn])) for _ in range(TAKES))
        for turn in TURNS
        for n, share in enumerate(SHARES)
    }
    return Album(tuple(take(0, 0) for _ in range(AHEAD)), turned)


def look(picture: Picture, engine: FaceEngine) -> Taken:
    """The largest face of a picture; None where there is none."""
    spots = engine.locate(picture)
    if not spots:
        return None
    box, (height, width) = spots[0].box, picture.shape[:2]
    seen = Look(spots[0].landmarks, (box.x * width, box.y * height, box.w * width, box.h * height))
    return seen, engine.embed(align(picture, spots[0].landmarks))


def photographs(root: Path) -> Iterator[tuple[str, dict[str, Path]]]:
    """Everybody in ``root``, a folder each, by number: the name, and the photographs by theirs."""
    for one in sorted((p for p in root.iterdir() if p.is_dir()), key=lambda p: (len(p.name), p.name)):
        files = sorted((p for p in one.iterdir() if p.suffix.lower() in PICTURES), key=lambda p: (len(p.name), p.name))
        yield one.name, {f.stem: f for f in files}


def read(path: Path) -> Picture:
    """A small photograph at three times its size, with room around it."""
    raw = cv2.resize(np.asarray(cv2.imread(str(path), cv2.IMREAD_COLOR)), None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    return np.ascontiguousarray(cv2.copyMakeBorder(raw, 90, 90, 90, 90, cv2.BORDER_REPLICATE)[:, :, ::-1], np.uint8)


def most_frontal(files: Sequence[Path], engine: FaceEngine) -> Sitting | None:
    """The photograph in which the nose lies nearest the middle between the eyes, made ready to be turned."""
    best: tuple[float, Picture] | None = None
    for file in files:
        picture = read(file)
        for spot in engine.locate(picture)[:1]:
            across = spot.landmarks[1] - spot.landmarks[0]
            along = float((spot.landmarks[2] - spot.landmarks[0]) @ across / max(1e-6, float(across @ across)))
            if best is None or abs(along - 0.5) < best[0]:
                best = abs(along - 0.5), picture
    return None if best is None else sit(best[1], engine)

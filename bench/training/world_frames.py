"""Frames of the embedded world for the small CLIP, drawn small and kept in a cache that a broken run resumes from.

Painting a place costs ten times what a frame costs, so each place is painted once for four casts and two moments. The eight
pictures of one pair of places differ in one thing each: colour, thing, number, place. They stay together in a batch, where they
are each other's hard negatives.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.training.world_scenes import Facts, Subject, family, prompt, setting, subject
from generator.protocol import GenerationRequest
from generator.world.direction import plan
from generator.world.film import Film, one_thread
from generator.world.motion import Motion
from generator.world.scene import Scene, compose

#: Side of the squares that are kept, pixels; the height frames are drawn at, and the shapes of the film (width, height).
SIDE, DRAWN = 96, 112
SHAPES = ((640, 360), (640, 360), (640, 360), (360, 360), (360, 640))
#: Pictures of one family: two places, four casts, two moments.
FAMILY = 16
SECONDS, FPS = 4.0, 24
_SHARD = 40


def squash(picture: NDArray[np.uint8], side: int = SIDE) -> NDArray[np.uint8]:
    """The whole picture in a square, its shape given up, as ``resize_mode: squash`` of open_clip does."""
    return np.asarray(cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA), np.uint8)


def draw_family(seed: int) -> tuple[NDArray[np.uint8], list[Facts]]:
    """uint8 (16, SIDE, SIDE, 3) and the facts of each, for training: no held-out pair of thing and place."""
    rng = np.random.default_rng((1, seed))
    here = setting(rng)
    there = setting(rng)
    while there[0] == here[0]:
        there = setting(rng)
    if rng.random() < 0.5:  # another place and nothing else
        there = (there[0], here[1], there[2])
    casts = family(rng, here[0], there[0])
    width, height = SHAPES[int(rng.integers(len(SHAPES)))]
    pictures, facts = [], []
    for spot in (here, there):
        drawn = _Place(spot, (width, height), int(rng.integers(2**31)))
        for cast in casts:
            film, told = drawn.film(cast), Facts(cast, *spot)
            for _ in range(2):
                pictures.append(squash(film.picture(rng)))
                facts.append(told)
    return np.stack(pictures), facts


def draw_held_out(seed: int, shape: tuple[int, int] = (640, 360), height: int = DRAWN) -> tuple[NDArray[np.uint8], Facts]:
    """One frame, uint8 (h, w, 3), of a thing in a place where training never showed it."""
    rng = np.random.default_rng((2, seed))
    while True:
        spot = setting(rng)
        cast = (subject(rng, spot[0], kept=True),)
        if cast[0].kind != "sign":
            break
    facts = Facts(cast, *spot)
    return _Place(spot, shape, seed, height).film(cast).picture(rng), facts


class _Filmed:
    """A film with the moments at which everything asked for is in the picture."""

    def __init__(self, film: Film, scene: Scene, motions: tuple[Motion, ...]) -> None:
        self.film, self.scene, self.motions = film, scene, motions

    def picture(self, rng: np.random.Generator) -> NDArray[np.uint8]:
        index = 0
        for _ in range(12):
            index = int(rng.integers(4, int(SECONDS * FPS) - 4))
            if self._all_seen(index / FPS):
                break
        with one_thread():
            self.film.scene, self.film.motions = self.scene, self.motions
            return np.asarray(self.film.frame(index).numpy(), np.uint8)

    def _all_seen(self, t: float) -> bool:
        places = [m.at(t) for m in self.motions]
        return all(0.08 <= s.x / self.scene.aspect <= 0.92 and 0.1 <= s.y <= 1.05 for s in places)


class _Place:
    """A painted place that several casts are filmed in."""

    def __init__(self, spot: tuple[str, str, str], shape: tuple[int, int], seed: int, height: int = DRAWN) -> None:
        self.spot, self.shape, self.seed, self.height = spot, shape, seed, height
        self.painted: Film | None = None
        self.scene: Scene | None = None

    def film(self, cast: tuple[Subject, ...]) -> _Filmed:
        width, height = self.shape
        request = GenerationRequest(prompt=prompt(Facts(cast, *self.spot)), seed=self.seed, width=width, height=height)
        with one_thread():
            scene = compose(request)
            if self.painted is None or self.scene is None:
                self.scene = scene
                self.painted = Film(scene, (), (), round(self.height * width / height), self.height, FPS, SECONDS)
            else:
                scene = replace(scene, mood=self.scene.mood, backdrop=self.scene.backdrop, seed=self.scene.seed)
            motions = tuple(plan(a, scene, SECONDS) for a in scene.actors)
        return _Filmed(self.painted, scene, motions)


def training_set(cache: Path, families: int, say: Callable[[str], None]) -> tuple[NDArray[np.uint8], list[Facts]]:
    """All pictures and facts, drawn where the cache lacks them; shards are written whole, so a broken run resumes."""
    cache.mkdir(parents=True, exist_ok=True)
    pictures, facts = [], list[Facts]()
    for first in range(0, families, _SHARD):
        last = min(first + _SHARD, families)
        path = cache / f"families-{first:05d}-{last:05d}.npz"
        if not path.is_file():
            drawn = [draw_family(seed) for seed in range(first, last)]
            told = [asdict(f) for _, group in drawn for f in group]
            part = path.with_suffix(".part.npz")
            np.savez(part, pictures=np.concatenate([p for p, _ in drawn]), facts=json.dumps(told))
            part.replace(path)
            say(f"drawn {last} of {families} families")
        with np.load(path) as loaded:
            pictures.append(loaded["pictures"])
            facts += [_facts(row) for row in json.loads(str(loaded["facts"]))]
    return np.concatenate(pictures), facts


def _facts(row: dict[str, object]) -> Facts:
    subjects = tuple(Subject(**s) for s in row["subjects"])  # type: ignore[attr-defined]
    return Facts(subjects, str(row["place"]), str(row["time"]), str(row["weather"]))

"""Pictures of the embedded world in which it is known where the weapons, the blood, the signs and the fights are.

The renderer says where a thing is: a box is the part of the picture that changed when the thing was drawn, less what was drawn
over it later. Training (``bench/training/world_objects.py``) and measuring draw from here with different seeds. Half of what is
drawn is harmless and chosen to be mistaken: look-alike signs, umbrellas in hands, paint that is not red, two who dance.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from console.bench.objects_pieces import SAFE, Pieces, one_of, pieces
from generator.protocol import GenerationRequest
from generator.world.canvas import Canvas
from generator.world.characters import CHARACTERS
from generator.world.colours import NAMED
from generator.world.direction import plan
from generator.world.film import Film, one_thread
from generator.world.scene import compose
from safety.media import Picture

#: Frames of one painted place; painting costs as much as drawing ten frames.
FRAMES_A_SCENE = 10
#: A thing that is hidden by more than this is no longer asked for, and one smaller than this many pixels neither.
MOST_HIDDEN, LEAST_PIXELS, LEAST_SIDE = 0.5, 24, 9
_PLACES = (
    "on a beach", "at a lake", "under the sea", "in a field", "in a forest", "in the mountains", "in the desert", "in the city",
    "in outer space", "in a room", "in a kitchen", "on stage",
)  # fmt: skip
_VERBS = ("walks", "dances", "jumps", "waves", "stands", "spins", "")


@dataclass(frozen=True)
class Labelled:
    """A picture (uint8, height, width, 3, RGB) and what is in it: class, then left, top, right, bottom as fractions."""

    picture: Picture
    things: tuple[tuple[str, float, float, float, float], ...]
    #: Where the harmless pieces are, in the same way and without a class.
    harmless: tuple[tuple[float, float, float, float], ...] = ()


class _Set(Film):
    """A film into whose frames more can be drawn, each piece with a name or none."""

    def bare(self, index: int) -> Canvas:
        """Frame ``index`` as it is before anything more is drawn and before the paper's grain."""
        t = index / self.fps
        canvas = self._look(t)
        self.scene.backdrop.live(canvas, self.scene.mood, t)
        for actor, motion in zip(self.scene.actors, self.motions, strict=True):
            self._draw(canvas, actor, motion.at(t))
        return canvas

    def over(self, bare: Canvas, drawn: Pieces) -> Labelled:
        """A copy of the frame ``bare`` with what is ``drawn``."""
        canvas = Canvas(bare.pixels.clone(), bare.scale, bare.left, bare.top)
        owner = np.full((self.height, self.width), -1)
        sizes = []
        for number, (_, draw) in enumerate(drawn):
            before = canvas.pixels.clone()
            draw(canvas)
            mask = ((canvas.pixels - before).abs().amax(0) > 0.045).numpy()
            owner[mask] = number
            sizes.append(int(mask.sum()))
        out = canvas.pixels.mul_(self.paper).mul_(255.0).add_(0.5).clamp_(0, 255).byte().permute(1, 2, 0).contiguous()
        places = list(self._found(owner, drawn, sizes))
        return Labelled(
            out.numpy(),
            tuple((name, *place) for name, place in places if name is not None),
            tuple(place for name, place in places if name is None),
        )

    def _found(
        self, owner: NDArray[np.int64], drawn: Pieces, sizes: list[int]
    ) -> Iterator[tuple[str | None, tuple[float, float, float, float]]]:
        for number, (name, _) in enumerate(drawn):
            rows, columns = np.nonzero(owner == number)
            if len(rows) < max(LEAST_PIXELS, (1 - MOST_HIDDEN) * sizes[number]):
                continue
            left, right, top, bottom = columns.min(), columns.max() + 1, rows.min(), rows.max() + 1
            if max(right - left, bottom - top) >= LEAST_SIDE:
                yield name, (left / self.width, top / self.height, right / self.width, bottom / self.height)


def pictures(
    seed: int,
    count: int,
    width: int = 320,
    height: int = 180,
    harm: float = 0.6,
    frames: int = FRAMES_A_SCENE,
    again: int = 1,
) -> Iterator[Labelled]:
    """``count`` pictures, the same for the same ``seed``.

    ``harm`` is the chance that a piece in them is no harmless one; ``frames`` of each scene are drawn, each ``again`` with other
    pieces in it.
    """
    rng = np.random.default_rng(seed)
    done = 0
    while done < count:
        with one_thread():
            film = _set(rng, width, height)
            for _ in range(frames):
                bare = film.bare(int(rng.integers(0, 32)))
                for _ in range(min(again, count - done)):
                    yield film.over(bare, pieces(rng, film.scene, harm))
                    done += 1


def _set(rng: np.random.Generator, width: int, height: int) -> _Set:
    """A place at an hour, with up to two harmless actors."""
    words = []
    for _ in range(int(rng.integers(0, 3))):
        kind = f"a {one_of(rng, tuple(NAMED))} {one_of(rng, SAFE).replace('_', ' ')}"
        if rng.random() < 0.15:
            kind = one_of(rng, tuple(c.name for c in CHARACTERS.values()))
        words.append(f"{kind} {one_of(rng, _VERBS)}")
    hour, weather = one_of(rng, ("", "", "at night", "at sunset")), one_of(rng, ("", "", "in the rain", "in the snow"))
    prompt = f"{' and '.join(words) or 'a cloud'} {one_of(rng, _PLACES)} {hour} {weather}"
    scene = compose(GenerationRequest(prompt=prompt, seed=int(rng.integers(0, 2**31)), width=640, height=360))
    scene = replace(scene, aspect=width / height, camera=one_of(rng, ("static", "drift", "zoom_in", "pan_right")))
    return _Set(scene, tuple(plan(a, scene, 4.0) for a in scene.actors), (), width, height, 8, 4.0)

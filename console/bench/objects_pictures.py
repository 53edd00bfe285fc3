"""Pictures of the embedded world in which it is known where the weapons, the blood, the signs and the fights are.

The renderer says where a thing is: a box is the part of the picture that changed when the thing was drawn, less what was drawn
over it later. Training (``bench/training/world_objects.py``) and measuring draw from here with different seeds. Half of what is
drawn is harmless and chosen to be mistaken: look-alike signs, umbrellas in hands, paint that is not red, two who dance.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from generator.protocol import GenerationRequest
from generator.world.canvas import Canvas, Paint, Pen
from generator.world.catalog import THINGS
from generator.world.characters import CHARACTERS
from generator.world.colours import NAMED, Colour, dark, light, mix
from generator.world.direction import plan
from generator.world.film import Film, one_thread
from generator.world.grammar import HELD
from generator.world.motion import Setting, State
from generator.world.moves_ground import dance, fight, idle, jump, walk, wave
from generator.world.pose import Look, Pose
from generator.world.scene import Actor, compose
from generator.world.shapes import box, circle
from generator.world.things import emblems, weapons
from safety.media import Picture

T = TypeVar("T")
#: What the default model tells apart, in the order of its outputs.
CLASSES = (
    "sword", "dagger", "pistol", "rifle", "axe", "bow_and_arrow", "bomb", "blood",
    "hooked_cross", "double_runes", "thorn_wheel", "fight",
)  # fmt: skip
ARMS = CLASSES[:7]
#: Frames of one painted place; painting costs as much as drawing ten frames.
FRAMES_A_SCENE = 10
#: A thing that is hidden by more than this is no longer asked for, and one smaller than this many pixels neither.
MOST_HIDDEN, LEAST_PIXELS, LEAST_SIDE = 0.5, 24, 9
_SAFE = tuple(k for k in THINGS if k not in HELD | {"blood"})
_FIGURES = ("person", "person", "person", "person", "robot", "bear", "cat", "rabbit", "penguin", "ghost")
#: Figures whose arms are drawn as the pose says: an animal that fights looks like one that stands.
_FISTS = ("person", "person", "person", "robot")
_IN_HANDS = ("umbrella", "guitar", "flower", "kite", "balloon", "book", "apple", "gift", "lamp", "flag", "bicycle")
_PLACES = (
    "on a beach", "at a lake", "under the sea", "in a field", "in a forest", "in the mountains", "in the desert", "in the city",
    "in outer space", "in a room", "in a kitchen", "on stage",
)  # fmt: skip
_VERBS = ("walks", "dances", "jumps", "waves", "stands", "spins", "")
_REDS = tuple(
    mix(a, b, t)
    for a, b in (((0.72, 0.06, 0.14), (0.5, 0.02, 0.06)), ((0.72, 0.06, 0.14), (0.86, 0.1, 0.12)))
    for t in (0.0, 0.5, 1.0)
)
_STEELS = (weapons.STEEL, NAMED["silver"], (0.29, 0.31, 0.35), (0.2, 0.2, 0.24), (0.55, 0.57, 0.6))


@dataclass(frozen=True)
class Labelled:
    """A picture (uint8, height, width, 3, RGB) and what is in it: class, then left, top, right, bottom as fractions."""

    picture: Picture
    things: tuple[tuple[str, float, float, float, float], ...]


class _Set(Film):
    """A film into whose frames more can be drawn, each piece with a name or none."""

    def staged(self, index: int, pieces: list[tuple[str | None, Callable[[Canvas], None]]]) -> Labelled:
        """Frame ``index`` with ``pieces`` drawn in order over its actors; those with a name are labelled."""
        t = index / self.fps
        canvas = self._look(t)
        self.scene.backdrop.live(canvas, self.scene.mood, t)
        for actor, motion in zip(self.scene.actors, self.motions, strict=True):
            self._draw(canvas, actor, motion.at(t))
        owner = np.full((self.height, self.width), -1)
        sizes = []
        for number, (_, draw) in enumerate(pieces):
            before = canvas.pixels.clone()
            draw(canvas)
            mask = ((canvas.pixels - before).abs().amax(0) > 0.045).numpy()
            owner[mask] = number
            sizes.append(int(mask.sum()))
        out = canvas.pixels.mul_(self.paper).mul_(255.0).add_(0.5).clamp_(0, 255).byte().permute(1, 2, 0).contiguous()
        return Labelled(out.numpy(), tuple(self._found(owner, pieces, sizes)))

    def _found(
        self, owner: NDArray[np.int64], pieces: list[tuple[str | None, Callable[[Canvas], None]]], sizes: list[int]
    ) -> Iterator[tuple[str, float, float, float, float]]:
        for number, (name, _) in enumerate(pieces):
            rows, columns = np.nonzero(owner == number)
            if name is None or len(rows) < max(LEAST_PIXELS, (1 - MOST_HIDDEN) * sizes[number]):
                continue
            left, right, top, bottom = columns.min(), columns.max() + 1, rows.min(), rows.max() + 1
            if max(right - left, bottom - top) >= LEAST_SIDE:
                yield name, left / self.width, top / self.height, right / self.width, bottom / self.height


def pictures(seed: int, count: int, width: int = 320, height: int = 180, harm: float = 0.6) -> Iterator[Labelled]:
    """``count`` pictures, the same for the same ``seed``; ``harm`` is the chance that a piece in them is no harmless one."""
    rng = np.random.default_rng(seed)
    done = 0
    while done < count:
        with one_thread():
            film = _set(rng, width, height)
            for _ in range(min(FRAMES_A_SCENE, count - done)):
                yield film.staged(int(rng.integers(0, 32)), _pieces(rng, film, harm))
                done += 1


def _set(rng: np.random.Generator, width: int, height: int) -> _Set:
    """A place at an hour, with up to two harmless actors."""
    words = []
    for _ in range(int(rng.integers(0, 3))):
        kind = f"a {_one(rng, tuple(NAMED))} {_one(rng, _SAFE).replace('_', ' ')}"
        if rng.random() < 0.15:
            kind = _one(rng, tuple(c.name for c in CHARACTERS.values()))
        words.append(f"{kind} {_one(rng, _VERBS)}")
    hour, weather = _one(rng, ("", "", "at night", "at sunset")), _one(rng, ("", "", "in the rain", "in the snow"))
    prompt = f"{' and '.join(words) or 'a cloud'} {_one(rng, _PLACES)} {hour} {weather}"
    scene = compose(GenerationRequest(prompt=prompt, seed=int(rng.integers(0, 2**31)), width=640, height=360))
    scene = replace(scene, aspect=width / height, camera=_one(rng, ("static", "drift", "zoom_in", "pan_right")))
    return _Set(scene, tuple(plan(a, scene, 4.0) for a in scene.actors), (), width, height, 8, 4.0)


def _pieces(rng: np.random.Generator, film: _Set, harm: float) -> list[tuple[str | None, Callable[[Canvas], None]]]:
    makers = (_weapon, _weapon, _armed, _armed, _armed, _sign, _sign, _sign, _puddle, _pair, _pair)
    out: list[tuple[str | None, Callable[[Canvas], None]]] = []
    for _ in range(int(rng.choice((0, 1, 2, 2, 3, 3, 4)))):
        out += _one(rng, makers)(rng, film, bool(rng.random() < harm))
    return out


_Pieces = list[tuple[str | None, Callable[[Canvas], None]]]


def _one(rng: np.random.Generator, options: tuple[T, ...]) -> T:
    return options[int(rng.integers(0, len(options)))]


def _seed(rng: np.random.Generator) -> int:
    return int(rng.integers(0, 1 << 20))


def _colour(rng: np.random.Generator) -> Colour:
    c = NAMED[_one(rng, tuple(NAMED))]
    return light(c, float(rng.uniform(0, 0.5))) if rng.random() < 0.5 else dark(c, float(rng.uniform(0, 0.5)))


def _arm_look(rng: np.random.Generator, kind: str) -> Look:
    thing = THINGS[kind]
    metal = kind in ("sword", "dagger", "pistol", "rifle", "axe")
    colour = _one(rng, _STEELS) if metal and rng.random() < 0.55 else thing.colour if rng.random() < 0.55 else _colour(rng)
    return Look(colour, thing.second if rng.random() < 0.6 else _colour(rng), _seed(rng))


def _weapon(rng: np.random.Generator, film: _Set, harm: bool) -> _Pieces:
    """A weapon, or any other thing, lying or floating anywhere."""
    kind = _one(rng, ARMS if harm else _SAFE)
    thing = THINGS[kind]
    look = _arm_look(rng, kind) if harm else Look(_colour(rng), _colour(rng), _seed(rng))
    size = thing.height * float(rng.uniform(0.55, 1.5))
    angle = float(rng.choice((0.0, 1.42, rng.uniform(-0.6, 0.6), rng.uniform(-3.1, 3.1))))
    x, y = float(rng.uniform(0.1, 0.9)) * film.scene.aspect, float(rng.uniform(0.3, 0.98))
    flip, pose = float(rng.choice((-1, 1))), Pose(t=float(rng.uniform(0, 4)))

    def draw(canvas: Canvas) -> None:
        thing.draw(canvas.pen(x, y, size, angle).at(0, 0, 0, flip, 1), look, pose)

    return [(kind if harm else None, draw)]


def _actor(rng: np.random.Generator, x: float, height: float, figures: tuple[str, ...] = _FIGURES) -> Actor:
    kind = _one(rng, figures) if rng.random() < 0.85 else f"cast:{_one(rng, tuple(CHARACTERS))}"
    wide = CHARACTERS[kind[5:]].width if kind.startswith("cast:") else THINGS[kind].width
    colour = THINGS[kind].colour if ":" not in kind and rng.random() < 0.4 else _colour(rng)
    return Actor(kind, x, height, height * wide, colour, _colour(rng), "idle", "lead", _seed(rng), "walker")


def _setting(film: _Set, ground: float) -> Setting:
    return Setting(film.scene.aspect, ground, 4.0, "air", film.scene.backdrop.name)


def _stand(canvas: Canvas, state: State, height: float) -> Pen:
    return canvas.pen(state.x, state.y, height, state.angle).at(0, 0, 0, state.sx, state.sy)


def _figure(pen: Pen, actor: Actor, pose: Pose) -> None:
    if actor.kind.startswith("cast:"):
        CHARACTERS[actor.kind[5:]].draw(pen, pose)
    else:
        THINGS[actor.kind].draw(pen, Look(actor.colour, actor.second, actor.seed), pose)


def _armed(rng: np.random.Generator, film: _Set, harm: bool) -> _Pieces:
    """A figure with a weapon, or something harmless, in its hand, or a sign on its shirt."""
    height = float(rng.uniform(0.35, 0.95))
    actor = _actor(rng, float(rng.uniform(0.12, 0.88)) * film.scene.aspect, height)
    motion = _one(rng, (idle, walk, wave, dance, jump))(actor, _setting(film, float(rng.uniform(0.8, 0.98))))
    state = motion.at(float(rng.uniform(0, 4)))
    kind = _one(rng, ARMS if harm else _IN_HANDS)
    look = _arm_look(rng, kind) if harm else Look(_colour(rng), _colour(rng), _seed(rng))
    pose = weapons.raised(state.pose)
    grip = kind if harm else _one(rng, ("sword", "axe", "dagger"))

    def held(canvas: Canvas) -> None:
        weapons.hold(_stand(canvas, state, height), grip, actor.kind, pose, lambda spot: THINGS[kind].draw(spot, look, pose))

    return [(None, lambda canvas: _figure(_stand(canvas, state, height), actor, pose)), (kind if harm else None, held)]


def _sign(rng: np.random.Generator, film: _Set, harm: bool) -> _Pieces:
    """A sign on a flag, a shirt, a disc, a board, or on nothing."""
    name = _one(rng, tuple(emblems.HATE if harm else emblems.HARMLESS))
    draw_sign = emblems.hate_sign if harm else emblems.harmless_sign
    ground = _colour(rng)
    ink = _colour(rng)
    if sum(abs(a - b) for a, b in zip(ground, ink, strict=True)) < 0.6:
        ink = NAMED["black"] if sum(ground) > 1.4 else NAMED["white"]
    half, alpha = float(rng.uniform(0.08, 0.17)), float(rng.uniform(0.85, 1.0))
    size = float(np.exp(rng.uniform(math.log(0.06), math.log(0.3))))
    x, y = float(rng.uniform(0.08, 0.92)) * film.scene.aspect, float(rng.uniform(0.12, 0.88))
    tilt = float(rng.choice((0.0, 0.0, math.pi / 4, rng.uniform(-0.5, 0.5))))
    carrier = _one(rng, ("flag", "shirt", "disc", "board", "bare"))
    flip, pose, seed = float(rng.choice((-1, 1))), Pose(t=float(rng.uniform(0, 4))), _seed(rng)
    label = name if harm else None

    def paint(pen: Pen) -> None:
        draw_sign(pen.at(0, 0, tilt, flip, 1), name, ink, half, alpha)

    if carrier == "flag":
        spots: list[Pen] = []

        def carried(canvas: Canvas) -> None:
            pole = canvas.pen(x, min(0.98, y + 2.5 * size), size * 4.5).at(0, 0, 0, flip, 1)
            emblems.cloth(pole, Look(ground, ink, seed), pose, spots.append)

        return [(None, carried), (label, lambda canvas: paint(spots[-1]))]
    if carrier == "shirt":
        height = float(rng.uniform(0.5, 1.1))
        actor = Actor("person", x, height, height * 0.45, ground, ink, "idle", "lead", seed, "walker")
        state = _one(rng, (idle, walk, wave))(actor, _setting(film, float(rng.uniform(0.85, 1.1)))).at(pose.t)

        def on_the_chest(canvas: Canvas) -> None:
            paint(_stand(canvas, state, height).at(0, -0.42, 0, 0.085))

        return [(None, lambda c: _figure(_stand(c, state, height), actor, state.pose)), (label, on_the_chest)]
    plate = {"disc": circle(0, 0, 1.1), "board": box(0, 0, 1.25, 1.1, 0.1)}.get(carrier)

    def under(canvas: Canvas) -> None:
        if plate is not None:
            canvas.pen(x, y, size).fill(plate, Paint(ground))

    return [(None, under), (label, lambda canvas: paint(canvas.pen(x, y, size)))]


def _puddle(rng: np.random.Generator, film: _Set, harm: bool) -> _Pieces:
    """Blood, or the same splash in a colour that blood never has; lying, or on a wall or a shirt."""
    safe = tuple(c for n, c in NAMED.items() if n not in ("red", "brown", "pink", "orange"))
    colour = _one(rng, _REDS) if harm else light(_one(rng, safe), float(rng.uniform(0, 0.3)))
    look = Look(colour, colour, _seed(rng))
    size = float(np.exp(rng.uniform(math.log(0.05), math.log(0.25))))
    x, y = float(rng.uniform(0.1, 0.9)) * film.scene.aspect, float(rng.uniform(0.4, 1.0))
    tilt, tall = (0.0, 1.0) if rng.random() < 0.6 else (float(rng.uniform(-3, 3)), float(rng.uniform(1, 1.8)))
    return [("blood" if harm else None, lambda c: weapons.blood(c.pen(x, y, size, tilt).at(0, 0, 0, 1, tall), look, Pose()))]


def _pair(rng: np.random.Generator, film: _Set, harm: bool) -> _Pieces:
    """Two who fight, or two who stand just as close and do something else."""
    x, tall = float(rng.uniform(0.25, 0.75)) * film.scene.aspect, float(rng.uniform(0.3, 0.9))
    figures = _FISTS if harm else _FIGURES
    one = _actor(rng, x - 0.2, tall, figures)
    two = _actor(rng, x + 0.2, tall * float(rng.uniform(0.85, 1.15)), figures)
    setting, t = _setting(film, float(rng.uniform(0.8, 0.98))), float(rng.uniform(0, 4))
    if harm:
        states = fight(one, setting, two).at(t), fight(two, setting, one).at(t)
    else:
        apart = float(rng.uniform(0.25, 1.0)) * (one.width + two.width) / 2
        one, two = replace(one, x=x - apart), replace(two, x=x + apart)
        moves = (idle, wave, dance, jump, dance)
        states = _one(rng, moves)(one, setting).at(t), _one(rng, moves)(two, setting).at(t)

    def both(canvas: Canvas) -> None:
        for actor, state in zip((one, two), states, strict=True):
            _figure(_stand(canvas, state, actor.height), actor, state.pose)

    return [("fight" if harm else None, both)]

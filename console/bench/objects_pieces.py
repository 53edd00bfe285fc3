"""What is drawn into the pictures that the objects detector learns from and is measured on, piece by piece.

A piece has a label, or none: then it is harmless, and chosen to be mistaken for one that is not.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import numpy as np

from generator.world.canvas import Canvas, Paint, Pen
from generator.world.catalog import THINGS
from generator.world.characters import CHARACTERS
from generator.world.colours import NAMED, Colour, dark, light, mix
from generator.world.grammar import HELD
from generator.world.motion import Setting, State
from generator.world.moves_ground import dance, fight, idle, jump, walk, wave
from generator.world.pose import Look, Pose
from generator.world.scene import Actor, Scene
from generator.world.shapes import box, circle
from generator.world.things import emblems, weapons

T = TypeVar("T")
#: In order: the class of a piece, None for harmless, and what draws it.
Pieces = list[tuple[str | None, Callable[[Canvas], None]]]
#: What the default model tells apart, in the order of its outputs.
CLASSES = (
    "sword", "dagger", "pistol", "rifle", "axe", "bow_and_arrow", "bomb", "blood",
    "hooked_cross", "double_runes", "thorn_wheel", "fight",
)  # fmt: skip
ARMS = CLASSES[:7]
#: Things that harm nobody.
SAFE = tuple(k for k in THINGS if k not in HELD | {"blood"})
_FIGURES = ("person", "person", "person", "person", "robot", "bear", "cat", "rabbit", "penguin", "ghost")
#: Figures whose arms are drawn as the pose says: an animal that fights looks like one that stands.
_FISTS = ("person", "person", "person", "robot")
_IN_HANDS = ("umbrella", "guitar", "flower", "kite", "balloon", "book", "apple", "gift", "lamp", "flag", "bicycle")
_REDS = tuple(
    mix(a, b, t)
    for a, b in (((0.72, 0.06, 0.14), (0.5, 0.02, 0.06)), ((0.72, 0.06, 0.14), (0.86, 0.1, 0.12)))
    for t in (0.0, 0.5, 1.0)
)
_STEELS = (weapons.STEEL, NAMED["silver"], (0.29, 0.31, 0.35), (0.2, 0.2, 0.24), (0.55, 0.57, 0.6))


def pieces(rng: np.random.Generator, scene: Scene, harm: float) -> Pieces:
    """None to four pieces, each drawing harm with the chance ``harm``."""
    makers = (_weapon, _weapon, _armed, _armed, _armed, _sign, _sign, _sign, _puddle, _pair, _pair)
    out: Pieces = []
    for _ in range(int(rng.choice((0, 1, 2, 2, 3, 3, 4)))):
        out += one_of(rng, makers)(rng, scene, bool(rng.random() < harm))
    return out


def one_of(rng: np.random.Generator, options: tuple[T, ...]) -> T:
    return options[int(rng.integers(0, len(options)))]


def _seed(rng: np.random.Generator) -> int:
    return int(rng.integers(0, 1 << 20))


def _colour(rng: np.random.Generator) -> Colour:
    c = NAMED[one_of(rng, tuple(NAMED))]
    return light(c, float(rng.uniform(0, 0.5))) if rng.random() < 0.5 else dark(c, float(rng.uniform(0, 0.5)))


def _arm_look(rng: np.random.Generator, kind: str) -> Look:
    thing = THINGS[kind]
    metal = kind in ("sword", "dagger", "pistol", "rifle", "axe")
    colour = one_of(rng, _STEELS) if metal and rng.random() < 0.55 else thing.colour if rng.random() < 0.55 else _colour(rng)
    return Look(colour, thing.second if rng.random() < 0.6 else _colour(rng), _seed(rng))


def _weapon(rng: np.random.Generator, scene: Scene, harm: bool) -> Pieces:
    """A weapon, or any other thing, lying or floating anywhere."""
    kind = one_of(rng, ARMS if harm else SAFE)
    thing = THINGS[kind]
    look = _arm_look(rng, kind) if harm else Look(_colour(rng), _colour(rng), _seed(rng))
    size = thing.height * float(rng.uniform(0.55, 1.5))
    angle = float(rng.choice((0.0, 1.42, rng.uniform(-0.6, 0.6), rng.uniform(-3.1, 3.1))))
    x, y = float(rng.uniform(0.1, 0.9)) * scene.aspect, float(rng.uniform(0.3, 0.98))
    flip, pose = float(rng.choice((-1, 1))), Pose(t=float(rng.uniform(0, 4)))

    def draw(canvas: Canvas) -> None:
        thing.draw(canvas.pen(x, y, size, angle).at(0, 0, 0, flip, 1), look, pose)

    return [(kind if harm else None, draw)]


def _actor(rng: np.random.Generator, x: float, height: float, figures: tuple[str, ...] = _FIGURES) -> Actor:
    kind = one_of(rng, figures) if rng.random() < 0.85 else f"cast:{one_of(rng, tuple(CHARACTERS))}"
    wide = CHARACTERS[kind[5:]].width if kind.startswith("cast:") else THINGS[kind].width
    colour = THINGS[kind].colour if ":" not in kind and rng.random() < 0.4 else _colour(rng)
    return Actor(kind, x, height, height * wide, colour, _colour(rng), "idle", "lead", _seed(rng), "walker")


def _setting(scene: Scene, ground: float) -> Setting:
    return Setting(scene.aspect, ground, 4.0, "air", scene.backdrop.name)


def _stand(canvas: Canvas, state: State, height: float) -> Pen:
    return canvas.pen(state.x, state.y, height, state.angle).at(0, 0, 0, state.sx, state.sy)


def _figure(pen: Pen, actor: Actor, pose: Pose) -> None:
    if actor.kind.startswith("cast:"):
        CHARACTERS[actor.kind[5:]].draw(pen, pose)
    else:
        THINGS[actor.kind].draw(pen, Look(actor.colour, actor.second, actor.seed), pose)


def _armed(rng: np.random.Generator, scene: Scene, harm: bool) -> Pieces:
    """A figure with a weapon, or something harmless, in its hand, or a sign on its shirt."""
    height = float(rng.uniform(0.35, 0.95))
    actor = _actor(rng, float(rng.uniform(0.12, 0.88)) * scene.aspect, height)
    motion = one_of(rng, (idle, walk, wave, dance, jump))(actor, _setting(scene, float(rng.uniform(0.8, 0.98))))
    state = motion.at(float(rng.uniform(0, 4)))
    kind = one_of(rng, ARMS if harm else _IN_HANDS)
    look = _arm_look(rng, kind) if harm else Look(_colour(rng), _colour(rng), _seed(rng))
    pose = weapons.raised(state.pose)
    grip = kind if harm else one_of(rng, ("sword", "axe", "dagger"))

    def held(canvas: Canvas) -> None:
        weapons.hold(_stand(canvas, state, height), grip, actor.kind, pose, lambda spot: THINGS[kind].draw(spot, look, pose))

    return [(None, lambda canvas: _figure(_stand(canvas, state, height), actor, pose)), (kind if harm else None, held)]


def _sign(rng: np.random.Generator, scene: Scene, harm: bool) -> Pieces:
    """A sign on a flag, a shirt, a disc, a board, or on nothing."""
    name = one_of(rng, tuple(emblems.HATE if harm else emblems.HARMLESS))
    draw_sign = emblems.hate_sign if harm else emblems.harmless_sign
    ground = _colour(rng)
    ink = _colour(rng)
    if sum(abs(a - b) for a, b in zip(ground, ink, strict=True)) < 0.6:
        ink = NAMED["black"] if sum(ground) > 1.4 else NAMED["white"]
    half, alpha = float(rng.uniform(0.08, 0.17)), float(rng.uniform(0.85, 1.0))
    size = float(np.exp(rng.uniform(math.log(0.06), math.log(0.3))))
    x, y = float(rng.uniform(0.08, 0.92)) * scene.aspect, float(rng.uniform(0.12, 0.88))
    tilt = float(rng.choice((0.0, 0.0, math.pi / 4, rng.uniform(-0.5, 0.5))))
    carrier = one_of(rng, ("flag", "shirt", "disc", "board", "bare"))
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
        state = one_of(rng, (idle, walk, wave))(actor, _setting(scene, float(rng.uniform(0.85, 1.1)))).at(pose.t)

        def on_the_chest(canvas: Canvas) -> None:
            paint(_stand(canvas, state, height).at(0, -0.42, 0, 0.085))

        return [(None, lambda c: _figure(_stand(c, state, height), actor, state.pose)), (label, on_the_chest)]
    plate = {"disc": circle(0, 0, 1.1), "board": box(0, 0, 1.25, 1.1, 0.1)}.get(carrier)

    def under(canvas: Canvas) -> None:
        if plate is not None:
            canvas.pen(x, y, size).fill(plate, Paint(ground))

    return [(None, under), (label, lambda canvas: paint(canvas.pen(x, y, size)))]


def _puddle(rng: np.random.Generator, scene: Scene, harm: bool) -> Pieces:
    """Blood, or the same splash in a colour that blood never has; lying, or on a wall or a shirt."""
    safe = tuple(c for n, c in NAMED.items() if n not in ("red", "brown", "pink", "orange"))
    colour = one_of(rng, _REDS) if harm else light(one_of(rng, safe), float(rng.uniform(0, 0.3)))
    look = Look(colour, colour, _seed(rng))
    size = float(np.exp(rng.uniform(math.log(0.05), math.log(0.25))))
    x, y = float(rng.uniform(0.1, 0.9)) * scene.aspect, float(rng.uniform(0.4, 1.0))
    tilt, tall = (0.0, 1.0) if rng.random() < 0.6 else (float(rng.uniform(-3, 3)), float(rng.uniform(1, 1.8)))
    return [("blood" if harm else None, lambda c: weapons.blood(c.pen(x, y, size, tilt).at(0, 0, 0, 1, tall), look, Pose()))]


def _pair(rng: np.random.Generator, scene: Scene, harm: bool) -> Pieces:
    """Two who fight, or two who stand just as close and do something else."""
    x, tall = float(rng.uniform(0.25, 0.75)) * scene.aspect, float(rng.uniform(0.3, 0.9))
    figures = _FISTS if harm else _FIGURES
    one = _actor(rng, x - 0.2, tall, figures)
    two = _actor(rng, x + 0.2, tall * float(rng.uniform(0.85, 1.15)), figures)
    setting, t = _setting(scene, float(rng.uniform(0.8, 0.98))), float(rng.uniform(0, 4))
    if harm:
        states = fight(one, setting, two).at(t), fight(two, setting, one).at(t)
    else:
        apart = float(rng.uniform(0.25, 1.0)) * (one.width + two.width) / 2
        one, two = replace(one, x=x - apart), replace(two, x=x + apart)
        moves = (idle, wave, dance, jump, dance)
        states = one_of(rng, moves)(one, setting).at(t), one_of(rng, moves)(two, setting).at(t)

    def both(canvas: Canvas) -> None:
        for actor, state in zip((one, two), states, strict=True):
            _figure(_stand(canvas, state, actor.height), actor, state.pose)

    return [("fight" if harm else None, both)]

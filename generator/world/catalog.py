"""What the world can draw. The words people use for it, in English and French, stand in ``words.yaml``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from generator.world.canvas import Pen
from generator.world.colours import NAMED, Colour, rgb
from generator.world.pose import Look, Pose
from generator.world.things import animals, emblems, nature, people, toys, vehicles, weapons

Draw = Callable[[Pen, Look, Pose], None]
Role = Literal["lead", "scenery", "sky"]


@dataclass(frozen=True)
class Thing:
    """``height`` in frame heights, ``width`` as a share of it, ``action`` what it does unless told, ``voice`` how it sounds."""

    name: str
    draw: Draw
    height: float
    width: float
    colour: Colour
    second: Colour
    action: str
    role: Role = "lead"
    voice: str = ""
    home: str = ""
    family: Literal["walker", "flyer", "swimmer", "vehicle", "boat", "round", "light", "plant", "other"] = "other"


def _n(name: str) -> Colour:
    return NAMED[name]


_ROWS: tuple[Thing, ...] = (
    Thing("ball", toys.ball, 0.25, 1, _n("red"), _n("white"), "bounce", voice="thud", family="round"),
    Thing("balloon", toys.balloon, 0.52, 0.5, _n("red"), _n("white"), "drift", family="light"),
    Thing("hot_air_balloon", toys.hot_air_balloon, 0.62, 0.75, _n("red"), _n("yellow"), "drift", voice="whoosh", family="light"),
    Thing("kite", toys.kite, 0.42, 0.6, _n("red"), _n("yellow"), "drift", family="light"),
    Thing("cake", toys.cake, 0.42, 1, _n("pink"), _n("blue"), "idle", voice="chime", home="kitchen"),
    Thing("apple", toys.apple, 0.22, 0.9, _n("red"), _n("green"), "bounce", voice="thud", family="round"),
    Thing("umbrella", toys.umbrella, 0.45, 1, _n("red"), _n("white"), "sway", role="scenery"),
    Thing("gift", toys.gift, 0.26, 0.95, _n("pink"), _n("yellow"), "jump", voice="thud"),
    Thing("book", toys.book, 0.3, 1.4, _n("blue"), _n("white"), "drift", family="light"),
    Thing("star", toys.gem, 0.24, 1, _n("yellow"), _n("white"), "spin", voice="chime", family="light"),
    Thing("guitar", toys.guitar, 0.5, 0.6, _n("orange"), _n("brown"), "dance", voice="pluck"),
    Thing("cat", animals.cat, 0.46, 1, _n("orange"), _n("white"), "walk", voice="meow", family="walker"),
    Thing("dog", animals.dog, 0.46, 1, _n("brown"), _n("red"), "run", voice="bark", family="walker"),
    Thing("fox", animals.fox, 0.44, 1.1, _n("orange"), _n("white"), "run", voice="bark", family="walker"),
    Thing("rabbit", animals.rabbit, 0.44, 0.6, rgb("#CFC4BC"), _n("pink"), "jump", voice="step", family="walker"),
    Thing("bear", animals.bear, 0.52, 0.6, rgb("#A9713F"), _n("white"), "walk", voice="growl", family="walker"),
    Thing("bird", animals.bird, 0.24, 1.3, _n("blue"), _n("yellow"), "fly", voice="chirp", family="flyer"),
    Thing(
        "fish", animals.fish, 0.26, 1.1, _n("orange"), _n("white"), "swim", voice="bubble", home="underwater", family="swimmer"
    ),
    Thing("butterfly", animals.butterfly, 0.2, 1.1, _n("purple"), _n("orange"), "flutter", home="field", family="flyer"),
    Thing("penguin", animals.penguin, 0.46, 0.65, _n("black"), _n("red"), "walk", voice="step", family="walker"),
    Thing(
        "whale", animals.whale, 0.38, 1.5, rgb("#4C7FB8"), _n("white"), "swim", voice="whale", home="underwater", family="swimmer"
    ),
    Thing("dinosaur", animals.dinosaur, 0.56, 1.1, _n("green"), _n("orange"), "walk", voice="growl", family="walker"),
    Thing("turtle", animals.turtle, 0.32, 1.4, rgb("#5E8F4A"), _n("brown"), "walk", family="walker"),
    Thing("car", vehicles.car, 0.36, 1.9, _n("red"), _n("white"), "drive", voice="engine", home="city", family="vehicle"),
    Thing("bus", vehicles.bus, 0.46, 2, _n("yellow"), _n("red"), "drive", voice="engine", home="city", family="vehicle"),
    Thing("train", vehicles.train, 0.46, 2, _n("red"), _n("green"), "drive", voice="steam", home="field", family="vehicle"),
    Thing("bicycle", vehicles.bicycle, 0.36, 1.4, _n("blue"), _n("white"), "drive", voice="bell", home="field", family="vehicle"),
    Thing("boat", vehicles.boat, 0.46, 1.35, _n("red"), _n("blue"), "sail", voice="splash", home="lake", family="boat"),
    Thing("rocket", vehicles.rocket, 0.5, 0.6, _n("red"), _n("orange"), "launch", voice="rocket", home="space", family="flyer"),
    Thing("plane", vehicles.plane, 0.3, 1.9, _n("blue"), _n("orange"), "fly", voice="engine", home="mountains", family="flyer"),
    Thing("tree", nature.tree, 0.56, 0.6, rgb("#5E9F4C"), _n("green"), "sway", role="scenery", family="plant"),
    Thing("pine", nature.pine, 0.6, 0.6, rgb("#2F7254"), _n("green"), "sway", role="scenery", family="plant"),
    Thing("palm", nature.palm, 0.66, 0.8, rgb("#4F9A50"), _n("green"), "sway", role="scenery", family="plant"),
    Thing("flower", nature.flower, 0.36, 0.4, _n("pink"), _n("yellow"), "sway", role="scenery", family="plant"),
    Thing("mushroom", nature.mushroom, 0.26, 1, _n("red"), _n("white"), "sway", role="scenery", family="plant"),
    Thing("cactus", nature.cactus, 0.46, 0.6, rgb("#4E9A63"), _n("green"), "sway", role="scenery", home="desert", family="plant"),
    Thing("house", nature.house, 0.5, 1, rgb("#F4E3C3"), rgb("#B5483A"), "still", role="scenery"),
    Thing("castle", nature.castle, 0.58, 1.1, rgb("#D8CFC6"), _n("blue"), "still", role="scenery"),
    Thing("lamp", nature.lamp, 0.5, 0.3, _n("yellow"), _n("black"), "still", role="scenery"),
    Thing("snowman", nature.snowman, 0.5, 0.7, _n("white"), _n("red"), "wave", voice="chime"),
    Thing("sun", nature.sun, 0.24, 1, _n("yellow"), _n("orange"), "still", role="sky"),
    Thing("moon", nature.moon, 0.2, 1, rgb("#F6EFD2"), _n("white"), "still", role="sky"),
    Thing("cloud", nature.cloud, 0.17, 1.9, _n("white"), _n("white"), "drift", role="sky"),
    Thing("person", people.person, 0.6, 0.45, _n("teal"), _n("yellow"), "idle", voice="step", family="walker"),
    Thing("robot", people.robot, 0.56, 0.55, rgb("#7FA3C8"), _n("orange"), "walk", voice="beep", family="walker"),
    Thing("ghost", people.ghost, 0.46, 0.65, _n("white"), _n("purple"), "drift", voice="whoosh", family="light"),
    Thing("sword", weapons.sword, 0.42, 0.3, weapons.STEEL, _n("gold"), "lie", voice="clink"),
    Thing("dagger", weapons.dagger, 0.26, 0.4, weapons.STEEL, _n("black"), "lie", voice="clink"),
    Thing("pistol", weapons.pistol, 0.16, 1.35, rgb("#4A4F5A"), rgb("#6B4A32"), "lie", voice="clink"),
    Thing("rifle", weapons.rifle, 0.15, 3.2, rgb("#4A4F5A"), rgb("#7A5232"), "lie", voice="clink"),
    Thing("axe", weapons.axe, 0.4, 0.5, weapons.STEEL, rgb("#8A5A36"), "lie", voice="thud"),
    Thing("bow_and_arrow", weapons.bow, 0.42, 0.6, rgb("#8A5A36"), _n("red"), "lie"),
    Thing("bomb", weapons.bomb, 0.24, 0.9, rgb("#2F303A"), _n("orange"), "idle", voice="thud"),
    Thing("blood", weapons.blood, 0.13, 2.1, rgb("#B3122A"), _n("red"), "still"),
    Thing("flag", emblems.flag, 0.55, 0.7, _n("blue"), _n("white"), "idle"),
)

THINGS: dict[str, Thing] = {row.name: row for row in _ROWS}

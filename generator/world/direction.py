"""Who moves how: from the verb of the prompt to the move that suits the body and the place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from generator.world import moves_air as air
from generator.world import moves_ground as ground
from generator.world.motion import Motion, Setting
from generator.world.scene import Actor, Scene


def plan(actor: Actor, scene: Scene, seconds: float) -> Motion:
    """The motion of one actor for the whole clip."""
    setting = Setting(
        scene.aspect, scene.backdrop.ground + 0.012 * (actor.rank % 3), seconds, scene.backdrop.medium, scene.backdrop.name
    )
    if actor.role == "scenery":
        setting = replace(setting, ground=setting.ground - 0.075 - 0.02 * (actor.rank % 3))
    if actor.role == "sky":
        return air.in_the_sky(actor, setting)
    foe = _foe(actor, scene)
    if foe is not None:
        return ground.fight(actor, setting, foe)
    return _ACTIONS.get(_natural(actor, setting), ground.idle)(actor, setting)


def _foe(actor: Actor, scene: Scene) -> Actor | None:
    """Whom an actor fights: those who were told to stand in pairs; one who was told alone takes whoever is nearest."""
    able = [a for a in scene.actors if a.role in ("lead", "cameo") and (a.family == "walker" or a.kind in ("ghost", "snowman"))]
    told = [a for a in able if a.action == "fight"]
    if len(told) == 1 and len(able) > 1:
        told.append(min((a for a in able if a is not told[0]), key=lambda a: abs(a.x - told[0].x)))
    told.sort(key=lambda a: a.x)
    place = next((i for i, a in enumerate(told) if a is actor), None)
    if place is None or (place ^ 1) >= len(told):
        return None
    return told[place ^ 1]


def _natural(actor: Actor, s: Setting) -> str:
    """What the verb means for this body: a car that runs drives, a fish that flies swims."""
    a, family = actor.action, actor.family
    if actor.cameo is not None and a in ("fly", "swim", "fall", "roll", "spin", "bounce", "jump", "drive", "launch", "sail"):
        return {
            "fly": "drift",
            "swim": "drift",
            "drive": "walk",
            "launch": "jump",
            "sail": "drift",
            "roll": "dance",
            "spin": "dance",
        }.get(a, "jump")
    if family == "vehicle" and a in ("run", "roll", "walk", "sail"):
        return "drive"
    if family == "boat" and a in ("drift", "drive", "run", "roll", "swim", "idle", "walk"):
        return "sail"
    if family == "swimmer" and a in ("fly", "drift", "run", "walk", "drive"):
        return "swim"
    if family == "flyer" and a in ("drive", "run", "walk", "drift", "sail") and actor.kind != "rocket":
        return "fly"
    if actor.kind == "rocket" and a in ("fly", "drive", "run"):
        return "launch"
    if actor.kind == "person" and a in ("fly", "drive", "sail", "launch", "roll"):
        return "wave"  # whoever flies a kite or drives a car stays on the ground
    if family == "walker" and a == "swim" and s.medium != "water":
        return "walk"
    if family == "plant":
        return "sway" if a not in ("dance", "jump", "fall", "spin") else a
    return a


_ACTIONS: dict[str, Callable[[Actor, Setting], Motion]] = {
    "idle": ground.idle,
    "still": ground.still,
    "sway": ground.still,
    "wave": ground.wave,
    "walk": ground.walk,
    "run": lambda a, s: ground.walk(a, s, 2.0),
    "dance": ground.dance,
    "jump": ground.jump,
    "bounce": ground.bounce,
    "roll": ground.roll,
    "fall": ground.fall,
    "drive": ground.drive,
    "fly": air.fly,
    "flutter": air.flutter,
    "swim": air.swim,
    "drift": air.drift,
    "spin": ground.spin,
    "launch": air.launch,
    "sail": air.sail,
    "lie": ground.lie,
    "fight": ground.spar,
}

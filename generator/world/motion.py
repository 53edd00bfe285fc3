"""Movement: where an actor is at a time, how it stands, and when it makes a sound.

Closed formulas of time, so that any frame can be drawn alone and sound and picture cannot drift apart. Lengths in frame
heights, times in seconds; gravity is 2.6 a second squared, as if the frame were 3.8 m tall.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, replace

from generator.world.pose import Pose
from generator.world.scene import Actor, Scene

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


def plan(actor: Actor, scene: Scene, seconds: float) -> Motion:
    """The motion of one actor for the whole clip."""
    setting = Setting(
        scene.aspect, scene.backdrop.ground + 0.012 * (actor.rank % 3), seconds, scene.backdrop.medium, scene.backdrop.name
    )
    if actor.role == "scenery":
        setting = replace(setting, ground=setting.ground - 0.075 - 0.02 * (actor.rank % 3))
    if actor.role == "sky":
        return _in_the_sky(actor, setting)
    return _ACTIONS.get(_natural(actor, setting), _idle)(actor, setting)


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


def _blink(t: float, seed: int) -> float:
    at = (t + seed % 29 * 0.13) % 3.1
    return 1.0 if at < 0.11 else 0.0


def _pose(actor: Actor, t: float) -> Pose:
    wiggle = 0.1 * math.sin(t * 2.0 + actor.seed % 5)
    return Pose(
        t=t, left=0.3 + wiggle, right=0.3 - wiggle, blink=_blink(t, actor.seed), look=0.7 * math.sin(t * 0.9 + actor.seed % 7)
    )


def _idle(actor: Actor, s: Setting) -> Motion:
    def at(t: float) -> State:
        breath = 0.012 * math.sin(t * 2.6 + actor.seed % 7)
        return State(actor.x, s.ground, _pose(actor, t), sy=1 + breath, sx=1 - breath * 0.5)

    return Motion(
        at, (Sounding(0.7, actor.voice, 0.3),) if actor.voice and actor.voice not in ("step", "thud", "engine", "rocket") else ()
    )


def _still(actor: Actor, s: Setting) -> Motion:
    return Motion(lambda t: State(actor.x, s.ground, Pose(t=t)))


def _wave(actor: Actor, s: Setting) -> Motion:
    def at(t: float) -> State:
        base = _idle(actor, s).at(t)
        return replace(base, pose=replace(base.pose, left=2.45 + 0.4 * math.sin(t * 7.5)), angle=0.03 * math.sin(t * 2.2))

    return Motion(at, tuple(Sounding(x, actor.voice, 0.4) for x in (0.5, 2.6) if actor.voice not in ("", "step")))


def _ping_pong(actor: Actor, s: Setting, speed: float, t: float) -> tuple[float, int]:
    """A walk to the edge and back: place and direction."""
    half = min(actor.width / 2, s.aspect * 0.45)
    low, high = half, s.aspect - half
    span = max(high - low, 1e-3)
    start = min(max(actor.x, low), high) - low
    way = (start + speed * t) % (2 * span)
    return (low + way, 1) if way <= span else (low + 2 * span - way, -1)


def _walk(actor: Actor, s: Setting, pace: float = 1.0) -> Motion:
    speed, rate = 0.17 * pace * max(0.6, actor.height / 0.5), 1.5 * (0.6 + 0.4 * pace)
    front = actor.kind.startswith(("cast:", "cameo:"))

    def at(t: float) -> State:
        x, way = _ping_pong(actor, s, speed * (0.55 if front else 1.0), t)
        phase = math.tau * rate * t
        bob = 0.014 * pace * abs(math.sin(phase)) * actor.height * 2
        swing = 0.45 * math.sin(phase) * min(1.3, pace)
        pose = replace(_pose(actor, t), phase=phase, stride=1.0, left=0.3 + swing, right=0.3 - swing)
        return State(x, s.ground - bob, pose, sx=1.0 if front else float(way), angle=0.03 * math.sin(phase), lift=bob)

    steps = int(s.seconds * rate * 2)
    sounds = [Sounding((i + 0.5) / (rate * 2), "step", 0.16, 1.0 + 0.1 * (i % 2)) for i in range(steps)]
    if actor.voice not in ("", "step"):
        sounds.append(Sounding(0.6, actor.voice, 0.35))
    return Motion(at, tuple(sounds))


def _dance(actor: Actor, s: Setting) -> Motion:
    def at(t: float) -> State:
        beat = math.pi * t / BEAT
        hop = abs(math.sin(beat)) * 0.045
        squash = 0.05 * math.cos(2 * beat)
        arms = 1.5 + 1.05 * math.sin(beat)
        pose = replace(_pose(actor, t), phase=beat, stride=0.6, left=arms, right=3.0 - arms)
        side = 0.04 * math.sin(beat / 2)
        return State(
            actor.x + side, s.ground - hop, pose, angle=0.1 * math.sin(beat), sx=1 - squash * 0.5, sy=1 + squash, lift=hop
        )

    return Motion(at, (Sounding(0.0, "music", 0.3, length=s.seconds),))


def _jump(actor: Actor, s: Setting) -> Motion:
    height = 0.16 if actor.cameo is None else 0.07
    air = 2 * math.sqrt(2 * height / s.gravity)
    period = air + 0.28
    offset = (actor.rank * 0.21) % period

    def at(t: float) -> State:
        u = (t + offset) % period
        if u < air:
            rise = s.gravity / 2 * u * (air - u)
            stretch = 0.06 * (1 - 2 * u / air)
            pose = replace(_pose(actor, t), left=1.6, right=1.6, stride=0.5, phase=0.7)
            return State(actor.x, s.ground - rise, pose, sx=1 - abs(stretch) * 0.5, sy=1 + abs(stretch), lift=rise)
        v = (u - air) / (period - air)
        squash = 0.14 * math.sin(math.pi * v)
        return State(actor.x, s.ground, _pose(actor, t), sx=1 + squash * 0.7, sy=1 - squash)

    count = int((s.seconds + offset) / period) + 1
    landings = [i * period + air - offset for i in range(count)]
    return Motion(at, tuple(Sounding(t, "thud", 0.4, 1.3) for t in landings if 0 <= t < s.seconds))


def _bounce(actor: Actor, s: Setting) -> Motion:
    """Free fall and restitution; when the energy is nearly spent it is kicked up again."""
    drop = max(0.12, min(0.5, s.ground - actor.height - 0.1)) * (0.8 + 0.2 * ((actor.seed >> 4) % 100) / 100)
    first = math.sqrt(2 * drop / s.gravity)
    times, speeds, t, v = [first], [0.0], first, math.sqrt(2 * s.gravity * drop)
    full = v
    while t < s.seconds + 1 and len(times) < 200:
        v = v * RESTITUTION if v > 0.45 * full else full * 0.95
        speeds.append(v)
        t += 2 * v / s.gravity
        times.append(t)
    drift = 0.16 + 0.05 * (actor.seed % 3)

    def at(now: float) -> State:
        k = bisect_right(times, now)
        x, way = _ping_pong(actor, s, drift, now)
        if k == 0:
            lift = drop - s.gravity / 2 * now * now
        else:
            since = now - times[k - 1]
            lift = speeds[k] * since - s.gravity / 2 * since * since
        near = min((abs(now - h) for h in times[max(0, k - 1) : k + 1]), default=1.0)
        squash = 0.2 * math.exp(-near / 0.045)
        pose = replace(_pose(actor, now), phase=x * 2 / max(actor.height, 0.05))
        return State(x, s.ground - max(0.0, lift), pose, sx=1 + squash * 0.6, sy=1 - squash, lift=max(0.0, lift))

    hits = [
        Sounding(
            h,
            "thud",
            min(0.85, 0.25 + 0.4 * (speeds[i + 1] / full if i + 1 < len(speeds) else 0.5)),
            0.30 / max(actor.height, 0.1),
        )
        for i, h in enumerate(times)
        if h < s.seconds
    ]
    return Motion(at, tuple(hits))


def _roll(actor: Actor, s: Setting) -> Motion:
    def at(t: float) -> State:
        x, _ = _ping_pong(actor, s, 0.34, t)
        way = x * 2 / actor.height
        round_thing = actor.family == "round"
        return State(x, s.ground, replace(_pose(actor, t), phase=way), turn=0.0 if round_thing and actor.kind == "ball" else way)

    return Motion(at, (Sounding(0.0, "rumble", 0.2, length=s.seconds),))


def _fall(actor: Actor, s: Setting) -> Motion:
    start = 0.25 * (actor.rank % 4)
    height = s.ground + 0.1
    light = actor.family in ("light", "flyer", "plant")
    down = math.sqrt(2 * height / s.gravity)
    v1 = s.gravity * down * 0.36
    hop = 2 * v1 / s.gravity

    def at(t: float) -> State:
        u = t - start
        pose = _pose(actor, t)
        if light:
            share = min(1.0, max(0.0, u / (s.seconds * 0.75)))
            sway = 0.09 * math.sin(u * 2.4) * (1 - share)
            return State(
                actor.x + sway,
                s.ground - height * (1 - share),
                pose,
                angle=0.4 * math.sin(u * 2.4 + 0.6) * (1 - share),
                lift=height * (1 - share),
            )
        lift = (
            height - s.gravity / 2 * max(0.0, u) ** 2
            if u < down
            else max(0.0, v1 * (u - down) - s.gravity / 2 * (u - down) ** 2)
            if u < down + hop
            else 0.0
        )
        squash = 0.2 * math.exp(-abs(u - down) / 0.06) + 0.08 * math.exp(-abs(u - down - hop) / 0.06)
        return State(actor.x, s.ground - lift, pose, sx=1 + 0.6 * squash, sy=1 - squash, lift=lift)

    hits = () if light else (Sounding(start + down, "thud", 0.7), Sounding(start + down + hop, "thud", 0.3))
    return Motion(at, hits)


def _across(actor: Actor, s: Setting, t: float, share: float = 0.66) -> float:
    """Steadily from left to right, at its own place in the middle of the clip."""
    return actor.x + (t / s.seconds - 0.5) * s.aspect * share


def _drive(actor: Actor, s: Setting) -> Motion:
    def at(t: float) -> State:
        x = _across(actor, s, t)
        turn = x / (0.19 * actor.height)
        return State(x, s.ground, replace(_pose(actor, t), phase=turn, power=0.5))

    return Motion(
        at,
        (
            Sounding(0.0, actor.voice or "engine", 0.34, length=s.seconds),
            Sounding(1.2, "bell", 0.25) if actor.voice == "bell" else Sounding(1.2, "", 0),
        ),
    )


def _fly(actor: Actor, s: Setting) -> Motion:
    base = 0.3 + 0.13 * (actor.rank % 3) + actor.height / 2
    rate = 2.6 if actor.height < 0.3 else 1.4

    def at(t: float) -> State:
        wave = t * 1.5 + actor.rank * 1.9
        y = base + 0.05 * math.sin(wave)
        pose = replace(_pose(actor, t), phase=math.tau * rate * t + actor.rank, stride=1.0, left=1.5, right=1.5)
        return State(_across(actor, s, t, 0.6), y, pose, angle=0.09 * math.cos(wave), lift=None)

    calls = [Sounding(0.4 + 1.1 * i + 0.2 * actor.rank, actor.voice, 0.3, 1 + 0.1 * (i % 3)) for i in range(int(s.seconds))]
    if actor.voice == "engine":
        calls = [Sounding(0.0, "engine", 0.25, 1.6, s.seconds)]
    return Motion(at, tuple(calls) if actor.voice else ())


def _flutter(actor: Actor, s: Setting) -> Motion:
    def at(t: float) -> State:
        a = t * 0.9 + actor.rank * 2.1
        x = actor.x + 0.14 * math.sin(a) + 0.05 * math.sin(a * 2.7)
        y = 0.5 + 0.1 * (actor.rank % 3) + 0.1 * math.sin(a * 1.6 + 1)
        return State(x, y, replace(_pose(actor, t), phase=t * 11 + actor.rank), angle=0.25 * math.sin(a * 1.3), lift=None)

    return Motion(at)


def _swim(actor: Actor, s: Setting) -> Motion:
    middle = 0.45 if s.medium == "water" else s.ground - 0.02
    spread = 0.14 if s.medium == "water" else 0.02

    def at(t: float) -> State:
        wave = t * 1.1 + actor.rank * 2.3
        y = middle + spread * ((actor.rank * 37 % 5) / 2 - 1) + 0.03 * math.sin(wave) + actor.height / 2
        pose = replace(
            _pose(actor, t),
            phase=math.tau * 1.7 * t + actor.rank,
            stride=0.8,
            left=1.3 + 0.5 * math.sin(t * 4),
            right=1.3 - 0.5 * math.sin(t * 4),
        )
        return State(_across(actor, s, t, 0.45), y, pose, angle=0.07 * math.cos(wave), lift=None)

    return Motion(at, tuple(Sounding(0.5 + 0.9 * i, "bubble", 0.25, 1 + 0.15 * (i % 4)) for i in range(int(s.seconds))))


def _drift(actor: Actor, s: Setting) -> Motion:
    heavy = actor.kind.startswith(("cast:", "cameo:"))
    base = s.ground - (0.05 if heavy else 0.16 + 0.07 * (actor.rank % 3))

    def at(t: float) -> State:
        wave = t * 0.95 + actor.rank * 1.7
        x = actor.x + 0.06 * math.sin(wave * 0.7) + 0.02 * (t - s.seconds / 2)
        y = base - 0.035 * math.sin(wave)
        return State(x, y, _pose(actor, t), angle=0.06 * math.sin(wave + 0.8), lift=s.ground - y if heavy else None)

    return Motion(at, (Sounding(0.6, actor.voice, 0.25),) if actor.voice not in ("", "step") else ())


def _spin(actor: Actor, s: Setting) -> Motion:
    solid = actor.family == "walker"

    def at(t: float) -> State:
        turn = t * math.tau * 0.45
        pose = replace(_pose(actor, t), left=1.5, right=1.5)
        if solid:
            flip = math.cos(turn * 1.3)
            return State(actor.x, s.ground, pose, sx=math.copysign(max(0.25, abs(flip)), flip))
        hover = 0.12 if actor.family == "light" else 0.0
        return State(actor.x, s.ground - hover, pose, turn=turn, lift=hover)

    return Motion(at, tuple(Sounding(i * 1.1, "whoosh", 0.3) for i in range(int(s.seconds))))


def _launch(actor: Actor, s: Setting) -> Motion:
    hold = min(0.8, s.seconds * 0.2)
    pull = 2 * (s.ground + actor.height * 0.4) / (s.seconds - hold) ** 2

    def at(t: float) -> State:
        u = max(0.0, t - hold)
        lift = pull / 2 * u * u
        shake = 0.003 * math.sin(t * 53) * (1.0 if u < 1 else 0.4)
        return State(
            actor.x + shake,
            s.ground - lift,
            replace(_pose(actor, t), power=min(1.0, 0.25 + u * 1.2), left=2.8, right=2.8),
            lift=lift,
        )

    return Motion(at, (Sounding(0.0, "rocket", 0.6, length=s.seconds),))


def _sail(actor: Actor, s: Setting) -> Motion:
    y = {"beach": 0.68, "lake": 0.76}.get(s.place, s.ground)

    def at(t: float) -> State:
        wave = t * 1.6 + actor.rank
        return State(
            _across(actor, s, t, 0.3), y + 0.012 * math.sin(wave), _pose(actor, t), angle=0.045 * math.sin(wave + 0.7), lift=None
        )

    return Motion(at, tuple(Sounding(0.4 + 1.3 * i, "splash", 0.2) for i in range(int(s.seconds / 1.3))))


def _in_the_sky(actor: Actor, s: Setting) -> Motion:
    y = 0.16 + 0.05 * (actor.rank % 3) + actor.height * 0.6
    pace = 0.02 if actor.kind == "cloud" else 0.0
    return Motion(lambda t: State(actor.x + pace * t, y, Pose(t=t), lift=None))


_ACTIONS: dict[str, Callable[[Actor, Setting], Motion]] = {
    "idle": _idle, "still": _still, "sway": _still, "wave": _wave, "walk": _walk, "run": lambda a, s: _walk(a, s, 2.0), "dance": _dance,
    "jump": _jump, "bounce": _bounce, "roll": _roll, "fall": _fall, "drive": _drive, "fly": _fly, "flutter": _flutter, "swim": _swim,
    "drift": _drift, "spin": _spin, "launch": _launch, "sail": _sail,
}  # fmt: skip

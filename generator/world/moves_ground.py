"""What is done on the ground: standing, waving, walking, dancing, jumping, bouncing, rolling, falling, driving, spinning."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import replace

from generator.world.motion import BEAT, RESTITUTION, Motion, Setting, Sounding, State, across, pose_of
from generator.world.pose import Pose
from generator.world.scene import Actor


def idle(actor: Actor, s: Setting) -> Motion:
    def at(t: float) -> State:
        breath = 0.012 * math.sin(t * 2.6 + actor.seed % 7)
        return State(actor.x, s.ground, pose_of(actor, t), sy=1 + breath, sx=1 - breath * 0.5)

    return Motion(
        at, (Sounding(0.7, actor.voice, 0.3),) if actor.voice and actor.voice not in ("step", "thud", "engine", "rocket") else ()
    )


def still(actor: Actor, s: Setting) -> Motion:
    return Motion(lambda t: State(actor.x, s.ground, Pose(t=t)))


def wave(actor: Actor, s: Setting) -> Motion:
    def at(t: float) -> State:
        base = idle(actor, s).at(t)
        return replace(base, pose=replace(base.pose, left=2.45 + 0.4 * math.sin(t * 7.5)), angle=0.03 * math.sin(t * 2.2))

    return Motion(at, tuple(Sounding(x, actor.voice, 0.4) for x in (0.5, 2.6) if actor.voice not in ("", "step")))


def ping_pong(actor: Actor, s: Setting, speed: float, t: float) -> tuple[float, int]:
    """A walk to the edge and back: place and direction."""
    half = min(actor.width / 2, s.aspect * 0.45)
    low, high = half, s.aspect - half
    span = max(high - low, 1e-3)
    start = min(max(actor.x, low), high) - low
    way = (start + speed * t) % (2 * span)
    return (low + way, 1) if way <= span else (low + 2 * span - way, -1)


def walk(actor: Actor, s: Setting, pace: float = 1.0) -> Motion:
    speed, rate = 0.17 * pace * max(0.6, actor.height / 0.5), 1.5 * (0.6 + 0.4 * pace)
    front = actor.kind.startswith(("cast:", "cameo:"))

    def at(t: float) -> State:
        x, way = ping_pong(actor, s, speed * (0.55 if front else 1.0), t)
        phase = math.tau * rate * t
        bob = 0.014 * pace * abs(math.sin(phase)) * actor.height * 2
        swing = 0.45 * math.sin(phase) * min(1.3, pace)
        pose = replace(pose_of(actor, t), phase=phase, stride=1.0, left=0.3 + swing, right=0.3 - swing)
        return State(x, s.ground - bob, pose, sx=1.0 if front else float(way), angle=0.03 * math.sin(phase), lift=bob)

    steps = int(s.seconds * rate * 2)
    sounds = [Sounding((i + 0.5) / (rate * 2), "step", 0.16, 1.0 + 0.1 * (i % 2)) for i in range(steps)]
    if actor.voice not in ("", "step"):
        sounds.append(Sounding(0.6, actor.voice, 0.35))
    return Motion(at, tuple(sounds))


def dance(actor: Actor, s: Setting) -> Motion:
    def at(t: float) -> State:
        beat = math.pi * t / BEAT
        hop = abs(math.sin(beat)) * 0.045
        squash = 0.05 * math.cos(2 * beat)
        arms = 1.5 + 1.05 * math.sin(beat)
        pose = replace(pose_of(actor, t), phase=beat, stride=0.6, left=arms, right=3.0 - arms)
        side = 0.04 * math.sin(beat / 2)
        return State(
            actor.x + side, s.ground - hop, pose, angle=0.1 * math.sin(beat), sx=1 - squash * 0.5, sy=1 + squash, lift=hop
        )

    return Motion(at, (Sounding(0.0, "music", 0.3, length=s.seconds),))


def jump(actor: Actor, s: Setting) -> Motion:
    height = 0.16 if actor.cameo is None else 0.07
    air = 2 * math.sqrt(2 * height / s.gravity)
    period = air + 0.28
    offset = (actor.rank * 0.21) % period

    def at(t: float) -> State:
        u = (t + offset) % period
        if u < air:
            rise = s.gravity / 2 * u * (air - u)
            stretch = 0.06 * (1 - 2 * u / air)
            pose = replace(pose_of(actor, t), left=1.6, right=1.6, stride=0.5, phase=0.7)
            return State(actor.x, s.ground - rise, pose, sx=1 - abs(stretch) * 0.5, sy=1 + abs(stretch), lift=rise)
        v = (u - air) / (period - air)
        squash = 0.14 * math.sin(math.pi * v)
        return State(actor.x, s.ground, pose_of(actor, t), sx=1 + squash * 0.7, sy=1 - squash)

    count = int((s.seconds + offset) / period) + 1
    landings = [i * period + air - offset for i in range(count)]
    return Motion(at, tuple(Sounding(t, "thud", 0.4, 1.3) for t in landings if 0 <= t < s.seconds))


def bounce(actor: Actor, s: Setting) -> Motion:
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
        x, _ = ping_pong(actor, s, drift, now)
        if k == 0:
            lift = drop - s.gravity / 2 * now * now
        else:
            since = now - times[k - 1]
            lift = speeds[k] * since - s.gravity / 2 * since * since
        near = min((abs(now - h) for h in times[max(0, k - 1) : k + 1]), default=1.0)
        squash = 0.2 * math.exp(-near / 0.045)
        pose = replace(pose_of(actor, now), phase=x * 2 / max(actor.height, 0.05))
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


def roll(actor: Actor, s: Setting) -> Motion:
    def at(t: float) -> State:
        x, _ = ping_pong(actor, s, 0.34, t)
        way = x * 2 / actor.height
        round_thing = actor.family == "round"
        return State(
            x, s.ground, replace(pose_of(actor, t), phase=way), turn=0.0 if round_thing and actor.kind == "ball" else way
        )

    return Motion(at, (Sounding(0.0, "rumble", 0.2, length=s.seconds),))


def fall(actor: Actor, s: Setting) -> Motion:
    start = 0.25 * (actor.rank % 4)
    height = s.ground + 0.1
    light = actor.family in ("light", "flyer", "plant")
    down = math.sqrt(2 * height / s.gravity)
    v1 = s.gravity * down * 0.36
    hop = 2 * v1 / s.gravity

    def at(t: float) -> State:
        u = t - start
        pose = pose_of(actor, t)
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


def drive(actor: Actor, s: Setting) -> Motion:
    def at(t: float) -> State:
        x = across(actor, s, t)
        turn = x / (0.19 * actor.height)
        return State(x, s.ground, replace(pose_of(actor, t), phase=turn, power=0.5))

    return Motion(
        at,
        (
            Sounding(0.0, actor.voice or "engine", 0.34, length=s.seconds),
            Sounding(1.2, "bell", 0.25) if actor.voice == "bell" else Sounding(1.2, "", 0),
        ),
    )


def spin(actor: Actor, s: Setting) -> Motion:
    solid = actor.family == "walker"

    def at(t: float) -> State:
        turn = t * math.tau * 0.45
        pose = replace(pose_of(actor, t), left=1.5, right=1.5)
        if solid:
            flip = math.cos(turn * 1.3)
            return State(actor.x, s.ground, pose, sx=math.copysign(max(0.25, abs(flip)), flip))
        hover = 0.12 if actor.family == "light" else 0.0
        return State(actor.x, s.ground - hover, pose, turn=turn, lift=hover)

    return Motion(at, tuple(Sounding(i * 1.1, "whoosh", 0.3) for i in range(int(s.seconds))))


def lie(actor: Actor, s: Setting) -> Motion:
    """Something tall lies on its side, something long as it is."""
    tall = actor.width < 0.8 * actor.height
    x = actor.x - actor.height / 2 if tall else actor.x
    return Motion(lambda t: State(x, s.ground, Pose(t=t), angle=1.42 if tall else 0.0, lift=None if tall else 0.0))


#: Seconds between two blows of the same fighter; the other's fall halfway.
_BLOWS = 0.9


def fight(actor: Actor, s: Setting, foe: Actor) -> Motion:
    """Two figures within reach of each other strike in turn; who is struck is thrown back a little."""
    way = 1 if foe.x > actor.x else -1
    middle = (actor.x + foe.x) / 2
    apart = max(0.22 * (actor.height + foe.height), 0.36 * (actor.width + foe.width))  # an arm's length, belly to belly
    home = middle - way * apart * actor.height / (actor.height + foe.height)
    late = 0.0 if way > 0 else _BLOWS / 2

    def blow(t: float) -> float:
        """0 on guard, 1 when the fist is out."""
        u = ((t + late) % _BLOWS) / _BLOWS
        return math.sin(math.pi * u / 0.4) if u < 0.4 else 0.0

    def at(t: float) -> State:
        out, struck = blow(t), blow(t + _BLOWS / 2)
        front, back = 2.45 - 0.95 * out, 2.3 - 0.5 * struck + 0.1 * math.sin(t * 9 + actor.seed % 5)
        left, right = (back, front) if way > 0 else (front, back)
        pose = replace(pose_of(actor, t), left=left, right=right, phase=math.pi / 2 * way, stride=0.7, look=float(way))
        x = home + way * actor.height * (0.07 * out - 0.05 * struck)
        return State(x, s.ground, pose, angle=way * (0.05 + 0.16 * out - 0.22 * struck))

    first = 0.2 * _BLOWS - late
    times = [first + _BLOWS * i for i in range(int(s.seconds / _BLOWS) + 2)]
    return Motion(at, tuple(Sounding(t, "thud", 0.5, 1.4) for t in times if 0 <= t < s.seconds))


def spar(actor: Actor, s: Setting) -> Motion:
    """A fighter with nobody in reach boxes the air."""
    shadow = replace(actor, x=actor.x + actor.height)
    return fight(replace(actor, x=actor.x - actor.height / 2), s, shadow)

"""What is done in the air and on or under water: flying, fluttering, swimming, drifting, taking off, sailing."""

from __future__ import annotations

import math
from dataclasses import replace

from generator.world.motion import Motion, Setting, Sounding, State, across, pose_of
from generator.world.pose import Pose
from generator.world.scene import Actor


def fly(actor: Actor, s: Setting) -> Motion:
    base = 0.3 + 0.13 * (actor.rank % 3) + actor.height / 2
    rate = 2.6 if actor.height < 0.3 else 1.4

    def at(t: float) -> State:
        wave = t * 1.5 + actor.rank * 1.9
        y = base + 0.05 * math.sin(wave)
        pose = replace(pose_of(actor, t), phase=math.tau * rate * t + actor.rank, stride=1.0, left=1.5, right=1.5)
        return State(across(actor, s, t, 0.6), y, pose, angle=0.09 * math.cos(wave), lift=None)

    calls = [Sounding(0.4 + 1.1 * i + 0.2 * actor.rank, actor.voice, 0.3, 1 + 0.1 * (i % 3)) for i in range(int(s.seconds))]
    if actor.voice == "engine":
        calls = [Sounding(0.0, "engine", 0.25, 1.6, s.seconds)]
    return Motion(at, tuple(calls) if actor.voice else ())


def flutter(actor: Actor, s: Setting) -> Motion:
    def at(t: float) -> State:
        a = t * 0.9 + actor.rank * 2.1
        x = actor.x + 0.14 * math.sin(a) + 0.05 * math.sin(a * 2.7)
        y = 0.5 + 0.1 * (actor.rank % 3) + 0.1 * math.sin(a * 1.6 + 1)
        return State(x, y, replace(pose_of(actor, t), phase=t * 11 + actor.rank), angle=0.25 * math.sin(a * 1.3), lift=None)

    return Motion(at)


def swim(actor: Actor, s: Setting) -> Motion:
    middle = 0.45 if s.medium == "water" else s.ground - 0.02
    spread = 0.14 if s.medium == "water" else 0.02

    def at(t: float) -> State:
        wave = t * 1.1 + actor.rank * 2.3
        y = middle + spread * ((actor.rank * 37 % 5) / 2 - 1) + 0.03 * math.sin(wave) + actor.height / 2
        pose = replace(
            pose_of(actor, t),
            phase=math.tau * 1.7 * t + actor.rank,
            stride=0.8,
            left=1.3 + 0.5 * math.sin(t * 4),
            right=1.3 - 0.5 * math.sin(t * 4),
        )
        return State(across(actor, s, t, 0.45), y, pose, angle=0.07 * math.cos(wave), lift=None)

    return Motion(at, tuple(Sounding(0.5 + 0.9 * i, "bubble", 0.25, 1 + 0.15 * (i % 4)) for i in range(int(s.seconds))))


def drift(actor: Actor, s: Setting) -> Motion:
    heavy = actor.kind.startswith(("cast:", "cameo:"))
    base = s.ground - (0.05 if heavy else 0.16 + 0.07 * (actor.rank % 3))

    def at(t: float) -> State:
        wave = t * 0.95 + actor.rank * 1.7
        x = actor.x + 0.06 * math.sin(wave * 0.7) + 0.02 * (t - s.seconds / 2)
        y = base - 0.035 * math.sin(wave)
        return State(x, y, pose_of(actor, t), angle=0.06 * math.sin(wave + 0.8), lift=s.ground - y if heavy else None)

    return Motion(at, (Sounding(0.6, actor.voice, 0.25),) if actor.voice not in ("", "step") else ())


def launch(actor: Actor, s: Setting) -> Motion:
    hold = min(0.8, s.seconds * 0.2)
    pull = 2 * (s.ground + actor.height * 0.4) / (s.seconds - hold) ** 2

    def at(t: float) -> State:
        u = max(0.0, t - hold)
        lift = pull / 2 * u * u
        shake = 0.003 * math.sin(t * 53) * (1.0 if u < 1 else 0.4)
        return State(
            actor.x + shake,
            s.ground - lift,
            replace(pose_of(actor, t), power=min(1.0, 0.25 + u * 1.2), left=2.8, right=2.8),
            lift=lift,
        )

    return Motion(at, (Sounding(0.0, "rocket", 0.6, length=s.seconds),))


def sail(actor: Actor, s: Setting) -> Motion:
    y = {"beach": 0.68, "lake": 0.76}.get(s.place, s.ground)

    def at(t: float) -> State:
        wave = t * 1.6 + actor.rank
        return State(
            across(actor, s, t, 0.3), y + 0.012 * math.sin(wave), pose_of(actor, t), angle=0.045 * math.sin(wave + 0.7), lift=None
        )

    return Motion(at, tuple(Sounding(0.4 + 1.3 * i, "splash", 0.2) for i in range(int(s.seconds / 1.3))))


def in_the_sky(actor: Actor, s: Setting) -> Motion:
    y = 0.16 + 0.05 * (actor.rank % 3) + actor.height * 0.6
    pace = 0.02 if actor.kind == "cloud" else 0.0
    return Motion(lambda t: State(actor.x + pace * t, y, Pose(t=t), lift=None))

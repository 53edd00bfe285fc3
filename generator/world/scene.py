"""From what a prompt asks for to a scene that can be filmed: who stands where, how large, and what they do.

A remix starts from its ancestors' wishes and changes only what the new prompt names. Everything left open is chosen by the
seed, so the same request always gives the same scene.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import numpy as np

from generator.protocol import GenerationRequest
from generator.world.backdrops import BACKDROPS, Backdrop, Mood
from generator.world.catalog import THINGS
from generator.world.characters import CHARACTERS
from generator.world.colours import NAMED, Colour, light, mix
from generator.world.grammar import Wanted, Wish, understand

#: More actors than this would hide each other.
MAX_ACTORS = 14
#: A named character is at least this tall, in frame heights, so that it can be recognised.
CAST_HEIGHT = 0.64
CAST_LEAST = 0.38
#: Height of a guest's face from chin to brow, in frame heights: 0.335 is 120 pixels of 360.
FACE_HEIGHT = 0.335
#: The left share of the frame that a board with words takes.
BOARD_SHARE = 0.44
_PLEASANT = ("field", "beach", "mountains", "forest", "desert", "room")
_EXTRAS = ("hot_air_balloon", "butterfly", "bird", "balloon", "kite", "flower")
_VARIED = ("blue", "yellow", "green", "purple", "orange", "teal", "pink", "red")


@dataclass(frozen=True)
class Actor:
    """One thing in the scene: ``x`` its home, ``height`` in frame heights, ``role`` decides who stands in front."""

    kind: str
    x: float
    height: float
    width: float
    colour: Colour
    second: Colour
    action: str
    role: str
    seed: int
    family: str = "other"
    voice: str = ""
    rank: int = 0
    held: str = ""
    held_look: tuple[Colour, Colour] = (NAMED["silver"], NAMED["brown"])

    @property
    def cameo(self) -> int | None:
        """Index of the guest, if this is one."""
        return int(self.kind[6:]) if self.kind.startswith("cameo:") else None


@dataclass(frozen=True)
class Scene:
    backdrop: Backdrop
    mood: Mood
    camera: str
    actors: tuple[Actor, ...]
    lettering: str | None
    seed: int
    aspect: float


def compose(request: GenerationRequest, cameos: tuple[str, ...] = ()) -> Scene:
    """The scene of a request; ``cameos`` are the names of the people who must appear."""
    line = [(a.prompt, a.seed) for a in request.ancestors] + [(request.prompt, request.seed)]
    wish = understand(line[0][0], cameos)
    for prompt, _ in line[1:]:
        wish = change(wish, understand(prompt, cameos))
    seed = int.from_bytes(hashlib.sha256(f"{line[0][1]}/{line[0][0]}".encode("utf-8", "replace")).digest()[:6], "big")
    rng = np.random.default_rng(seed)
    aspect = request.width / request.height
    wish = _with_a_foe(_with_cameos(wish, len(cameos)))
    backdrop = BACKDROPS[wish.place or _place_for(wish, rng)]
    mood = Mood(wish.time or _hour(wish), wish.weather or "clear", seed % 1_000_003, aspect)  # type: ignore[arg-type]
    if not wish.actors and not wish.lettering:
        extra = (
            "fish"
            if backdrop.medium == "water"
            else "rocket"
            if backdrop.medium == "space"
            else _EXTRAS[int(rng.integers(0, len(_EXTRAS)))]
        )
        wish.actors.append(Wanted(extra, count=3 if extra != "hot_air_balloon" else 1))
    actors = _placed(wish, aspect, seed)
    return Scene(backdrop, mood, wish.camera or "drift", actors, wish.lettering, seed, aspect)


def change(old: Wish, new: Wish) -> Wish:
    """The old wish with what the new one names: replaced where it says, added where it is new, removed where it asks."""
    actors = [a for a in old.actors if a.kind not in new.removed]
    for w in new.actors:
        same = next((i for i, a in enumerate(actors) if a.kind == w.kind), None)
        if same is None:
            actors.append(w)
        else:
            said = {
                k: v for k in ("colour", "size", "count", "action", "held", "held_colour") if (v := getattr(w, k)) is not None
            }
            if said.get("count") == 1 and (actors[same].count or 1) > 1:
                said.pop("count")
            actors[same] = replace(actors[same], **said)
    if new.loose_action and not new.actors:
        actors = [replace(a, action=new.loose_action) for a in actors]
    return Wish(
        actors, new.place or old.place, new.time or old.time, new.weather or old.weather, new.camera or old.camera,
        lettering=new.lettering or old.lettering,
    )  # fmt: skip


def _with_cameos(wish: Wish, count: int) -> Wish:
    """Every guest who was asked for appears exactly once, also when the prompt's words do not say the name."""
    seen: set[str] = set()
    actors = []
    for w in wish.actors:
        if w.kind.startswith("cameo:"):
            if w.kind in seen:
                continue
            seen.add(w.kind)
        actors.append(replace(w, count=1) if w.kind.startswith("cameo:") else w)
    for i in range(count):
        if f"cameo:{i}" not in seen:
            actors.append(Wanted(f"cameo:{i}", action=wish.loose_action))
    return replace_actors(wish, actors)


def _with_a_foe(wish: Wish) -> Wish:
    """It takes two to fight: whoever would be alone gets one of the same kind."""
    if not wish.actors and wish.loose_action == "fight":
        return replace_actors(wish, [Wanted("person", count=2, action="fight")])
    able = [w for w in wish.actors if ":" in w.kind or THINGS[w.kind].family == "walker"]
    if len(able) == 1 and able[0].action == "fight" and (able[0].count or 1) == 1 and not able[0].kind.startswith("cameo:"):
        return replace_actors(wish, [replace(w, count=2) if w is able[0] else w for w in wish.actors])
    return wish


def replace_actors(wish: Wish, actors: list[Wanted]) -> Wish:
    """The same wish with other actors."""
    return Wish(actors, wish.place, wish.time, wish.weather, wish.camera, wish.loose_action, wish.removed, wish.lettering)


def _place_for(wish: Wish, rng: np.random.Generator) -> str:
    homes = [THINGS[w.kind].home for w in wish.actors if w.kind in THINGS and THINGS[w.kind].home]
    return homes[0] if homes else _PLEASANT[int(rng.integers(0, len(_PLEASANT)))]


def _hour(wish: Wish) -> str:
    return "night" if any(w.kind == "moon" for w in wish.actors) else "day"


def _placed(wish: Wish, aspect: float, seed: int) -> tuple[Actor, ...]:
    """Count out the actors, then give each group its places across the frame."""
    drafts: list[Actor] = []
    for w in wish.actors:
        for n in range(min(w.count or 1, MAX_ACTORS)):
            if len(drafts) < MAX_ACTORS:
                drafts.append(_draft(w, wish, n, seed + len(drafts)))
    leads = [a for a in drafts if a.role in ("lead", "cameo")]
    fitted = _fit(leads, aspect)
    out: list[Actor] = []
    for role, group in (
        ("sky", [a for a in drafts if a.role == "sky"]),
        ("scenery", [a for a in drafts if a.role == "scenery"]),
        ("lead", fitted),
    ):
        n = len(group)
        for i, actor in enumerate(group):
            x = aspect * (i + 1) / (n + 1) if role != "lead" else _slot(group, i, aspect)
            if role == "scenery" and leads:
                side = (i % 2) * 2 - 1
                x = aspect * (0.5 + side * (0.36 - 0.08 * (i // 2 % 4)))
            if wish.lettering and role != "sky":
                x = aspect * (BOARD_SHARE + (1 - BOARD_SHARE) * x / aspect)
            out.append(replace(actor, x=x, rank=i))
    return tuple(out)


def _slot(group: list[Actor], i: int, aspect: float) -> float:
    """Middle of the i-th of actors who stand side by side with equal gaps."""
    gap = max(0.0, aspect - sum(a.width for a in group)) / (len(group) + 1)
    before = sum(a.width for a in group[:i])
    squeeze = min(1.0, aspect / max(sum(a.width for a in group), 1e-6))
    return (before + group[i].width / 2) * squeeze + gap * (i + 1)


def _draft(w: Wanted, wish: Wish, n: int, seed: int) -> Actor:
    """One actor without its place, with what it holds."""
    actor = _body(w, wish, n, seed)
    if w.held is None:
        return actor
    thing = THINGS[w.held]
    return replace(actor, held=w.held, held_look=(NAMED[w.held_colour] if w.held_colour else thing.colour, thing.second))


def _body(w: Wanted, wish: Wish, n: int, seed: int) -> Actor:
    stretch = w.size or 1.0
    kind, _, key = w.kind.partition(":")
    if kind == "cast":
        c = CHARACTERS[key]
        height = CAST_HEIGHT * min(1.2, max(0.85, stretch))
        return Actor(
            w.kind,
            0,
            height,
            height * c.width,
            NAMED["blue"],
            NAMED["red"],
            w.action or wish.loose_action or c.action,
            "lead",
            seed,
            "walker",
            c.voice,
        )
    if kind == "cameo":
        shirt = NAMED[w.colour or _VARIED[seed % len(_VARIED)]]
        return Actor(
            w.kind,
            0,
            FACE_HEIGHT,
            FACE_HEIGHT * 1.3,
            shirt,
            light(shirt, 0.4),
            w.action or wish.loose_action or "wave",
            "cameo",
            seed,
            "walker",
            "step",
        )
    thing = THINGS[w.kind]
    colour = NAMED[w.colour] if w.colour else thing.colour
    if (not w.colour and n and thing.family in ("round", "light", "flyer", "swimmer", "vehicle")) or (
        not w.colour and n and w.kind in ("flower", "person")
    ):
        colour = NAMED[_VARIED[((seed >> 5) + 3 * n) % len(_VARIED)]]
    second = thing.second if thing.second != colour else mix(light(colour, 0.6), NAMED["white"], 0.5)
    height = thing.height * stretch * (0.94 + 0.12 * ((seed >> 3) % 100) / 100)
    return Actor(
        w.kind,
        0,
        height,
        height * thing.width,
        colour,
        second,
        w.action or wish.loose_action or thing.action,
        thing.role,
        seed,
        thing.family,
        thing.voice,
    )


def _fit(leads: list[Actor], aspect: float) -> list[Actor]:
    """Shrink the leads until they stand side by side; those who must be recognised shrink last."""
    total = sum(a.width for a in leads)
    room = aspect * (0.98 if any(a.cameo is not None for a in leads) else 0.92)
    if total <= room:
        return leads
    k = room / total
    out = []
    for a in leads:
        least = CAST_LEAST / a.height if a.kind.startswith("cast:") else 0.0
        s = max(k, min(1.0, least)) if aspect > 1 else max(k, min(1.0, least * 0.95))
        out.append(replace(a, height=a.height * s, width=a.width * s))
    return out

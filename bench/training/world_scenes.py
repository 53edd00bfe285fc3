"""Scenes for the small CLIP to learn from: what is in them, and the same thing said in many ways.

A scene is a few facts. They become a prompt that the embedded world films, and captions that are true of the film. Captions use
the words of ``classifiers/clip/scene/data/words.yaml`` and no others.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from classifiers.clip.scene.words import Language, held_out, slots, split
from generator.world.catalog import THINGS

#: Things drawn as large as the frame lets them would hide each other when there are many.
_MANY = tuple(k for k, t in THINGS.items() if t.height < 0.47 and t.width < 1.5)
_INDOORS = ("room", "kitchen", "stage", "space", "underwater")
_SUITS: dict[str, tuple[str, ...]] = {
    "walker": ("walk", "run", "dance", "jump", "wave", "idle"),
    "flyer": ("fly",), "swimmer": ("swim",), "vehicle": ("drive",), "boat": ("sail",), "round": ("bounce", "roll"),
    "light": ("drift",), "plant": (), "other": ("spin",),
}  # fmt: skip


@dataclass(frozen=True)
class Subject:
    """One thing (``kind``) or named character (``cast:KEY``); None is not said."""

    kind: str
    colour: str | None = None
    count: int = 1
    size: str | None = None
    action: str | None = None


@dataclass(frozen=True)
class Facts:
    """What a scene shows."""

    subjects: tuple[Subject, ...]
    place: str
    time: str
    weather: str


def subject(rng: np.random.Generator, place: str, kept: bool = False) -> Subject:
    """Any thing or character that may stand in ``place``; of the held-out pairs when ``kept``."""
    words = slots()
    while True:
        cast = rng.random() < 0.1
        kind = f"cast:{_one(rng, words['characters'])}" if cast else _one(rng, words["things"])
        if held_out(kind, place) == kept:
            break
    if cast or kind == "sign":
        return Subject(kind)
    colour = _one(rng, words["colours"]) if rng.random() < 0.75 else None
    count = int(_one(rng, words["counts"])) if kind in _MANY and rng.random() < 0.25 else 1
    size = _one(rng, words["sizes"]) if rng.random() < 0.15 else None
    actions = _SUITS[THINGS[kind].family]
    action = str(rng.choice(actions)) if actions and rng.random() < 0.5 else None
    return Subject(kind, colour, count, size, action)


def setting(rng: np.random.Generator) -> tuple[str, str, str]:
    """Place, time and weather."""
    words = slots()
    place = _one(rng, words["places"])
    time = str(rng.choice(["day", "day", "sunset", "night"]))
    weather = "clear" if place in _INDOORS else str(rng.choice(["clear", "clear", "rain", "snow"]))
    return place, time, weather


def family(rng: np.random.Generator, place: str, other: str) -> list[tuple[Subject, ...]]:
    """Four casts for two places that differ in one thing each: as it is, another colour, another thing, another number."""
    while True:
        first = subject(rng, place)
        if not held_out(first.kind, other):
            break
    plain = first.kind.startswith("cast:") or first.kind == "sign"
    colour = _other(rng, tuple(slots()["colours"]), first.colour)
    while True:
        thing = subject(rng, place)
        if not held_out(thing.kind, other) and thing.kind != first.kind:
            break
    swapped = thing if plain or thing.kind.startswith("cast:") or thing.kind == "sign" else replace(thing, colour=first.colour)
    beside = replace(thing, count=1, size=None)
    if first.kind in _MANY and rng.random() < 0.6:
        number: tuple[Subject, ...] = (replace(first, count=2 if first.count == 1 else 1),)
    else:
        number = (replace(first, count=1), beside)
    recoloured = (replace(first, colour=colour),) if not plain else (subject_like(rng, first, place, other),)
    return [(first,), recoloured, (swapped,), number]


def subject_like(rng: np.random.Generator, first: Subject, place: str, other: str) -> Subject:
    """Another character for a character, another thing for a sign."""
    while True:
        found = subject(rng, place)
        if found.kind != first.kind and not held_out(found.kind, other):
            return found


def prompt(facts: Facts) -> str:
    """The facts as the plainest English the world understands."""
    words = slots()
    said = []
    for s in facts.subjects:
        if s.kind == "sign":
            said.append('a sign saying "HELLO"')
            continue
        noun = words["characters"][s.kind[5:]].en[0] if s.kind.startswith("cast:") else words["things"][s.kind].en[0]
        noun = words["things"][s.kind].many[0] if s.count > 1 else noun
        size = {"1.4": "big ", "0.62": "small "}.get(s.size or "", "")
        said.append(
            f"{s.count if s.count > 1 else 'a'} {size}{s.colour + ' ' if s.colour else ''}{noun} {s.action or ''}".strip()
        )
    weather = "" if facts.weather == "clear" else f", {facts.weather}"
    return f"{' and '.join(said)} {words['places'][facts.place].en[0]}, {facts.time}{weather}"


def caption(facts: Facts, language: Language, rng: np.random.Generator, whole: bool = False) -> str:
    """One true sentence about the scene; ``whole`` leaves nothing out but the verb and a clear sky."""
    words = slots()

    def keep(chance: float) -> bool:
        return whole or bool(rng.random() < chance)

    nouns = [noun_phrase(s, language, rng, keep(0.9), keep(0.7)) for s in facts.subjects]
    if len(nouns) > 1 and rng.random() < 0.5:
        nouns = nouns[::-1]
    joints = {"en": (" and ", " next to ", " with "), "fr": (" et ", " près d'", " avec ")}[language]
    joint = str(rng.choice(joints))
    text = joint.join(nouns) if language == "en" or joint != " près d'" else " et ".join(nouns)
    first = facts.subjects[0]
    if first.action and len(facts.subjects) == 1 and rng.random() < 0.6:
        text += " " + words["actions"][first.action].of(language)[int(first.count > 1)]
    where = _phrase(rng, words["places"][facts.place].of(language)) if keep(0.85) else ""
    when = _phrase(rng, words["times"][facts.time].of(language)) if keep(0.35 if facts.time == "day" else 0.75) else ""
    sky = _phrase(rng, words["weathers"][facts.weather].of(language)) if facts.weather != "clear" and keep(0.8) else ""
    if facts.weather == "clear" and not whole and facts.place not in _INDOORS and rng.random() < 0.08:
        sky = _phrase(rng, words["weathers"]["clear"].of(language))
    rest = [p for p in (where, when, sky) if p]
    if rng.random() < 0.2:
        rng.shuffle(rest)
    if rest and rng.random() < 0.12:
        return _worn(f"{rest[-1]}, {text} {' '.join(rest[:-1])}", language, rng, whole)
    if rng.random() < 0.12:
        text = {"en": "a picture of ", "fr": "une image avec "}[language] + text
    return _worn(f"{text} {' '.join(rest)}", language, rng, whole)


def noun_phrase(s: Subject, language: Language, rng: np.random.Generator, colour: bool = True, size: bool = True) -> str:
    """'two small red cats', 'une petite voiture bleue'."""
    words = slots()
    if s.kind.startswith("cast:"):
        return _phrase(rng, words["characters"][s.kind[5:]].of(language))
    many = s.count > 1
    names = words["things"][s.kind].of(language)
    noun = names[0] if many else _phrase(rng, names)
    shade = words["colours"][s.colour] if s.colour and colour else None
    big = words["sizes"][s.size] if s.size and size else None
    if language == "en":
        said = [_phrase(rng, p.en) for p in (big, shade) if p]
        noun = words["things"][s.kind].many[0] if many else noun
        head = words["counts"][str(s.count)].en[0] if many else "an" if (said or [noun])[0][0] in "aeiou" else "a"
        return " ".join([head if many or rng.random() < 0.8 else "the", *said, noun])
    article, noun = noun.split(" ", 1)
    form = int(article == "une") + 2 * int(many)
    noun = words["things"][s.kind].many[1] if many else noun
    head = words["counts"][str(s.count)].fr[0] if many else article
    return " ".join([head, *([big.fr[form]] if big else []), noun, *([shade.fr[form]] if shade else [])])


def _worn(text: str, language: Language, rng: np.random.Generator, whole: bool) -> str:
    """The caption as people type it: now and then without accents, or with a word lost."""
    text = " ".join(text.split())
    if language == "fr" and rng.random() < 0.15:
        text = " ".join(split(text))
    if not whole and rng.random() < 0.15:
        words = text.split()
        glue = [i for i, w in enumerate(words) if len(w) <= 3]
        if glue and len(words) > 3:
            del words[int(rng.choice(glue))]
        text = " ".join(words)
    return text


def _one(rng: np.random.Generator, table: dict[str, object] | dict[str, str]) -> str:
    keys = list(table)
    return keys[int(rng.integers(len(keys)))]


def _other(rng: np.random.Generator, values: tuple[str, ...], than: str | None) -> str:
    left = [v for v in values if v != than]
    return left[int(rng.integers(len(left)))]


def _phrase(rng: np.random.Generator, phrases: tuple[str, ...]) -> str:
    """The first phrase half of the time, any of them otherwise."""
    return phrases[0] if rng.random() < 0.4 else phrases[int(rng.integers(len(phrases)))]

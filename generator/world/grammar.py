"""From a prompt in English or French to what it asks for.

It looks for words it knows and how they stand to each other (red before ball, rouge after ballon, the verb after its subject),
and lets everything else go: a prompt is never an error here.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import yaml

from generator.world.characters import CHARACTERS, ENOUGH

#: Read no further: later words change little, and a megabyte of text must not cost minutes.
MAX_WORDS = 400
_LONGEST_PHRASE = 5
WORDS = Path(__file__).parent / "words.yaml"
_STOPS = frozenset(
    [
        "and",
        "et",
        "with",
        "avec",
        "wearing",
        "that",
        "who",
        "which",
        "qui",
        "on",
        "in",
        "at",
        "over",
        "under",
        "sur",
        "dans",
        "sous",
        "near",
        "beside",
        "while",
        "of",
        ",",
        ".",
        ";",
        ":",
        "!",
        "?",
    ]
)
_FRENCH = frozenset(
    [
        "un",
        "une",
        "le",
        "la",
        "les",
        "des",
        "du",
        "de",
        "sur",
        "dans",
        "avec",
        "et",
        "au",
        "aux",
        "qui",
        "sous",
        "pendant",
        "est",
        "son",
        "sa",
        "ses",
        "une",
    ]
)
_NOT = frozenset(["without", "sans", "no", "remove", "enleve", "retire", "supprime"])
_IS = frozenset(["is", "are", "becomes", "turns", "now", "all"])
_HOLDING = frozenset(
    ["with", "avec", "holding", "holds", "hold", "carrying", "carries", "wielding", "wields", "brandishing", "brandishes", "has",
     "armed", "tient", "tiennent", "tenant", "porte", "portent", "portant", "brandit", "brandissant", "arme", "armee"]
)  # fmt: skip
_ENDS = frozenset([".", ";", ":", "!", "?"])
#: What a figure can take into its hand, and the things (beside characters and guests) that have one.
HELD = frozenset(["sword", "dagger", "pistol", "rifle", "axe", "bow_and_arrow", "bomb", "flag"])
_HANDED = frozenset(["person", "robot", "ghost", "bear", "cat", "dog", "fox", "rabbit", "penguin", "snowman", "dinosaur"])
_ARTICLES = frozenset(["the", "les", "la", "big", "of", "in", "des", "sea", "ocean"])


@dataclass(frozen=True)
class Wanted:
    """One kind of actor: a thing's name, ``cast:KEY`` or ``cameo:INDEX``; None is "not said"."""

    kind: str
    colour: str | None = None
    size: float | None = None
    count: int | None = None
    action: str | None = None
    at: int = 0
    held: str | None = None
    held_colour: str | None = None


@dataclass
class Wish:
    """All that was understood."""

    actors: list[Wanted] = field(default_factory=list)
    place: str | None = None
    time: str | None = None
    weather: str | None = None
    camera: str | None = None
    loose_action: str | None = None
    removed: frozenset[str] = frozenset()
    lettering: str | None = None


@dataclass(frozen=True)
class _Item:
    sort: str
    value: str
    start: int
    end: int
    plural: bool = False


def fold(text: str) -> str:
    """Lower case without accents; apostrophes and hyphens become spaces."""
    flat = unicodedata.normalize("NFKD", text.lower()).replace("œ", "oe")
    flat = "".join(c for c in flat if not unicodedata.combining(c))
    return re.sub(r"[’'`\-_/]", " ", flat)


def understand(prompt: str, cameos: tuple[str, ...] = ()) -> Wish:
    """Read a prompt. ``cameos`` are the names of the people who are to appear, in order."""
    wish = Wish()
    prompt, wish.lettering = _quoted(prompt[:20_000])
    words = re.findall(r"[a-z0-9]+|[,.;:!?]", fold(prompt))[:MAX_WORDS]
    french = sum(w in _FRENCH for w in words) > sum(w in ("the", "a", "an", "of", "with", "is", "and", "on", "in") for w in words)
    taken, described = _described(words)
    items = _items(words, french, taken, cameos)
    items = sorted([*items, *described], key=lambda i: i.start)
    removed: set[str] = set()
    for i, item in enumerate(items):
        gone = any(w in _NOT for w in words[max(0, item.start - 3) : item.start])
        if item.sort in ("thing", "cast", "cameo"):
            kind = item.value if item.sort == "thing" else f"{item.sort}:{item.value}"
            if gone:
                removed.add(kind)
            else:
                wish.actors.append(_wanted(kind, item, items, i, words, french))
        elif item.sort in ("place", "time", "weather", "camera") and not gone:
            setattr(wish, item.sort, getattr(wish, item.sort) or item.value)
    wish.removed = frozenset(removed)
    _verbs(wish, [i for i in items if i.sort in ("verb", "thing", "cast", "cameo")], words)
    wish.actors = _handed(wish.actors, words)
    return wish


def _quoted(prompt: str) -> tuple[str, str | None]:
    """Take out words to be written in the picture: anything in double quotes or guillemets."""
    found = re.search(r"[\"“„«]\s*([^\"“”„«»]{1,120}?)\s*[\"”“»]", prompt)
    if not found:
        return prompt, None
    return prompt[: found.start()] + " " + prompt[found.end() :], found.group(1).strip() or None


@cache
def _words() -> dict[str, dict[str, list[str]]]:
    loaded: dict[str, dict[str, list[str]]] = yaml.safe_load(WORDS.read_text("utf-8"))
    return loaded


@cache
def _actions() -> dict[str, re.Pattern[str]]:
    return {name: re.compile("|".join(patterns)) for name, patterns in _words()["actions"].items()}


@cache
def _lexicon() -> dict[tuple[str, ...], tuple[str, str, bool]]:
    table: dict[tuple[str, ...], tuple[str, str, bool]] = {}

    def put(sort: str, words: dict[str, list[str]], plurals: bool) -> None:
        for value, phrases in words.items():
            for phrase in phrases:
                tokens = tuple(phrase.split())
                table.setdefault(tokens, (sort, value, False))
                if plurals:
                    for last in _plurals(tokens[-1]):
                        table.setdefault((*tokens[:-1], last), (sort, value, sort == "thing"))

    words = _words()
    put("cast", {c.key: [fold(n) for n in c.names] for c in CHARACTERS.values()}, False)
    for sort in ("place", "time", "weather", "camera", "thing", "colour", "size", "count"):
        put(sort, words[sort + "s"], sort in ("place", "thing", "colour", "size"))
    table["se", "bat"] = table["qui", "se", "bat"] = ("verb", "fight", False)  # alone, the word is an animal
    for tokens in (("people",), ("children",), ("men",), ("women",), ("gens",), ("snowmen",), ("cacti",)):
        table[tokens] = (*table[tokens][:2], True)
    return table


def _plurals(word: str) -> tuple[str, ...]:
    out = [word + "s", word + "es", word + "x"]
    if word.endswith("y"):
        out.append(word[:-1] + "ies")
    if word.endswith("al"):
        out.append(word[:-1] + "ux")
    return tuple(out)


def _described(words: list[str]) -> tuple[set[int], list[_Item]]:
    """Characters that are described rather than named, and the words that describe them."""
    joined = " " + " ".join(words) + " "
    best: tuple[float, str, int, set[int]] | None = None
    for c in CHARACTERS.values():
        if any(f" {fold(n)} " in joined for n in c.names):
            continue
        kind = next((i for i, w in enumerate(words) if w in c.kinds.split("|") or w.rstrip("s") in c.kinds.split("|")), None)
        if kind is None:
            continue
        score, used = 0.0, {kind}
        for options, weight in c.features:
            hits = {i for i, w in enumerate(words) if w in options.split("|")}
            if hits or any(" " in o and f" {o} " in joined for o in options.split("|")):
                score += weight
                used |= hits
        if score >= ENOUGH and (best is None or score > best[0]):
            best = (score, c.key, kind, used)
    if best is None:
        return set(), []
    _, key, kind, used = best
    span = range(min(used), max(used) + 1)
    return used | set(span), [_Item("cast", key, kind, kind + 1)]


def _items(words: list[str], french: bool, taken: set[int], cameos: tuple[str, ...]) -> list[_Item]:
    """Known phrases in order, the longest first; ``taken`` words are spoken for."""
    people = _people(cameos)
    items: list[_Item] = []
    i = 0
    while i < len(words):
        found = None
        for n in range(min(_LONGEST_PHRASE, len(words) - i), 0, -1):
            if not taken & set(range(i, i + n)):
                found = _phrase(tuple(words[i : i + n]), i, french, people)
            if found:
                break
        if found is None and i not in taken and (verb := _verb(words, i)):
            found = _Item("verb", verb, i, i + 1)
        if found:
            items.append(found)
        i = found.end if found else i + 1
    return items


def _people(cameos: tuple[str, ...]) -> dict[tuple[str, ...], str]:
    """Full names and first names of the guests."""
    people: dict[tuple[str, ...], str] = {}
    for index, name in enumerate(cameos):
        tokens = tuple(re.findall(r"[a-z0-9]+", fold(name)))
        for key in (tokens, tokens[:1]):
            if key:
                people.setdefault(key, str(index))
    return people


def _phrase(key: tuple[str, ...], start: int, french: bool, people: dict[tuple[str, ...], str]) -> _Item | None:
    end = start + len(key)
    if key in people:
        return _Item("cameo", people[key], start, end)
    if len(key) == 1 and key[0] in ("rose", "roses"):  # a flower in English, a colour in French
        return _Item("colour", "pink", start, end) if french else _Item("thing", "flower", start, end, key[0] != "rose")
    if key == ("sang",):  # blood in French, what a singer did in English
        return _Item("thing", "blood", start, end) if french else None
    if key in _lexicon():
        sort, value, plural = _lexicon()[key]
        return _Item(sort, value, start, end, plural)
    return None


def _verb(words: list[str], i: int) -> str | None:
    word = words[i]
    if word in ("wave", "waves") and i and words[i - 1] in _ARTICLES:
        return None
    return next((name for name, pattern in _actions().items() if pattern.fullmatch(word)), None)


def _wanted(kind: str, item: _Item, items: list[_Item], i: int, words: list[str], french: bool) -> Wanted:
    """Gather what is said of one noun: before it, and in French after it too."""
    got: dict[str, str] = {}
    for other in reversed(items[:i]):
        between = words[other.end : item.start]
        if other.sort in ("thing", "cast", "cameo", "place") or len(between) > 4 or (_STOPS & set(between)) - {"of"}:
            break
        if other.sort in ("colour", "size", "count"):
            got.setdefault(other.sort, other.value)
    if french:
        for other in items[i + 1 :]:
            between = words[item.end : other.start]
            if other.sort not in ("colour", "size") or len(between) > 3 or _STOPS & set(between):
                break
            got.setdefault(other.sort, other.value)
    elif i + 1 < len(items) and items[i + 1].sort == "colour" and set(words[item.end : items[i + 1].start]) <= _IS:
        after = items[i + 2] if i + 2 < len(items) else None
        if after is None or after.start > items[i + 1].end or after.sort not in ("thing", "cast"):  # "make the ball blue"
            got["colour"] = items[i + 1].value
    count = int(got["count"]) if "count" in got else None
    if count is None and item.plural:
        count = 3
    return Wanted(kind, got.get("colour"), float(got["size"]) if "size" in got else None, count, None, item.start)


def _verbs(wish: Wish, items: list[_Item], words: list[str]) -> None:
    """Give every verb its subjects: the actors before it that have none, or, as in "two dancing robots", the one after."""
    for i, item in enumerate(items):
        if item.sort != "verb":
            continue
        following = items[i + 1] if i + 1 < len(items) else None
        close = following is not None and following.sort != "verb" and not _STOPS & set(words[item.end : following.start])
        before = [k for k, a in enumerate(wish.actors) if a.at < item.start and a.action is None]
        adjacent = bool(before) and item.start - wish.actors[before[-1]].at <= 2
        if (
            close
            and following is not None
            and following.start - item.end <= 2
            and not adjacent
            and words[item.start].endswith(("ing", "ant"))
        ):
            before = [k for k, a in enumerate(wish.actors) if a.at == following.start]
        if not before and not any(a.at < item.start for a in wish.actors):
            wish.loose_action = wish.loose_action or item.value
            continue
        for k in before:
            wish.actors[k] = replace(wish.actors[k], action=item.value)


def _handed(actors: list[Wanted], words: list[str]) -> list[Wanted]:
    """Put what someone is "with" into their hand: "a knight with a sword" is one actor, "a knight and a sword" are two."""
    out: list[Wanted] = []
    for w in actors:
        holder = out[-1] if out else None
        between = set(words[holder.at + 1 : w.at]) if holder else set()
        can = holder is not None and (holder.kind in _HANDED or ":" in holder.kind) and holder.held is None
        if holder is not None and can and w.kind in HELD and between & _HOLDING and not between & _ENDS:
            out[-1] = replace(holder, held=w.kind, held_colour=w.colour)
        else:
            out.append(w)
    return out

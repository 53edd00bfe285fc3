"""What of a prompt the small CLIP can judge: the phrases it was taught, found in the user's words.

Everything else is left out, as are words in quotes; where nothing is left, or the prompt says what must not be there, there is
nothing to judge. It must never guess: a word that could mean two places means none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from classifiers.clip.scene.words import GLUE, Slot, slots, split

#: Prompts that forbid or replace are not descriptions.
_NOT = frozenset((
    "without", "no", "not", "never", "remove", "instead", "except", "sans", "pas", "aucun", "aucune", "jamais", "enleve",
    "retire", "supprime", "sauf",
))  # fmt: skip
_LEADING = frozenset((
    "on", "in", "at", "by", "under", "the", "a", "an", "la", "le", "les", "l", "un", "une", "en", "sur", "dans", "sous",
    "au", "de", "d", "while", "it", "il",
))  # fmt: skip
_FRENCH = frozenset((
    "un", "une", "le", "la", "les", "des", "du", "dans", "sur", "avec", "et", "au", "aux", "est", "sous", "en",
))  # fmt: skip
#: Last words of places and hours that mean something else as often.
_DOUBTFUL = frozenset((
    "water", "eau", "sun", "soleil", "scene", "jour", "air", "town",
))  # fmt: skip
_MOST_WORDS = 200


@dataclass(frozen=True)
class Told:
    """``text``: the known phrases but the verbs, with the small words before them, as the user wrote them.

    ``said``: the values by slot, in order.
    """

    text: str
    said: tuple[tuple[Slot, str], ...]

    def of(self, *wanted: Slot) -> tuple[str, ...]:
        return tuple(value for slot, value in self.said if slot in wanted)

    @property
    def judgeable(self) -> bool:
        """Whether it names a known thing or character in a known place: with only one of the two, false alarms were common."""
        return bool(self.of("places") and self.of("things", "characters"))


def told(prompt: str) -> Told | None:
    """The part of ``prompt`` that can be judged; None when there is none."""
    bare = re.sub(r"[\"“„«][^\"“”„«»]{1,120}[\"”“»]", " ", prompt[:4000])
    words = [(w, found) for w in re.findall(r"[^\W_]+", bare) for found in [" ".join(split(w))] if found][:_MOST_WORDS]
    plain = [found for _, found in words]
    if _NOT & set(plain):
        return None
    french = sum(w in _FRENCH for w in plain) > sum(w in ("the", "a", "an", "of", "with", "is", "and", "in") for w in plain)
    kept: list[str] = []
    before: list[str] = []
    said: list[tuple[Slot, str]] = []
    i = 0
    while i < len(plain):
        phrase = next((p for n in range(16, 0, -1) if (p := tuple(plain[i : i + n])) in _lexicon() and len(p) == n), None)
        if phrase and (french or phrase[0] not in ("rose", "roses")):  # a flower in English, a colour in French
            said.append(_lexicon()[phrase])
            if said[-1][0] != "actions":  # a frame shows no movement
                kept += [*before, *(w for w, _ in words[i : i + len(phrase)])]
            before = []
            i += len(phrase)
            continue
        before = [*before, words[i][0]] if plain[i] in _glue() else []
        i += 1
    answer = Told(" ".join(kept), tuple(said))
    return answer if answer.judgeable else None


@cache
def _glue() -> frozenset[str]:
    return frozenset(w for words in GLUE.values() for g in words for w in split(g))


@cache
def _lexicon() -> dict[tuple[str, ...], tuple[Slot, str]]:
    """Phrases, their plurals and, for places and hours, their last words alone; what would mean two values is left out."""
    table: dict[tuple[str, ...], set[tuple[Slot, str]]] = {}
    cores: dict[tuple[str, ...], set[tuple[Slot, str]]] = {}
    for slot, values in slots().items():
        for value, phrase in values.items():
            for text in (*phrase.en, *phrase.fr, *phrase.many):
                words = tuple(split(text))
                if slot in ("things", "characters") and words[0] in ("un", "une", "a"):
                    words = words[1:]
                table.setdefault(words, set()).add((slot, value))
                if slot == "things":
                    table.setdefault((*words[:-1], words[-1] + "s"), set()).add((slot, value))
                if slot in ("places", "times", "weathers"):
                    core = words
                    while len(core) > 1 and core[0] in _LEADING:
                        core = core[1:]
                    if not (slot != "weathers" and words[0] in ("under", "sous")):  # the sea, without "under", is another place
                        cores.setdefault(core, set()).add((slot, value))
    for core, values_of in cores.items():
        if core not in table and core[0] not in _LEADING | _DOUBTFUL:
            table[core] = values_of
    # "fish" is one and many, "bus" and "voiture" are the same value twice: only what names two values is in doubt.
    return {words: next(iter(found)) for words, found in table.items() if len(found) == 1}

"""Captions to choose from, slot by slot: what CLIP's zero-shot reading says is there, where, when, in which weather and colour.

A caption is composed, not written: the likeliest value of each slot whose probability is telling. It must never name what no
slot supports.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from classifiers.clip.scene.words import Language, Phrase, Slot, slots

if TYPE_CHECKING:
    from classifiers.clip.scene.eyes import Eyes, Vectors

#: A slot is spoken of from this probability on; the place always is.
TELLING = 0.5
#: What stands for a thing that cannot be told.
SOMETHING = "something"
READ: tuple[Slot, ...] = ("things", "places", "times", "weathers")


@dataclass(frozen=True)
class Reading:
    """The values of one slot and their probabilities for each picture, (pictures, values)."""

    values: tuple[str, ...]
    share: NDArray[np.float64]

    def best(self, picture: int) -> tuple[str, float]:
        i = int(self.share[picture].argmax())
        return self.values[i], float(self.share[picture, i])

    def of(self, picture: int, value: str) -> float:
        return float(self.share[picture, self.values.index(value)])


def texts(slot: Slot, value: str, language: Language = "en") -> tuple[str, ...]:
    """The texts that stand for one value in zero-shot reading; a character is ``cast:KEY`` among the things."""
    if value.startswith("cast:"):
        return slots()["characters"][value[5:]].of(language)
    phrase = slots()[slot][value]
    if slot == "things":
        return tuple(f"{article(n)} {n}" if language == "en" else n for n in phrase.of(language))
    if slot == "colours":
        return tuple(f"a {n} thing" if language == "en" else f"une chose {n}" for n in phrase.of(language))
    return phrase.of(language)


def values_of(slot: Slot) -> tuple[str, ...]:
    """The values of a slot, the characters among the things."""
    cast = tuple(f"cast:{key}" for key in slots()["characters"]) if slot == "things" else ()
    return (*slots()[slot], *cast)


def read(eyes: Eyes, pictures: Vectors, slot: Slot, language: Language = "en") -> Reading:
    """Zero-shot reading of one slot (Radford et al. 2021, 3.1.4: the mean of a value's texts)."""
    values = values_of(slot)
    return Reading(values, softmax(eyes.scale * pictures @ _means(eyes, [texts(slot, v, language) for v in values]).T))


def colours(eyes: Eyes, pictures: Vectors, thing: str, language: Language = "en") -> Reading:
    """Zero-shot reading of the colour of ``thing``."""
    noun = slots()["things"][thing]
    values = tuple(slots()["colours"])
    said = [tuple(coloured(noun, slots()["colours"][c], language)) for c in values]
    return Reading(values, softmax(eyes.scale * pictures @ _means(eyes, said).T))


def coloured(noun: Phrase, colour: Phrase, language: Language) -> list[str]:
    """'a red ball' or 'une balle rouge', for the noun's first name."""
    if language == "en":
        return [f"{article(colour.en[0])} {colour.en[0]} {noun.en[0]}"]
    return [f"{noun.fr[0]} {colour.fr[int(noun.fr[0].startswith('une '))]}"]


def captions(eyes: Eyes, pictures: Vectors) -> list[tuple[str, float]]:
    """The best caption of each picture and the product of the probabilities of what it says."""
    read_of = {slot: read(eyes, pictures, slot) for slot in READ}
    out = []
    for i in range(len(pictures)):
        place, probability = read_of["places"].best(i)
        thing, sure = read_of["things"].best(i)
        text = SOMETHING
        if sure >= TELLING:
            text, share = _named(eyes, pictures[i : i + 1], thing)
            probability *= sure * share
        text += " " + texts("places", place)[0]
        for slot in ("times", "weathers"):
            value, share = read_of[slot].best(i)
            if share >= TELLING and value not in ("day", "clear"):
                probability *= share
                text += " " + texts(slot, value)[0]
        out.append((text, float(probability)))
    return out


def _named(eyes: Eyes, picture: Vectors, thing: str) -> tuple[str, float]:
    """The thing with its colour where that is telling, and the colour's probability, else 1."""
    if not thing.startswith("cast:") and thing != "sign":
        colour, share = colours(eyes, picture, thing).best(0)
        if share >= TELLING:
            return coloured(slots()["things"][thing], slots()["colours"][colour], "en")[0], share
    return texts("things", thing)[0], 1.0


def softmax(logits: NDArray[Any]) -> NDArray[np.float64]:
    """Along the last axis."""
    shifted = np.exp(logits.astype(np.float64) - logits.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True))


def article(noun: str) -> str:
    return "an" if noun[0] in "aeiou" else "a"


def _means(eyes: Eyes, groups: list[tuple[str, ...]]) -> Vectors:
    flat = eyes.words([t for group in groups for t in group])
    ends = np.cumsum([len(g) for g in groups])
    means = np.stack([part.mean(axis=0) for part in np.split(flat, ends[:-1])])
    return np.asarray(means / np.linalg.norm(means, axis=1, keepdims=True), np.float32)

"""The words our small CLIP knows, slot by slot, in English and French.

One list serves the training that writes captions from it and the reader that composes captions with it, so that neither can
speak of what the other never saw. It must not grow by itself: a word that was not trained is not known.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import yaml

#: One pair of thing and place in this many is never trained on, so that figures can be taken on those pairs alone.
HELD_OUT_ONE_IN = 10
LIST = Path(__file__).parent / "data" / "words.yaml"
Language = Literal["en", "fr"]
LANGUAGES: tuple[Language, ...] = ("en", "fr")
Slot = Literal["things", "characters", "places", "times", "weathers", "colours", "counts", "sizes", "actions"]
#: Words that hold a caption together; they say nothing of the picture.
GLUE = {
    "en": ("a", "an", "the", "and", "with", "next", "to", "there", "is", "are", "picture", "of", "in", "on", "at", "by"),
    "fr": ("un", "une", "le", "la", "les", "des", "et", "avec", "près", "de", "du", "il", "y", "a", "image", "dans"),
}  # fmt: skip


@dataclass(frozen=True)
class Phrase:
    """One value of a slot: its phrases in each language, and for a noun the two plurals (English, French)."""

    en: tuple[str, ...]
    fr: tuple[str, ...]
    many: tuple[str, ...] = ()

    def of(self, language: Language) -> tuple[str, ...]:
        return self.en if language == "en" else self.fr


@cache
def slots() -> dict[Slot, dict[str, Phrase]]:
    """Every slot with its values and their phrases."""
    rows: dict[Slot, dict[str, dict[str, list[str]]]] = yaml.safe_load(LIST.read_text("utf-8"))
    return {
        slot: {
            value: Phrase(tuple(row["en"]), tuple(row["fr"]), tuple(row.get("many", ()))) for value, row in values.items()
        }
        for slot, values in rows.items()
    }  # fmt: skip


def split(text: str) -> list[str]:
    """Words in lower case without accents, so that 'forêt' and 'foret' are one."""
    flat = unicodedata.normalize("NFKD", text.lower()).replace("œ", "oe")
    return re.findall(r"[a-z]+|\d+", "".join(c for c in flat if not unicodedata.combining(c)))


def held_out(thing: str, place: str) -> bool:
    """Whether ``thing`` (or ``cast:KEY``) in ``place`` is kept from training, the same for ever."""
    return hashlib.sha256(f"{thing}@{place}".encode()).digest()[0] % HELD_OUT_ONE_IN == 0

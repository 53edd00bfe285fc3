"""The lexical net: words that say by themselves what a prompt is about, found in any reading, in linear time.

It is a net under the heads, not the judge: only phrases that have no innocent use are ``clear``. It must never grow into a list
of everything somebody once found rude; that is what the heads are for.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import ahocorasick
import yaml

FILE = Path(__file__).parent / "data" / "lexicon.yaml"
Weight = Literal["clear", "hint", "benign"]


@dataclass(frozen=True, slots=True)
class Hit:
    """``term`` of ``label`` stands at [start, end) of the folded text."""

    label: str
    weight: Weight
    term: str
    start: int
    end: int


class Lexicon:
    """All terms in one automaton; words match whole, ``term*`` matches every continuation."""

    def __init__(self, rows: dict[str, dict[str, list[str]] | list[str]]) -> None:
        entries: dict[str, list[tuple[str, Weight, bool]]] = {}
        words: set[str] = set()
        for label, group in rows.items():
            kinds = {"benign": group} if isinstance(group, list) else group
            for weight, terms in kinds.items():
                for term in map(str, terms):
                    stem = term.rstrip("*")
                    entries.setdefault(stem, []).append((label, weight, term != stem))  # type: ignore[arg-type]
                    if weight != "benign":
                        words.update(stem.split())
        #: Every word of every clear or hinting term, for seeing through disguises; four letters or more, or in a clear term.
        self.words = frozenset(words)
        #: Single words, three letters or more, that a disguise is likely to hide.
        self.risky = frozenset(
            stem
            for stem, found in entries.items()
            if " " not in stem
            and len(stem) >= 3
            and any(weight != "benign" and label != "injection" for label, weight, _ in found)
        )
        self._automaton = ahocorasick.Automaton()
        for stem, found in entries.items():
            self._automaton.add_word(stem, (stem, tuple(found)))
        self._automaton.make_automaton()

    def find(self, folded: str) -> list[Hit]:
        """Every hit in ``folded`` (as ``folding.fold`` gives it) that lies in no benign phrase."""
        found: list[Hit] = []
        for last, (stem, entries) in self._automaton.iter(folded):
            start, end = last - len(stem) + 1, last + 1
            if start and folded[start - 1] != " ":
                continue
            whole = end == len(folded) or folded[end] == " "
            found += [Hit(label, weight, stem, start, end) for label, weight, prefix in entries if whole or prefix]
        benign = [(h.start, h.end) for h in found if h.weight == "benign"]
        return [h for h in found if h.weight != "benign" and not any(s <= h.start and h.end <= e for s, e in benign)]


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The committed lexicon, read on first use."""
    return Lexicon(yaml.safe_load(FILE.read_text("utf-8")))

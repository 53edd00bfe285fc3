"""Names that nobody has, as many as wanted and always the same: people, characters, works and brands, in several scripts.

They are put together from syllables, so that they are as near to one another as real ones are (first names and endings repeat).
None is a plain everyday word, which a real registry would not hold a thousand of either.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from consent.names.words import real_words

MATERIAL = Path(__file__).with_suffix(".txt")


class Made(NamedTuple):
    """A work to be filed: its kind, and its names, the first of which is its title."""

    kind: str
    names: tuple[str, ...]


class Maker:
    """Names from one stream of chance."""

    def __init__(self, seed: int = 7, surnames: int = 60_000, inventions: int = 150_000) -> None:
        """Surnames and invented words are drawn from so many of each, so that names share them."""
        self._chance = np.random.default_rng(seed)
        self._pool: list[int] = []
        self._material: dict[str, list[str]] = {}
        for line in MATERIAL.read_text("utf-8").splitlines():
            what, *words = line.split()
            self._material.setdefault(what, []).extend(words)
        self._surnames = [self._surname() for _ in range(surnames)]
        self._inventions = {long: [self._invented(long) for _ in range(inventions // 2)] for long in (False, True)}

    def works(self, names: int) -> Iterator[Made]:
        """Works with one to three names each, until there are at least ``names``."""
        made = 0
        while made < names:
            work = self._work()
            made += len(work.names)
            yield work

    def _work(self) -> Made:
        kind = self._below(100)
        if kind < 40:
            first, last = self._one("first"), self.surname()
            return Made(
                "person",
                self._some(f"{first} {last}", f"{first[0]}. {last} {self.surname()}", f"{first} {self._one('first')} {last}"),
            )
        if kind < 62:
            name = self.invented()
            return Made("character", self._some(f"{name} {self.surname()}", f"{self._one('titles')} {name}", name))
        if kind < 76:
            name, noun = self.invented(), self._one("nouns")
            return Made("title", self._some(f"The {noun} of {name}", f"{name} {self.surname()}'s {noun}", f"{name}: {noun}"))
        if kind < 86:
            name = self.invented(True)
            return Made("brand", self._some(name, f"{name} {self._one('firms')}", f"{self.invented()} {name}"))
        return Made("character", self._some(self.foreign(kind), self.foreign(kind)))

    def surname(self) -> str:
        return self._one(self._surnames)

    def invented(self, long: bool = False) -> str:
        return self._one(self._inventions[long])

    def _surname(self) -> str:
        """One or two syllables and an ending that others have too."""
        return (self._syllable() + (self._syllable() if self._below(4) == 0 else "") + self._one("endings")).capitalize()

    def _invented(self, long: bool) -> str:
        """A word of at least six letters that is nobody's."""
        word = ""
        while len(word) < (8 if long else 6) or word in real_words():
            word += self._syllable()
        return word.capitalize()

    def foreign(self, kind: int) -> str:
        """A name in another script: half of them Cyrillic."""
        if kind < 93:
            return " ".join(self._row("cyrillic", 3).capitalize() for _ in range(2))
        if kind < 95:
            return " ".join(self._row("greek", 3).capitalize() for _ in range(2))
        if kind < 97:
            return " ".join(self._row("arabic", 3) for _ in range(2))
        if kind < 98:
            return self._row("katakana", 6)
        return self._row("han", 4) if kind < 99 else self._row("hangul", 5)

    def _syllable(self) -> str:
        simple = self._below(3)
        return self._one("simple" if simple else "onsets") + self._one("vowels") + (self._one("codas") if self._below(2) else "")

    def _row(self, letters: str, count: int) -> str:
        return "".join(self._one(letters) for _ in range(count))

    def _some(self, *names: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(names[: 1 + self._below(len(names) + 1) * len(names) // (len(names) + 1)]))

    def _one(self, of: str | list[str]) -> str:
        found = self._material[of] if isinstance(of, str) else of
        return found[self._below(len(found))]

    def _below(self, bound: int) -> int:
        if not self._pool:
            self._pool = self._chance.integers(0, 1 << 31, 65536).tolist()
        return self._pool.pop() % bound

"""More rows from the rows there are: with slips of the finger, and with one prompt's sentence buried in others.

A long prompt with one bad clause must be stopped like the clause alone, and a slip must not save it. Harmless rows get the same
treatment, so that neither length nor slips speak for or against.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from classifiers.prompt.training.corpus import Row

#: Shares of the rows that are written again with slips, and buried in harmless ones.
SLIPPED, BURIED = 0.12, 0.14
#: Longest piece that is buried, and longest whole, in words.
PIECE, WHOLE = 30, 85


def augment(rows: Sequence[Row], seed: int) -> list[Row]:
    """The added rows alone. Rows of sets whose labels are hardly known are left out."""
    rng = random.Random(seed)  # noqa: S311 - a reproducible corpus, not a secret
    usable = [row for row in rows if len(row.known) > 3]
    calm = [row for row in usable if not any(row.known.values()) and len(row.text.split()) <= PIECE]
    added = [replace(row, text=slip(row.text, rng), group=row.group) for row in usable if rng.random() < SLIPPED]
    for row in usable:
        if rng.random() < BURIED and len(row.text.split()) <= PIECE:
            added.append(bury(row, rng.choices(calm, k=rng.choice((1, 1, 2, 3))), rng))
    return added


def slip(text: str, rng: random.Random) -> str:
    """One slip in some twelve letters: exchanged, lost, doubled, a neighbour, an accent lost."""
    letters = list(text)
    for _ in range(max(1, len(letters) // 16)):
        i = rng.randrange(len(letters) - 1) if len(letters) > 2 else 0
        if not letters[i].isalpha():
            continue
        kind = rng.random()
        if kind < 0.35 and i + 1 < len(letters):
            letters[i], letters[i + 1] = letters[i + 1], letters[i]
        elif kind < 0.6:
            letters[i] = ""
        elif kind < 0.8:
            letters[i] *= 2
        else:
            letters[i] = rng.choice("aeiounrstl")
        letters = list("".join(letters))
    return "".join(letters) or text


def bury(row: Row, others: Sequence[Row], rng: random.Random) -> Row:
    """``row`` somewhere among harmless sentences; its labels stay, what is unknown of any part becomes unknown."""
    parts = [other.text.rstrip(". ") for other in others]
    parts.insert(rng.randrange(len(parts) + 1), row.text.rstrip(". "))
    text = rng.choice((". ", ". ", ", ", "; ", "\n", " then ")).join(parts)
    known = {k: v for k, v in row.known.items() if v == 1 or all(k in other.known for other in others)}
    return replace(row, text=" ".join(text.split(" ")[:WHOLE]), known=known)

"""The labels that our own heads answer for, in the fixed order of the rows of their weights."""

from __future__ import annotations

HEADS: tuple[str, ...] = (
    "sexual",
    "real_nudity",
    "violence",
    "gore",
    "self_harm",
    "hate",
    "harassment",
    "illegal",
    "deception",
    "impersonation",
    "injection",
    "sequence",
)
#: One more head for harm of any kind; it names no label of its own but lifts the likeliest one.
UNSAFE = "unsafe"
ROWS: tuple[str, ...] = (*HEADS, UNSAFE)
#: Not a head: no training text of this kind is kept anywhere. It is composed of sexual content and a minor in one reading.
SEXUAL_MINORS = "sexual_minors"
LABELS: frozenset[str] = frozenset(HEADS) | {SEXUAL_MINORS}

#: The pipeline's suggested boundaries: scores are calibrated so that these are the points to hold and to block at.
HOLD = 0.5
BLOCK = 0.8

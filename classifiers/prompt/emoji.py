"""Emoji that carry a meaning the gate must read, as words. Everything else is left out of the plain reading.

A vegetable alone stays a vegetable; two of the suggestive ones together are read as what they stand for.
"""

from __future__ import annotations

WORDS: dict[str, str] = {
    "🔫": "gun", "🔪": "knife", "🗡": "dagger", "⚔": "swords", "💣": "bomb", "🧨": "dynamite", "💥": "explosion", "🪓": "axe",
    "🩸": "blood", "💀": "skull", "☠": "death", "⚰": "coffin", "🪦": "grave", "🧟": "zombie", "💉": "syringe", "💊": "pills",
    "🌿": "plant", "🍁": "leaf", "🚬": "cigarette", "🍺": "beer", "🔞": "adults only porn", "🍆": "eggplant", "🍑": "peach",
    "💦": "splash", "👅": "tongue", "🍒": "cherries", "🌮": "taco", "🍌": "banana", "👙": "bikini", "🖕": "middle finger insult",
    "🐵": "monkey", "🐒": "monkey", "🦍": "gorilla", "👶": "baby", "🧒": "child", "👧": "girl", "👦": "boy", "👩": "woman",
    "👨": "man", "👵": "old woman", "👴": "old man", "💋": "kiss", "😘": "kiss", "🔥": "fire", "🐶": "dog", "🐱": "cat",
    "🐈": "cat", "🐕": "dog", "🏖": "beach", "🌅": "sunrise", "🌊": "waves", "🚗": "car", "✈": "plane",
    "🗳": "ballot", "💳": "credit card",
}  # fmt: skip
#: Two or more of these side by side are the well-known code for sex.
SUGGESTIVE = frozenset("🍆🍑💦👅🍌🍒🌮🔞👉👌")
CODE_FOR_SEX = "explicit sex"

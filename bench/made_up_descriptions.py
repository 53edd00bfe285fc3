"""Descriptions that nobody filed, as many as wanted and always the same, to fill a registry with."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

_PARTS = {
    "look": (
        "tall", "small", "ancient", "clumsy", "elegant", "shy", "grumpy", "cheerful", "one-eyed", "hooded", "glowing",
        "rusty", "furry", "transparent", "bearded", "winged",
    ),
    "colour": (
        "red", "blue", "green", "golden", "silver", "purple", "orange", "turquoise", "black", "white", "crimson", "pink",
        "emerald", "copper",
    ),
    "who": (
        "cat", "dog", "fox", "bear", "rabbit", "dragon", "robot", "knight", "wizard", "princess", "pirate", "detective",
        "boy", "girl", "grandmother", "astronaut", "mermaid", "vampire", "ghost", "goblin", "elf", "giant", "tortoise", "owl",
        "crow", "octopus", "lion", "monkey", "squirrel", "wolf", "frog", "penguin", "engineer", "chef", "queen",
    ),
    "with": (
        "a crooked top hat", "mechanical wings", "a wooden leg", "mismatched boots", "a lantern for a heart",
        "antlers of glass", "a patched coat", "a beard of ivy", "three tails", "a broken crown", "goggles and gloves",
        "a lute on the back", "a clock in the chest", "scales of ice", "a cape of feathers", "a trumpet for a nose",
        "hair like fire", "a suitcase full of storms", "eyes like coins", "a necklace of teeth",
    ),
    "does": (
        "guards a bridge", "sells dreams", "repairs broken toys", "sails the clouds", "hunts shadows", "collects old songs",
        "fears the sea", "bakes magic bread", "rides a motorbike", "never sleeps", "plays chess with death",
        "runs a night market", "paints doors", "searches for a lost brother", "talks to trains", "protects the last forest",
        "races beetles", "teaches stars to sing",
    ),
    "where": (
        "in a city of canals", "on a frozen lake", "under the desert", "in an abandoned theatre", "on the moon",
        "in a mountain village", "inside a volcano", "at the end of the railway", "in a castle of books",
        "beneath a big circus", "on a rainy island",
    ),
}  # fmt: skip


def descriptions(count: int, seed: int = 11) -> Iterator[str]:
    """``count`` sentences, most of them different."""
    chance = np.random.default_rng(seed)
    drawn = {part: chance.integers(len(words), size=count) for part, words in _PARTS.items()}
    for i in range(count):
        look, colour, who, feature, deed, where = (_PARTS[part][drawn[part][i]] for part in _PARTS)
        yield f"A {look} {colour} {who} with {feature} who {deed} {where}."

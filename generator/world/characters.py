"""The named characters: our own invention, each to be found by name, by alias, or by what it looks like.

A description counts when it names the kind of creature and enough of what sets this one apart; a plain "blue robot" is not
Orbo. The weights say how telling each feature is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from generator.world.canvas import Pen
from generator.world.cast import crumpetine, grumbold, kaztor, mimsy, nimbelle, orbo, tavi
from generator.world.pose import Pose

#: Weight of named features, beside the kind of creature, from which a description means the character.
ENOUGH = 1.5


@dataclass(frozen=True)
class Character:
    """``kinds`` words for the creature, ``features`` word lists with their weight, both accent-free; ``width`` per height."""

    key: str
    name: str
    aliases: tuple[str, ...]
    description: str
    description_fr: str
    draw: Callable[[Pen, Pose], None]
    kinds: str
    features: tuple[tuple[str, float], ...]
    voice: str
    width: float = 0.8
    action: str = "wave"

    @property
    def names(self) -> tuple[str, ...]:
        """Every name it goes by, the full one first."""
        return (self.name, *self.aliases)


CHARACTERS: dict[str, Character] = {
    c.key: c
    for c in (
        Character(
            "orbo",
            "Orbo Tanglewick",
            ("Orbo", "Tanglewick", "the Weather Collector"),
            (
                "a round blue robot with one big orange eye, a red and white striped scarf, yellow boots and a "
                "glowing green antenna"
            ),
            (
                "un robot bleu tout rond avec un seul grand oeil orange, une écharpe rayée rouge et blanche, "
                "des bottes jaunes et une antenne verte"
            ),
            orbo.draw,
            "robot|android|droid|machine|automaton",
            (
                ("eye|eyed|oeil|cyclops|cyclope", 1.0),
                ("scarf|echarpe|foulard", 1.0),
                ("blue|bleu|bleue", 0.5),
                ("antenna|antenne", 0.5),
                ("round|rond|ronde|spherical|spherique|ball shaped", 0.25),
                ("boot|boots|bottes", 0.25),
            ),
            "beep",
        ),
        Character(
            "mimsy",
            "Mimsy Quillfeather",
            ("Mimsy", "Quillfeather", "the Starlight Reader"),
            "a purple owl with huge round teal glasses and a tiny yellow top hat",
            ("une chouette violette avec d'énormes lunettes rondes turquoise et un petit chapeau haut-de-forme jaune"),
            mimsy.draw,
            "owl|chouette|hibou",
            (
                ("glasses|spectacles|goggles|lunettes", 1.0),
                ("hat|chapeau|haut", 1.0),
                ("purple|violet|violette|mauve", 0.5),
                ("teal|turquoise", 0.25),
            ),
            "hoot",
        ),
        Character(
            "grumbold",
            "Grumbold Fenn",
            ("Grumbold", "the Lantern of the Fen"),
            "a mossy green troll with red mushrooms growing on his head, two tusks and a glowing lantern",
            ("un troll vert couvert de mousse avec des champignons rouges sur la tête, deux défenses et une lanterne allumée"),
            grumbold.draw,
            "troll|ogre|goblin|gobelin|monster|monstre|giant|geant|creature",
            (
                ("mushroom|mushrooms|champignon|champignons|toadstools", 1.0),
                ("lantern|lanterne", 1.0),
                ("moss|mossy|mousse|moussu", 0.75),
                ("green|vert|verte", 0.5),
                ("tusk|tusks|defenses", 0.5),
            ),
            "growl",
        ),
        Character(
            "tavi",
            "Tavi Starsocks",
            ("Tavi", "Starsocks", "the Satellite Mender"),
            "a pink axolotl in a white spacesuit with a round bubble helmet and yellow boots",
            ("un axolotl rose en combinaison spatiale blanche avec un casque bulle tout rond et des bottes jaunes"),
            tavi.draw,
            "axolotl|salamander|salamandre|newt",
            (
                ("spacesuit|space suit|astronaut|astronaute|combinaison|suit|cosmonaut", 1.0),
                ("helmet|casque|bubble|bulle", 1.0),
                ("pink|rose", 0.5),
                ("boots|bottes", 0.25),
            ),
            "bubble",
        ),
        Character(
            "crumpetine",
            "Sir Crumpetine",
            ("Crumpetine", "the Breakfast Knight"),
            "a knight made of a slice of toast with a teacup for a helmet, a red cape and a long silver spoon",
            (
                "un chevalier fait d'une tranche de pain grillé, coiffé d'une tasse de thé, avec une cape "
                "rouge et une longue cuillère d'argent"
            ),
            crumpetine.draw,
            "knight|chevalier|toast|bread|pain|tartine|warrior",
            (
                ("toast|bread|pain|tartine|grille", 0.75),
                ("teacup|tea cup|cup|tasse", 1.0),
                ("spoon|cuillere", 1.0),
                ("cape|cloak", 0.5),
                ("butter|beurre", 0.5),
            ),
            "clink",
        ),
        Character(
            "nimbelle",
            "Nimbelle Drizzlemere",
            ("Nimbelle", "Drizzlemere", "the Little Dry Cloud"),
            "a small white cloud with a face, rainbow striped legs and a red umbrella with white dots",
            ("un petit nuage blanc avec un visage, des jambes rayées arc-en-ciel et un parapluie rouge à pois blancs"),
            nimbelle.draw,
            "cloud|nuage",
            (
                ("umbrella|parapluie|parasol", 1.0),
                ("rainbow|arc en ciel", 1.0),
                ("legs|jambes|boots|bottes|socks|stockings", 0.5),
                ("dots|dotted|pois|polka", 0.5),
                ("face|visage", 0.5),
            ),
            "chime",
        ),
        Character(
            "kaztor",
            "Kaztor Espinel",
            ("Kaztor", "Espinel", "the Moonlight Singer"),
            "a green cactus with a golden moustache, a straw sombrero and a turquoise zigzag poncho",
            "un cactus vert avec une moustache dorée, un sombrero de paille et un poncho turquoise à zigzags",
            kaztor.draw,
            "cactus",
            (("moustache|mustache", 1.0), ("sombrero|hat|chapeau", 1.0), ("poncho", 1.0), ("singing|chante|guitar", 0.25)),
            "pluck",
        ),
    )
}

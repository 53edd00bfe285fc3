"""The language of a prompt, or none rather than a guess."""

from __future__ import annotations

import pytest

from classifiers.prompt.language import language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Une femme promène son chien au bord de la mer", "fr"),
        ("A woman walks her dog along the sea", "en"),
        ("Una mujer pasea a su perro junto al mar", "es"),
        ("Eine Frau geht mit ihrem Hund am Meer spazieren", "de"),
        ("Женщина гуляет с собакой у моря", "ru"),
    ],
)
def test_a_sentence_has_its_language(text, language):
    assert language_of(text) == language


@pytest.mark.parametrize("text", ["", "taxi", "🙂🙂🙂", "1234567890 1234567890", "\ud800\n\n\x00"])
def test_nobody_can_tell(text):
    assert language_of(text) is None

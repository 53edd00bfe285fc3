"""A clip told in order, and what of a prompt the small CLIP can judge; no model is loaded for it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from classifiers.clip.scene.order import order_text
from classifiers.clip.scene.told import told
from classifiers.clip.scene.words import slots
from safety.passage import Passage


@dataclass(frozen=True)
class Saw:
    time: float
    shot: int
    caption: str
    probability: float = 0.9
    known: float = 1.0


def heard(text: str, start: float, end: float | None = None, medium: str = "speech") -> Passage:
    return Passage.model_validate({"medium": medium, "text": text, "time": (start, end or start + 1), "confidence": 0.9})


def test_a_clip_is_told_shot_by_shot_with_what_is_read_and_heard() -> None:
    seen = [Saw(3, 1, "a cat in a room"), Saw(0.5, 0, "a red car in a city"), Saw(1.5, 0, "a red car in a city")]
    found = [heard("meet me here", 1.0), heard("KITCHEN", 3.2, medium="writing"), heard("come", 3.5)]
    assert order_text(seen, found).splitlines() == [
        'A red car in a city; one hears "meet me here".',
        'A cat in a room; one reads "KITCHEN"; one hears "come".',
    ]


def test_a_shot_that_changes_is_told_in_order() -> None:
    seen = [Saw(2, 0, "a ball on a beach"), Saw(1, 0, "a dog on a beach")]
    assert order_text(seen, []) == "A dog on a beach, then a ball on a beach."


def test_what_the_model_does_not_know_is_not_told_but_words_always_are() -> None:
    seen = [Saw(0, 0, "a whale in space", known=0.1), Saw(2, 1, "a cake", probability=0.05)]
    assert order_text(seen, [heard("nobody saw this", 2.5)]) == 'One hears "nobody saw this".'


def test_words_before_the_first_shot_and_without_any_picture_are_told() -> None:
    assert order_text([Saw(1, 0, "a dog")], [heard("early", 0.1)]) == 'A dog; one hears "early".'
    assert order_text([], [heard("only sound", 0.1)]) == 'One hears "only sound".'
    assert order_text([], []) == ""


def test_what_two_parts_both_heard_is_told_once_and_what_was_told_before_not_again() -> None:
    found = [heard("same words", 29.5), heard("same words", 29.6), heard("told before", 0, medium="order")]
    assert order_text([Saw(0, 0, "a dog")], found) == 'A dog; one hears "same words".'


@pytest.mark.parametrize(
    ("prompt", "values"),
    [
        ("A red ball bounces on a sunny beach", {"red", "ball", "bounce", "beach"}),
        ("Trois chats noirs marchent dans la forêt enneigée la nuit", {"3", "cat", "black", "walk", "forest", "night"}),
        ("trois chats noirs dans la foret", {"3", "cat", "black", "forest"}),
        ("a round blue robot with one big orange eye and a striped scarf in a forest", {"orbo", "forest"}),
        ("un chat rose dans un jardin", {"cat", "pink", "field"}),
        ("a cat and a rose in a garden", {"cat", "field"}),
        ("a fish under the sea", {"fish", "underwater"}),
    ],
)  # fmt: skip
def test_known_phrases_are_found_in_both_languages(prompt: str, values: set[str]) -> None:
    part = told(prompt)
    assert part is not None
    assert {value for _, value in part.said} == values


@pytest.mark.parametrize(
    "prompt",
    [
        "",
        "the same at night",
        "a dog without a hat",
        "un chien sans chapeau",
        'words: "a red car in a city"',
        "horses galore",
        "a red car",
        "a horse on a beach",
    ],
)
def test_what_forbids_or_quotes_or_is_unknown_is_not_judged(prompt: str) -> None:
    assert told(prompt) is None


def test_what_an_unknown_word_leaves_dangling_is_left_out_and_so_are_verbs() -> None:
    part = told("a horse runs on the beach and a red ball bounces")
    assert part is not None
    assert part.text == "on the beach and a red ball"


def test_every_word_list_has_both_languages_and_every_noun_its_plural() -> None:
    for slot, values in slots().items():
        for value, phrase in values.items():
            assert phrase.en and phrase.fr, f"{slot} {value}"
            if slot == "things":
                assert len(phrase.many) == 2, value
                assert all(n.split(" ")[0] in ("un", "une") for n in phrase.fr), value

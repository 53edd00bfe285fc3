"""Descriptions: found without a name, never a block, never behind the database, and held on when they cannot be compared."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from classifiers.prompt.embedding import encoder
from consent import descriptions, works
from consent.descriptions import DescriptionIndex, match_descriptions, parts
from safety.db import Database
from safety.signal import Report
from tests.consent.conftest import Clock
from tests.consent.test_works import add, filing, read

OWL = "A tall blue owl in a postman's cap who delivers letters to the stars on a paper glider."
KNIGHT = "A knight in armour made of blue porcelain plates with painted flowers, who fights with a teaspoon."


def match(database: Database, index: DescriptionIndex, text: str, clock: Clock) -> Report:
    return match_descriptions(database, index, read(text), clock())


@pytest.mark.parametrize(
    "text",
    [
        "that owl, the blue one with the postman cap, bringing mail to the stars",
        "un grand hibou bleu en casquette de facteur livre des lettres aux étoiles sur un planeur en papier",
    ],
)
def test_a_description_in_other_words_makes_a_person_look_and_blocks_nothing(database: Database, clock: Clock, text: str) -> None:
    work = add(database, clock, filing("Postino", description=OWL))
    add(database, clock, filing("Sir Porcelain", description=KNIGHT))
    (signal,) = match(database, DescriptionIndex(encoder), text, clock).signals
    assert signal.label == "reserved_description" and signal.references == {work.id}
    assert 0.5 <= signal.score < 0.75
    assert signal.evidence[0].span is not None and signal.evidence[0].span.end == len(text)


@pytest.mark.parametrize("text", ["a red ball bounces on a beach", "a man rides a bicycle in the rain", "", "  "])
def test_other_prompts_describe_nobody(database: Database, clock: Clock, text: str) -> None:
    add(database, clock, filing("Postino", description=OWL))
    report = match(database, DescriptionIndex(encoder), text, clock)
    assert report.signals == () and report.failure is None


def test_a_description_works_at_the_next_prompt_and_its_withdrawal_and_end_too(database: Database, clock: Clock) -> None:
    index = DescriptionIndex(encoder)
    assert match(database, index, OWL, clock).signals == ()
    first = add(database, clock, filing("Postino", description=OWL))
    assert match(database, index, OWL, clock).signals
    with database.write() as conn:
        works.withdraw(conn, first.id, clock)
    assert match(database, index, OWL, clock).signals == () and len(index) == 0
    add(database, clock, filing("Postino", description=OWL, policy="allow"))
    add(database, clock, filing("Postino", description=OWL, scope=frozenset({"output"})))
    add(database, clock, filing("Postino", description=OWL, expires_at=clock()))
    assert match(database, index, OWL, clock).signals == ()


def test_a_sentence_in_a_long_prompt_is_read_by_itself(database: Database, clock: Clock) -> None:
    add(database, clock, filing("Postino", description=OWL))
    filler = "A market opens in the early morning and people buy bread and apples while it slowly gets light. " * 3
    text = f"{filler}A blue owl with a postman's cap delivers letters to the stars on a glider. {filler}"
    (signal,) = match(database, DescriptionIndex(encoder), text, clock).signals
    span = signal.evidence[0].span
    assert span is not None and text[span.start : span.end].startswith("A blue owl")


def test_long_texts_are_read_in_a_bounded_number_of_parts_within_the_text() -> None:
    text = "one two three four. " * 500 + "word " * 500
    found = parts(text)
    assert len(found) <= descriptions.MOST_PARTS
    assert all(0 <= start < end <= len(text) for start, end in found)


class Waiting:
    """An encoder that begins when it is told to; the vectors are the real one's."""

    def __init__(self) -> None:
        self.begin = threading.Event()

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.begin.wait(20)
        return encoder().embed(texts)


def test_while_a_great_many_descriptions_are_read_prompts_are_held_and_then_all_are_known(
    database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(descriptions, "AT_ONCE", 8)
    waiting = Waiting()
    index = DescriptionIndex(lambda: waiting)
    for number in range(12):
        add(database, clock, filing(f"Work {number}", description=f"A story about the number {number} and a lost umbrella"))
    add(database, clock, filing("Postino", description=OWL))
    waiting_for = threading.Timer(0.2, waiting.begin.set)
    waiting_for.start()
    assert "still being read" in (match(database, index, OWL, clock).failure or "")
    if index.thread is not None:
        index.thread.join(20)
    assert len(index) == 13 and match(database, index, OWL, clock).signals


def test_an_encoder_that_cannot_be_loaded_holds_the_prompt(database: Database, clock: Clock) -> None:
    def broken() -> Waiting:
        raise OSError("no weights")

    add(database, clock, filing("Postino", description=OWL))
    report = match(database, DescriptionIndex(broken), "a dog", clock)
    assert report.failure and report.labels == {"reserved_description"} and not report.signals


def test_without_descriptions_no_encoder_is_needed(database: Database, clock: Clock) -> None:
    def broken() -> Waiting:
        raise OSError("no weights")

    assert match(database, DescriptionIndex(broken), "a dog", clock).failure is None

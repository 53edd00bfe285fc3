"""A reserved name in disguise is found where it stands; numbers and units are nobody's name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.names.disguises import variants
from consent.works import Filing, Name, add
from consent.works_names import NameMatcher
from safety.db import Database
from safety.prompt import Prompt, ReadPrompt
from safety.signal import Report
from tests.consent.conftest import Clock


@pytest.fixture
def names(database: Database, clock: Clock) -> Database:
    with database.write() as conn:
        for title, others in (("Orbo Tanglewick", ("Orbo",)), ("Mimsy Quillfeather", ()), ("Fps", ())):
            filing = Filing(holder="h", title=title, kind="character", names=tuple(Name(name=n) for n in (title, *others)))
            add(conn, filing, clock, verified=True)
    return database


def find(database: Database, text: str, clock: Clock) -> Report:
    read = ReadPrompt(prompt=Prompt(text=text), plain=text.lower(), origin=tuple(range(len(text))))
    with database.read() as conn:
        return NameMatcher().match_prompt(conn, read, clock())


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("0rb0 juggles", "0rb0"),
        ("look, 0rbo!", "0rbo"),
        ("o r b o walks", "o r b o"),
        ("O.r.b.o flies", "O.r.b.o"),
        ("M1msy Qu1llf34ther reads", "M1msy Qu1llf34ther"),
        ("mimsy qui11feather", "mimsy qui11feather"),
    ],
)
def test_a_name_in_disguise_is_found_where_it_stands(names: Database, clock: Clock, text: str, written: str) -> None:
    (signal,) = find(names, text, clock).signals
    assert signal.score >= 0.75
    spans = [e.span for e in signal.evidence if e.span is not None]
    assert written.lower() in {text[s.start : s.end].lower().strip("!,") for s in spans}


@pytest.mark.parametrize(
    "text", ["24fps at 1920x1080", "a b c of cooking", "4x4 in the mud", "route 66 at 10 am", "an orb glows"]
)
def test_numbers_units_and_letters_are_nobodys_name(names: Database, clock: Clock, text: str) -> None:
    assert all(s.score < 0.75 for s in find(names, text, clock).signals)


@given(st.text(max_size=60))
def test_every_variant_knows_where_its_characters_stood(text: str) -> None:
    for variant in variants(text):
        assert len(variant.origin) == len(variant.text)
        assert all(0 <= place < len(text) for place in variant.origin)
        assert list(variant.origin) == sorted(variant.origin)

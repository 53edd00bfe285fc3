"""Personal data: what reaches a person is found where it stands; numbers that reach nobody are let be."""

from __future__ import annotations

import pytest

from classifiers.prompt import read_prompt
from classifiers.prompt.checksums import iban_agrees, luhn_agrees, nir_agrees
from classifiers.prompt.pii import PersonalData
from safety.prompt import Prompt

FOUND = [
    ("write to jane.doe@example.org now", "jane.doe@example.org", "e-mail address"),
    ("reach jane dot doe at gmail dot com", "jane dot doe at gmail dot com", "e-mail address"),
    ("appelle-moi au 06 12 34 56 78 ce soir", "06 12 34 56 78", "phone number"),
    ("ring +33 6 12 34 56 78", "+33 6 12 34 56 78", "phone number"),
    ("her number is (212) 555-4567", "(212) 555-4567", "phone number"),
    ("call 555-0123 for a good time", "555-0123", "phone number"),
    ("ring +44 20 7946 0958", "+44 20 7946 0958", "phone number"),
    ("card 4111 1111 1111 1111 on screen", "4111 1111 1111 1111", "payment card"),
    ("pay to FR76 3000 6000 0112 3456 7890 189", "FR76 3000 6000 0112 3456 7890 189", "bank account (IBAN)"),
    ("her SSN is 536-22-1234", "536-22-1234", "social security number"),
    ("son numéro 2 69 05 49 588 157 80", "2 69 05 49 588 157 80", "social security number"),
    ("she lives at 42 Maple Street in Springfield", "42 Maple Street", "home address"),
    ("devant le 12 rue de la Paix, 75002 Paris", "12 rue de la Paix", "home address"),
    ("er wohnt Hauptstraße 12, 10115 Berlin", "Hauptstraße 12", "home address"),
]


@pytest.mark.parametrize(("text", "value", "kind"), FOUND, ids=[f"{kind}: {value}" for _, value, kind in FOUND])
def test_a_detail_is_found_where_it_stands(text, value, kind):
    (signal,) = PersonalData().detect(read_prompt(Prompt(text=text))).signals
    assert signal.score >= 0.5
    spans = {(e.note, text[e.span.start : e.span.end]) for e in signal.evidence}
    assert (kind, value) in spans


@pytest.mark.parametrize(
    "text",
    [
        "Marie walks in Paris with Jean Dupont",
        "1920x1080, 24 fps, 2024, 35mm film, 1080p, 60fps, 16:9",
        "a clock showing 12:30:45 between 1999 and 2001",
        "221B Baker Street at night, fog",
        "a man counts 1 2 3 4 5 6 7 8 9 10",
        "seed 1234567890, steps 50, cfg 7.5",
        "avenue des Champs-Élysées au printemps",
        "car number 4111 1111 1111 1112 is no card",
        "tag @filmclub and #sunset",
    ],
)
def test_what_reaches_nobody_is_let_be(text):
    assert PersonalData().detect(read_prompt(Prompt(text=text))).signals == ()


def test_evidence_never_repeats_the_value():
    report = PersonalData().detect(read_prompt(Prompt(text="write to jane.doe@example.org")))
    assert "jane" not in report.model_dump_json()


def test_a_disguised_address_is_found_with_its_place_in_the_source():
    text = "write to jane.\u200bdoe@exa\u200bmple.org"
    (signal,) = PersonalData().detect(read_prompt(Prompt(text=text))).signals
    span = signal.evidence[0].span
    assert text[span.start : span.end] == "jane.\u200bdoe@exa\u200bmple.org"


def test_one_wrong_digit_breaks_every_checksum():
    assert luhn_agrees("4111111111111111")
    assert not luhn_agrees("4111111111111112")
    assert iban_agrees("GB82WEST12345698765432")
    assert not iban_agrees("GB82WEST12345698765433")
    assert nir_agrees("269054958815780")
    assert not nir_agrees("269054958815781")

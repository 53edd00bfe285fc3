"""Presidio's recognisers as a detector: what matches, what does not, and that it needs neither a model nor the network."""

from __future__ import annotations

import socket

import pytest

from classifiers.prompt import read_prompt
from classifiers.prompt.presidio import PresidioPersonalData
from safety.prompt import Prompt
from safety.signal import Report

DETECTOR = PresidioPersonalData()
FOUND = {
    "write to jane.doe@example.org": "e-mail address",
    "call Jane at +33 6 12 34 56 78": "phone number",
    "appelle le 06 12 34 56 78": "phone number",
    "my card 4111 1111 1111 1111": "payment card",
    "pay to FR76 3000 6000 0112 3456 7890 189": "bank account (IBAN)",
    "send it to 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa": "wallet address",
}
PASSES = [
    "Marie walks in Paris on 12/03/2024 at 10:30",
    "a video 1920x1080 at 24 fps, 10 seconds",
    "train number 8821 leaves at 0745",
    "card 4111 1111 1111 1112",  # its check digit does not agree
    "a robot called R2-D2 @ the beach",
]


def detect(text: str) -> Report:
    return DETECTOR.detect(read_prompt(Prompt(text=text)))


@pytest.mark.parametrize(("text", "kind"), FOUND.items())
def test_it_finds_what_reaches_or_identifies_a_person(text: str, kind: str) -> None:
    (signal,) = detect(text).signals
    assert signal.score >= 0.5 or kind == "phone number"
    spans = [(e.span, e.note) for e in signal.evidence]
    assert any(note == kind and span is not None and text[span.start : span.end].strip() in text for span, note in spans)
    assert not any(e.text for e in signal.evidence), "the value is never repeated"


@pytest.mark.parametrize("text", PASSES)
def test_it_lets_everyday_text_pass(text: str) -> None:
    assert all(s.score < 0.5 for s in detect(text).signals)


def test_it_never_reaches_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked for")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    (signal,) = PresidioPersonalData().detect(read_prompt(Prompt(text="jane.doe@example.co.uk"))).signals
    assert signal.score >= 0.5

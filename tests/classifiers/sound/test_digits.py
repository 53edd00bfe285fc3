"""Digits said several times are read as a whole and in parts, so that one good reading is enough."""

from __future__ import annotations

import numpy as np
import pytest

from classifiers.sound.digits import DigitReader, cut
from classifiers.sound.hearing import RATE
from consent.liveness.digits import answers, spoken
from console.bench.enrolment_material import say


@pytest.mark.parametrize("parts", [2, 3])
def test_a_sound_is_cut_where_it_is_quiet_and_nothing_is_lost(parts: int) -> None:
    rng = np.random.default_rng(1)
    said = [rng.normal(size=int(RATE * 1.9)).astype(np.float32), np.zeros(int(RATE * 0.2), np.float32)]
    sound = np.concatenate(said * parts)
    pieces = cut(sound, parts)
    assert len(pieces) == parts and sum(p.size for p in pieces) == sound.size
    assert all(np.abs(p[: RATE // 100]).max() < 3.0 and abs(p.size - sound.size / parts) < 0.6 * RATE for p in pieces)
    for i in range(1, parts):  # each cut lies in a pause
        at = sum(p.size for p in pieces[:i])
        assert np.abs(sound[at - RATE // 100 : at + RATE // 100]).mean() < 0.5


def test_what_is_shorter_than_a_second_is_no_part() -> None:
    assert cut(np.ones(RATE, np.float32), 3) == []


@pytest.mark.parametrize("voice", ["en", "fr"])
def test_digits_said_three_times_are_heard_and_others_are_not(voice: str) -> None:
    readings = [spoken(text) for text in DigitReader().read(say("952610", voice, 3)).readings]
    assert any(answers(heard, "952610") for heard in readings)
    assert not any(answers(heard, "952613") for heard in readings)

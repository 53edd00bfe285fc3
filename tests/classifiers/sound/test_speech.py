"""Words that are said: read with their times and language, and none invented."""

from __future__ import annotations

import pickle
import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.sound import hearing
from classifiers.sound.disguises import undisguise
from classifiers.sound.hearing import HOP, RATE, Stretch, VoiceActivity, join, to_16k
from classifiers.sound.speech import (
    LONGEST,
    REPEATS,
    SpeechReader,
    believable,
    calm,
    confidence_of,
    group_stretches,
    passages,
)
from classifiers.sound.whisper import Line, Reading
from console.bench.hush import hush
from safety.media import Sound
from safety.weights import WeightsError
from tests.classifiers.sound.conftest import heard, quiet, spoken


def reading_of(text: str, likelihood: float = -0.3, silence: float = 0.1) -> Reading:
    return Reading((Line(0.0, 2.0, text),), likelihood, silence, "en")


def words_of(found: tuple[object, ...]) -> set[str]:
    return set(re.findall(r"\w+", " ".join(p.text for p in found).lower()))  # type: ignore[attr-defined]


def test_english_is_read_with_its_words_times_and_language(reader: SpeechReader) -> None:
    found = reader.look(heard(np.concatenate([quiet(3), spoken("reader")]), sound_from=60.0))
    assert {"john", "dashwood", "leisure", "power", "young", "man"} <= words_of(found)
    assert all(p.medium == "speech" and p.language == "en" and p.confidence > 0.4 for p in found)
    assert 62.5 < found[0].time[0] < 63.6 and 71.0 < found[-1].time[1] < 73.6
    assert all(a.time[1] <= b.time[1] for a, b in pairwise(found))


def test_french_is_read_as_french(reader: SpeechReader) -> None:
    found = reader.look(heard(spoken("woman-french")[: 7 * 48_000]))
    assert {"nouveau", "numéro", "poste", "service"} <= words_of(found)
    assert {p.language for p in found} == {"fr"}


def test_english_played_backwards_is_turned_round_and_said_to_be(reader: SpeechReader) -> None:
    found = reader.look(heard(spoken("reader-again")[: 5 * 48_000][::-1].copy()))
    assert {p.note for p in found} == {"played backwards"}
    assert len({"unless", "rather", "cold", "hearted", "selfish", "disposed"} & words_of(found)) >= 4
    assert all(0.0 <= p.time[0] <= p.time[1] <= 5.0 for p in found)


def test_a_sure_reading_is_not_looked_at_for_disguises() -> None:
    def never(sound: Sound) -> Reading:
        raise AssertionError

    sure = reading_of("hello", -0.3)
    assert undisguise(never, np.zeros(RATE, np.float32), sure, 1.0) == (sure, None)


def test_a_disguise_is_believed_only_when_its_words_are_much_likelier() -> None:
    doubtful, sound = reading_of("a b", -0.9), np.zeros(2 * RATE, np.float32)
    for likelihood, note in ((-0.75, None), (-0.61, None), (-0.4, "played backwards")):
        other = Reading((Line(0.0, 0.5, "kill"),), likelihood, 0.1, "en")
        reading, undone = undisguise(lambda s, o=other: o, sound, doubtful, 2.0)  # type: ignore[misc]
        assert undone == note
    assert [(line.start, line.end) for line in reading.lines] == [(1.5, 2.0)]


def test_words_after_a_long_silence_are_read_too(reader: SpeechReader) -> None:
    sound = np.concatenate([spoken("reader")[: 4 * 48_000], quiet(20), spoken("woman-french")[: 4 * 48_000]])
    found = reader.look(heard(sound))
    assert {p.language for p in found} == {"en", "fr"} and found[-1].time[0] > 23.0


def test_a_clip_without_sound_or_in_silence_has_no_words(reader: SpeechReader) -> None:
    assert reader.look(heard(None)) == reader.look(heard(quiet(0))) == reader.look(heard(quiet(4))) == ()


def test_no_word_is_invented_for_noise_music_and_the_sounds_of_the_world(reader: SpeechReader) -> None:
    assert [(name, p.text) for name, sound in hush(75, each=3.0) for p in reader.look(heard(sound))] == []


def test_samples_that_are_no_numbers_are_silence() -> None:
    broken = np.array([np.nan, np.inf, -np.inf, 9.0] * 12_000, np.float32)
    assert np.isfinite(to_16k(broken)).all() and float(np.abs(to_16k(broken)).max()) <= 2.0


def test_what_lies_above_eight_kilohertz_does_not_fold_back() -> None:
    t = np.arange(48_000) / 48_000
    high, low = np.sin(2 * np.pi * 11_000 * t).astype(np.float32), np.sin(2 * np.pi * 1_000 * t).astype(np.float32)
    assert float(np.abs(to_16k(high)[200:-200]).max()) < 1e-3
    assert to_16k(low)[200:-200] == pytest.approx(np.sin(2 * np.pi * 1_000 * np.arange(16_000) / RATE)[200:-200], abs=2e-3)


def test_a_reader_travels_to_its_process_without_its_models(reader: SpeechReader) -> None:
    reader.look(heard(spoken("reader")[:96_000]))
    copy = pickle.loads(pickle.dumps(reader))
    assert copy.name == "speech/1" and len(pickle.dumps(reader)) < 2_000


def test_another_voice_detector_than_the_named_one_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hearing, "SILERO", "0" * 64)
    hearing._silero.cache_clear()
    try:
        with pytest.raises(WeightsError, match="other bytes"):
            VoiceActivity().probabilities(np.zeros(RATE, np.float32))
    finally:
        hearing._silero.cache_clear()


def test_doubtful_words_of_doubtful_speech_are_left_out_and_others_kept() -> None:
    assert not believable(reading_of("thank you", likelihood=-1.1, silence=0.7))
    assert not believable(reading_of("thank you", likelihood=-1.7))
    assert believable(reading_of("thank you", likelihood=-1.1)) and believable(reading_of("thank you", silence=0.9))


def test_asides_are_not_speech() -> None:
    assert [p.text for p in passages(reading_of("[Music] Run! (applause) ♪"), 0.0)] == ["Run!"]
    assert list(passages(reading_of("[Music] ..."), 0.0)) == []


def test_endless_repetition_is_given_twice_and_not_lost() -> None:
    once = [line.text for line in calm((Line(0.0, 9.0, "go " + "fail better now " * 30 + "end"),))]
    assert once == ["go " + "fail better now " * REPEATS + "end"]
    assert len(list(calm(tuple(Line(float(i), i + 1.0, "kill them") for i in range(9))))) == REPEATS


def test_words_the_model_doubts_have_less_confidence() -> None:
    sure, doubted, silent = reading_of("a", -0.2), reading_of("a", -1.2), reading_of("a", -0.2, silence=0.9)
    assert 1.0 >= confidence_of(sure) > 0.8 and confidence_of(doubted) < 0.4 and confidence_of(silent) < confidence_of(sure)


@given(st.lists(st.floats(0, 1, width=32), max_size=400))
def test_stretches_are_apart_in_order_and_inside_the_sound(probabilities: list[float]) -> None:
    seconds = len(probabilities) * HOP / RATE
    found = join(np.array(probabilities, np.float32), seconds)
    edges = [edge for s in found for edge in (s.start, s.end)]
    assert edges == sorted(edges) and all(0.0 <= e <= seconds + 1e-9 for e in edges)
    assert all(0.0 < s.voiced <= s.end - s.start + 1e-9 for s in found)


@given(st.lists(st.tuples(st.floats(0.0, 6.0), st.floats(0.2, 80.0)), max_size=12))
def test_groups_lose_nothing_and_none_is_too_long_to_be_read_at_once(pairs: list[tuple[float, float]]) -> None:
    at, stretches = 0.0, list[Stretch]()
    for gap, length in pairs:
        stretches.append(Stretch(at + gap, at + gap + length, length))
        at += gap + length
    groups = group_stretches(tuple(stretches))
    assert sum(s.end - s.start for g in groups for s in g) == pytest.approx(sum(length for _, length in pairs))
    assert all(g[-1].end - g[0].start <= LONGEST + 1e-6 for g in groups)

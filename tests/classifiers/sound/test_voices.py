"""Voices as vectors: one person's alike, two people's not, and the place where the speaker changes."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from classifiers.sound.fbank import BANDS, HOP, RATE, SIZE, log_mel
from classifiers.sound.voices import ENGINE, LEAST, SIDE, VoiceListener, part, unit
from console.bench.hush import hush
from safety.voice import Utterance
from tests.classifiers.sound.conftest import heard, quiet, spoken


def voice_of(found: tuple[Utterance, ...]) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return unit(np.sum([u.embedding * u.voiced for u in found], axis=0))


def test_one_reader_is_like_himself_and_not_like_the_woman_or_the_other_man(listener: VoiceListener) -> None:
    names = ("reader", "reader-again", "woman-french", "woman-french-again", "man-italian")
    reader, again, woman, woman_again, man = (voice_of(listener.look(heard(spoken(name)))) for name in names)
    assert float(reader @ again) > 0.8 and float(woman @ woman_again) > 0.8
    assert max(float(reader @ woman), float(reader @ man), float(woman @ man)) < 0.65


def test_utterances_have_their_times_in_the_clip_and_unit_length(listener: VoiceListener) -> None:
    sound = np.concatenate([quiet(2), spoken("reader"), quiet(3), spoken("reader-again")])
    found = listener.look(heard(sound, sound_from=30.0))
    assert len(found) >= 2 and all(u.engine == ENGINE and u.voiced >= LEAST for u in found)
    assert 31.5 < found[0].time[0] < 32.8 and 53.0 < found[-1].time[1] < 57.0
    assert all(u.embedding.shape == (256,) and abs(float(np.linalg.norm(u.embedding)) - 1) < 1e-5 for u in found)
    assert "embedding" not in repr(found[0])


def test_loudness_does_not_change_a_voice(listener: VoiceListener) -> None:
    loud, soft = (voice_of(listener.look(heard(spoken("reader") * gain))) for gain in (1.0, 0.1))
    assert float(loud @ soft) > 0.98


def test_two_speakers_without_a_pause_are_parted(listener: VoiceListener) -> None:
    joined = np.concatenate([spoken("reader")[: 6 * 48_000], spoken("woman-french")[: 6 * 48_000]])
    found = listener.look(heard(joined))
    woman = voice_of(listener.look(heard(spoken("woman-french-again"))))
    first, last = float(found[0].embedding @ woman), float(found[-1].embedding @ woman)
    assert first < 0.6 and last > 0.75


def test_a_clip_without_a_voice_has_no_utterance(listener: VoiceListener) -> None:
    assert listener.look(heard(None)) == listener.look(heard(quiet(0))) == listener.look(heard(quiet(5))) == ()
    assert [name for name, sound in hush(75, each=3.0) if listener.look(heard(sound))] == []


def test_a_word_is_too_short_to_tell_whose_it_is(listener: VoiceListener) -> None:
    assert listener.look(heard(spoken("reader")[24_000:72_000])) == ()


def test_a_change_of_direction_is_found_and_none_is_invented() -> None:
    rng = np.random.default_rng(4)
    one, other = unit(rng.standard_normal(256)), unit(rng.standard_normal(256))
    noisy = [unit(v + 0.03 * rng.standard_normal(256)) for v in [one] * 12 + [other] * 9 + [one] * 2]
    assert part(np.stack(noisy[:12])) == [(0, 12)]
    assert part(np.stack(noisy[:21])) == [(0, 12), (12, 21)]
    assert part(np.stack(noisy[: SIDE - 1])) == [(0, SIDE - 1)]


def test_the_bands_are_those_of_the_formula() -> None:
    rng = np.random.default_rng(1)
    sound = (0.1 * rng.standard_normal(RATE)).astype(np.float32)
    bands = log_mel(sound)
    assert bands.shape == (1 + (RATE - SIZE) // HOP, BANDS) and log_mel(sound[: SIZE - 1]).shape == (0, BANDS)
    t = np.arange(RATE) / RATE
    tones = [int(log_mel(np.sin(2 * np.pi * f * t).astype(np.float32)).mean(axis=0).argmax()) for f in (200, 800, 3_000, 7_000)]
    # centres of Slaney's scale for 40 bands to 8 kHz: 73.6 Hz apart up to 1 kHz, then 27 mels for a factor of 6.4
    assert tones == [2, 10, 27, 38]


def test_a_listener_travels_to_its_process_without_its_models(listener: VoiceListener) -> None:
    listener.look(heard(spoken("reader")[: 3 * 48_000]))
    assert pickle.loads(pickle.dumps(listener)).name == "voices/1" and len(pickle.dumps(listener)) < 1_000


@pytest.mark.parametrize("name", ["reader", "woman-french"])
def test_listening_twice_hears_the_same(name: str, listener: VoiceListener) -> None:
    first, second = (listener.look(heard(spoken(name))) for _ in range(2))
    assert [u.time for u in first] == [u.time for u in second]
    assert all(np.array_equal(a.embedding, b.embedding) for a, b in zip(first, second, strict=True))

"""Landmarks of a sound: where they are, that they stay there, and that they can be kept."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from classifiers.sound.landmarks import RANKS, SoundPrinter
from console.bench.recordings_attacks import coded, equalised, loud
from console.bench.recordings_music import compose
from safety.errors import BadInput
from safety.media import SOUND_RATE, ClipFacts, SampledClip, Sound
from safety.sound_print import SoundPrint

PRINTER = SoundPrinter()
TUNE = compose(1, 8.0)


def part(sound: Sound | None, begin: float = 0.0) -> SampledClip:
    facts = ClipFacts(width=640, height=360, fps=24.0, seconds=90.0, video_codec="h264", audio_codec="aac")
    return SampledClip(digest="sha256:" + "0" * 64, facts=facts, frames=(), sound=sound, sound_from=begin)


def kept(before: SoundPrint, after: SoundPrint) -> float:
    """Share of the strong landmarks of ``before`` that ``after`` has within 30 ms and a seventh of a semitone."""
    strong = before.ranks < 4
    times, pitches = before.times[strong, None], before.pitches[strong, None]
    return float(((np.abs(times - after.times) < 0.03) & (np.abs(pitches - after.pitches) < 0.012)).any(axis=1).mean())


def test_a_tone_that_begins_is_a_landmark_at_its_time_and_pitch() -> None:
    time = np.arange(4 * SOUND_RATE) / SOUND_RATE
    blip = np.exp(-(((time - 2.0) / 0.05) ** 2)) * np.sin(2 * np.pi * 1000 * time)
    seen = PRINTER.reference((blip * 0.5).astype(np.float32))
    best = int(np.argmin(np.abs(seen.pitches - np.log2(1000))))
    assert seen.times[best] == pytest.approx(2.0, abs=0.01)
    assert 2 ** seen.pitches[best] == pytest.approx(1000, abs=2)


def test_the_landmarks_of_a_part_stand_at_the_times_of_the_whole_clip() -> None:
    early, late = PRINTER.look(part(TUNE)), PRINTER.look(part(TUNE, 60.0))
    assert late.span == (60.0, 68.0)
    assert late.times == pytest.approx(early.times + 60.0, abs=1e-4)


@pytest.mark.parametrize(
    "sound", [None, np.zeros(0, np.float32), np.zeros(SOUND_RATE, np.float32), np.full(100, 0.1, np.float32)]
)
def test_no_sound_or_silence_is_an_empty_print(sound: Sound | None) -> None:
    assert len(PRINTER.look(part(sound))) == 0


def test_landmarks_survive_coding_at_a_low_rate() -> None:
    assert kept(PRINTER.reference(TUNE), PRINTER.reference(coded(TUNE))) > 0.5


def test_landmarks_do_not_move_with_volume_or_equalisation() -> None:
    before = PRINTER.reference(TUNE)
    assert kept(before, PRINTER.reference(loud(TUNE, -20))) > 0.95
    assert kept(before, PRINTER.reference(equalised(TUNE, 3))) > 0.85


def test_a_long_recording_has_the_same_landmarks_wherever_it_is_cut_for_listening() -> None:
    long = np.concatenate([np.zeros(56 * SOUND_RATE, np.float32), TUNE])
    whole, alone = PRINTER.reference(long), PRINTER.reference(TUNE)
    inside = (alone.times > 1.0) & (alone.times < 7.0)
    times = whole.times - 56.0
    assert times[(times > 1.0) & (times < 7.0)] == pytest.approx(alone.times[inside], abs=2e-3)


def test_every_landmark_has_few_stronger_ones_near() -> None:
    seen = PRINTER.reference(TUNE)
    assert int(seen.ranks.max()) < RANKS
    assert len(seen) / 8.0 < 80


def test_a_print_comes_back_from_its_bytes() -> None:
    seen = PRINTER.look(part(TUNE, 12.5))
    back = SoundPrint.from_bytes(seen.to_bytes())
    assert (back.name, back.span, back.ranks.tolist()) == (seen.name, seen.span, seen.ranks.tolist())
    assert back.times == pytest.approx(seen.times, abs=6e-4)
    assert back.pitches == pytest.approx(seen.pitches, abs=6e-4)
    assert back.to_bytes() == seen.to_bytes()


@pytest.mark.parametrize("spoil", [lambda b: b[:-1], lambda b: b"XXXX" + b[4:], lambda b: b""])
def test_bytes_that_are_no_print_are_refused(spoil: object) -> None:
    with pytest.raises(BadInput):
        SoundPrint.from_bytes(spoil(PRINTER.reference(TUNE).to_bytes()))  # type: ignore[operator]


def test_the_printer_goes_to_another_process_and_answers_the_same() -> None:
    there = pickle.loads(pickle.dumps(PRINTER))
    assert there.reference(TUNE).to_bytes() == PRINTER.reference(TUNE).to_bytes()

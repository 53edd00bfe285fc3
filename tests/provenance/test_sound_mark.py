"""The sound's mark survives encoders, leaves silence silent, and says None rather than guess."""

from __future__ import annotations

import subprocess

import imageio_ffmpeg
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.watermark.sound import mark_sound, read_sound
from safety.media import SOUND_RATE, Sound
from tests.provenance.material import bells

KEY, CLIP, OTHER = b"k" * 32, b"meadow-clip1", b"another-clip"
RAW = ("-f", "f32le", "-ar", str(SOUND_RATE), "-ac", "1")


def sent(sound: Sound, *how: str) -> Sound:
    """``sound`` through an encoder and back."""
    program = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error"]
    coded = subprocess.run([*program, *RAW, "-i", "-", *how, "-"], input=sound.tobytes(), capture_output=True, check=True)
    plain = subprocess.run([*program, "-i", "-", *RAW, "-"], input=coded.stdout, capture_output=True, check=True)
    return np.frombuffer(plain.stdout, np.float32)


@pytest.mark.parametrize(
    "how",
    [
        ("-c:a", "aac", "-b:a", "96k", "-f", "adts"),
        ("-c:a", "aac", "-b:a", "64k", "-f", "adts"),
        ("-c:a", "libmp3lame", "-b:a", "64k", "-f", "mp3"),
        ("-ss", "0.6", "-c:a", "aac", "-b:a", "128k", "-f", "adts"),
        ("-af", "volume=0.3", "-f", "wav"),
    ],
    ids=["aac 96", "aac 64", "mp3 64", "beginning cut off", "quieter"],
)
def test_the_mark_survives(how: tuple[str, ...]) -> None:
    assert read_sound(sent(mark_sound(bells(5), KEY, CLIP), *how), KEY).clip_id == CLIP


def test_three_seconds_are_enough() -> None:
    assert read_sound(mark_sound(bells(3), KEY, CLIP), KEY).clip_id == CLIP


def test_the_change_lies_far_below_the_sound() -> None:
    sound = bells(4)
    change = mark_sound(sound, KEY, CLIP) - sound
    assert 10 * np.log10((sound**2).sum() / (change**2).sum()) > 22


def test_unmarked_sound_and_another_key_name_nobody() -> None:
    assert read_sound(bells(5), KEY).clip_id is None
    assert read_sound(mark_sound(bells(5), KEY, CLIP), b"x" * 32).clip_id is None


def test_a_remix_that_keeps_the_sound_carries_both_marks() -> None:
    found = read_sound(mark_sound(mark_sound(bells(5), KEY, CLIP), KEY, OTHER), KEY)
    assert {found.clip_id, *found.others} == {CLIP, OTHER}


def test_silence_stays_silent_and_says_so() -> None:
    marked = mark_sound(np.zeros(3 * SOUND_RATE, np.float32), KEY, CLIP)
    assert not marked.any()
    assert read_sound(marked, KEY).seconds == 0


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 60_000), st.integers(0, 2**32 - 1))
def test_any_length_keeps_its_length_and_stays_in_range(samples: int, seed: int) -> None:
    sound = np.random.default_rng(seed).uniform(-1, 1, samples).astype(np.float32)
    marked = mark_sound(sound, KEY, CLIP)
    assert marked.shape == sound.shape
    assert marked.dtype == np.float32
    assert np.abs(marked).max(initial=0) <= 1
    assert read_sound(sound, KEY).clip_id is None

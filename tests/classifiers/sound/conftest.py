"""Recorded speech for the tests, and clips that hold it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import av
import numpy as np
import pytest

from classifiers.sound.speech import SpeechReader
from classifiers.sound.voices import VoiceListener
from safety.media import SOUND_RATE, ClipFacts, SampledClip, Sound

ASSETS = Path(__file__).parent / "assets"


@cache
def spoken(name: str) -> Sound:
    """A recording of ``assets``, float32 at 48 kHz."""
    with av.open(str(ASSETS / f"{name}.opus")) as container:
        resampler = av.AudioResampler(format="fltp", layout="mono", rate=SOUND_RATE)
        pieces = [p.to_ndarray()[0] for frame in container.decode(audio=0) for p in resampler.resample(frame)]
    sound = np.concatenate(pieces).astype(np.float32)
    sound.setflags(write=False)
    return sound


def heard(sound: Sound | None, sound_from: float = 0.0) -> SampledClip:
    """A clip (or part of one) with this sound and no picture."""
    seconds = 0.0 if sound is None else sound.size / SOUND_RATE
    facts = ClipFacts(width=640, height=360, fps=24.0, seconds=sound_from + seconds, video_codec="h264", audio_codec="aac")
    return SampledClip("sha256:" + "0" * 64, facts, (), sound, sound_from)


def quiet(seconds: float) -> Sound:
    return np.zeros(int(seconds * SOUND_RATE), np.float32)


@pytest.fixture(scope="session")
def reader() -> SpeechReader:
    return SpeechReader()


@pytest.fixture(scope="session")
def listener() -> VoiceListener:
    return VoiceListener()

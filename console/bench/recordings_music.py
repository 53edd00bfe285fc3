"""A small composer, so that recordings can be had anywhere: melody, chords, bass and drums from a seed, no two alike.

It is music enough to be looked for: notes with overtones that swell and fade, a key, a beat, repeats with changes. It is not
music enough to be listened to for long, and figures on it are not figures on records.
"""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray

from safety.media import SOUND_RATE, Sound

Wave = NDArray[np.float64]
#: Steps of a key in semitones: major, minor, Dorian, pentatonic.
_KEYS = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10), (0, 2, 3, 5, 7, 9, 10), (0, 3, 5, 7, 10))


def compose(seed: int, seconds: float) -> Sound:
    """float32 mono at 48 kHz, peak 0.7; the same seed begins the same piece whatever its length."""
    rng = np.random.default_rng((seed, 4711))
    key, tonic = _KEYS[rng.integers(len(_KEYS))], 110 * 2 ** (rng.integers(12) / 12)
    beat = 60 / rng.uniform(70, 160)
    voices = [_timbre(rng) for _ in range(3)]
    track = np.zeros(int((seconds + 4) * SOUND_RATE))
    bars = int(seconds / (4 * beat)) + 1
    theme, drums = [_phrase(rng, key) for _ in range(3)], rng.random((2, 8)) < np.array([[0.3], [0.5]])
    for bar in range(bars):
        at = bar * 4 * beat
        root = int(rng.integers(0, len(key)))
        phrase = theme[int(rng.integers(0, 3))] if rng.random() < 0.7 else _phrase(rng, key)  # mostly the theme
        for start, length, step in phrase:
            _add(track, at + start * beat, 0.5 * _note(_hertz(tonic * 2, key, step), length * beat, voices[0], rng))
        for chord in (root, root + 2, root + 4):
            _add(track, at, 0.16 * _note(_hertz(tonic, key, chord), 3.7 * beat, voices[1], rng))
        for pulse in range(0, 4, 2):
            _add(track, at + pulse * beat, 0.4 * _note(_hertz(tonic / 2, key, root), 1.5 * beat, voices[2], rng))
        for eighth in range(8):
            for kind in np.nonzero(drums[:, eighth])[0]:
                _add(track, at + eighth * beat / 2, 0.3 * _drum(int(kind), rng))
    track = track[: int(seconds * SOUND_RATE)]
    return cast(Sound, (track * (0.7 / max(float(np.abs(track).max(initial=0.0)), 1e-9))).astype(np.float32))


def _phrase(rng: np.random.Generator, key: tuple[int, ...]) -> list[tuple[float, float, int]]:
    """Notes of a bar: when and how long in beats, and which step of the key."""
    at, step, notes = 0.0, int(rng.integers(0, len(key))), []
    while at < 4:  # beats a bar
        length = float(rng.choice([0.5, 0.5, 1.0, 1.5]))
        if rng.random() < 0.85:  # else a rest
            notes.append((at, length, step))
        step = int(np.clip(step + rng.integers(-3, 4), -3, 12))
        at += length
    return notes


def _hertz(tonic: float, key: tuple[int, ...], step: int) -> float:
    return float(tonic * 2 ** ((key[step % len(key)] + 12 * (step // len(key))) / 12))


def _timbre(rng: np.random.Generator) -> tuple[Wave, float, float]:
    """Strengths of overtones, how soon it fades, how slowly it swells (seconds)."""
    overtones = rng.uniform(0.2, 1.0, 8) / np.arange(1, 9) ** rng.uniform(0.6, 1.8)
    return overtones, float(rng.uniform(0.8, 5.0)), float(rng.uniform(0.004, 0.05))


def _note(hertz: float, seconds: float, timbre: tuple[Wave, float, float], rng: np.random.Generator) -> Wave:
    overtones, fade, swell = timbre
    time = np.arange(int((seconds + 0.1) * SOUND_RATE)) / SOUND_RATE
    tuned = hertz * 2 ** (rng.normal(0, 4) / 1200)
    wave = np.zeros(time.size)
    for number, strength in enumerate(overtones, 1):
        if tuned * number < SOUND_RATE / 2.2:
            wave += strength * np.exp(-time * 0.4 * (number - 1)) * np.sin(2 * np.pi * tuned * number * time + rng.uniform(0, 6))
    shape = np.minimum(time / swell, 1) * np.exp(-fade * time) * np.clip((seconds + 0.1 - time) / 0.1, 0, 1)
    return cast(Wave, wave * shape * rng.uniform(0.7, 1.0))


def _drum(kind: int, rng: np.random.Generator) -> Wave:
    """A low thump, or a short hiss."""
    time = np.arange(int(0.16 * SOUND_RATE)) / SOUND_RATE
    if kind == 0:
        return np.asarray(np.sin(2 * np.pi * (55 * time + 6 * (1 - np.exp(-time * 40)))) * np.exp(-time * 22))
    return np.asarray(np.diff(rng.standard_normal(time.size), prepend=0) * np.exp(-time * 45) * 0.4)


def _add(track: Wave, at: float, wave: Wave) -> None:
    start = int(at * SOUND_RATE)
    piece = wave[: max(0, track.size - start)]
    track[start : start + piece.size] += piece

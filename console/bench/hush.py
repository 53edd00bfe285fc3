"""Sounds that are nobody's words, made here: what a reader of speech must stay silent on.

Noise, tones, the world's own sounds and beds, and music with chords, drums and a tune that glides like a singer. Deterministic.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from generator.world.voices import LASTING, SHORT, bed, mix_down, noise
from safety.media import SOUND_RATE, Sound

Wave = np.ndarray[tuple[int], np.dtype[np.float64]]
Maker = Callable[[float, np.random.Generator], Wave]

#: The places whose beds are used.
BEDS = ("waves", "wind", "leaves", "traffic", "room", "rain", "bubbling", "birds", "crickets", "drone")
#: Quietest and loudest, as a factor of full scale.
GAINS = (0.01, 0.1, 0.6)


def hush(seconds: float, each: float = 10.0) -> Iterator[tuple[str, Sound]]:
    """Pieces of ``each`` seconds, float32 at 48 kHz, with their names, ``seconds`` in all."""
    makers = [*_noises(), *_tones(), *_world(), *_music()]
    for number in range(max(1, round(seconds / each))):
        name, make = makers[number % len(makers)]
        rng = np.random.default_rng((77, number))
        wave = np.asarray(make(each, rng))[: int(each * SOUND_RATE)]
        loud = GAINS[(number + number // len(makers)) % len(GAINS)] if name.startswith("noise") else 0.6
        peak = float(np.abs(wave).max()) or 1.0
        yield name, mix_down(wave / peak * loud)


def _noises() -> Iterator[tuple[str, Maker]]:
    yield "noise white", lambda s, r: noise(s, 20, 20_000, r)
    yield "noise pink", lambda s, r: noise(s, 20, 20_000, r, 0.5)
    yield "noise of a voice's band", lambda s, r: noise(s, 150, 4_000, r, 0.4)
    yield "noise in syllables", lambda s, r: noise(s, 200, 3_500, r, 0.4) * _syllables(s, r)


def _tones() -> Iterator[tuple[str, Maker]]:
    yield "a tone", lambda s, r: np.sin(2 * np.pi * r.uniform(100, 2_000) * _t(s))
    yield "a siren", lambda s, r: np.sin(2 * np.pi * np.cumsum(600 + 300 * np.sin(2 * np.pi * 0.4 * _t(s))) / SOUND_RATE)
    yield "a humming glide", _glide


def _world() -> Iterator[tuple[str, Maker]]:
    for name in LASTING:
        yield f"the world's {name}", _lasting(name)
    for name in BEDS:
        yield f"a bed of {name}", _bed(name)
    yield "the world's short voices", _short


def _music() -> Iterator[tuple[str, Maker]]:
    yield "a band", _band
    yield "a band with a humming tune", lambda s, r: _band(s, r) + 1.2 * _glide(s, r)


def _lasting(name: str) -> Maker:
    return lambda seconds, rng: LASTING[name](seconds, 1.0, rng)


def _bed(name: str) -> Maker:
    return lambda seconds, rng: bed(name, seconds, rng)


def _t(seconds: float) -> Wave:
    return np.arange(int(seconds * SOUND_RATE)) / SOUND_RATE


def _syllables(seconds: float, rng: np.random.Generator) -> Wave:
    """An envelope that opens and closes four times a second."""
    t = _t(seconds)
    return np.asarray(np.maximum(0.0, np.sin(2 * np.pi * 4 * t + rng.uniform(0, 6))) ** 2)


def _glide(seconds: float, rng: np.random.Generator) -> Wave:
    """A buzz with two formants that glides from note to note, as a hum does."""
    t = _t(seconds)
    notes = 150 * 2 ** (rng.integers(0, 13, int(seconds * 2) + 2) / 12)
    pitch = np.interp(t, np.arange(notes.size) / 2, notes) * (1 + 0.01 * np.sin(2 * np.pi * 5.5 * t))
    phase = 2 * np.pi * np.cumsum(pitch) / SOUND_RATE
    first, second = 400 + 200 * np.sin(2 * np.pi * 0.7 * t), 1_300 + 500 * np.sin(2 * np.pi * 0.5 * t)
    out = np.zeros(t.size)
    for k in range(1, 20):
        f = pitch * k
        out += np.sin(phase * k) / k**0.5 / (1 + ((f - first) / 120) ** 2) + np.sin(phase * k) / k / (
            1 + ((f - second) / 150) ** 2
        )
    return out / max(1e-9, float(np.abs(out).max()))


def _band(seconds: float, rng: np.random.Generator) -> Wave:
    """Chords of four, a bass and drums at 110 beats a minute."""
    t = _t(seconds)
    beat = 60 / 110
    out = np.zeros(t.size)
    for i in range(int(seconds / beat)):
        root = 110 * 2 ** ((0, 5, 7, 3)[(i // 4) % 4] / 12)
        begin = int(i * beat * SOUND_RATE)
        part = t[: t.size - begin]
        for step in (0, 4, 7, 12):
            tone = root * 2 * 2 ** (step / 12)
            out[begin:] += 0.15 * sum(np.sin(2 * np.pi * tone * k * part) / k for k in (1, 2, 3)) * np.exp(-3 * part)
        out[begin:] += 0.4 * np.sin(2 * np.pi * root / 2 * part) * np.exp(-4 * part)
        drum = noise(0.2, 50 if i % 2 == 0 else 1_500, 150 if i % 2 == 0 else 9_000, rng)
        end = min(t.size, begin + drum.size)
        out[begin:end] += 0.5 * drum[: end - begin] * np.exp(-25 * part[: end - begin])
    return out


def _short(seconds: float, rng: np.random.Generator) -> Wave:
    """Barks, hoots, bells and the like, one after the other."""
    pieces = [SHORT[name](float(rng.uniform(0.7, 1.4)), rng) for name in rng.permutation(list(SHORT))]
    return np.resize(np.concatenate(pieces), int(seconds * SOUND_RATE))

"""The sounds of the world, made from sines and shaped noise: short voices, lasting ones, and the beds of places.

All return float32 at 48 kHz, peak at most 1. Randomness comes from the generator passed in.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from safety.media import SOUND_RATE, Sound

Wave = NDArray[np.float64]
Rng = np.random.Generator


def _time(seconds: float) -> Wave:
    return np.arange(max(1, int(seconds * SOUND_RATE))) / SOUND_RATE


def noise(seconds: float, low: float, high: float, rng: Rng, tilt: float = 0.0) -> Wave:
    """Noise between ``low`` and ``high`` hertz, falling by ``tilt`` in powers of frequency; peak 1."""
    n = max(16, int(seconds * SOUND_RATE))
    spectrum = np.fft.rfft(rng.standard_normal(n))
    f = np.fft.rfftfreq(n, 1 / SOUND_RATE)
    gate = 1 / (1 + (low / np.maximum(f, 1)) ** 4) / (1 + (f / high) ** 4) / np.maximum(f, 20) ** tilt
    out = np.fft.irfft(spectrum * gate, n)
    return np.asarray(out / max(1e-9, float(np.abs(out).max())))


def _sweep(t: Wave, start: float, end: float) -> Wave:
    f = start + (end - start) * t / t[-1] if t.size > 1 else np.full_like(t, start)
    return np.asarray(np.sin(2 * np.pi * np.cumsum(f) / SOUND_RATE))


def _pluck(freq: float, seconds: float = 0.7, decay: float = 6.0) -> Wave:
    t = _time(seconds)
    tone = sum(np.sin(2 * np.pi * freq * k * t) * np.exp(-t * decay * k**0.7) / k**1.4 for k in (1, 2, 3, 4, 6))
    return np.asarray(tone * np.minimum(1, t / 0.004) * 0.5)


def thud(pitch: float, rng: Rng) -> Wave:
    t = _time(0.28)
    body = np.sin(2 * np.pi * (62 * pitch * t + 5 * pitch * (1 - np.exp(-t * 40)))) * np.exp(-t * 17)
    return np.asarray(0.85 * body + 0.3 * noise(0.28, 300, 2500, rng)[: t.size] * np.exp(-t * 90))


def step(pitch: float, rng: Rng) -> Wave:
    t = _time(0.12)
    return np.asarray(noise(0.12, 250 * pitch, 1800 * pitch, rng)[: t.size] * np.exp(-t * 48) * np.minimum(1, t / 0.004))


def chirp(pitch: float, rng: Rng) -> Wave:
    parts = []
    for _ in range(int(rng.integers(2, 5))):
        t = _time(0.075)
        top = 3100 * pitch * rng.uniform(0.9, 1.2)
        parts += [
            _sweep(t, top, top * rng.uniform(0.75, 1.35)) * np.sin(np.pi * t / t[-1]) ** 2,
            np.zeros(int(0.035 * SOUND_RATE)),
        ]
    return np.asarray(np.concatenate(parts) * 0.6)


def meow(pitch: float, rng: Rng) -> Wave:
    t = _time(0.62)
    f = 520 * pitch * (1 + 0.45 * np.sin(np.pi * np.minimum(1, t / 0.5)) - 0.15 * t)
    phase = 2 * np.pi * np.cumsum(f) / SOUND_RATE
    voice = sum(np.sin(phase * k) * a for k, a in ((1, 0.5), (2, 0.4 + 0.3 * np.sin(np.pi * t / 0.62)), (3, 0.25), (5, 0.08)))
    return np.asarray(voice * np.sin(np.pi * t / t[-1]) ** 0.8 * 0.6)


def bark(pitch: float, rng: Rng) -> Wave:
    t = _time(0.17)
    f = 330 * pitch * (1.2 - t)
    phase = 2 * np.pi * np.cumsum(f) / SOUND_RATE
    rough = np.sign(np.sin(phase)) * 0.25 + np.sin(phase) * 0.5 + noise(0.17, 400, 2600, rng)[: t.size] * 0.3
    one = rough * np.exp(-((t - 0.05) ** 2) / 0.0035)
    return np.asarray(np.concatenate([one, np.zeros(int(0.1 * SOUND_RATE)), one * 0.8]))


def growl(pitch: float, rng: Rng) -> Wave:
    t = _time(0.9)
    phase = 2 * np.pi * np.cumsum(74 * pitch * (1 + 0.1 * np.sin(2 * np.pi * 5 * t))) / SOUND_RATE
    buzz = sum(np.sin(phase * k) / k for k in range(1, 12))
    return np.asarray(buzz * (0.6 + 0.4 * np.sin(2 * np.pi * 23 * t)) * np.sin(np.pi * t / t[-1]) * 0.4)


def hoot(pitch: float, rng: Rng) -> Wave:
    def one(seconds: float, f: float) -> Wave:
        t = _time(seconds)
        return np.asarray(np.sin(2 * np.pi * f * pitch * t + 0.3 * np.sin(2 * np.pi * 6 * t)) * np.sin(np.pi * t / t[-1]) ** 1.2)

    gap = np.zeros(int(0.09 * SOUND_RATE))
    return np.concatenate([one(0.2, 400), gap, one(0.46, 360)]) * 0.7


def beep(pitch: float, rng: Rng) -> Wave:
    parts = []
    for _ in range(4):
        t = _time(0.085)
        f = 480 * pitch * 2 ** (int(rng.integers(0, 13)) / 12)
        wave = np.sin(2 * np.pi * f * t) + 0.3 * np.sin(6 * np.pi * f * t)
        parts += [wave * np.minimum(1, np.minimum(t, t[-1] - t) / 0.008) * 0.5, np.zeros(int(0.02 * SOUND_RATE))]
    return np.concatenate(parts)


def bubble(pitch: float, rng: Rng) -> Wave:
    parts = []
    for _ in range(3):
        t = _time(0.09)
        f = 380 * pitch * rng.uniform(0.8, 1.5)
        parts += [
            _sweep(t, f, f * 2.1) * np.sin(np.pi * t / t[-1]) ** 1.5 * 0.6,
            np.zeros(int(rng.uniform(0.02, 0.07) * SOUND_RATE)),
        ]
    return np.concatenate(parts)


def chime(pitch: float, rng: Rng) -> Wave:
    t = _time(1.4)
    return np.asarray(
        sum(
            np.sin(2 * np.pi * 880 * pitch * r * t) * np.exp(-t * d) * a
            for r, d, a in ((1, 3, 0.5), (2.76, 5, 0.25), (5.4, 9, 0.12))
        )
    )


def bell(pitch: float, rng: Rng) -> Wave:
    one = chime(1.9 * pitch, rng)[: int(0.22 * SOUND_RATE)]
    return np.concatenate([one, chime(1.9 * pitch, rng)])


def clink(pitch: float, rng: Rng) -> Wave:
    t = _time(0.5)
    return np.asarray(
        sum(np.sin(2 * np.pi * f * pitch * t) * np.exp(-t * d) for f, d in ((2140, 13), (3370, 17), (5210, 24))) * 0.3
    )


def pluck(pitch: float, rng: Rng) -> Wave:
    strum = np.zeros(int(1.3 * SOUND_RATE))
    for i, f in enumerate((196, 247, 294, 392)):
        tone = _pluck(f * pitch, 1.0, 4.5)
        at = int(i * 0.028 * SOUND_RATE)
        strum[at : at + tone.size] += tone[: strum.size - at] * 0.5
    return strum


def whoosh(pitch: float, rng: Rng) -> Wave:
    t = _time(0.8)
    return np.asarray(noise(0.8, 250 * pitch, 1400 * pitch, rng)[: t.size] * np.sin(np.pi * t / t[-1]) ** 2)


def splash(pitch: float, rng: Rng) -> Wave:
    t = _time(0.9)
    return np.asarray(noise(0.9, 400, 3800, rng, 0.3)[: t.size] * np.minimum(1, t / 0.06) * np.exp(-t * 4.5))


def whale(pitch: float, rng: Rng) -> Wave:
    t = _time(1.8)
    f = 190 * pitch * (1 + 0.5 * np.sin(np.pi * t / 1.8) + 0.02 * np.sin(2 * np.pi * 5 * t))
    phase = 2 * np.pi * np.cumsum(f) / SOUND_RATE
    return np.asarray((np.sin(phase) + 0.3 * np.sin(2 * phase)) * np.sin(np.pi * t / 1.8) ** 1.5 * 0.6)


SHORT: dict[str, Callable[[float, Rng], Wave]] = {
    "thud": thud,
    "step": step,
    "chirp": chirp,
    "meow": meow,
    "bark": bark,
    "growl": growl,
    "hoot": hoot,
    "beep": beep,
    "bubble": bubble,
    "chime": chime,
    "bell": bell,
    "clink": clink,
    "pluck": pluck,
    "whoosh": whoosh,
    "splash": splash,
    "whale": whale,
}


def engine(seconds: float, pitch: float, rng: Rng) -> Wave:
    t = _time(seconds)
    phase = 2 * np.pi * np.cumsum(54 * pitch * (1 + 0.05 * np.sin(2 * np.pi * 0.35 * t))) / SOUND_RATE
    hum = sum(np.sin(phase * k + k) / k**1.1 for k in (1, 2, 3, 4, 6, 8))
    return np.asarray(0.35 * hum * (1 + 0.15 * np.sin(phase / 2)) + 0.12 * noise(seconds, 100, 900, rng)[: t.size])


def steam(seconds: float, pitch: float, rng: Rng) -> Wave:
    t = _time(seconds)
    puff = np.maximum(0, np.sin(2 * np.pi * 2.6 * t)) ** 6
    return np.asarray(
        0.7 * noise(seconds, 300, 2600, rng, 0.3)[: t.size] * (0.1 + puff) + 0.2 * noise(seconds, 40, 160, rng)[: t.size]
    )


def rocket(seconds: float, pitch: float, rng: Rng) -> Wave:
    t = _time(seconds)
    swell = np.minimum(1, 0.35 + t / 1.5) * np.minimum(1, (seconds - t + 0.4) / 1.2)
    return np.asarray(noise(seconds, 25, 420, rng, 0.5)[: t.size] * swell)


def rumble(seconds: float, pitch: float, rng: Rng) -> Wave:
    return noise(seconds, 60, 240, rng, 0.3)


def music(seconds: float, pitch: float, rng: Rng) -> Wave:
    """A music box over a soft bass at 120 beats a minute, pentatonic, so that no two notes quarrel."""
    out = np.zeros(int(seconds * SOUND_RATE) + SOUND_RATE * 2)
    scale = [0, 2, 4, 7, 9, 12, 14, 16]
    roots = [0, 0, -3, -5]
    at, place = 0.0, int(rng.integers(0, 5))
    while at < seconds:
        beat = round(at / 0.25)
        if beat % 2 == 0 or rng.uniform() < 0.6:
            place = int(np.clip(place + rng.integers(-2, 3), 0, len(scale) - 1))
            _mix(out, _pluck(523.25 * 2 ** (scale[place] / 12), 0.9, 5) * 0.5, at)
        if beat % 4 == 0:
            _mix(out, _pluck(130.8 * 2 ** (roots[(beat // 8) % 4] / 12), 1.0, 3.5) * 0.6, at)
        at += 0.25
    return out[: int(seconds * SOUND_RATE)]


LASTING: dict[str, Callable[[float, float, Rng], Wave]] = {
    "engine": engine,
    "steam": steam,
    "rocket": rocket,
    "rumble": rumble,
    "music": music,
}


def _swell(seconds: float, period: float, rng: Rng, floor: float = 0.25) -> Wave:
    t = _time(seconds)
    wave = 0.5 - 0.5 * np.cos(2 * np.pi * t / period + rng.uniform(0, 6.28))
    return np.asarray(floor + (1 - floor) * wave * (0.8 + 0.2 * np.sin(2 * np.pi * t / (period * 2.7))))


def bed(name: str, seconds: float, rng: Rng) -> Wave:
    """The quiet sound of a place, peak about 1 before it is mixed far down."""
    shaped: dict[str, tuple[float, float, float, float]] = {
        "waves": (120, 1500, 0.45, 5.2),
        "lapping": (200, 1300, 0.4, 2.4),
        "wind": (120, 700, 0.4, 3.7),
        "breeze": (250, 1400, 0.4, 4.6),
        "leaves": (900, 4200, 0.2, 3.9),
        "traffic": (40, 420, 0.5, 6.1),
        "deep": (30, 260, 0.5, 4.1),
        "room": (60, 320, 0.6, 7.0),
        "hall": (80, 600, 0.5, 5.0),
        "rain": (700, 7000, 0.15, 9.0),
        "snowfall": (150, 700, 0.5, 6.0),
        "bubbling": (300, 900, 0.3, 0.7),
    }
    if name in shaped:
        low, high, tilt, period = shaped[name]
        t = _time(seconds)
        return np.asarray(
            noise(seconds, low, high, rng, tilt)[: t.size]
            * _swell(seconds, period, rng, 0.6 if name in ("rain", "room") else 0.25)
        )
    out = np.zeros(int(seconds * SOUND_RATE) + SOUND_RATE)
    if name == "birds":
        at = rng.uniform(0.1, 0.6)
        while at < seconds:
            _mix(out, chirp(rng.uniform(0.8, 1.3), rng) * rng.uniform(0.25, 0.8), at)
            at += rng.uniform(0.5, 1.3)
    elif name == "crickets":
        t = _time(seconds)
        song = np.sin(2 * np.pi * 4300 * t) * np.maximum(0, np.sin(2 * np.pi * 26 * t)) * (np.sin(2 * np.pi * 1.1 * t) > -0.2)
        out[: t.size] += song * 0.5
    elif name == "drone":
        t = _time(seconds)
        for f, rate in ((65.4, 0.11), (98.0, 0.07), (130.8, 0.13), (196.2, 0.05)):
            out[: t.size] += 0.25 * np.sin(2 * np.pi * f * t) * (0.6 + 0.4 * np.sin(2 * np.pi * rate * t))
    return out[: int(seconds * SOUND_RATE)]


def _mix(track: Wave, piece: Wave, at: float) -> None:
    start = int(at * SOUND_RATE)
    end = min(track.size, start + piece.size)
    if 0 <= start < end:
        track[start:end] += piece[: end - start]


def mix_down(track: Wave) -> Sound:
    """Soft limit, short fades at both ends, float32."""
    edge = min(track.size // 2, int(0.02 * SOUND_RATE))
    out = np.tanh(track * 1.1)
    out[:edge] *= np.linspace(0, 1, edge)
    out[track.size - edge :] *= np.linspace(1, 0, edge)
    return out.astype(np.float32)

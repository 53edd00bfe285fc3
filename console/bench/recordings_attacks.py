"""What people do to a recording before they put it under a clip, done to plain sound at 48 kHz.

Each function takes and gives mono float32 and is the same for the same seed. Nothing here knows how recordings are found.
"""

from __future__ import annotations

from fractions import Fraction
from io import BytesIO
from typing import cast

import numpy as np
from numpy.typing import NDArray

from safety.media import SOUND_RATE, Sound

#: Window and hop of the time stretch, and how far it looks for the best overlap, samples at 48 kHz (43, 11 and 11 ms).
_WINDOW, _HOP, _SEEK = 2048, 512, 512


def coded(sound: Sound, bits: int = 48_000, rate: int = SOUND_RATE) -> Sound:
    """Through AAC at ``bits`` a second and ``rate`` hertz, and back."""
    import av

    file = BytesIO()
    with av.open(file, "w", format="adts") as out:
        stream = out.add_stream("aac", rate=rate, layout="mono")
        stream.bit_rate = bits
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound[None]), format="fltp", layout="mono")
        frame.sample_rate = SOUND_RATE
        resampler = av.AudioResampler(format="fltp", layout="mono", rate=rate, frame_size=1024)
        for piece in (*resampler.resample(frame), *resampler.resample(None)):
            piece.pts = None
            out.mux(stream.encode(piece))
        out.mux(stream.encode(None))
    file.seek(0)
    back = av.AudioResampler(format="fltp", layout="mono", rate=SOUND_RATE)
    with av.open(file, "r", format="aac") as made:
        pieces = [p.to_ndarray()[0] for f in made.decode(audio=0) for p in back.resample(f)]
        pieces += [p.to_ndarray()[0] for p in back.resample(None)]
    return _float(np.concatenate(pieces))


def resampled(sound: Sound, rate: int = 16_000) -> Sound:
    """Down to ``rate`` and up again: everything above half of it is gone."""
    from scipy.signal import resample_poly

    down = Fraction(rate, SOUND_RATE)
    low = resample_poly(sound, down.numerator, down.denominator)
    return _float(resample_poly(low, down.denominator, down.numerator)[: sound.size])


def mixed(sound: Sound, other: Sound, decibels: float, seed: int = 0) -> Sound:
    """With ``other`` over it, from anywhere in it; ``decibels`` is how much louder the recording is."""
    start = int(np.random.default_rng(seed).integers(0, max(1, other.size - sound.size)))
    over = np.resize(other[start : start + sound.size], sound.size)
    gain = _loudness(sound) / max(_loudness(over), 1e-9) * 10 ** (-decibels / 20)
    return _held(sound + over * gain)


def noise(seconds: float, seed: int) -> Sound:
    """Pink noise: as much power in every octave."""
    rng, count = np.random.default_rng(seed), int(seconds * SOUND_RATE)
    spectrum = rng.standard_normal(count // 2 + 1) + 1j * rng.standard_normal(count // 2 + 1)
    return _float(np.fft.irfft(spectrum / np.sqrt(np.maximum(np.arange(spectrum.size), 20)), count))


def equalised(sound: Sound, seed: int) -> Sound:
    """Six random gains of up to 12 dB from 60 Hz to 12 kHz, joined by straight lines on a log scale."""
    gains = np.random.default_rng(seed).uniform(-12, 12, 6)
    spectrum = np.fft.rfft(sound)
    at = np.log(np.maximum(np.fft.rfftfreq(sound.size, 1 / SOUND_RATE), 1.0))
    spectrum *= 10 ** (np.interp(at, np.linspace(np.log(60), np.log(12_000), 6), gains) / 20)
    return _held(np.fft.irfft(spectrum, sound.size))


def telephone(sound: Sound) -> Sound:
    """Only 300 to 3400 Hz."""
    spectrum, at = np.fft.rfft(sound), np.fft.rfftfreq(sound.size, 1 / SOUND_RATE)
    spectrum[(at < 300) | (at > 3400)] = 0
    return _float(np.fft.irfft(spectrum, sound.size))


def loud(sound: Sound, decibels: float) -> Sound:
    """Louder or quieter; what leaves the range is cut off flat, as recorders do."""
    return _float(np.clip(sound * 10 ** (decibels / 20), -1, 1))


def sped(sound: Sound, factor: float) -> Sound:
    """``factor`` times as fast and as high, as a tape is."""
    from scipy.signal import resample_poly

    ratio = Fraction(1 / factor).limit_denominator(200)
    return _float(resample_poly(sound, ratio.numerator, ratio.denominator))


def stretched(sound: Sound, factor: float) -> Sound:
    """``factor`` times as fast at its own pitch: windows laid over each other where they fit best (WSOLA, Verhelst 1993)."""
    shape, out = np.hanning(_WINDOW), np.zeros(int(sound.size / factor) + _WINDOW)
    weight, last = np.zeros(out.size), 0
    for at in range(0, out.size - _WINDOW, _HOP):
        aim = int(at * factor)
        if aim + _WINDOW + _SEEK >= sound.size:
            break
        follow = sound[last + _HOP : last + _HOP + _WINDOW]
        low = max(0, aim - _SEEK)
        if at and follow.size == _WINDOW:
            # the lag with the greatest correlation, every fourth sample of the window, by one product
            view = np.lib.stride_tricks.sliding_window_view(sound[low : aim + _SEEK + _WINDOW], _WINDOW)[:, ::4]
            low += int(np.argmax(view @ follow[::4]))
        else:
            low = aim
        out[at : at + _WINDOW] += shape * sound[low : low + _WINDOW]
        weight[at : at + _WINDOW] += shape
        last = low
    return _float((out / np.maximum(weight, 1e-3))[: int(sound.size / factor)])


def pitched(sound: Sound, factor: float) -> Sound:
    """``factor`` times as high at its own pace."""
    return sped(stretched(sound, 1 / factor), factor)


def _loudness(sound: NDArray[np.floating]) -> float:
    return float(np.sqrt(np.mean(np.square(sound, dtype=np.float64))))


def _held(sound: NDArray[np.floating]) -> Sound:
    """Turned down when it would clip."""
    return _float(sound / max(1.0, float(np.abs(sound).max(initial=0.0))))


def _float(sound: NDArray[np.floating]) -> Sound:
    return cast(Sound, np.asarray(sound, np.float32))

"""The same id in the sound track: a keyed pattern of small gains over time and frequency.

The band from 0.47 to 8 kHz is cut into chips of 4 frequency bins by 4 frames (94 Hz by 43 ms), 80 by 17 of them a period of
0.73 s; each chip is raised or lowered by 1.4 dB. A gain leaves silence silent. What an ear forgives an encoder also keeps: the
detector looks at log magnitudes minus their neighbourhood, folds the periods and searches the offset. A change of speed or
pitch defeats it; the picture's mark must then serve.
"""

from __future__ import annotations

import numpy as np
import scipy.fft
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

from provenance.watermark.keys import MarkKey, Payload
from provenance.watermark.polar import LENGTH, Floats
from safety.media import Sound
from safety.values import Value

WINDOW, HOP = 2048, 512
BINS, FRAMES = 4, 4
LOWEST, ACROSS, LONG = 20, 80, 17
#: Gain of a chip, decibels either way.
DECIBELS = 1.4
#: Below this score nothing is decoded.
WORTH_DECODING = 5.5
#: Quieter than this (full scale is 1) the track counts as silent: 16-bit steps are 3e-5.
SILENCE = 1e-4

_HANN = np.hanning(WINDOW + 1)[:-1].astype(np.float32)
_TOP = LOWEST + ACROSS * BINS
_EDGE = 16
#: Offsets decoded: the best and its neighbours, and as many for a second mark.
_DECODES = 8


class SoundDetection(Value):
    """``clip_id`` (None unless its tag agreed), the sync ``score`` and the ``seconds`` of sound that were not silent.

    ``others`` are further ids that agreed, weaker: a remix may keep its parent's sound.
    """

    clip_id: bytes | None
    score: float
    seconds: float
    others: tuple[bytes, ...] = ()


class _Chips:
    """Which chips carry the payload and which the sync, under one key."""

    def __init__(self, key: MarkKey) -> None:
        order = key.permutation("sound/layout", ACROSS * LONG)
        self.data, self.sync = order[:LENGTH], order[LENGTH:]
        self.signs = key.signs("sound/sync", len(self.sync))
        self.payload = Payload(key, "sound")


def mark_sound(sound: Sound, key: bytes, clip_id: bytes) -> Sound:
    """The whole track (mono, 48 kHz, float32) of a clip with its mark; same length; silence stays silence."""
    mark_key = MarkKey(key)
    chips = _Chips(mark_key)
    if len(sound) == 0:
        return sound.copy()
    pattern = np.zeros(ACROSS * LONG, np.float32)
    pattern[chips.data], pattern[chips.sync] = chips.payload.symbols(clip_id), chips.signs
    padded = np.pad(sound.astype(np.float32), (WINDOW, 2 * WINDOW))
    spectra = _spectra(padded)
    row = (np.arange(len(spectra)) // FRAMES + mark_key.offset("sound", clip_id, LONG)) % LONG
    gain = 10 ** (DECIBELS / 20 * np.repeat(pattern.reshape(LONG, ACROSS)[row], BINS, axis=1))
    spectra[:, LOWEST:_TOP] *= gain
    marked = _overlap(spectra, len(padded))[WINDOW : WINDOW + len(sound)]
    return np.clip(marked, -1, 1).astype(np.float32)


def read_sound(sound: Sound, key: bytes) -> SoundDetection:
    """Look for a mark in a track (mono, 48 kHz, float32) of any length."""
    loud = _loud_seconds(sound)
    if len(sound) < WINDOW + HOP * FRAMES * LONG or loud == 0:
        return SoundDetection(clip_id=None, score=0.0, seconds=loud)
    chips = _Chips(MarkKey(key))
    contrast, variance = _contrast(_spectra(sound.astype(np.float32)))
    tried: list[tuple[float, Floats]] = []
    for shift in range(FRAMES):
        folded = _fold(contrast[shift:], variance[shift:])
        for turn in range(LONG):
            turned: Floats = np.roll(folded, turn, axis=0).ravel()
            known = turned[chips.sync]
            agreement = float((known * chips.signs).sum() / (np.sqrt((known * known).sum()) + 1e-9))
            tried.append((agreement, turned))
    tried.sort(key=lambda t: -t[0])
    ids: list[bytes] = []
    for agreement, turned in tried[:_DECODES]:
        if agreement < WORTH_DECODING:
            break
        clip_id = chips.payload.read(turned[chips.data].astype(np.float32))
        if clip_id and clip_id not in ids:
            ids.append(clip_id)
    return SoundDetection(clip_id=ids[0] if ids else None, score=tried[0][0], seconds=loud, others=tuple(ids[1:]))


def _spectra(sound: Floats) -> NDArray[np.complex64]:
    frames = np.lib.stride_tricks.sliding_window_view(sound, WINDOW)[::HOP]
    return np.asarray(scipy.fft.rfft(frames * _HANN, axis=1), np.complex64)


def _overlap(spectra: NDArray[np.complex64], length: int) -> Floats:
    pieces = scipy.fft.irfft(spectra, n=WINDOW, axis=1).astype(np.float32) * _HANN
    out, norm = np.zeros(length, np.float32), np.zeros(length, np.float32)
    for i, piece in enumerate(pieces):
        out[i * HOP : i * HOP + WINDOW] += piece
        norm[i * HOP : i * HOP + WINDOW] += _HANN * _HANN
    return out / np.maximum(norm, 1e-3)


def _contrast(spectra: NDArray[np.complex64]) -> tuple[Floats, Floats]:
    """Per frame and chip column: how far the log power stands above its neighbourhood, and the variance to expect of it.

    Where the neighbourhood itself is restless (onsets, single notes) the gains tell little, so it weighs less. The floors keep
    bins that an encoder emptied from speaking loudest.
    """
    power = np.abs(spectra[:, LOWEST - _EDGE : _TOP + _EDGE]) ** 2
    level = uniform_filter1d(power, 65, axis=1) + 1e-9 * float(power.max()) + 1e-12
    log = np.log(power / level + 1e-3)
    log -= uniform_filter1d(log, 33, axis=1)
    log -= uniform_filter1d(log, 51, axis=0)
    log = np.clip(log, -3, 3)
    restless = uniform_filter1d(uniform_filter1d(log * log, 9, axis=1), 9, axis=0)
    weight = 1 / (restless + 0.3)
    shape = (len(power), ACROSS, BINS)
    inner = slice(_EDGE, _EDGE + ACROSS * BINS)
    value, variance = log * weight, weight * weight * restless
    return value[:, inner].reshape(shape).sum(2), variance[:, inner].reshape(shape).sum(2)


def _fold(contrast: Floats, variance: Floats) -> NDArray[np.float64]:
    """Sum the chips of all periods: (17, 80), each in units of its own expected noise."""
    rows = len(contrast) // FRAMES
    value = contrast[: rows * FRAMES].reshape(rows, FRAMES, ACROSS).sum(1)
    spread = variance[: rows * FRAMES].reshape(rows, FRAMES, ACROSS).sum(1)
    total, expected = np.zeros((LONG, ACROSS)), np.zeros((LONG, ACROSS))
    np.add.at(total, np.arange(rows) % LONG, value)
    np.add.at(expected, np.arange(rows) % LONG, spread)
    return np.asarray(total / np.sqrt(expected + 1e-9))


def _loud_seconds(sound: Sound) -> float:
    whole = len(sound) // HOP * HOP
    blocks = np.abs(sound[:whole].reshape(-1, HOP)).max(1) if whole else np.zeros(0)
    return float((blocks > SILENCE).sum() * HOP / 48_000)

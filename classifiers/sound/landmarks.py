"""The landmarks of a sound: spectral peaks that stand out of their surroundings, after Wang (ISMIR 2003).

A peak is where it is whatever the volume, survives coding and noise that is not louder just there, and a change of speed moves
all of them by one factor. This listens and measures; it knows no recordings and never decides.
"""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray

from safety.media import SOUND_RATE, SampledClip, Sound
from safety.sound_print import SoundPrint

Plane = NDArray[np.float32]

#: What is listened to: 8 kHz, 128 ms windows every 16 ms, bins of 7.8 Hz. Coders, telephones and rooms leave this band alone.
RATE = 8_000
WINDOW, HOP = 1024, 128
#: Lowest and highest frequency used, hertz: hum and the resampler's edge are left out.
LOW, HIGH = 180.0, 3_600.0
#: A peak is the highest of this many windows and bins to either side (80 ms, 31 Hz).
REACH = (5, 4)
#: What a peak must stand out of: the mean level of this many windows and bins around it (0.5 s, 320 Hz).
AROUND = (31, 41)
#: A landmark has fewer stronger ones than this within ``NEAR`` seconds and ``NEAR_OCTAVES``.
RANKS = 12
NEAR, NEAR_OCTAVES = 0.4, 0.7
#: Quieter than this is silence, root of the mean square in a window; -72 dB of full scale.
SILENCE = 2.5e-4
#: What is farther than this below the loudest of its window is left out, nepers of power (50 dB): coders' and recorders' noise.
BELOW = 11.5
#: How far a peak must stand out, nepers of power (3 dB).
RELIEF = 0.7
#: Longest stretch whose spectrum is held at a time, seconds, and what is read beside it; both whole numbers of hops. Its planes
#: of floats are about 7 MB each.
STRETCH, MARGIN = 60.0, 1.024


class SoundPrinter:
    """Nothing to load; safe to share and to pickle."""

    name = "landmarks/1"

    def look(self, clip: SampledClip) -> SoundPrint:
        """The print of the part's sound at the clip's own times; empty where there is no sound or only silence."""
        sound = np.zeros(0, np.float32) if clip.sound is None else clip.sound
        return self._print(sound, clip.sound_from)

    def reference(self, sound: Sound) -> SoundPrint:
        """The print of a recording, mono at 48 kHz, from its first sample."""
        return self._print(sound, 0.0)

    def _print(self, sound: Sound, begin: float) -> SoundPrint:
        low = lowered(sound)
        found = [np.zeros((3, 0), np.float32)]
        step = int(STRETCH * RATE)
        edge = int(MARGIN * RATE)
        for at in range(0, max(low.size, 1), step):
            start = max(0, at - edge)
            peaks = _peaks(low[start : at + step + edge])
            times = peaks[0] + start / RATE
            found.append(np.stack([times, *peaks[1:]])[:, (times >= at / RATE) & (times < (at + step) / RATE)])
        times, pitches, strengths = np.concatenate(found, axis=1)
        ranks = _ranks(times, pitches, strengths)
        kept = ranks < RANKS
        span = (begin, begin + sound.size / SOUND_RATE)
        absolute = (times[kept].astype(np.float64) + begin).astype(np.float32)
        return SoundPrint(self.name, span, absolute, pitches[kept], ranks[kept].astype(np.uint8))


def lowered(sound: Sound) -> NDArray[np.float32]:
    """The sound at ``RATE``."""
    from scipy.signal import resample_poly

    if not sound.size:
        return np.zeros(0, np.float32)
    return cast(NDArray[np.float32], resample_poly(sound, 1, SOUND_RATE // RATE).astype(np.float32))


def levels(low: NDArray[np.float32]) -> tuple[Plane, NDArray[np.bool_]]:
    """Natural log of the spectrum's power (windows, bins from ``LOW`` to ``HIGH``), and which windows are not silent."""
    from scipy.fft import rfft

    padded = np.pad(low, (WINDOW // 2, WINDOW // 2 + HOP))
    windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
    heard = np.sqrt(np.mean(np.square(windows), axis=1)) > SILENCE
    first, last = int(LOW / RATE * WINDOW), int(HIGH / RATE * WINDOW)
    spectrum = rfft(windows * np.hanning(WINDOW).astype(np.float32), axis=1)[:, first:last]
    return np.log(np.square(spectrum.real) + np.square(spectrum.imag) + 1e-7), heard


def _peaks(low: NDArray[np.float32]) -> Plane:
    """float32 (3, n): seconds, octaves above 1 Hz, and how far it stands out (nepers of power), in order of time."""
    from scipy.ndimage import maximum_filter, uniform_filter

    if low.size < WINDOW:
        return np.zeros((3, 0), np.float32)
    plane, heard = levels(low)
    relief = plane - uniform_filter(plane, AROUND, mode="nearest")
    top = relief == maximum_filter(relief, tuple(2 * r + 1 for r in REACH), mode="nearest")
    top &= heard[:, None] & (relief > RELIEF) & (plane > plane.max(axis=1, keepdims=True) - BELOW)
    top[[0, -1]] = top[:, [0, -1]] = False
    t, f = np.nonzero(top)
    early, late = _summit(plane[t - 1, f], plane[t, f], plane[t + 1, f]), _summit(plane[t, f - 1], plane[t, f], plane[t, f + 1])
    first = int(LOW / RATE * WINDOW)
    seconds = (t + early) * (HOP / RATE)
    pitches = np.log2((f + first + late) * (RATE / WINDOW))
    return np.stack([seconds, pitches, relief[t, f]]).astype(np.float32)


def _summit(before: Plane, here: Plane, after: Plane) -> Plane:
    """Where between -0.5 and 0.5 a parabola through three levels is highest."""
    bend = before - 2 * here + after
    return np.clip(0.5 * (before - after) / np.where(np.abs(bend) < 1e-6, -1e-6, bend), -0.5, 0.5).astype(np.float32)


def _ranks(times: Plane, pitches: Plane, strengths: Plane) -> NDArray[np.int64]:
    """For each peak how many stronger ones stand within ``NEAR`` seconds and ``NEAR_OCTAVES``."""
    ranks = np.zeros(times.size, np.int64)
    for step in range(1, times.size):
        near = times[step:] - times[:-step] <= NEAR
        if not near.any():
            break
        near &= np.abs(pitches[step:] - pitches[:-step]) <= NEAR_OCTAVES
        later = strengths[step:] > strengths[:-step]
        ranks[:-step] += near & later
        ranks[step:] += near & ~later
    return ranks

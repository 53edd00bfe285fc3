"""Sound as the voice embedder wants it: the logarithm of 40 mel bands, a hundred times a second.

Written with numpy so that no process carries librosa for it; it agrees with librosa's own figures (``tests``). No state.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from safety.media import Sound

#: What is written in the model's own metadata: 16 kHz, windows of 400 in a transform of 512, every 160 samples, 40 bands.
RATE, SIZE, WINDOW, HOP, BANDS = 16_000, 512, 400, 160, 40
#: Frames transformed at a time; bounds memory whatever the length of the sound.
BATCH = 3_000
FLOOR = 1e-10


def log_mel(sound: Sound) -> NDArray[np.float32]:
    """float32 (frames, 40) of ``sound`` at 16 kHz; no frame where there are fewer than 512 samples."""
    if sound.size < SIZE:
        return np.zeros((0, BANDS), np.float32)
    views = np.lib.stride_tricks.sliding_window_view(np.asarray(sound, np.float32), SIZE)[::HOP]
    rows = [np.zeros((0, BANDS), np.float32)]
    for i in range(0, len(views), BATCH):
        power = np.abs(np.fft.rfft(views[i : i + BATCH] * _window(), axis=1)) ** 2
        rows.append(np.log10(power.astype(np.float32) @ _bank().T + FLOOR))
    return np.concatenate(rows)


@cache
def _window() -> NDArray[np.float32]:
    """A periodic Hamming window of 400 in the middle of 512."""
    window = np.zeros(SIZE, np.float32)
    n = np.arange(WINDOW)
    left = (SIZE - WINDOW) // 2
    window[left : left + WINDOW] = 0.54 - 0.46 * np.cos(2 * np.pi * n / WINDOW)
    return window


@cache
def _bank() -> NDArray[np.float32]:
    """Triangles of equal area on Slaney's mel scale (Auditory Toolbox, 1998), float32 (40, 257)."""
    edges = _hertz(np.linspace(0.0, _mel(RATE / 2), BANDS + 2))
    bins = np.fft.rfftfreq(SIZE, 1 / RATE)
    rising = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    triangles = np.maximum(0.0, np.minimum(rising, falling))
    return np.asarray(triangles * (2.0 / (edges[2:] - edges[:-2]))[:, None], np.float32)


def _mel(hertz: float) -> float:
    """Linear to 1000 Hz (200/3 Hz a mel), then 27 mels for every factor of 6.4."""
    return hertz / (200 / 3) if hertz < 1_000 else 15.0 + np.log(hertz / 1_000) / (np.log(6.4) / 27)


def _hertz(mels: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(mels < 15.0, mels * 200 / 3, 1_000 * np.exp(np.log(6.4) / 27 * (mels - 15.0)))

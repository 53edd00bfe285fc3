"""The tile: one small square of pattern, repeated over the picture, that holds the payload in its spectrum.

Repetition makes it findable (its autocorrelation shows the lattice, whatever the scale or rotation) and lets the detector fold
the whole picture onto one tile. Low frequencies (a wavelength of 5 to 32 lines of 360) survive halving the size and heavy
compression. Of the 666 usable bins of the spectrum's half plane a keyed choice of 512 carries the payload, the real and the
imaginary part one symbol each, and 154 carry a known keyed pattern that finds the offset and measures the channel.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from provenance.watermark.keys import MarkKey
from provenance.watermark.polar import LENGTH, Floats

Spectrum = NDArray[np.complex64]

#: Side of the tile, in lines of a picture whose short side is REFERENCE.
SIDE = 112
REFERENCE = 360
#: Radius of the used ring, in cycles a tile; the axes are left out because borders and subtitles live there.
INNER, OUTER, AXIS = 3.5, 22.5, 1
#: Fall of the amplitude with the radius: coarse bins pass an encoder's dead zone where fine ones do not.
TILT = 0.5
#: A bin this many times its ring's average is an edge of the host, not the mark.
OUTLIER = 2.2

_CYCLES = np.fft.fftfreq(SIDE) * SIDE
_KY, _KX = np.meshgrid(_CYCLES, _CYCLES, indexing="ij")
_RADIUS = np.hypot(_KY, _KX).ravel()
_BAND = ((_RADIUS >= INNER) & (_RADIUS <= OUTER)) & (np.abs(_KX.ravel()) > AXIS) & (np.abs(_KY.ravel()) > AXIS)
_RING = _RADIUS.astype(int)
_RING_COUNT = np.maximum(np.bincount(_RING[_BAND], minlength=SIDE), 1)
_HALF = ((_KY > 0) | ((_KY == 0) & (_KX > 0))).ravel()


class Peak(NamedTuple):
    """The best match of the sync: ``score`` in standard deviations, which of the 8 ``turn``s, and the offset in tile samples."""

    score: float
    turn: int
    dy: float
    dx: float


class TileLayout:
    """Which bins carry what, under one key."""

    def __init__(self, key: MarkKey) -> None:
        usable = np.flatnonzero(_BAND & _HALF)
        order = usable[key.permutation("picture/layout", len(usable))]
        self.data = order[: LENGTH // 2]
        self.sync = order[LENGTH // 2 :]
        real, imag = key.signs("picture/sync", 2 * len(self.sync)).reshape(2, -1)
        self.phases = ((real + 1j * imag) / np.sqrt(2)).astype(np.complex64)
        # Compression eats the fine bins first, so the search listens to the coarse ones.
        weight = 1 / np.sqrt(1 + (_RADIUS[self.sync] / 15.0) ** 4)
        listen = np.zeros(SIDE * SIDE, np.complex64)
        listen[self.sync] = self.phases * weight
        self._listen = np.conj(listen).reshape(SIDE, SIDE)
        self._unit = float(np.sqrt((weight**2).sum() / 2))

    def tile(self, symbols: Floats) -> Floats:
        """The (112, 112) pattern of unit variance that carries (1024,) ``symbols``."""
        bins = np.zeros(SIDE * SIDE, np.complex64)
        bins[self.data] = (symbols[: LENGTH // 2] + 1j * symbols[LENGTH // 2 :]) / np.sqrt(2)
        bins[self.sync] = self.phases
        bins *= (np.maximum(_RADIUS, 3.0) / 10.0) ** -TILT
        pattern = np.fft.ifft2(bins.reshape(SIDE, SIDE)).real
        return np.asarray(pattern / pattern.std(), np.float32)

    def find(self, spectrum: Spectrum, turns: range | tuple[int, ...] = range(8)) -> Peak:
        """Look for the sync in a whitened spectrum under each of the ``turns``, at every whole offset."""
        stack = np.stack([turned(spectrum, t) for t in turns])
        field = scipy.fft.ifft2(stack * self._listen, axes=(1, 2)).real.reshape(len(stack), -1) * (SIDE * SIDE / self._unit)
        place = field.argmax(1)
        best = int(field[np.arange(len(stack)), place].argmax())
        dy, dx = divmod(int(place[best]), SIDE)
        return Peak(float(field[best, place[best]]), list(turns)[best], dy, dx)

    def peaks(self, spectrum: Spectrum, turn: int, count: int = 3) -> list[Peak]:
        """The best ``count`` offsets, three samples apart or more: a remix carries two marks, its own and its parent's."""
        field = scipy.fft.ifft2(turned(spectrum, turn) * self._listen).real * (SIDE * SIDE / self._unit)
        found = []
        for _ in range(count):
            dy, dx = divmod(int(field.argmax()), SIDE)
            found.append(Peak(float(field[dy, dx]), turn, dy, dx))
            near = np.arange(-2, 3)
            field[np.ix_((dy + near) % SIDE, (dx + near) % SIDE)] = -np.inf
        return found

    def centre(self, spectrum: Spectrum, peak: Peak) -> Peak:
        """Move the offset by fractions of a sample to where the sync agrees best."""
        got = turned(spectrum, peak.turn).ravel()[self.sync] * np.conj(self.phases)
        ky, kx = _KY.ravel()[self.sync] * (2 * np.pi / SIDE), _KX.ravel()[self.sync] * (2 * np.pi / SIDE)
        dy, dx = peak.dy, peak.dx
        for step in (0.5, 0.25, 0.125):
            tried = [(dy + a * step, dx + b * step) for a in (-1, 0, 1) for b in (-1, 0, 1)]
            dy, dx = max(tried, key=lambda o: float((got * np.exp(1j * (ky * o[0] + kx * o[1]))).real.sum()))
        return peak._replace(dy=dy, dx=dx)

    def soft_symbols(self, spectrum: Spectrum, peak: Peak) -> Floats:
        """The (1024,) symbols at ``peak``, each weighted by how well its ring of the spectrum came through.

        The sync is known, so its agreement a(r) as a function of the radius is fitted; a bin of unit power with agreement a
        has a signal-to-noise ratio of a^2 / (1 - a^2), hence the weight a / (1 - a^2).
        """
        shift = np.exp(2j * np.pi / SIDE * (_KY * peak.dy + _KX * peak.dx)).ravel()
        bins = turned(spectrum, peak.turn).ravel() * shift
        agreement = (bins[self.sync] * np.conj(self.phases)).real
        fit = np.polyfit(_RADIUS[self.sync], agreement, 2)
        a = np.clip(np.polyval(fit, _RADIUS[self.data]), 0.03, 0.95)
        got = bins[self.data] * (a / (1 - a * a))
        return np.concatenate([got.real, got.imag]).astype(np.float32)


def whiten(folded: Floats) -> Spectrum:
    """Spectrum of a folded tile, each ring at unit power and outliers clipped, zero outside the used band."""
    bins = np.fft.fft2(folded).ravel()
    power = np.bincount(_RING[_BAND], weights=np.abs(bins[_BAND]) ** 2, minlength=SIDE) / _RING_COUNT
    bins = np.where(_BAND, bins / np.sqrt(power[_RING] + 1e-12), 0)
    bins *= np.minimum(1, OUTLIER / np.maximum(np.abs(bins), 1e-9))
    return bins.reshape(SIDE, SIDE).astype(np.complex64)


def turned(spectrum: Spectrum, turn: int) -> Spectrum:
    """The spectrum of the tile mirrored left-right (bit 0), upside down (bit 1) and transposed (bit 2, applied first)."""
    out = spectrum.T if turn & 4 else spectrum
    if turn & 1:
        out = np.roll(out[:, ::-1], 1, axis=1)
    if turn & 2:
        out = np.roll(out[::-1], 1, axis=0)
    return out

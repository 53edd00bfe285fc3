"""Find the mark in frames that may have been re-encoded, scaled, cropped, mirrored or turned.

Frames go in one at a time; what is kept is one small picture of residuals, so a long film costs no more memory than a short
one. An id comes out only when the payload's tag agrees: the score alone never names a clip.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.watermark import geometry
from provenance.watermark.embed import Painter
from provenance.watermark.geometry import Lattice
from provenance.watermark.keys import ID_BYTES, MarkKey, Payload
from provenance.watermark.polar import Floats
from provenance.watermark.tile import REFERENCE, SIDE, Peak, Spectrum, TileLayout, whiten
from safety.values import Value

#: Short side of the analysed picture; frames that are larger are brought down to it.
ANALYSED = 400
#: Frames averaged before the picture's own content is suppressed; one second.
CHUNK = 24
#: Below the first score nothing is decoded; above the second no further lattice is tried before decoding.
WORTH_DECODING, CERTAIN = 5.0, 8.5


class Geometry(Value):
    """How the marked picture lies in the one that was read.

    ``scale_x`` and ``scale_y``: its pixels now for each of its pixels when its short side is 360. ``angle`` in degrees;
    ``transposed``, ``mirrored`` and ``flipped``, done in this order to the picture as read, set it right. ``offset_x`` and
    ``offset_y``: of the tile grid, in tile samples (a crop is known to a whole tile only).
    """

    scale_x: float
    scale_y: float
    angle: float
    mirrored: bool
    flipped: bool
    transposed: bool
    offset_x: float
    offset_y: float


class Detection(Value):
    """What was found: the ``clip_id`` (None unless its tag agreed), the sync ``score``, where, and from how many ``frames``.

    ``others`` are further ids whose tags agreed too, weaker: those of clips that this one was made from.

    ``probe`` is the score that a mark of ours, had it been in these frames, would have had at least about: the detector marks
    what it saw with another key and looks for that. It says whether finding nothing means anything.
    """

    clip_id: bytes | None
    score: float
    geometry: Geometry | None
    frames: int
    probe: float
    others: tuple[bytes, ...] = ()

    @property
    def tag_ok(self) -> bool:
        """Whether the payload's authentication tag agreed."""
        return self.clip_id is not None


class _Match(NamedTuple):
    peak: Peak
    lattice: Lattice
    spectrum: Spectrum


class _Residual:
    """What is left of the frames once their own content is suppressed, summed over chunks."""

    def __init__(self, height: int, width: int) -> None:
        self.picture: Floats = np.zeros((height, width), np.float32)

    def add(self, mean: Floats) -> None:
        """Take in the average of a chunk: its high frequencies, weighted by how little of them is the host's own."""
        wide, near = (_odd(n * min(mean.shape) / ANALYSED) for n in (11, 9))
        rest = mean - cv2.blur(mean, (wide, wide))
        power = np.maximum(cv2.blur(rest * rest, (near, near)), 0)
        power = np.maximum(power, 0.5 * cv2.blur(power, (near, near)))
        weight = (0.8 + 0.08 * np.sqrt(power)) / (power + 1.0)
        self.picture += np.clip(rest * weight, -3, 3) * (power > 0.003)


def _odd(size: float) -> int:
    """The odd window nearest below ``size``, at least 3: on a small picture a neighbourhood has fewer samples."""
    return max(3, round(size) // 2 * 2 + 1)


class VideoDetector:
    """Looks for marks written with ``key``; feed it frames in order, all of one size."""

    def __init__(self, key: bytes) -> None:
        self._key = MarkKey(key)
        self._layout = TileLayout(self._key)
        self._payload = Payload(self._key, "picture")
        probe = MarkKey(self._key.stream("probe", 32))
        self._probe_layout = TileLayout(probe)
        self._probe_tile = self._probe_layout.tile(Payload(probe, "picture").symbols(b"\x01" * ID_BYTES))
        self._sum: Floats | None = None
        self._held = 0
        self._frames = 0
        self._seen: _Residual | None = None
        self._probed: _Residual | None = None
        self._painter: Painter | None = None

    def add(self, frame: NDArray[np.uint8]) -> None:
        """Take in one frame, uint8 (h, w, 3) RGB or (h, w) luma. A frame of another size than the first is refused."""
        luma = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) if frame.ndim == 3 else frame
        if self._sum is None:
            self._sum = np.zeros(luma.shape, np.float32)
        if luma.shape != self._sum.shape:
            raise ValueError(f"frames of one clip have one size; {luma.shape} came after {self._sum.shape}")
        cv2.accumulate(luma, self._sum)
        self._held += 1
        self._frames += 1
        if self._held == CHUNK:
            self._flush()

    def result(self) -> Detection:
        """What the frames so far show; more may be added afterwards."""
        self._flush()
        if self._seen is None or self._probed is None:
            return Detection(clip_id=None, score=0.0, geometry=None, frames=0, probe=0.0)
        whole = min(self._seen.picture.shape) / REFERENCE * SIDE
        folded = geometry.fold(self._probed.picture, Lattice(whole, whole))
        probe = self._probe_layout.find(whiten(folded), (0,)).score if folded is not None else 0.0
        ids, match = self._search(self._seen.picture)
        return Detection(
            clip_id=ids[0] if ids else None,
            others=tuple(ids[1:]),
            score=match.peak.score if match else 0.0,
            geometry=self._describe(match) if match else None,
            frames=self._frames,
            probe=probe,
        )

    def _flush(self) -> None:
        """Turn the frames held into residuals, as they are and as they would be with the probe's mark."""
        if self._sum is None or not self._held:
            return
        mean: Floats = self._sum / self._held
        self._sum[:] = 0
        self._held = 0
        height, width = mean.shape
        scale = min(1.0, ANALYSED / min(height, width))
        if scale < 1:
            size = (round(width * scale), round(height * scale))
            mean = np.asarray(cv2.resize(mean, size, interpolation=cv2.INTER_AREA), np.float32)
        if self._seen is None or self._probed is None or self._painter is None:
            self._seen, self._probed = _Residual(*mean.shape), _Residual(*mean.shape)
            self._painter = Painter(self._probe_tile, mean.shape[1], mean.shape[0])
        self._seen.add(mean)
        self._probed.add(mean + self._painter.change(mean))

    def _match(self, residual: Floats, lattice: Lattice, turns: range | tuple[int, ...] = range(8)) -> _Match | None:
        folded = geometry.fold(residual, lattice)
        if folded is None:
            return None
        spectrum = whiten(folded)
        return _Match(self._layout.find(spectrum, turns), lattice, spectrum)

    def _search(self, residual: Floats) -> tuple[list[bytes], _Match | None]:
        """The untouched lattice first, then upright ones, then rotated ones; stop at the first whose tag agrees."""
        whole = min(residual.shape) / REFERENCE * SIDE
        first = self._match(residual, Lattice(whole, whole))
        best = first
        if first and first.peak.score > CERTAIN:
            ids, best = self._decode(residual, [first], best)
            if ids:
                return ids, best
        size = (residual.shape[0], residual.shape[1])
        lags = geometry.autocorrelation(residual)
        for propose in (geometry.upright, geometry.rotated):
            found = [m for m in (self._match(residual, lattice) for lattice in propose(lags, size)) if m]
            if propose is geometry.upright and first:
                found.append(first)
            found.sort(key=lambda m: -m.peak.score)
            ids, best = self._decode(residual, found[:2], best)
            if ids:
                return ids, best
        return [], best

    def _decode(self, residual: Floats, found: Iterable[_Match], best: _Match | None) -> tuple[list[bytes], _Match | None]:
        for match in found:
            fine = self._refine(residual, match)
            if best is None or fine.peak.score > best.peak.score:
                best = fine
            if fine.peak.score < WORTH_DECODING:
                continue
            ids: list[bytes] = []
            for rough in self._layout.peaks(fine.spectrum, fine.peak.turn):
                if rough.score < WORTH_DECODING:
                    break
                peak = self._layout.centre(fine.spectrum, rough)
                clip_id = self._payload.read(self._layout.soft_symbols(fine.spectrum, peak))
                if clip_id and clip_id not in ids:
                    best = best if ids else fine._replace(peak=peak)
                    ids.append(clip_id)
            if ids:
                return ids, best
        return [], best

    def _refine(self, residual: Floats, match: _Match) -> _Match:
        """Climb to the best lattice nearby: over six tiles a tenth of a percent of scale matters."""
        best = match
        for step in (0.005, 0.0018, 0.0006):
            for _ in range(3):
                before = best.peak.score
                for sx, sy, turn in ((1, 1, 0), (-1, -1, 0), (1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1)):
                    at = best.lattice
                    near = Lattice(at.px * (1 + sx * step), at.py * (1 + sy * step), at.angle + turn * step)
                    tried = self._match(residual, near, (best.peak.turn,))
                    if tried and tried.peak.score > best.peak.score + 0.05:
                        best = tried
                if best.peak.score == before:
                    break
        return best

    def _describe(self, match: _Match) -> Geometry:
        height, width = self._sum.shape if self._sum is not None else (1, 1)
        full = max(1.0, min(height, width) / ANALYSED) / SIDE
        turn = match.peak.turn
        return Geometry(
            scale_x=match.lattice.px * full,
            scale_y=match.lattice.py * full,
            angle=float(np.rad2deg(match.lattice.angle)),
            mirrored=bool(turn & 1),
            flipped=bool(turn & 2),
            transposed=bool(turn & 4),
            offset_x=match.peak.dx,
            offset_y=match.peak.dy,
        )

"""Fingerprints of pictures and clips, so that a reserved work is found again inside a finished clip.

A rights holder files a clean picture; the clip shows its subject small, moving, mirrored, before something else. So a reference
is fingerprinted whole, and as its subject alone on grey, each also mirrored; and a clip as whole frames and as the regions that
stand out, cut out on the same grey. Whoever compares them takes a match when the hashes are within ``SAME_PICTURE_PDQ`` bits
(a copy of the picture itself) or the embeddings' ``similarity`` reaches ``SAME_LOOK_COSINE`` (the same subject).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import cv2
import numpy as np

from classifiers.clip import pictures as shape
from classifiers.clip import subject
from classifiers.clip.copies_bars import inside
from classifiers.clip.copies_code import Coder
from classifiers.clip.copies_points import points
from classifiers.clip.embedding import GREY, Embedder
from classifiers.clip.pdq import MIN_QUALITY, SAME_PICTURE_PDQ, distance, pdq
from classifiers.clip.pictures import resize
from classifiers.clip.regions import Region, propose
from safety.fingerprint import POINT, PictureFingerprint
from safety.media import Frame, Picture, SampledClip
from safety.signal import Box

__all__ = ["MIN_QUALITY", "SAME_LOOK_COSINE", "SAME_PICTURE_PDQ", "PictureFingerprinter", "distance", "similarity"]

#: Cosine of two embeddings from which on they show the same subject. Best pair of a clip and a reference, 75 drawn clips of the
#: embedded world (``bench/reserved_pictures.py`` with 2 and with 3 clips a character): 37 true pairs 0.765 to 0.97, one below
#: this; 488 false pairs, 99 % at most 0.76, the nearest 0.777 (an astronaut and Tavi, who wears a spacesuit). Before photographs,
#: harder than any scene, 21 true pairs 0.77 to 0.95, two below this; 126 false ones at most 0.76.
SAME_LOOK_COSINE = 0.78
#: Margin around a subject that was cut out, as a part of its size.
MARGIN = 0.04
#: Longer side, in pixels, that frames of clips are looked at; the network sees 128 of them.
VIEW = 640
#: Seconds between frames that regions are sought in; who is in a clip for two seconds is looked at twice.
REGION_SECONDS = 1.0
#: Seconds between frames that altered copies are told by; references have a print every half second.
COPY_SECONDS = 0.45
#: With fewer corners than this a picture is too plain to tell a copy of it from another plain picture.
LEAST_POINTS = 16


def similarity(a: PictureFingerprint, b: PictureFingerprint) -> float:
    """Cosine of the two embeddings: 1 is the same look, unrelated pictures lie around 0.4, and -1 is where one has none."""
    if not len(a.embedding) or not len(b.embedding):
        return -1.0
    return float(np.dot(a.embedding, b.embedding))


class PictureFingerprinter:
    """``safety.fingerprint.Fingerprinter`` by PDQ, EfficientNet-Lite0 and ORB."""

    name = "pdq+lite0/1"

    def __init__(self, embedder: Embedder | None = None) -> None:
        self.embedder = embedder or Embedder()
        self._coder = Coder()

    def reference(self, picture: Picture) -> tuple[PictureFingerprint, ...]:
        """The whole picture and, where a subject can be told from its background, the subject alone; both also mirrored.

        The whole, and what lies between bars, also as references of copies.
        """
        views: list[tuple[Picture, Box | None]] = [(picture, None)]
        mask = subject.find(picture)
        if mask is not None:
            views.append(cut_out(picture, subject.box(mask), mask))
        views += [(np.ascontiguousarray(view[:, ::-1]), _mirrored(box)) for view, box in views]
        found, wholes = self._fingerprints(views), _wholes(picture)
        whole, *inner = self._findable((found[0], *self._fingerprints(wholes[1:])), wholes, mirrored=True)
        return whole, *found[1:], *inner

    def reference_clip(self, frames: Iterable[Frame]) -> tuple[PictureFingerprint, ...]:
        """Frames of a reference clip, whole or between their bars; ``frames`` are taken one by one. Flat ones are left out."""
        found: list[PictureFingerprint] = []
        for frame in frames:
            view = _wholes(_viewed(frame.picture))[-1:]
            (seen,) = self._findable(self._fingerprints(view), view, mirrored=True)
            if seen.code is not None:
                found.append(replace(seen, frame=frame.index, time=frame.time, embedding=np.zeros(0, np.float32)))
        return tuple(found)

    def clip(self, clip: SampledClip) -> tuple[PictureFingerprint, ...]:
        """Every sampled frame: the whole, also without its bars, and each region that stands out, cut out of its background.

        Regions are sought in one frame a ``REGION_SECONDS`` and in the first of each shot.
        """
        views = [_viewed(f.picture) for f in clip.frames]
        return self._watched(clip.frames, views, propose(views, _chosen(clip.frames, REGION_SECONDS)) if views else [])

    def wholes(self, clip: SampledClip) -> tuple[PictureFingerprint, ...]:
        """Like ``clip`` without regions: enough to find copies, in a third of the time."""
        return self._watched(clip.frames, [_viewed(f.picture) for f in clip.frames], [()] * len(clip.frames))

    def _watched(
        self, frames: Sequence[Frame], views: Sequence[Picture], regions: Sequence[tuple[Region, ...]]
    ) -> tuple[PictureFingerprint, ...]:
        found: list[PictureFingerprint] = []
        copied = _chosen(frames, COPY_SECONDS)
        for frame, view, proposed, findable in zip(frames, views, regions, copied, strict=True):
            wholes = _wholes(view) if findable else [(view, None)]
            parts = [*wholes, *(cut_out(view, r.box, _full(r, view)) for r in proposed)]
            prints = self._fingerprints(parts)
            if findable:
                prints = (*self._findable(prints[: len(wholes)], wholes, mirrored=False), *prints[len(wholes) :])
            found += [replace(p, frame=frame.index, time=frame.time) for p in prints]
        return tuple(found)

    def _fingerprints(self, views: Sequence[tuple[Picture, Box | None]]) -> tuple[PictureFingerprint, ...]:
        rows = self.embedder.embed([v for v, _ in views])
        hashes = [pdq(v) for v, _ in views]
        return tuple(
            PictureFingerprint(bits, quality, row, box=box)
            for (bits, quality), row, (_, box) in zip(hashes, rows, views, strict=True)
        )

    def _findable(
        self, prints: Sequence[PictureFingerprint], views: Sequence[tuple[Picture, Box | None]], *, mirrored: bool
    ) -> tuple[PictureFingerprint, ...]:
        """``prints`` of ``views`` with what finds copies of them; as they are where a picture has too little to hold on to."""
        if not prints:
            return ()
        codes, found = self._coder.codes(np.stack([p.embedding for p in prints])), []
        for seen, (view, box), code in zip(prints, views, codes, strict=True):
            if box is not None:  # between bars: a copy of the whole, not a subject
                seen = replace(seen, embedding=np.zeros(0, np.float32))  # noqa: PLW2901
            here = points(view)
            if len(here) < LEAST_POINTS * POINT.itemsize:
                found.append(seen)
                continue
            turned = points(np.ascontiguousarray(view[:, ::-1])) if mirrored else b""
            found.append(replace(seen, code=code, points=here, mirrored=turned, shape=view.shape[1] / view.shape[0]))
        return tuple(found)


def _viewed(picture: Picture) -> Picture:
    """The picture, made smaller where its longer side is over ``VIEW`` pixels."""
    scale = VIEW / max(picture.shape[:2])
    if scale >= 1:
        return picture
    return resize(picture, max(2, round(picture.shape[1] * scale)), max(2, round(picture.shape[0] * scale)))


def _wholes(picture: Picture) -> list[tuple[Picture, Box | None]]:
    """The picture, and what lies between its bars where it has some."""
    box = inside(picture)
    return [(picture, None)] if box is None else [(picture, None), (shape.cut(picture, box), box)]


def _chosen(frames: Sequence[Frame], apart: float) -> list[bool]:
    """Frames at least ``apart`` seconds from the one chosen before, and the first of each shot."""
    chosen: list[bool] = []
    last: Frame | None = None
    for frame in frames:
        chosen.append(last is None or frame.shot != last.shot or frame.time - last.time >= apart - 1e-6)
        last = frame if chosen[-1] else last
    return chosen


def cut_out(picture: Picture, box: Box, mask: subject.Mask | None) -> tuple[Picture, Box]:
    """What is under ``box`` with a margin, everything outside ``mask`` grey; and the box."""
    part = shape.cut(picture, box, MARGIN)
    if mask is None:
        return part, box
    inside = shape.cut(np.repeat(mask[..., None], 3, 2).astype(np.uint8), box, MARGIN)
    return np.where(inside > 0, part, np.uint8(GREY)), box


def _full(region: Region, picture: Picture) -> subject.Mask | None:
    """The region's mask at the size of the picture."""
    if region.mask is None:
        return None
    size = (picture.shape[1], picture.shape[0])
    return np.asarray(cv2.resize(region.mask.astype(np.float32), size, interpolation=cv2.INTER_LINEAR) > 0.5)


def _mirrored(box: Box | None) -> Box | None:
    return None if box is None else Box(x=1 - box.x - box.w, y=box.y, w=box.w, h=box.h)

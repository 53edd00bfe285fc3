"""Fingerprints of pictures and clips, so that a reserved work is found again inside a finished clip.

A rights holder files a clean picture; the clip shows its subject small, moving, mirrored, before something else. So a reference
is fingerprinted whole, and as its subject alone on grey, each also mirrored; and a clip as whole frames and as the regions that
stand out, cut out on the same grey. Whoever compares them takes a match when the hashes are within ``SAME_PICTURE_PDQ`` bits
(a copy of the picture itself) or the embeddings' ``similarity`` reaches ``SAME_LOOK_COSINE`` (the same subject).
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from classifiers.clip import pictures as shape
from classifiers.clip import subject
from classifiers.clip.embedding import GREY, Embedder
from classifiers.clip.pdq import MIN_QUALITY, SAME_PICTURE_PDQ, distance, pdq
from classifiers.clip.regions import Region, propose
from safety.fingerprint import PictureFingerprint
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


def similarity(a: PictureFingerprint, b: PictureFingerprint) -> float:
    """Cosine of the two embeddings: 1 is the same look, unrelated pictures lie around 0.4."""
    return float(np.dot(a.embedding, b.embedding))


class PictureFingerprinter:
    """``safety.fingerprint.Fingerprinter`` by PDQ and EfficientNet-Lite0."""

    name = "pdq+lite0/1"

    def __init__(self, embedder: Embedder | None = None) -> None:
        self.embedder = embedder or Embedder()

    def reference(self, picture: Picture) -> tuple[PictureFingerprint, ...]:
        """The whole picture and, where a subject can be told from its background, the subject alone; both also mirrored."""
        views: list[tuple[Picture, Box | None]] = [(picture, None)]
        mask = subject.find(picture)
        if mask is not None:
            views.append(cut_out(picture, subject.box(mask), mask))
        views += [(np.ascontiguousarray(view[:, ::-1]), _mirrored(box)) for view, box in views]
        return self._fingerprints(views)

    def clip(self, clip: SampledClip) -> tuple[PictureFingerprint, ...]:
        """Every sampled frame: the whole, and each region that stands out, cut out of its background."""
        found: list[PictureFingerprint] = []
        regions = propose([f.picture for f in clip.frames]) if clip.frames else []
        for frame, proposed in zip(clip.frames, regions, strict=True):
            views = [(frame.picture, None), *(cut_out(frame.picture, r.box, _full(r, frame.picture)) for r in proposed)]
            found += self._fingerprints(views, frame)
        return tuple(found)

    def _fingerprints(
        self, views: Sequence[tuple[Picture, Box | None]], frame: Frame | None = None
    ) -> tuple[PictureFingerprint, ...]:
        rows = self.embedder.embed([v for v, _ in views])
        hashes = [pdq(v) for v, _ in views]
        index, time = (frame.index, frame.time) if frame else (None, None)
        return tuple(
            PictureFingerprint(bits, quality, row, index, time, box)
            for (bits, quality), row, (_, box) in zip(hashes, rows, views, strict=True)
        )


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

"""From photographs or a short video to the likeness of one person: templates to recognise and a portrait to depict.

It refuses rather than guesses: one face in every photograph, large and sharp enough, the same person throughout. It
touches no database, because it is slow and a write transaction must not be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from consent.errors import LikenessRefused
from consent.faces.align import align
from consent.faces.engine import Face, FaceFinder
from consent.faces.quality import frontal
from consent.faces.thresholds import MATCH
from safety.media import Picture

#: Smallest face that may be enrolled, pixels: at 50 the embedding agrees to 0.92 and more with that of the full size.
LEAST_FACE_PX = 48.0
#: Variance of the Laplacian of the aligned, grey face: photographs have 270 and more, blurred by 1.5 pixels of a 100-pixel face
#: 25 to 39, by 2 pixels 13 to 23, by 3 pixels 6 to 12.
LEAST_SHARPNESS = 13.0
#: Mean grey level of the aligned face, 0 to 255, outside of which too little of it is to be seen.
BRIGHTNESS = (35.0, 225.0)
#: Photographs or frames at most, and templates kept: one of each pose is worth more than many of one.
MOST_PICTURES = 240
MOST_TEMPLATES = 6
#: Of a video's frames, the share that must show the face; people look away and blink.
SEEN_SHARE = 0.5
#: Side of the portrait in pixels, and how many times the face's size it spans.
PORTRAIT_PX = 256
PORTRAIT_SPAN = 2.0


@dataclass(frozen=True)
class Likeness:
    """``templates`` float32 (n, 128) of unit length by ``engine``; ``portrait`` uint8 (256, 256, 3) RGB. Never printed."""

    engine: str
    templates: NDArray[np.float32] = field(repr=False)
    portrait: Picture = field(repr=False)


@dataclass(frozen=True)
class _Sighting:
    face: Face = field(repr=False)
    picture: Picture = field(repr=False)
    quality: float


def read_likeness(pictures: Sequence[Picture], engine: FaceFinder, *, video: bool = False) -> Likeness:
    """The likeness shown by ``pictures`` (RGB uint8), photographs or, with ``video``, frames in order.

    Raises ``LikenessRefused`` in a sentence the person can act on.
    """
    what = "frame" if video else "photograph"
    if not pictures:
        raise LikenessRefused(f"There is no {what} to enrol; give at least one.")
    if len(pictures) > MOST_PICTURES:
        raise LikenessRefused(f"There are {len(pictures)} {what}s and at most {MOST_PICTURES} are looked at; give fewer.")
    seen: list[_Sighting] = []
    refused: list[LikenessRefused] = []
    for number, picture in enumerate(pictures, 1):
        try:
            seen.append(_sight(picture, engine, f"{what.capitalize()} {number}"))
        except LikenessRefused as reason:
            if not video or reason.extra.get("always"):
                raise
            refused.append(reason)
    if len(seen) < max(1, SEEN_SHARE * len(pictures)):
        raise LikenessRefused(f"Only {len(seen)} of {len(pictures)} frames can be used. {refused[0].detail}")
    return _combine(seen, engine.name, what)


def _sight(picture: Picture, engine: FaceFinder, where: str) -> _Sighting:
    faces = engine.find(picture)
    if not faces:
        raise LikenessRefused(f"{where} shows no face; take one with the face in view and enough light.")
    if len(faces) > 1:
        raise LikenessRefused(f"{where} shows {len(faces)} faces; exactly one person may be in it.", always=True)
    face = faces[0]
    if face.size_px < LEAST_FACE_PX:
        raise LikenessRefused(f"In {where.lower()} the face is {face.size_px:.0f} pixels wide; {LEAST_FACE_PX:.0f} are needed.")
    grey = cv2.cvtColor(align(np.ascontiguousarray(picture), face.landmarks), cv2.COLOR_RGB2GRAY)
    if not BRIGHTNESS[0] <= float(grey.mean()) <= BRIGHTNESS[1]:
        raise LikenessRefused(f"In {where.lower()} the face is too dark or too bright; change the light and try again.")
    sharpness = float(cv2.Laplacian(grey, cv2.CV_64F).var())
    if sharpness < LEAST_SHARPNESS:
        raise LikenessRefused(f"In {where.lower()} the face is blurred; hold still and try again.")
    return _Sighting(face, picture, frontal(face.landmarks) * min(face.size_px, PORTRAIT_PX) * min(sharpness, 300.0) ** 0.25)


def _combine(seen: list[_Sighting], engine: str, what: str) -> Likeness:
    vectors = np.stack([s.face.embedding for s in seen])
    likeness = vectors @ vectors.T
    middle = int(likeness.sum(axis=1).argmax())
    stranger = int(likeness[middle].argmin())
    if float(likeness[middle, stranger]) < MATCH:
        raise LikenessRefused(f"The {what}s show different people ({what} {stranger + 1} does not match); use one person's only.")
    chosen = [middle]
    while len(chosen) < min(MOST_TEMPLATES, len(seen)):  # the one least like those chosen adds the most
        chosen.append(int(likeness[chosen].max(axis=0).argmin()))
    best = max(seen, key=lambda s: s.quality)
    return Likeness(engine=engine, templates=vectors[sorted(set(chosen))], portrait=portrait_of(best.picture, best.face))


def portrait_of(picture: Picture, face: Face) -> Picture:
    """The face with its surroundings, square, uint8 (256, 256, 3); beyond the picture's border its last pixels go on."""
    height, width = picture.shape[:2]
    side = max(2, round(PORTRAIT_SPAN * face.size_px))
    x = round((face.box.x + face.box.w / 2) * width - side / 2)
    y = round((face.box.y + face.box.h / 2) * height - side / 2)
    pads = (max(0, -y), max(0, y + side - height), max(0, -x), max(0, x + side - width))
    wide = cv2.copyMakeBorder(np.ascontiguousarray(picture), *pads, cv2.BORDER_REPLICATE)
    crop = wide[y + pads[0] : y + pads[0] + side, x + pads[2] : x + pads[2] + side]
    how = cv2.INTER_AREA if side > PORTRAIT_PX else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(crop, (PORTRAIT_PX, PORTRAIT_PX), interpolation=how), np.uint8)

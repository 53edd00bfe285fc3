"""People who granted it, in the picture: the enrolled face on a cartoon body.

The face is the photograph itself, upright, cut out softly and never recoloured, so that whoever looks (also the gate that
searches every face) sees that very person. Nobody appears who was not handed in as a ``CameoReference``.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from generator.errors import GeneratorError
from generator.protocol import CameoReference
from generator.world.canvas import Paint, Pen, flat
from generator.world.colours import CREAM, INK, Colour, dark
from generator.world.pose import Look, Pose
from generator.world.shapes import ellipse, limb
from generator.world.things.people import body
from safety import weights
from safety.media import Picture

DETECTOR = "yunet-face-detector.onnx"
#: Long side at which the face is looked for, pixels (YuNet was trained on faces of 10 to 300 pixels).
_LOOK_AT = 640
#: The cut-out, in heights of the face: half its width, above the face's middle, below it.
_HALF, _UP, _DOWN = 0.61, 0.86, 0.66
#: Pixels of face height kept in the cut-out.
_KEPT = 360
#: Least face height, pixels; smaller faces cannot be enlarged to a likeness.
LEAST_FACE = 48


@dataclass(frozen=True)
class Guest:
    """``picture`` (3, h, w) and ``alpha`` (h, w) of the head, about one face height = ``face`` pixels."""

    picture: Tensor
    alpha: Tensor
    face: float
    seed: int
    skin: Colour


def cut_out(reference: CameoReference, face_pixels: float) -> Guest:
    """Find the face, level the eyes, cut softly around the head, and scale to the size it will have.

    Raises ``GeneratorError`` when the picture shows no face that is large enough.
    """
    photo: NDArray[Any] = np.ascontiguousarray(reference.picture)
    (x, y), height, angle = _find(photo, reference.name)
    scale = min(_KEPT, face_pixels) / height
    size = (round(2 * _HALF * height * scale), round((_UP + _DOWN) * height * scale))
    turn = cv2.getRotationMatrix2D((x, y), math.degrees(angle), scale)
    turn[0, 2] += size[0] / 2 - x
    turn[1, 2] += _UP * height * scale - y
    if scale < 0.6:  # warping alone would skip pixels
        photo = cv2.GaussianBlur(photo, (0, 0), 0.45 / scale)
    cut: NDArray[Any] = cv2.warpAffine(photo, turn, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    there: NDArray[Any] = cv2.warpAffine(np.ones(photo.shape[:2], np.float32), turn, size, flags=cv2.INTER_LINEAR)
    seed = int.from_bytes(hashlib.sha256(reference.person.encode()).digest()[:4], "big")
    picture = torch.from_numpy(cut.astype(np.float32) / 255).permute(2, 0, 1).contiguous()
    return Guest(picture, torch.from_numpy(_soft(size, there)), height * scale, seed, _skin(cut))


def _skin(cut: Picture) -> Colour:
    """The colour of the hands: the median of the middle of the face."""
    h, w = cut.shape[:2]
    middle = cut[int(h * 0.45) : int(h * 0.72), int(w * 0.32) : int(w * 0.68)].reshape(-1, 3)
    r, g, b = (float(v) / 255 for v in np.median(middle, axis=0))
    return r, g, b


def _soft(size: tuple[int, int], there: NDArray[np.float32]) -> NDArray[np.float32]:
    """A soft ellipse, and nothing where the photograph had ended."""
    w, h = size
    v, u = np.mgrid[:h, :w].astype(np.float32)
    r = np.hypot((u + 0.5 - w / 2) / (w / 2), (v + 0.5 - h / 2) / (h / 2))
    alpha = np.clip((1.0 - r) / 0.05, 0, 1)
    inside = cv2.erode(there, np.ones((5, 5), np.uint8), borderType=cv2.BORDER_REPLICATE)
    return np.asarray(alpha * cv2.GaussianBlur(inside, (0, 0), 1.5), np.float32)


def _find(picture: Picture, name: str) -> tuple[tuple[float, float], float, float]:
    """Middle, height in pixels and tilt (radians) of the largest face."""
    h, w = picture.shape[:2]
    k = min(1.0, _LOOK_AT / max(h, w))
    pad = 0.25  # a picture that is all face is found only with air around it
    small = cv2.resize(picture, (max(1, round(w * k)), max(1, round(h * k))), interpolation=cv2.INTER_AREA)
    px, py = round(small.shape[1] * pad), round(small.shape[0] * pad)
    framed = cv2.copyMakeBorder(small, py, py, px, px, cv2.BORDER_REPLICATE)
    detector = cv2.FaceDetectorYN.create(str(weights.find(DETECTOR)), "", (framed.shape[1], framed.shape[0]), 0.6, 0.3, 50)
    _, faces = detector.detect(framed[:, :, ::-1].copy())
    if faces is None or len(faces) == 0:
        raise GeneratorError(f"No face was found in the picture of {name}; enrol a photo that shows the face from the front.")
    face = max(faces, key=lambda f: float(f[2] * f[3]))
    left, top, fw, fh = (float(v) / k for v in (face[0] - px, face[1] - py, face[2], face[3]))
    if fh < LEAST_FACE:
        raise GeneratorError(
            f"The face in the picture of {name} is only {fh:.0f} pixels tall; enrol one of at least {LEAST_FACE}."
        )
    angle = math.atan2(float(face[7] - face[5]), float(face[6] - face[4]))
    if abs(angle) > math.pi / 2:
        angle -= math.copysign(math.pi, angle)
    return (left + fw / 2, top + fh / 2), fh, angle


def draw(pen: Pen, guest: Guest, look: Look, pose: Pose) -> None:
    """The figure in units of its face height: feet at the origin, chin near -1.05."""
    figure = pen.at(0, 0, 0, 1.75, 1.75)
    body(figure, look.colour, guest.skin, guest.seed, pose)
    nod = 0.035 * math.sin(pose.t * 1.7 + guest.seed % 5)
    head = pen.at(0.012 * math.sin(pose.t * 1.3), -1.62, nod)
    pen.fill(limb((0, -1.0), (0, -1.1), 0.09), Paint(dark(look.colour, 0.3)))
    middle = (_DOWN - _UP) / 2
    tall = (_UP + _DOWN) / 2
    head.fill(ellipse(0, middle + 0.03, _HALF, tall), flat(INK), alpha=0.3, soft=0.12)
    head.fill(ellipse(0, middle, _HALF + 0.025, tall + 0.025), Paint(CREAM, lift=0.05, edge=0.12))
    head.stamp(guest.picture, guest.alpha, (-_HALF, -_UP, _HALF, _DOWN))

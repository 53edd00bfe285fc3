"""The visible sign that a clip was made by a machine, for people who have no verifier at hand.

It is drawn before the mark and the signature, so that it is covered by both. It moves from corner to corner so that one crop
does not remove it from the whole clip, and never sits still over the same part of the picture for long.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from safety.media import Picture

#: Seconds in a corner, and of those the seconds of the fade to the next.
STAY, FADE = 4.0, 0.6
#: Height of the letters as a part of the short side: 14 lines at 360, the least that still reads on a phone.
LETTERS = 0.04
OPACITY = 0.72
TEXT = "AI-generated"
#: Left-top, right-bottom, left-bottom, right-top: each move crosses the picture.
_CORNERS = ((0, 0), (1, 1), (0, 1), (1, 0))


class Badge:
    """Draws the badge for clips of ``width`` x ``height``; ``handle`` (who made it, or the clip's short name) may be empty."""

    def __init__(self, width: int, height: int, handle: str = "") -> None:
        self.width, self.height = width, height
        self._colour, self._alpha = _plate(TEXT, handle, width, height)

    def draw(self, picture: Picture, time: float) -> Picture:
        """A copy of ``picture`` (height, width, 3) with the badge where it belongs at ``time`` seconds."""
        out = picture.copy()
        step, within = divmod(max(time, 0.0), STAY)
        corner = int(step)
        left = STAY - within
        if left < FADE:
            self._blend(out, corner + 1, 1 - left / FADE)
            self._blend(out, corner, left / FADE)
        else:
            self._blend(out, corner, 1.0)
        return out

    def _blend(self, out: Picture, corner: int, strength: float) -> None:
        high, wide = self._alpha.shape[:2]
        margin = max(4, round(min(self.width, self.height) * 0.03))
        right, low = _CORNERS[corner % len(_CORNERS)]
        x = (self.width - wide - margin) if right else margin
        y = (self.height - high - margin) if low else margin
        x, y = max(x, 0), max(y, 0)
        place = out[y : y + high, x : x + wide]
        alpha = self._alpha[: place.shape[0], : place.shape[1]] * np.float32(strength)
        place[:] = np.rint(place + (self._colour[: place.shape[0], : place.shape[1]] - place) * alpha).astype(np.uint8)


def _plate(text: str, handle: str, width: int, height: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Colour (h, w, 3) and opacity (h, w, 1) of the badge: white letters on a dark plate, in the font that Pillow carries."""
    size = max(11.0, min(width, height) * LETTERS)
    label = f"{text} · {handle}" if handle else text
    label = "".join(c for c in label if c.isprintable())[:60]
    shrunk = size
    while True:
        font = ImageFont.load_default(size=shrunk)
        box = font.getbbox(label)
        wide, high = int(box[2] - box[0]), int(box[3] - box[1])
        if wide + shrunk * 1.4 <= width * 0.9 or shrunk <= 7:
            break
        shrunk *= 0.9
    pad_x, pad_y = round(shrunk * 0.6), round(shrunk * 0.4)
    canvas = Image.new("RGBA", (wide + 2 * pad_x, high + 2 * pad_y), (0, 0, 0, 0))
    draw = ImageDraw.Draw(canvas)
    draw.rounded_rectangle((0, 0, canvas.width - 1, canvas.height - 1), radius=canvas.height // 2, fill=(16, 18, 24, 255))
    draw.text((pad_x - box[0], pad_y - box[1]), label, font=font, fill=(255, 255, 255, 255))
    pixels = np.asarray(canvas, np.float32)
    light = pixels[:, :, :3].mean(2, keepdims=True) / 255
    # Letters stay nearly solid, the plate lets the picture through.
    alpha = pixels[:, :, 3:] / 255 * (OPACITY * 0.75 + (0.95 - OPACITY * 0.75) * light)
    return np.ascontiguousarray(pixels[:, :, :3]), np.asarray(alpha, np.float32)

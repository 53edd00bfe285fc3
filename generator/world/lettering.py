"""Words in the picture: a painted board that says what the prompt asked to be written."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from generator.world.canvas import Paint, Pen
from generator.world.colours import CREAM, INK, rgb
from generator.world.pose import shade_under
from generator.world.shapes import box, limb

FONT = Path(__file__).parent / "fonts" / "DejaVuSans-Bold.ttf"
_WOOD = rgb("#9A6A42")
_LINE_CHARS = 16
_MOST_LINES = 4
_PIXELS = 96


@cache
def written(text: str) -> Tensor:
    """Coverage of ``text`` in ink, float32 (h, w), wrapped to at most four lines."""
    lines = _wrapped(text)
    font = ImageFont.truetype(str(FONT), _PIXELS)
    boxes = [font.getbbox(line) for line in lines]
    width = max(1, round(max(b[2] for b in boxes)) + 8)
    step = round(_PIXELS * 1.18)
    image = Image.new("L", (width, step * len(lines)), 0)
    draw = ImageDraw.Draw(image)
    for i, (line, size) in enumerate(zip(lines, boxes, strict=True)):
        draw.text(((width - size[2]) / 2, i * step), line, fill=255, font=font)
    return torch.from_numpy(np.asarray(image, np.float32) / 255)


def _wrapped(text: str) -> list[str]:
    lines = [""]
    for word in text.split():
        joined = f"{lines[-1]} {word}".strip()
        if lines[-1] and len(joined) > _LINE_CHARS and len(lines) < _MOST_LINES:
            lines.append(word)
        else:
            lines[-1] = joined
    return [line[:40] for line in lines]


def draw_board(pen: Pen, text: str, width: float, tallest: float) -> None:
    """A board on two posts, feet at the pen's origin, at most ``width`` by ``tallest``."""
    ink = written(text)
    rows, columns = ink.shape
    w = width
    h = w * 0.86 * rows / columns + 0.06
    if h > tallest:
        w, h = w * tallest / h, tallest
    top, low = -0.13 - h, -0.13
    shade_under(pen, w * 0.5, 0)
    for x in (-w * 0.36, w * 0.36):
        pen.fill(limb((x, 0.0), (x, top + 0.02), 0.014), Paint(_WOOD, lift=0.05, edge=0.3, rim=0.01))
    pen.fill(box(0, (top + low) / 2, w / 2, h / 2, 0.02), Paint(_WOOD, lift=0.12, edge=0.3, rim=0.015))
    pen.fill(box(0, (top + low) / 2, w / 2 - 0.016, h / 2 - 0.016, 0.012), Paint(CREAM, lift=0.06, edge=0.12, rim=0.02))
    half = (h - 0.06) * columns / rows / 2
    scale = min(1.0, (w * 0.45) / max(half, 1e-6))
    at = (-half * scale, (top + low) / 2 - (h - 0.06) / 2 * scale, half * scale, (top + low) / 2 + (h - 0.06) / 2 * scale)
    ink = _shrunk(ink, pen, at)
    pen.stamp(torch.tensor(INK)[:, None, None].expand(3, *ink.shape), ink, at)


def _shrunk(ink: Tensor, pen: Pen, at: tuple[float, float, float, float]) -> Tensor:
    """Ink at about the size it will have on the canvas, so that sampling does not break thin strokes."""
    a, _, _, d, _, _ = pen.matrix
    pixels = max(8, round((at[2] - at[0]) * pen.canvas.scale * float(np.hypot(a, d))))
    if pixels >= ink.shape[1]:
        return ink
    size = (max(8, round(pixels * ink.shape[0] / ink.shape[1])), pixels)
    return torch.nn.functional.interpolate(ink[None, None], size, mode="bilinear", antialias=True, align_corners=False)[
        0, 0
    ].clamp(0, 1)

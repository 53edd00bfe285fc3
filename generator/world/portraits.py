"""Reference pictures of the named characters, as a rights holder would file them: large, whole, on a plain ground."""

from __future__ import annotations

import torch

from generator.world.canvas import Canvas
from generator.world.characters import CHARACTERS
from generator.world.colours import Colour, rgb
from generator.world.film import one_thread
from generator.world.pose import Pose, shade_under
from safety.errors import NotFound
from safety.media import Picture

#: Plain studio paper.
GROUND = rgb("#E9E4DA")


def portrait(
    character: str, *, width: int = 640, height: int = 640, ground: Colour = GROUND, pose: Pose | None = None
) -> Picture:
    """Picture of ``character`` (a key of ``CHARACTERS``), uint8 (height, width, 3). Raises ``NotFound`` for an unknown one."""
    if character not in CHARACTERS:
        raise NotFound(f"No character is called {character!r}; there are {', '.join(CHARACTERS)}.")
    who = CHARACTERS[character]
    with one_thread():
        canvas = Canvas.blank(width, height, height)
        canvas.pixels.copy_(torch.tensor(ground)[:, None, None].expand_as(canvas.pixels))
        size = min(0.86, 0.92 * (width / height) / who.width)
        pen = canvas.pen(width / height / 2, 0.5 + size / 2, size)
        shade_under(pen, 0.34, 0.0)
        who.draw(pen, pose or Pose(t=0.4))
        picture = canvas.pixels.mul_(255).add_(0.5).clamp_(0, 255).to(torch.uint8).permute(1, 2, 0).contiguous()
    return picture.numpy()

"""Sizes and stages as people write and see them; shared by the command line and the pages."""

from __future__ import annotations

from console.plain import printable
from safety.errors import BadInput

#: Sizes the form offers, the default first.
SIZES = ("640x360", "360x640", "1280x720", "720x1280", "640x640")
#: The five stages in order.
STAGES = ("screen", "generate", "inspect", "seal", "release")


def read_size(text: str) -> tuple[int, int]:
    """Width and height of ``640x360``. Raises ``BadInput``."""
    width, _, height = text.lower().partition("x")
    if not all(side.isascii() and side.isdigit() and len(side) < 6 for side in (width, height)):
        raise BadInput(f"{printable(text, 40)!r} is not a size; write it as 640x360.")
    return int(width), int(height)

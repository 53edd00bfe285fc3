"""How much two boxes of a frame share."""

from __future__ import annotations

from safety.signal import Box


def overlap(a: Box, b: Box) -> float:
    """Intersection over union of two boxes."""
    across = min(a.x + a.w, b.x + b.w) - max(a.x, b.x)
    down = min(a.y + a.h, b.y + b.h) - max(a.y, b.y)
    if across <= 0 or down <= 0:
        return 0.0
    shared = across * down
    return shared / (a.w * a.h + b.w * b.h - shared)

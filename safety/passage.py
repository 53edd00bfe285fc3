"""Words found in a clip, read off the picture or heard in its sound, with where and when."""

from __future__ import annotations

from pydantic import Field

from safety.signal import Box, Medium, Score
from safety.values import Value


class Passage(Value):
    """``text`` as found, ``time`` seconds from and to, ``confidence`` 0 to 1 as the reader gives it.

    ``language`` (ISO 639-1) where it was told. ``frame`` is the sampled frame's index and ``box`` the place in it, for what was
    read; ``note`` says how ("qr code").
    """

    medium: Medium
    text: str = Field(max_length=4000)
    time: tuple[float, float]
    confidence: Score
    language: str | None = None
    frame: int | None = None
    box: Box | None = None
    note: str | None = None

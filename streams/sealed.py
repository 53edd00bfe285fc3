"""What sealing made: a value of its own, so that the context can name it without knowing how it is done."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sealed:
    """``clip``: 24 hex digits, the marks' id. ``digest``: the sealed file. ``draft``: what it was made from.

    ``record`` is what provenance keeps of it, opaque here.
    """

    clip: str
    digest: str
    draft: str
    submission: str
    record: object

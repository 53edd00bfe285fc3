"""What a lane and its process say to each other.

They stand apart from the process's own module, which runs as ``__main__`` there and would make other classes of them.
"""

from __future__ import annotations

from dataclasses import dataclass

from safety.errors import ClearanceError


@dataclass(frozen=True)
class Look:
    """Ask the packed looker about the part that follows."""

    packed: bytes


@dataclass(frozen=True)
class Decode:
    """Read the file with the packed reader, sound first; a ``Next`` is awaited after every part."""

    packed: bytes
    path: str


@dataclass(frozen=True)
class Next:
    """The last part was taken; make the next one."""


@dataclass(frozen=True)
class End:
    """Every part was sent."""


@dataclass(frozen=True)
class Refused:
    """The file cannot be read, in a sentence for people."""

    reason: ClearanceError


@dataclass(frozen=True)
class Broken:
    """A defect: the looker or the reader raised what it should not have. ``kind`` is the exception's name."""

    kind: str

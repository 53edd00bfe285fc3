"""The outermost boxes of an mp4: whether it holds media, and the digest of that alone.

A changed header, a stripped manifest or a harmless box leaves the media's digest as it is, while a signed file's own digest is
no identity: boxes may be added to it and it still verifies.
"""

from __future__ import annotations

import hashlib
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_PIECE = 1 << 20
#: More top-level boxes than any real file has; a crafted one could hold millions.
_MOST_BOXES = 10_000


def holds_media(path: Path) -> bool:
    """Whether ``path`` has a non-empty ``mdat`` and a ``moov``: signing itself would accept an empty shell."""
    with path.open("rb") as f:
        kinds = {kind for kind, start, end in _boxes(f) if end > start}
    return {b"mdat", b"moov"} <= kinds


def media_digest(path: Path) -> str:
    """``sha256:`` of the concatenated ``mdat`` payloads of ``path``; of the whole file where it has none (not an mp4)."""
    with path.open("rb") as f:
        places = [(start, end) for kind, start, end in _boxes(f) if kind == b"mdat"]
        places = places or [(0, os.fstat(f.fileno()).st_size)]
        digest = hashlib.sha256()
        for start, end in places:
            f.seek(start)
            left = end - start
            while left > 0 and (piece := f.read(min(_PIECE, left))):
                digest.update(piece)
                left -= len(piece)
    return "sha256:" + digest.hexdigest()


def _boxes(f: BinaryIO) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start and end of the payload of each outermost box; stops at the first that makes no sense."""
    size = os.fstat(f.fileno()).st_size
    at = 0
    for _ in range(_MOST_BOXES):
        f.seek(at)
        head = f.read(16)
        if len(head) < 8:
            return
        length, kind = struct.unpack(">I4s", head[:8])
        start = at + 8
        if length == 1 and len(head) == 16:
            length, start = struct.unpack(">Q", head[8:])[0], at + 16
        end = size if length == 0 else min(at + length, size)
        if end < start:
            return
        yield kind, start, end
        at = end

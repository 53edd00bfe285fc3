"""The digest of an mp4's media data alone, which a changed header, a stripped manifest or a harmless box leaves as it is.

A signed file's own digest is no identity: boxes may be added to it and it still verifies.
"""

from __future__ import annotations

import hashlib
import os
import struct
from pathlib import Path

_PIECE = 1 << 20
#: More top-level boxes than any real file has; a crafted one could hold millions.
_MOST_BOXES = 10_000


def media_digest(path: Path) -> str:
    """``sha256:`` of the concatenated ``mdat`` payloads of ``path``; of the whole file where it has none (not an mp4)."""
    whole, media, found = hashlib.sha256(), hashlib.sha256(), False
    with path.open("rb") as f:
        size = os.fstat(f.fileno()).st_size
        at = 0
        for _ in range(_MOST_BOXES):
            f.seek(at)
            head = f.read(16)
            if len(head) < 8:
                break
            length, kind = struct.unpack(">I4s", head[:8])
            start = at + 8
            if length == 1 and len(head) == 16:
                length, start = struct.unpack(">Q", head[8:])[0], at + 16
            end = size if length == 0 else min(at + length, size)
            if end < start:
                break
            if kind == b"mdat":
                found = True
                f.seek(start)
                left = end - start
                while left > 0 and (piece := f.read(min(_PIECE, left))):
                    media.update(piece)
                    left -= len(piece)
            at = end
        if not found:
            f.seek(0)
            while piece := f.read(_PIECE):
                whole.update(piece)
    return "sha256:" + (media if found else whole).hexdigest()

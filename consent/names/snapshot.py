"""A segment in a file, so that a start need not read a million rows: mapped into memory, believed only whole.

The file says which code, which fold and which state of the database it stands for, and ends in a digest of all of it. One that
is torn, altered, of another version or of another past is no error: it is as if it were not there, and is made again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from consent.names.multimap import Arrays

_MAGIC = b"CLEARANCE-NAMES\n"
_ALIGN = 64
_DIGEST = 32

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class State:
    """What a snapshot stands for: the code and fold (``made_by``), the ``works`` counter, and the ledger's last entry then, which
    tells a database that was put back from a backup from the one the snapshot was made of."""

    made_by: str
    revision: int
    position: int
    leaf: str


def save(path: Path, state: State, arrays: Arrays) -> None:
    """Write the file whole or not at all; one that cannot be written is logged, as the next start only takes longer."""
    places, at = {}, 0
    for name, array in arrays.items():
        places[name] = [array.dtype.str, list(array.shape), at]
        at += -(-array.nbytes // _ALIGN) * _ALIGN
    head = json.dumps({"state": asdict(state), "arrays": places}).encode()
    head = _MAGIC + len(head).to_bytes(8, "little") + head
    temporary = path.with_suffix(f".{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        seal = hashlib.sha256()
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            for part in (head, *(array.tobytes() for array in arrays.values())):
                whole = part + bytes(-len(part) % _ALIGN)
                seal.update(whole)
                file.write(whole)
            file.write(seal.digest())
        temporary.replace(path)
    except OSError as reason:
        logger.warning("The names' snapshot %s could not be kept (%s); the next start reads the database.", path.name, reason)
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def load(path: Path) -> tuple[State, Arrays] | None:
    """What is in the file, mapped, not read into memory twice; None when there is none that can be believed."""
    try:
        whole = np.asarray(np.memmap(path, np.uint8, "r"))
    except (OSError, ValueError):
        return None
    try:
        body = whole[:-_DIGEST]
        if hashlib.sha256(body.data).digest() != whole[-_DIGEST:].tobytes() or body[: len(_MAGIC)].tobytes() != _MAGIC:
            raise ValueError("its digest is wrong")
        begin = len(_MAGIC) + 8
        length = int.from_bytes(body[len(_MAGIC) : begin].tobytes(), "little")
        head = json.loads(body[begin : begin + length].tobytes())
        first = -(-(begin + length) // _ALIGN) * _ALIGN
        arrays: Arrays = {}
        for name, (kind, shape, at) in head["arrays"].items():
            size = int(np.dtype(kind).itemsize * np.prod(shape, dtype=np.int64))
            arrays[name] = body[first + at : first + at + size].view(kind).reshape(shape)
        return State(**head["state"]), arrays
    except (ValueError, KeyError, TypeError) as reason:
        logger.warning("The names' snapshot %s is not used (%s); the names are read from the database.", path.name, reason)
        return None

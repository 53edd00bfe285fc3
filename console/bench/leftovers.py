"""Looking for the bytes of a template in everything a system keeps: what an erasure must leave nothing of.

A template may lie about as it is, in fewer bits, or spelt in text; each spelling is looked for, by pieces of it, because a file
may be cut into pages. It reads files as they lie, so deleted pages and write-ahead logs are searched too.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from safety.db import Database, metadata

#: Bytes of a piece that is looked for: far more than chance would make, few enough to lie whole on a page.
PIECE = 32


def spellings(template: NDArray[np.float32]) -> dict[str, bytes]:
    """The forms in which a template, float32 (n,) of unit length, might lie about, by name."""
    plain = {
        "float32": template.astype("<f4").tobytes(),
        "float16": template.astype("<f2").tobytes(),
        "int8": np.clip(np.rint(template * 127), -127, 127).astype(np.int8).tobytes(),
    }
    spelt = {f"{name}, base64": base64.b64encode(data) for name, data in plain.items()}
    spelt |= {f"{name}, hex": data.hex().encode() for name, data in plain.items()}
    return plain | spelt | {"numbers": json.dumps([float(x) for x in template]).encode()}


def pieces(data: bytes) -> tuple[bytes, ...]:
    """Five pieces of ``data``, from its beginning to its end; all of it when it is short."""
    if len(data) <= PIECE:
        return (data,)
    last = len(data) - PIECE
    return tuple(data[round(last * part / 4) : round(last * part / 4) + PIECE] for part in range(5))


def find(wanted: Mapping[str, bytes], places: Iterable[tuple[str, bytes]]) -> dict[str, tuple[str, ...]]:
    """Which of ``wanted`` has a piece in which of ``places`` (a name, and all its bytes); what is nowhere is left out."""
    found: dict[str, list[str]] = {}
    sought = {name: pieces(data) for name, data in wanted.items()}
    for place, content in places:
        for name, parts in sought.items():
            if any(part in content for part in parts):
                found.setdefault(name, []).append(place)
    return {name: tuple(where) for name, where in found.items()}


def files_under(*folders: Path) -> Iterator[tuple[str, bytes]]:
    """Every file below the folders: databases with their logs, blobs, checkpoints, logs, keys."""
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                yield str(path.relative_to(folder)), path.read_bytes()


def rows_of(db: Database) -> Iterator[tuple[str, bytes]]:
    """Every table's rows, as the database gives them: for a server whose files are not ours to read."""
    with db.read() as conn:
        for table in sa.inspect(conn).get_table_names():
            known = metadata.tables.get(table)
            rows = conn.execute(sa.select(known) if known is not None else sa.text(f'SELECT * FROM "{table}"'))  # noqa: S608
            yield table, b"\n".join(_bytes(value) for row in rows for value in row)


def _bytes(value: Any) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()

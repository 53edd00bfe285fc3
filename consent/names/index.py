"""Segments on top of one another that follow the database: a change costs what changed, never what there is.

Each reading of the counter that finds it moved reads the filings behind it into a new segment, marks what was taken back in the
older ones, and only then answers; so whatever was committed before a prompt is seen by it. Small segments are melted together
on the way; large ones in a thread beside, while the old ones go on answering. The lowest segment is kept in a file.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib.metadata import version as installed
from pathlib import Path

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from consent.names import segment as segments
from consent.names import snapshot
from consent.names.columns import Columns
from consent.names.reading import read_all, read_changed
from consent.names.segment import Segment
from consent.names.snapshot import State
from consent.names.words import Fold, common_words
from consent.version import version
from safety import tables

#: Segments up to this many names are melted together on the spot (some ten milliseconds); larger ones beside.
SMALL = 1024
#: So many segments, or this share of the lowest one changed, and they are melted into one, beside.
MOST_LAYERS, MOST_CHANGED = 6, 0.25
#: From this many names on the lowest segment is kept in a file; fewer are read faster than checked.
WORTH_KEEPING = 5_000
FILE = "names.snapshot"
#: What a fold is told by: whatever it does to these is done to names.
_SAMPLE = [*map(chr, (*range(0x20, 0x250), *range(0x370, 0x500), *range(0x5D0, 0x650), *range(0x3040, 0x3100)))]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Layer:
    """A segment, and which of its works are still in force; the marks change in place, from true to false only."""

    segment: Segment
    alive: NDArray[np.bool_] = field(repr=False)


class NameIndex:
    """Every reserved name, for one process; safe to share between threads."""

    def __init__(self, fold: Fold, folder: Path | None = None) -> None:
        self.fold = lru_cache(maxsize=1 << 16)(fold)
        self._file = folder / FILE if folder else None
        self._lock = threading.Lock()
        self._layers: tuple[Layer, ...] = ()
        self._melting = 0  # the lowest layers that a thread is melting; nothing else may touch them
        self._gone: list[bytes] = []  # works taken back meanwhile
        self._state = State("", -1, 0, "")
        self.thread: threading.Thread | None = None

    def refresh(self, conn: sa.Connection) -> tuple[Layer, ...]:
        """The layers as ``conn`` sees the database: read, changed, or as they were."""
        now = version(conn, "works")
        with self._lock:
            if now != self._state.revision:
                self._follow(conn, now)
            return self._layers

    @property
    def revision(self) -> int:
        """The counter that the layers stand for."""
        return self._state.revision

    def _follow(self, conn: sa.Connection, now: int) -> None:
        if self._state.revision < 0:
            self._begin(conn, now)
        if now <= self._state.revision:  # read already, or by a transaction that began after this one
            return
        gone, columns = read_changed(conn, self._state.revision, self.fold)
        self._forget(self._layers, gone)
        if self._melting:
            self._gone += gone
        if len(columns):
            self._layers = self._stacked(columns)
        self._state = _state(conn, self._state.made_by, now)
        self._melt_beside()

    def _begin(self, conn: sa.Connection, now: int) -> None:
        """The lowest layer: from the file when it is of this database's past, else from the rows."""
        made_by = self._state.made_by or _made_by(self.fold)
        kept = snapshot.load(self._file) if self._file else None
        if kept and kept[0].made_by == made_by and kept[0].revision <= now and _is_past(conn, kept[0]):
            self._state, segment = kept[0], Segment(kept[1])
        else:
            self._state, segment = _state(conn, made_by, now), Segment.build(read_all(conn, self.fold))
            self._keep(segment, self._state)
        self._layers, self._melting = (Layer(segment, np.ones(len(segment.works), np.bool_)),), 0

    def _stacked(self, columns: Columns) -> tuple[Layer, ...]:
        """The layers with one more, into which the small ones on top are melted."""
        kept = list(self._layers)
        while len(kept) > max(1, self._melting) and len(kept[-1].segment) + len(columns) <= SMALL:
            columns = _joined([_columns(kept.pop()), columns])
        segment = Segment.build(columns)
        return (*kept, Layer(segment, np.ones(len(segment.works), np.bool_)))

    def _forget(self, layers: Iterable[Layer], gone: list[bytes]) -> None:
        if gone:
            for layer in layers:
                layer.alive[list(layer.segment.find_works(gone))] = False

    def _melt_beside(self) -> None:
        base, *others = self._layers
        changed = sum(len(layer.segment) for layer in others) + int((~base.alive).sum())
        few = len(self._layers) <= MOST_LAYERS and changed <= max(8 * SMALL, MOST_CHANGED * len(base.segment))
        if self._melting or few:
            return
        self._melting, self._gone = len(self._layers), []
        self.thread = threading.Thread(target=self._melt, args=(self._layers, self._state), name="names", daemon=True)
        self.thread.start()

    def _melt(self, layers: tuple[Layer, ...], state: State) -> None:
        try:
            segment = Segment.build(_joined([_columns(layer) for layer in layers]))
            melted = Layer(segment, np.ones(len(segment.works), np.bool_))
        except Exception:  # the layers go on answering as they are
            logger.exception("The names' segments could not be melted into one; they are searched one by one.")
            with self._lock:
                self._melting = 0
            return
        with self._lock:
            self._forget([melted], self._gone)
            self._layers = (melted, *self._layers[self._melting :])
            self._melting, self._gone = 0, []
        self._keep(segment, state)

    def _keep(self, segment: Segment, state: State) -> None:
        if self._file and len(segment) >= WORTH_KEEPING:
            snapshot.save(self._file, state, segment.arrays)


def _columns(layer: Layer) -> Columns:
    return layer.segment.columns(layer.alive.copy())


def _joined(parts: list[Columns]) -> Columns:
    """Columns one after another."""
    whole = parts[0]
    for part in parts[1:]:
        first = len(whole.works)
        whole = replace(
            whole, works=whole.works + part.works, ends=whole.ends + part.ends, of=whole.of + [first + work for work in part.of],
            folded=whole.folded + part.folded, written=whole.written + part.written, flags=whole.flags + part.flags,
            context=whole.context + part.context,
        )  # fmt: skip
    return whole


def _made_by(fold: Fold) -> str:
    """The code that would make a segment now, as one digest."""
    facts = [str(segments.VERSION), installed("anyascii"), installed("jellyfish"), *map(fold, _SAMPLE), *sorted(common_words())]
    return hashlib.sha256("\n".join(facts).encode("utf-8", "surrogatepass")).hexdigest()


def _state(conn: sa.Connection, made_by: str, revision: int) -> State:
    entries = tables.ledger.c
    row = conn.execute(sa.select(entries.position, entries.leaf).order_by(entries.position.desc()).limit(1)).first()
    return State(made_by, revision, row.position if row else 0, bytes(row.leaf).hex() if row else "")


def _is_past(conn: sa.Connection, state: State) -> bool:
    """Whether the database once was as the snapshot says."""
    if not state.position:
        return True
    leaf = conn.execute(sa.select(tables.ledger.c.leaf).where(tables.ledger.c.position == state.position)).scalar()
    return leaf is not None and bytes(leaf).hex() == state.leaf

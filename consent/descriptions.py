"""Prompts that describe a reserved character instead of naming it: "the one with the green eye and the umbrella arm".

Descriptions and prompts become sentence vectors; the encoder is handed over from outside. A description is taken for meant when
it is near enough and stands out from the others near by: the more are registered, the nearer the nearest of them is to anything,
and only what stands out tells one from all. A hit makes a person look and never blocks by itself.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter
from typing import Protocol

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from usearch.index import Index

from consent.tables import reservations
from consent.version import version
from safety.db import Database
from safety.prompt import ReadPrompt
from safety.signal import Evidence, Report, Signal, Span

LABEL = "reserved_description"
LABELS = frozenset({LABEL})
DETECTOR = "descriptions/1"
#: Cosines measured by ``bench/descriptions.py``: least for a hit that stands out, by how much it must (over the mean of the
#: fourth to eighth nearest, so that three filings of one character do not hide one another), and least for one that need not.
NEAR, STANDS_OUT, SURELY = 0.57, 0.12, 0.72
NEIGHBOURS, RIVALS = 8, 3
#: Scores of a hit at ``NEAR`` and of the surest; both below what the shipped policy blocks from.
LEAST_SCORE, MOST_SCORE = 0.55, 0.70
#: Words of a prompt that are read as one sentence, and sentences of one prompt that are read.
MOST_WORDS, MOST_PARTS = 36, 24
#: Descriptions that may be read while a prompt waits (some tenths of a second); more are read beside, and prompts held meanwhile.
AT_ONCE = 256
_DIMENSIONS = 512
_SENTENCE = re.compile(r"[^.!?;\n]+")
_WORD = re.compile(r"\S+")

logger = logging.getLogger(__name__)


class Encoder(Protocol):
    """Turns texts into unit vectors, float32 (n, 512); near for near meanings."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]: ...


class NotRead(Exception):
    """Descriptions that were filed are still being read; whoever asks now cannot be answered."""


@dataclass(frozen=True)
class _Filed:
    reservation: str
    expires_at: datetime | None


class DescriptionIndex:
    """Every description in force, for one process; safe to share between threads. ``encoder`` is called when first needed."""

    def __init__(self, encoder: Callable[[], Encoder]) -> None:
        self._encoder = encoder
        self._lock = threading.Lock()
        self._revision = -1
        self._graph = Index(ndim=_DIMENSIONS, metric="cos", dtype="f16")
        self._filed: dict[int, _Filed] = {}
        self._keys: dict[str, int] = {}
        self._next = 0
        self._waiting: dict[str, tuple[str, datetime | None]] = {}
        self.thread: threading.Thread | None = None

    def __len__(self) -> int:
        return len(self._filed)

    def refresh(self, conn: sa.Connection) -> None:
        """Read what changed. Raises ``NotRead`` while there is more to read than a prompt can wait for."""
        now = version(conn, "works")
        with self._lock:
            if now > self._revision:
                for identity, text, expires_at, wanted in _changed(conn, self._revision):
                    self._forget(identity)
                    if wanted:
                        self._waiting[identity] = text, expires_at
                self._revision = now
            if len(self._waiting) <= AT_ONCE and self.thread is None:
                self._read(len(self._waiting))
            elif self.thread is None:
                self.thread = threading.Thread(target=self._read_beside, name="descriptions", daemon=True)
                self.thread.start()
            if self._waiting:
                raise NotRead(f"{len(self._waiting)} descriptions are still being read.")

    def put(self, texts: Mapping[str, str]) -> None:
        """Read descriptions by the ids of their works at once, however many; for measurements."""
        with self._lock:
            self._waiting |= {identity: (text, None) for identity, text in texts.items()}
            while self._waiting:
                self._read(AT_ONCE)

    def nearest(self, texts: Sequence[str], now: datetime) -> Iterator[tuple[int, str, float]]:
        """``(which text, reservation, cosine)`` for each text that means a description that is in force at ``now``."""
        if not self._filed or not texts:
            return
        vectors = self._encoder().embed(texts)
        with self._lock:
            for which, vector in enumerate(vectors):
                found = self._graph.search(vector, NEIGHBOURS, exact=len(self._filed) <= 4 * NEIGHBOURS)
                near = 1 - np.asarray(found.distances, np.float32)
                rivals = float(near[RIVALS:].mean()) if len(near) > RIVALS else 0.0
                for key, cosine in zip(np.asarray(found.keys).tolist(), near.tolist(), strict=True):
                    filed = self._filed.get(key)
                    meant = cosine >= SURELY or (cosine >= NEAR and cosine - rivals >= STANDS_OUT)
                    if meant and filed is not None and (filed.expires_at is None or now < filed.expires_at):
                        yield which, filed.reservation, cosine

    def _forget(self, identity: str) -> None:
        self._waiting.pop(identity, None)
        key = self._keys.pop(identity, None)
        if key is not None:
            del self._filed[key]
            self._graph.remove(key)

    def _read(self, count: int) -> None:
        """Put up to ``count`` waiting descriptions into the graph; the caller holds the lock."""
        batch = list(self._waiting.items())[:count]
        if not batch:
            return
        vectors = self._encoder().embed([text for _, (text, _) in batch])
        for (identity, (_, expires_at)), vector in zip(batch, vectors, strict=True):
            self._next += 1
            self._graph.add(self._next, vector)
            self._filed[self._next], self._keys[identity] = _Filed(identity, expires_at), self._next
            del self._waiting[identity]

    def _read_beside(self) -> None:
        """Batch by batch, so that whoever asks meanwhile is told at once that it cannot be answered yet."""
        try:
            while True:
                with self._lock:
                    self._read(AT_ONCE // 8)
                    if not self._waiting:
                        return
        except Exception:  # what is not read keeps waiting, and prompts are held
            logger.exception("Descriptions of reserved works could not be read.")
        finally:
            with self._lock:
                self.thread = None


def parts(text: str) -> list[tuple[int, int]]:
    """Ranges of ``text`` to compare: the whole when it is short, else its sentences, long ones in pieces."""
    words = [match.span() for match in _WORD.finditer(text)]
    if not words:
        return []
    if len(words) <= MOST_WORDS:
        return [(words[0][0], words[-1][1])]
    found: list[tuple[int, int]] = []
    for sentence in _SENTENCE.finditer(text):
        inside = [span for span in words if sentence.start() <= span[0] < sentence.end()]
        for first in range(0, len(inside), MOST_WORDS):
            piece = inside[first : first + MOST_WORDS]
            if len(piece) > 2:  # two words describe nobody
                found.append((piece[0][0], piece[-1][1]))
    if len(found) > MOST_PARTS:
        found = [found[round(i * (len(found) - 1) / (MOST_PARTS - 1))] for i in range(MOST_PARTS)]
    return found


def match_descriptions(database: Database, index: DescriptionIndex, read: ReadPrompt, now: datetime) -> Report:
    """One ``reserved_description`` signal a reservation that the prompt seems to describe. Never raises: what could not be
    compared is a report that says so, and the prompt is held."""
    begun = perf_counter()
    try:
        with database.read() as conn:
            index.refresh(conn)
        places = parts(read.plain)
        best: dict[str, tuple[float, Span]] = {}
        for which, reservation, cosine in index.nearest([read.plain[s:e] for s, e in places], now):
            if cosine > best.get(reservation, (0.0, None))[0]:
                best[reservation] = cosine, _span(read, *places[which])
    except NotRead as reason:
        return Report(detector=DETECTOR, labels=LABELS, failure=f"{reason} Prompts wait for that.")
    except Exception as reason:
        why = f"Reserved descriptions could not be compared ({type(reason).__name__})."
        return Report(detector=DETECTOR, labels=LABELS, failure=why)
    signals = tuple(_signal(reservation, *found) for reservation, found in sorted(best.items()))
    return Report(detector=DETECTOR, labels=LABELS, signals=signals, milliseconds=(perf_counter() - begun) * 1000)


def _signal(reservation: str, cosine: float, span: Span) -> Signal:
    share = min(1.0, (cosine - NEAR) / (1 - NEAR))
    note = f"describes a reserved work without naming it (cosine {cosine:.2f})"
    evidence = Evidence(span=span, reference=reservation, note=note)
    return Signal(label=LABEL, score=LEAST_SCORE + share * (MOST_SCORE - LEAST_SCORE), detector=DETECTOR, evidence=(evidence,))


def _span(read: ReadPrompt, start: int, end: int) -> Span:
    places = read.origin[start:end]
    return Span(start=min(places), end=max(places) + 1) if places else Span(start=0, end=len(read.prompt.text))


def _changed(conn: sa.Connection, since: int) -> Iterator[tuple[str, str, datetime | None, bool]]:
    """Id, description and end of each work that changed after revision ``since``, and whether prompts are compared with it."""
    news = reservations.c.withdrawn_at.is_(None) if since < 0 else reservations.c.revision > since
    for row in conn.execute(sa.select(reservations).where(reservations.c.description != "", news)):
        wanted = row.withdrawn_at is None and row.policy != "allow" and '"prompt"' in row.scope and row.kind != "style"
        yield row.id, row.description, row.expires_at, wanted

"""Whose voice is in this clip? Every utterance against every enrolled and every protected voice, asked for or not.

Templates are opened in memory only and read again when the ``people`` counter has moved. What cannot be compared is a report
with a failure, never a clip without voices. Nobody who is not known here is ever described.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from time import perf_counter

import numpy as np
import sqlalchemy as sa

from consent import people
from consent.errors import VaultLocked
from consent.nearest import NearIndex
from consent.people import Person
from consent.vault.keys import Vault
from consent.vectors import ExactIndex, VectorIndex, Vectors
from consent.version import version
from consent.voice_thresholds import WORTH_SAYING, score
from safety.errors import ClearanceError
from safety.signal import Evidence, Report, Signal
from safety.voice import Utterance

LABELS = frozenset({"enrolled_voice", "protected_voice"})
#: Candidates taken for each utterance: enough for every template of the nearest few people.
NEAREST = 24
#: Rows up to which every voice is compared (20 MB, 2 ms an utterance); above, a graph finds the candidates.
EXACT_UP_TO = 20_000
#: Pieces of evidence a person at most, the most alike.
MOST_EVIDENCE = 20


def build_index(rows: Vectors) -> VectorIndex:
    """Exact for a few, approximate for many; a million rows of 256 bytes and their graph take about 0.5 GB."""
    return ExactIndex(rows) if len(rows) <= EXACT_UP_TO else NearIndex(rows, "i8")


class VoiceIndex:
    """Everyone's voice templates in memory, for one process; safe to share between threads."""

    name = "known-voices/1"
    labels = LABELS

    def __init__(self, vault: Vault, engine: str, build: Callable[[Vectors], VectorIndex] = build_index) -> None:
        self._vault, self._engine, self._build = vault, engine, build
        self._lock = threading.Lock()
        self._version = -1
        self._owners: list[Person] = []
        self._index: VectorIndex = ExactIndex(np.zeros((0, 256), np.float32))

    def refresh(self, conn: sa.Connection) -> int:
        """Read the templates again when the counter moved; return the counter that the index stands for."""
        with self._lock:
            now = version(conn, "people")
            if now != self._version:
                owners, rows = people.voice_templates(conn, self._engine, self._vault)
                self._index, self._owners, self._version = self._build(rows), owners, now
            return self._version

    def nearest(self, conn: sa.Connection, embeddings: Vectors) -> list[dict[str, tuple[Person, float]]]:
        """For each row of float32 (n, 256): the people it is like, by id, with their highest cosine."""
        self.refresh(conn)
        with self._lock:
            owners, index = self._owners, self._index
        rows, cosines = index.search(embeddings, NEAREST)
        found: list[dict[str, tuple[Person, float]]] = []
        for row, cosine in zip(rows, cosines, strict=True):
            best: dict[str, tuple[Person, float]] = {}
            for number, value in zip(row, cosine, strict=True):
                if number < 0 or value < WORTH_SAYING:
                    continue
                owner = owners[int(number)]
                if owner.id not in best or best[owner.id][1] < value:
                    best[owner.id] = (owner, float(value))
            found.append(best)
        return found

    def match_voices(self, conn: sa.Connection, utterances: Sequence[Utterance], now: datetime) -> Report:
        """One signal a person, with one piece of evidence an utterance, the most alike first. Never raises: see ``failure``.

        ``now`` is the time of the look; voices know no expiry yet, and the caller's other matchers take it too.
        """
        begun = perf_counter()
        try:
            if any(u.engine != self._engine for u in utterances):
                raise VaultLocked("The voices were not heard by the engine the templates are from; start again with one engine.")
            signals = self._signals(conn, utterances)
        except ClearanceError as reason:
            return self._failed(reason.detail, begun)
        except Exception as reason:  # fail closed: whatever broke, the voices were not compared
            return self._failed(f"Voices could not be compared ({type(reason).__name__}).", begun)
        return Report(detector=self.name, labels=LABELS, signals=signals, milliseconds=(perf_counter() - begun) * 1000)

    def _signals(self, conn: sa.Connection, utterances: Sequence[Utterance]) -> tuple[Signal, ...]:
        if not utterances:
            return ()
        owners: dict[str, Person] = {}
        heard: dict[str, list[tuple[float, Utterance]]] = defaultdict(list)
        rows = np.stack([u.embedding for u in utterances]).astype(np.float32)
        for utterance, found in zip(utterances, self.nearest(conn, rows), strict=True):
            for identity, (owner, cosine) in found.items():
                owners[identity] = owner
                heard[identity].append((cosine, utterance))
        signals = []
        for identity, pairs in heard.items():
            pairs.sort(key=lambda pair: (-pair[0], pair[1].time))
            label = "protected_voice" if owners[identity].kind == "protected" else "enrolled_voice"
            evidence = tuple(_evidence(u, c, identity) for c, u in pairs[:MOST_EVIDENCE])
            signals.append(Signal(label=label, score=score(pairs[0][0]), detector=self.name, evidence=evidence))
        return tuple(sorted(signals, key=lambda s: (-s.score, s.evidence[0].reference or "")))

    def _failed(self, detail: str, begun: float) -> Report:
        return Report(detector=self.name, labels=LABELS, failure=detail, milliseconds=(perf_counter() - begun) * 1000)


def _evidence(utterance: Utterance, cosine: float, reference: str) -> Evidence:
    note = f"cosine {cosine:.2f}, {utterance.voiced:.1f} s of speech"
    return Evidence(time=utterance.time, reference=reference, note=note)

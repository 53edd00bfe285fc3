"""Every order in which processes can take their transactions, and every place where one can die, tried on a real database.

A transaction is one point: nothing comes between its beginning and its end, because writers are alone. So a process is a row of
transactions with what it holds in memory between them, and a history is an order of those. The explorer walks all histories
depth first; where two lead to the same database and the same processes it goes on once and counts both. Every transaction is
carried out by the pipeline's own code on SQLite, from exactly the state it would find.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from console.bench.consent_world import Crash, Time
from streams.context import Context

#: What a process remembers: plain, hashable, equal when the processes would go on alike.
Memory = tuple[Any, ...]


class Process(Protocol):
    """``begin`` is its first memory; ``done`` whether it has nothing left to do; ``act`` its next transaction.

    ``kind`` is the same for processes that are one another's double: which of them is where makes no difference.
    ``act`` returns what it then remembers. When it raises ``Crash`` the process has died and remembers ``after_crash``;
    ``mortal`` says whether it can.
    """

    @property
    def kind(self) -> str: ...

    @property
    def begin(self) -> Memory: ...

    def done(self, memory: Memory) -> bool: ...

    def mortal(self, memory: Memory) -> bool: ...

    def act(self, ctx: Context, memory: Memory) -> Memory: ...

    def after_crash(self, memory: Memory) -> Memory: ...


@dataclass
class Outcome:
    """``histories`` that were covered and ``transactions`` that were carried out for them; ``ends`` counts histories by how the
    submissions ended, ``wrong`` those in which something happened that must not, with one of them told in ``example``."""

    histories: int = 0
    transactions: int = 0
    states: int = 0
    wrong: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    example: tuple[str, ...] = ()

    def add(self, other: Outcome) -> None:
        self.histories += other.histories
        self.transactions += other.transactions
        self.states += other.states
        self.wrong += other.wrong
        self.ends += other.ends
        self.example = self.example or other.example


@dataclass(frozen=True)
class _Point:
    """Where a history has got to: what each process remembers, how many may still die, and the hours that the clock jumped."""

    memories: tuple[Memory, ...]
    crashes: int


class Explorer:
    """Explores from the database as it is. ``judge`` tells how a finished history ended and what was wrong with it, if it was."""

    def __init__(
        self, ctx: Context, clock: Time, processes: tuple[Process, ...], judge: Callable[[Context], tuple[str, str | None]],
        crashes: int,
    ) -> None:  # fmt: skip
        self._ctx, self._clock, self._processes, self._judge, self._crashes = ctx, clock, processes, judge, crashes
        self._file = sqlite3.connect(ctx.db.engine.url.database or "", isolation_level=None)
        self._began, self._known = clock.now, dict[tuple[bytes, Any], tuple[int, int, Counter[str]]]()
        kinds = sorted({p.kind for p in processes})
        self._late = [timedelta(milliseconds=1 + kinds.index(p.kind)) for p in processes]
        self._outcome, self._path = Outcome(), list[str]()
        self._file.execute("PRAGMA synchronous = OFF")  # of this connection, which only puts copies back
        tables = self._file.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        self._reads = [(str(name), f'SELECT * FROM "{name}"') for (name,) in tables]  # noqa: S608 - names of the schema
        self._in_file: sqlite3.Connection | None = None

    def explore(self) -> Outcome:
        """Walk every history."""
        self._clock.tick = timedelta(0)
        first = _Point(tuple(p.begin for p in self._processes), self._crashes)
        start = self._save()
        histories, wrong, ends = self._walk(start, first)
        self._file.close()
        self._outcome.histories, self._outcome.wrong, self._outcome.ends = histories, wrong, ends
        self._outcome.states = len(self._known)
        return self._outcome

    def _walk(self, here: sqlite3.Connection, point: _Point) -> tuple[int, int, Counter[str]]:
        alike = sorted((p.kind, m) for p, m in zip(self._processes, point.memories, strict=True))
        key = (self._digest(here), (tuple(alike), point.crashes))
        if (known := self._known.get(key)) is not None:
            return known
        histories, wrong, ends = 0, 0, Counter[str]()
        for name, index, dies, kept in self._moves(point):
            self._restore(here)
            after = self._move(point, index, dies, kept)
            self._path.append(name)
            there = self._save()
            more = self._walk(there, after)
            there.close()
            self._path.pop()
            histories, wrong, ends = histories + more[0], wrong + more[1], ends + more[2]
        if not histories:
            self._restore(here)
            end, fault = self._judge(self._ctx)
            histories, wrong, ends = 1, int(fault is not None), Counter({end: 1})
            if fault is not None and not self._outcome.example:
                self._outcome.example = (*self._path, fault)
        self._known[key] = histories, wrong, ends
        return histories, wrong, ends

    def _moves(self, point: _Point) -> Iterator[tuple[str, int, bool, bool]]:
        for index, (process, memory) in enumerate(zip(self._processes, point.memories, strict=True)):
            if process.done(memory):
                continue
            name = f"{index}: {' '.join(str(part) for part in memory[:2])}"
            yield name, index, False, False
            if point.crashes and process.mortal(memory):
                yield f"{name}, dies before it is kept", index, True, False
                yield f"{name}, dies after it is kept", index, True, True

    def _move(self, point: _Point, index: int, dies: bool, kept: bool) -> _Point:
        process, memory, db = self._processes[index], point.memories[index], self._ctx.db
        jumped = sum(m[1] for m in point.memories if m[0] == "jumped")
        self._clock.now = self._began + timedelta(hours=jumped) + self._late[index]  # doubles have one time: it is nobody's mark
        db.calm()  # type: ignore[attr-defined]
        if dies:
            db.lose, db.kept = 0, kept  # type: ignore[attr-defined]
        self._outcome.transactions += 1
        self._in_file = None
        try:
            then = process.act(self._ctx, memory)
        except Crash:
            then = process.after_crash(memory)
        finally:
            db.calm()  # type: ignore[attr-defined]
        memories = (*point.memories[:index], then, *point.memories[index + 1 :])
        return _Point(memories, point.crashes - dies)

    def _save(self) -> sqlite3.Connection:
        copy = sqlite3.connect(":memory:", isolation_level=None)
        self._file.backup(copy)
        self._in_file = copy
        return copy

    def _restore(self, copy: sqlite3.Connection) -> None:
        if self._in_file is not copy:
            copy.backup(self._file)

    def _digest(self, copy: sqlite3.Connection) -> bytes:
        """Of everything in the database, in whatever order it came there."""
        found = hashlib.sha256()
        for table, read in self._reads:
            if rows := copy.execute(read).fetchall():
                found.update(repr((table, sorted(map(repr, rows)))).encode())
        return found.digest()

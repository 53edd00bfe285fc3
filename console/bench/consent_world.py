"""A little world to test consent in: the real registry, tables and pipeline over text in place of pictures.

Only looking, drawing and sealing are replaced, by small real implementations that work in text. A clip is a file that says whom
it shows; people are enrolled with made-up templates. The clock is moved by hand, and the database can fail or be interrupted at
the borders of its transactions, which is where a process can die and where others can come between.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import sqlalchemy as sa

from classifiers.prompt.normaliser import read_prompt
from consent import cameos, people
from consent.likeness import Likeness
from consent.people import Person
from consent.vault.keys import Vault
from safety.db import Database
from safety.media import Progress, ShouldStop
from safety.passage import Passage
from safety.permit import Permit
from safety.policy import Policy, parse
from safety.prompt import Prompt
from safety.settings import Settings
from safety.signal import MEDIA, Evidence, Report, Signal
from safety.signer import Signer
from safety.values import derive
from streams import scope
from streams.blobs import Blobs
from streams.cameos import find_cameos
from streams.context import ClipFindings, Context, Findings
from streams.registry import ConsentRegistry
from streams.sealed import Sealed
from streams.submissions import Submission

POLICY = """
name: a little world
version: "1"
clauses:
  - &clause
    code: VIOLENCE
    title: Violence
    gate: prompt
    when: {any: [{label: violence}]}
    outcome: block
    says: {en: "Violence is not shown."}
    ground: {kind: INCOMPATIBLE_CONTENT, reference: "Terms, violence"}
    examples: [{signals: {violence: 0.9}, outcome: block}]
  - {<<: *clause, code: BORDER, title: Borderline, when: {any: [{label: borderline}]}, outcome: hold,
     says: {en: "A person will look at this."}, examples: [{signals: {borderline: 0.9}, outcome: hold}]}
  - {<<: *clause, code: CAMEO, title: Somebody, when: {any: [{label: cameo}]}, unless: permit,
     says: {en: "They did not allow this."}, examples: [{signals: {cameo: 1.0}, outcome: block}]}
  - {<<: *clause, code: POLITICS, title: Politics, when: {any: [{label: politics, at_least: 0.95}]}, outcome: hold,
     says: {en: "A person will look at this."}, examples: [{signals: {politics: 0.99}, outcome: hold}]}
  - {<<: *clause, code: BLURRED, title: Blurred, gate: clip, when: {any: [{label: blurred}]}, outcome: hold,
     says: {en: "A person will look at this."}, examples: [{signals: {blurred: 0.9}, outcome: hold}]}
  - {<<: *clause, code: KNOWN, title: Somebody, gate: clip, when: {any: [{label: enrolled_person}]}, unless: permit,
     says: {en: "They did not allow this."}, examples: [{signals: {enrolled_person: 1.0}, outcome: block}]}
  - {<<: *clause, code: PROTECTED, title: Protected, gate: clip, when: {any: [{label: protected_person}]},
     says: {en: "They are never shown."}, examples: [{signals: {protected_person: 1.0}, outcome: block}]}
"""
#: Words that give a prompt or a clip away. Politics is allowed here unless a grant forbids it.
PROMPT_WORDS = {"massacre": "violence", "borderline": "borderline", "election": "politics"}
CLIP_WORDS = {"fog": "blurred"}
#: ``like_ana`` in a prompt: the clip will show @ana, whom the prompt gate does not see asked for.
UNASKED = "like_"
ENGINE = "made-up/1"
DAWN = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)

own = sa.MetaData()
marks = sa.Table(
    "world_marks", own, sa.Column("clip", sa.String(24), primary_key=True), sa.Column("sealed", sa.String(71)),
    sa.Column("draft", sa.String(71)),
)  # fmt: skip


class Crash(BaseException):
    """The process dies here: no handler of ours may see it, so it is not an ``Exception``."""


class Time:
    """A clock that is moved by hand, and by ``tick`` at every look, so that no two things happen at one instant."""

    def __init__(self, tick: timedelta = timedelta(milliseconds=1)) -> None:
        self.now, self.tick = DAWN, tick

    def __call__(self) -> datetime:
        self.now += self.tick
        return self.now

    def jump(self, span: timedelta) -> None:
        self.now += span


class Interruptible(Database):
    """A database whose transactions can be counted, interrupted before they begin, and lost before or after their commit.

    ``before`` is called with the number of each transaction, from 0, before it begins; what it does itself is not counted.
    ``lose`` is the number of the transaction that is lost in a crash, ``kept`` whether it was committed first.
    """

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.count, self.lose, self.kept = 0, -1, False
        self.before: Callable[[int], None] | None = None
        self._inside = False

    def calm(self) -> None:
        """Forget every plan."""
        self.count, self.lose, self.before, self._inside = 0, -1, None, False

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        self._begin()
        with super().read() as conn:
            yield conn

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        doomed = self._begin() == self.lose
        with super().write() as conn:
            yield conn
            if doomed and not self.kept:
                raise Crash
        if doomed:
            raise Crash

    def _begin(self) -> int:
        if self._inside:
            return -2
        number, self.count = self.count, self.count + 1
        if self.before is not None:
            self._inside = True
            try:
                self.before(number)
            finally:
                self._inside = False
        return number


@dataclass(frozen=True)
class WorldGates:
    """Looks for words, asks the real registry whom the prompt names, and sees in a clip whom its text says it shows."""

    db: Database
    clock: Time

    def prompt(self, prompt: Prompt, requester: str, cameos: tuple[str, ...], parent: str | None) -> Findings:
        with self.db.read() as conn:
            found, permits = find_cameos(conn, prompt.text, requester, cameos, parent, self.clock)
        seen = [_signal(label, word) for word, label in PROMPT_WORDS.items() if word in prompt.text]
        limits = scope.prompt_scope(permits, read_prompt(prompt), found.references)
        timeless = (r.model_copy(update={"milliseconds": 0.0}) for r in (found, limits))  # the same history, the same bytes
        return (_report(set(PROMPT_WORDS.values()), seen), *timeless), permits

    def clip(
        self, path: Path, requester: str, permits: tuple[Permit, ...], progress: Progress, prompt: str | None = None
    ) -> ClipFindings:
        text = path.read_text("utf-8")
        words = {**CLIP_WORDS, **PROMPT_WORDS}
        seen = [_signal(label, word) for word, label in words.items() if word in text]
        with self.db.read() as conn:
            known = [people.find(conn, handle) for handle in shown_in(text)]
        faces = [_signal(f"{p.kind}_person", p.handle, p.id) for p in known if p is not None]
        progress(1.0, "looked")
        labels = {*words.values(), "enrolled_person", "protected_person"}
        silent = (_report({*PROMPT_WORDS.values(), "cameo"}, []).model_copy(update={"medium": medium}) for medium in MEDIA)
        written = Passage(text=text.splitlines()[0], medium="writing", time=(0.0, 1.0), confidence=1.0)
        limits = scope.clip_scope(permits, (written,), frozenset(p.id for p in known if p is not None))
        return ClipFindings((_report(labels, [*seen, *faces]), *silent, limits.model_copy(update={"milliseconds": 0.0})), permits)


@dataclass
class WorldDrawing:
    """Writes what the prompt says, and the names of those who are shown. ``on_draw`` hears of whom, when it goes on drawing."""

    blobs: Blobs
    on_draw: Callable[[Submission, tuple[Permit, ...]], None] = lambda _, __: None

    def order(self, conn: sa.Connection, submission: Submission, permits: tuple[Permit, ...]) -> Any:
        handles = [people.get(conn, p.subject).handle for p in permits if p.kind == "cameo"]
        return submission, permits, sorted({*handles, *unasked_in(submission.prompt)})

    def draw(self, order: Any, *, should_stop: ShouldStop, progress: Progress) -> str | None:
        submission, permits, shown = order
        for _ in range(2):
            if should_stop():
                return None
        self.on_draw(submission, permits)
        with self.blobs.draft_file() as path:
            path.write_text(f"{submission.prompt}\nof {submission.id}\nshows {' '.join(shown)}\n", "utf-8")
            return None if should_stop() else self.blobs.put(submission.id, path)


@dataclass
class WorldSealing:
    """Copies the draft under a line that names the clip."""

    blobs: Blobs

    def seal_draft(self, submission: Submission, draft: str, progress: Progress) -> Sealed:
        clip = derive(submission.id, "clip").replace("-", "")[:24]
        with self.blobs.open_path(submission.id, draft) as source, self.blobs.draft_file() as path:
            path.write_bytes(f"clip {clip}\n".encode() + source.read_bytes())
            sealed = self.blobs.put(submission.id, path)
        return Sealed(clip=clip, digest=sealed, draft=draft, submission=submission.id, record=None)

    def record(self, conn: sa.Connection, sealed: Sealed, at: datetime) -> None:
        conn.execute(sa.delete(marks).where(marks.c.clip == sealed.clip))
        conn.execute(sa.insert(marks).values(clip=sealed.clip, sealed=sealed.digest, draft=sealed.draft))

    def made_from(self, conn: sa.Connection, sealed: str, draft: str) -> bool:
        where = (marks.c.sealed == sealed, marks.c.draft == draft)
        return conn.execute(sa.select(marks.c.clip).where(*where)).first() is not None

    def forget(self, conn: sa.Connection, clips: Sequence[str]) -> dict[str, int]:
        """Nothing is kept of a clip beside its marks."""
        return dict.fromkeys(clips, 0)


def open_world(home: Path, clock: Time, url: str = "") -> Context:
    """A context on the database at ``url``, SQLite in ``home`` by default. Opening it again is what a new process does.

    The database is an ``Interruptible``; it must be migrated by the caller, once (``prepare``).
    """
    home.mkdir(parents=True, exist_ok=True)
    settings = Settings(home=home, database=url)
    settings.keys.mkdir(mode=0o700, exist_ok=True)
    db, blobs, vault = Interruptible(settings.database_url), Blobs(settings.blobs_url, home / "scratch"), Vault(settings.keys)
    parts = SimpleNamespace(db=db, clock=clock, vault=vault, faces=SimpleNamespace(name=ENGINE))
    return Context(
        settings=settings, db=db, clock=clock, blobs=blobs, policy=_policy, gates=WorldGates(db, clock),
        registry=ConsentRegistry(db), generation=WorldDrawing(blobs), sealing=WorldSealing(blobs), signer=Signer(settings.keys),
        parts=parts, stopping=threading.Event(),
    )  # fmt: skip


def prepare(url: str, page: int = 0) -> None:
    """Make the tables in a new database; ``page`` is the size of SQLite's pages in bytes, where copies of it should be small."""
    db = Database(url)
    if page:
        with sa.create_engine(url).connect() as conn:
            conn.exec_driver_sql(f"PRAGMA page_size = {page}")
            conn.exec_driver_sql("VACUUM")
    db.migrate()
    own.create_all(db.engine)
    db.close()


def likeness(name: str) -> Likeness:
    """Two made-up templates: random directions, the second near the first; the same for the same name."""
    seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
    made = np.random.default_rng(seed).normal(size=(2, 128)).astype(np.float32)
    made[1] = made[0] + 0.3 * made[1]
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    return Likeness(engine=ENGINE, templates=made, portrait=np.zeros((8, 8, 3), np.uint8))


def admit(ctx: Context, handle: str, *, protected: bool = False, face: str = "") -> Person:
    """Enrol or protect ``handle`` with the made-up face ``face``, by default the handle's own."""
    enter = cameos.protect if protected else cameos.enrol
    with ctx.db.write() as conn:
        return enter(conn, handle, likeness(face or handle), ctx.parts.faces, ctx.parts.vault, ctx.clock)


def unasked_in(prompt: str) -> tuple[str, ...]:
    """Handles of those whom a clip of this prompt shows unasked."""
    return tuple(word.removeprefix(UNASKED) for word in prompt.split() if word.startswith(UNASKED))


def shown_in(text: str) -> tuple[str, ...]:
    """Handles of those whom a clip shows."""
    lines = [line.split()[1:] for line in text.splitlines() if line.startswith("shows")]
    return tuple(lines[-1]) if lines else ()


def _policy() -> Policy:
    if not _POLICIES:
        _POLICIES.append(parse(POLICY))
    return _POLICIES[0]


_POLICIES: list[Policy] = []


def _signal(label: str, word: str, reference: str | None = None) -> Signal:
    return Signal(label=label, score=0.9, detector="words/1", evidence=(Evidence(text=word, reference=reference),))


def _report(labels: set[str], signals: list[Signal]) -> Report:
    return Report(detector="words/1", labels=frozenset(labels), signals=tuple(signals))

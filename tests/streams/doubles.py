"""Small real implementations of what the pipeline plugs in: they look, draw, seal and remember, in text instead of video.

Nothing of the pipeline itself is replaced. A clip is a text file that says what it shows; the gates look for words in it; the
registry is three SQLite tables that a test changes through ``Registry``'s methods, in transactions like the real one.
"""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from safety.clock import utc_now
from safety.db import Database
from safety.errors import NotFound
from safety.media import Progress, ShouldStop
from safety.permit import Denial, Permit
from safety.policy import Policy, parse
from safety.prompt import Prompt
from safety.settings import Settings
from safety.signal import MEDIA, Evidence, Report, Signal
from safety.signer import Signer
from safety.values import derive, digest
from streams.blobs import Blobs
from streams.context import ClipFindings, Context, Findings
from streams.sealed import Sealed
from streams.submissions import Submission

POLICY = """
name: doubles
version: "1"
clauses:
  - &clause
    code: VIOLENCE
    title: Violence
    gate: prompt
    when: {any: [{label: violence}]}
    outcome: block
    says: {en: "Violence is not shown.", fr: "La violence n'est pas montrée."}
    ground: {kind: INCOMPATIBLE_CONTENT, reference: "Terms, violence"}
    examples: [{signals: {violence: 0.9}, outcome: block}]
  - {<<: *clause, code: BORDER, title: Borderline, when: {any: [{label: borderline}]}, outcome: hold,
     says: {en: "A person will look at this."}, examples: [{signals: {borderline: 0.9}, outcome: hold}]}
  - {<<: *clause, code: CAMEO, title: Somebody, when: {any: [{label: cameo}]}, unless: permit,
     says: {en: "They did not allow this."}, examples: [{signals: {cameo: 1.0}, outcome: block}]}
  - {<<: *clause, code: GRAPHIC, title: Graphic, gate: clip, when: {any: [{label: graphic}]},
     says: {en: "Graphic content is not shown."}, examples: [{signals: {graphic: 0.9}, outcome: block}]}
  - {<<: *clause, code: BLURRED, title: Blurred, gate: clip, when: {any: [{label: blurred}]}, outcome: hold,
     says: {en: "A person will look at this."}, examples: [{signals: {blurred: 0.9}, outcome: hold}]}
  - {<<: *clause, code: WORK, title: A reserved work, gate: clip, when: {any: [{label: reserved_picture}]}, unless: permit,
     says: {en: "A work is reserved."}, examples: [{signals: {reserved_picture: 0.9}, outcome: block}]}
"""
#: Words that give a prompt or a clip away.
PROMPT_WORDS = {"massacre": "violence", "borderline": "borderline"}
CLIP_WORDS = {"blood": "graphic", "fog": "blurred"}

own = sa.MetaData()
grants = sa.Table(
    "double_grants", own, sa.Column("id", sa.String, primary_key=True), sa.Column("person", sa.String),
    sa.Column("holder", sa.String), sa.Column("revoked", sa.Boolean),
)  # fmt: skip
works = sa.Table("double_works", own, sa.Column("word", sa.String, primary_key=True))
marks = sa.Table(
    "double_marks", own, sa.Column("clip", sa.String, primary_key=True), sa.Column("sealed", sa.String),
    sa.Column("draft", sa.String),
)  # fmt: skip
LONG_AGO = datetime.fromisoformat("2026-01-01T00:00:00+00:00")


class Registry:
    """Who granted whom, and which words are reserved; ``version`` rises with each reservation."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def version(self, conn: sa.Connection) -> int:
        return int(conn.execute(sa.select(sa.func.count()).select_from(works)).scalar_one())

    def still_valid(self, conn: sa.Connection, permit: Permit, now: datetime) -> bool:
        row = conn.execute(sa.select(grants.c.revoked).where(grants.c.id == permit.grant)).first()
        return row is not None and not row.revoked

    def person(self, handle: str) -> str:
        with self._db.read() as conn:
            if conn.execute(sa.select(grants.c.id).where(grants.c.person == handle)).first() is None:
                raise NotFound(f"Nobody is called {handle!r}.")
        return handle

    def bind(self, allowed: Iterable[Permit], request: str) -> tuple[Permit, ...]:
        return tuple(allowed)

    def issue(self, conn: sa.Connection, allowed: Iterable[Permit], now: datetime) -> tuple[Denial, ...]:
        return ()

    def spend(self, conn: sa.Connection, allowed: Iterable[Permit], request: str, clip: str, now: datetime) -> tuple[Denial, ...]:
        return ()

    def void(self, conn: sa.Connection, request: str, now: datetime) -> int:
        return 0

    def grant(self, person: str, holder: str) -> None:
        with self._db.write() as conn:
            row = {"id": derive(f"{person}/{holder}", "grant"), "person": person, "holder": holder, "revoked": False}
            conn.execute(sa.insert(grants).values(**row))

    def revoke(self, person: str) -> None:
        with self._db.write() as conn:
            self.revoke_in(conn, person)

    def revoke_in(self, conn: sa.Connection, person: str) -> None:
        """Like ``revoke``, in the caller's transaction."""
        conn.execute(sa.update(grants).where(grants.c.person == person).values(revoked=True))

    def reserve(self, word: str) -> None:
        with self._db.write() as conn:
            conn.execute(sa.insert(works).values(word=word))

    def permit(self, person: str, holder: str) -> Permit | None:
        with self._db.read() as conn:
            where = (grants.c.person == person, grants.c.holder == holder, grants.c.revoked.is_(False))
            row = conn.execute(sa.select(grants.c.id).where(*where)).first()
        if row is None:
            return None
        return Permit(id=derive(row.id, "permit"), kind="cameo", subject=person, holder=holder, grant=row.id, issued_at=LONG_AGO)

    def reserved(self) -> list[str]:
        with self._db.read() as conn:
            return [row.word for row in conn.execute(sa.select(works.c.word))]


def _wordless() -> list[Report]:
    """Nothing is said or written in these clips."""
    return [_report({*PROMPT_WORDS.values(), "cameo"}, []).model_copy(update={"medium": medium}) for medium in MEDIA]


@dataclass
class Gates:
    """Answers by words. ``seen`` counts how often each gate looked at each text."""

    registry: Registry
    seen: Counter[str] = field(default_factory=Counter)

    def prompt(self, prompt: Prompt, requester: str, cameos: tuple[str, ...], parent: str | None) -> Findings:
        self.seen[f"prompt/{prompt.text}"] += 1
        found = [_signal(label, word) for word, label in PROMPT_WORDS.items() if word in prompt.text]
        found += [_signal("cameo", person, reference=person) for person in cameos]
        permits = tuple(p for person in cameos if (p := self.registry.permit(person, requester)) is not None)
        return (_report({*PROMPT_WORDS.values(), "cameo"}, found),), permits

    def clip(
        self, path: Path, requester: str, permits: tuple[Permit, ...], progress: Progress, prompt: str | None = None
    ) -> ClipFindings:
        text = path.read_text("utf-8")
        self.seen["clip/" + text] += 1
        found = [_signal(label, word) for word, label in CLIP_WORDS.items() if word in text]
        found += [_signal("reserved_picture", word, reference=word) for word in self.registry.reserved() if word in text]
        progress(1.0, "looked")
        return ClipFindings((_report({*CLIP_WORDS.values(), "reserved_picture"}, found), *_wordless()), permits)


@dataclass
class Drawing:
    """Writes what the prompt says into a file, in ``steps`` pauses of ``pause`` seconds.

    ``faults`` names prompts that fail, and how many more times. ``begun`` is set whenever drawing begins.
    """

    blobs: Blobs
    steps: int = 2
    pause: float = 0.005
    faults: dict[str, int] = field(default_factory=dict)
    begun: threading.Event = field(default_factory=threading.Event)
    drawn: Counter[str] = field(default_factory=Counter)

    def order(self, conn: sa.Connection, submission: Submission, permits: tuple[Permit, ...]) -> Any:
        return submission

    def draw(self, order: Any, *, should_stop: ShouldStop, progress: Progress) -> str | None:
        self.begun.set()
        for step in range(self.steps):
            if should_stop():
                return None
            progress(step / self.steps, "drawing")
            time.sleep(self.pause)
        if self.faults.get(order.prompt, 0) > 0:
            self.faults[order.prompt] -= 1
            raise RuntimeError("the pencil broke")
        with self.blobs.draft_file() as path:
            path.write_text(f"{order.prompt} ({order.id})", "utf-8")
            self.drawn[order.prompt] += 1
            return self.blobs.put(order.id, path)


@dataclass
class Sealing:
    """Copies the draft under a line that names the clip. ``before`` is called with the submission first."""

    blobs: Blobs
    before: Callable[[Submission], None] = lambda _: None
    forgotten: list[str] = field(default_factory=list)

    def seal_draft(self, submission: Submission, draft: str, progress: Progress) -> Sealed:
        self.before(submission)
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
        self.forgotten += clips
        return dict.fromkeys(clips, 1)


def make_context(home: Path, *, steps: int = 2, pause: float = 0.005, **overrides: Any) -> Context:
    """A context on a real database, migrated; ``overrides`` replace any of its parts.

    SQLite in ``home``, or a new PostgreSQL database on the server that ``CLEARANCE_TEST_POSTGRES`` names (a URL without a
    database, as in ``postgresql+psycopg://user@127.0.0.1:5432``).
    """
    settings = Settings(home=home, database=_new_database(home))
    home.mkdir(parents=True, exist_ok=True)
    db = Database(settings.database_url)
    db.migrate()
    own.create_all(db.engine)
    blobs = Blobs(settings.blobs_url, home / "scratch")
    registry = Registry(db)
    policy: Policy = parse(POLICY)
    parts: dict[str, Any] = {
        "settings": settings, "db": db, "clock": utc_now, "blobs": blobs, "policy": lambda: policy, "registry": registry,
        "gates": Gates(registry), "generation": Drawing(blobs, steps, pause), "sealing": Sealing(blobs),
        "signer": Signer(settings.keys),
    }  # fmt: skip
    return Context(**(parts | overrides))


def _new_database(home: Path) -> str:
    """URL of the home's PostgreSQL database, made at first use; empty for SQLite."""
    server = os.environ.get("CLEARANCE_TEST_POSTGRES", "")
    if not server:
        return ""
    name = "t" + digest(str(home.absolute()).encode()).removeprefix("sha256:")[:16]
    admin = sa.create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT")
    with admin.connect() as conn:
        if conn.execute(sa.text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": name}).first() is None:
            conn.exec_driver_sql(f"CREATE DATABASE {name}")
    admin.dispose()
    return f"{server}/{name}"


def _signal(label: str, word: str, reference: str | None = None) -> Signal:
    evidence = Evidence(text=word, reference=reference)
    return Signal(label=label, score=0.9, detector="words/1", evidence=(evidence,))


def _report(labels: set[str], signals: list[Signal]) -> Report:
    return Report(detector="words/1", labels=frozenset(labels), signals=tuple(signals))

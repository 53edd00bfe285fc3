"""Taking consent back: what would go, the act itself, and the receipts that prove it.

One transaction ends the grants and everything that rests on them. The preview asks the same questions in the same order, so what
it promises is what then happens. Nothing here waits for a key: whoever has lost theirs can still revoke.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Unpack

import numpy as np
import sqlalchemy as sa
from pydantic import JsonValue

from consent import erasure, grants, issuing, people
from consent.errors import UnknownGrant, VaultLocked
from consent.grants import Signing
from consent.people import Person
from consent.permits import own_grant
from consent.tables import grant_events, person_secrets
from safety import releases
from safety.errors import BadInput, NotFound
from safety.signed import Signed
from safety.values import Value
from streams import notices, reach
from streams.context import Context
from streams.reach import Waiting
from streams.tables import revocations, sweepings
from streams.withdrawal import KEPT, withdraw


class Kept(Value):
    """Something that stays, and why."""

    what: str
    why: str


class Consequences(Value):
    """What taking back would do, or did. ``clips`` are all that go: ``direct`` rest on the grants themselves, ``remixes`` were
    made from those, and ``by_others`` of them all were made by somebody else. ``makers`` are told."""

    person: str
    erases: bool
    grants: tuple[str, ...]
    clips: int
    direct: int
    remixes: int
    by_others: int
    drafts: int
    generations: int
    permits: int
    forgotten: dict[str, int]
    makers: tuple[str, ...]
    kept: tuple[Kept, ...]


class Due(Value):
    """Of one kind of thing: how many are to be gone, how many are, files and records deleted so far."""

    kind: str
    due: int
    done: int
    files: int
    records: int


class State(Value):
    """Where a revocation stands; ``closed_at`` is set once everything due is done and the closing receipt is signed."""

    id: str
    person: str
    kind: str
    at: datetime
    ledger_position: int
    due: tuple[Due, ...]
    closed_at: datetime | None


@dataclass(frozen=True)
class _Plan:
    """Everything that one revocation reaches, by name."""

    owner: Person
    erases: bool
    grants: tuple[str, ...]
    ending: frozenset[str]
    direct: tuple[str, ...]
    clips: tuple[str, ...]
    makers: dict[str, int]
    waiting: Waiting
    permits: int
    forgotten: dict[str, int]


def preview(ctx: Context, person: str, grant: str | None = None, erase: bool = False) -> Consequences:
    """What ``revoke`` would do if it were asked now; changes nothing. Raises as ``revoke`` does."""
    faces = _faces_like(ctx, person)[0] if erase else ()
    with ctx.db.read() as conn:
        if conn.dialect.name == "postgresql":  # one picture of the world for all questions, as SQLite has by itself
            conn.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        return _consequences(_plan(conn, ctx, person, grant, erase, faces))


def revoke(
    ctx: Context,
    person: str,
    grant: str | None = None,
    *,
    erase: bool = False,
    **signing: Unpack[Signing],
) -> Signed:
    """Take back one grant or all; withdraw every clip that rests on them, with its remixes; return the signed receipt.

    What the person made of themself rests on no grant and stays, unless ``erase``: that takes every clip of them, and destroys
    their key, templates and all that was sealed for them. ``signing`` is who acts for them and what they signed, if they did: no
    key is needed. Raises ``UnknownPerson``, ``UnknownGrant``, ``Forbidden`` and ``BadInput``.
    """
    faces, searched = _faces_like(ctx, person) if erase else ((), True)
    with ctx.db.write() as conn:
        plan = _plan(conn, ctx, person, grant, erase, faces)
        receipt = _act(conn, ctx, plan, grant, faces, searched, signing)
    if erase:
        erasure.scrub(ctx.db)
    return receipt


def erase(ctx: Context, person: str, **signing: Unpack[Signing]) -> Signed:
    """Revoke everything, withdraw every clip, and destroy the person's key and templates; return the signed receipt."""
    return revoke(ctx, person, erase=True, **signing)


def receipt_of(ctx: Context, revocation: str) -> Signed:
    """The closing receipt when there is one, else the first. Raises ``NotFound``."""
    return receipts_of(ctx, revocation)[-1]


def receipts_of(ctx: Context, revocation: str) -> tuple[Signed, ...]:
    """The first receipt, and the closing one once it is signed. Raises ``NotFound``."""
    with ctx.db.read() as conn:
        row = _row(conn, revocation)
    return tuple(Signed.model_validate_json(text) for text in (row.receipt, row.closing) if text)


def state(ctx: Context, revocation: str) -> State:
    """What is due and what is done, by kind. Raises ``NotFound``."""
    with ctx.db.read() as conn:
        return _state(conn, _row(conn, revocation))


def listing(ctx: Context, person: str) -> tuple[State, ...]:
    """What was taken back for a person (an id, or the handle of one who is known), the newest first."""
    with ctx.db.read() as conn:
        known = people.find(conn, person)
        rows = sa.select(revocations).where(revocations.c.person == (known.id if known else person))
        return tuple(_state(conn, row) for row in conn.execute(rows.order_by(revocations.c.at.desc())).all())


def _plan(conn: sa.Connection, ctx: Context, person: str, grant: str | None, erases: bool, faces: tuple[str, ...]) -> _Plan:
    owner, now = people.get(conn, person), ctx.clock()
    if erases and grant is not None:
        raise BadInput("An erasure ends every grant; leave the grant out, or revoke it without erasing.")
    given = [g for g in grants.listing(conn, owner.id, now) if g.status != "revoked"] if owner.kind == "enrolled" else []
    if grant is not None and grants.get_grant(conn, grant, now).person != owner.id:
        raise UnknownGrant("This person gave no such grant; `clearance cameo list` shows theirs.")
    ended = tuple(sorted(g.id for g in given if grant in (None, g.id)))
    ending = frozenset([*ended, own_grant(owner.id)] if erases else ended)
    direct = releases.resting_on(conn, subject=owner.id) if erases else releases.resting_on(conn, grants=ended)
    clips = releases.with_remixes(conn, direct)
    return _Plan(
        owner=owner, erases=erases, grants=ended, ending=ending, direct=direct, clips=clips,
        makers=releases.made_by(conn, clips), waiting=reach.waiting_by_grants(conn, owner.id, ending, clips),
        permits=reach.unused_permits(conn, ending),
        forgotten=erasure.belongings(conn, owner.id, owner.handle, faces) if erases else {},
    )  # fmt: skip


def _consequences(plan: _Plan) -> Consequences:
    others = {maker: number for maker, number in plan.makers.items() if maker != plan.owner.handle}
    return Consequences(
        person=plan.owner.id, erases=plan.erases, grants=plan.grants, clips=len(plan.clips), direct=len(plan.direct),
        remixes=len(plan.clips) - len(plan.direct), by_others=sum(others.values()), drafts=len(plan.waiting.held),
        generations=len(plan.waiting.flight), permits=plan.permits, forgotten=plan.forgotten, makers=tuple(sorted(others)),
        kept=tuple(Kept(what=what, why=why) for what, why in sorted(_kept(plan.erases).items())),
    )  # fmt: skip


def _act(
    conn: sa.Connection, ctx: Context, plan: _Plan, grant: str | None, faces: tuple[str, ...], searched: bool, signing: Signing
) -> Signed:
    """Do what the plan says, in the caller's write transaction."""
    owner, vault = plan.owner, ctx.parts.vault
    at = ctx.clock()
    still = _Stopped(at)  # one moment for everything that happens in this transaction
    told = _consequences(plan)
    if owner.kind == "enrolled":
        change = grants.revoke(conn, owner.id, vault, still, grant, **signing)
        notices.tell_change(conn, change, signing.get("actor"))
    signed = _is_signed(conn, owner.id, at)
    if plan.erases:
        erasure.erase(conn, owner.id, vault, still, faces=faces, ended=plan.grants)
    issuing.void(conn, at, grants=plan.ending)
    says: dict[str, JsonValue] = {
        "grants": list[JsonValue](plan.grants), "permits_voided": plan.permits, "signed": signed,
        "how_many": _numbers(told),
    }  # fmt: skip
    if plan.erases:
        says |= {"own_grant": own_grant(owner.id), "forgotten": dict[str, JsonValue](plan.forgotten), "faces_searched": searched}
    _, receipt = withdraw(
        conn, ctx, plan.clips, complete=True, cause="revocation", subject=owner.id, reason="consent was taken back", at=at,
        kind="erasure" if plan.erases else "revocation", waiting=plan.waiting,
        promised={"grants": len(plan.grants), "permits": plan.permits} | plan.forgotten, says=says, kept=_kept(plan.erases),
    )  # fmt: skip
    return receipt


def _numbers(told: Consequences) -> dict[str, JsonValue]:
    counted = told.model_dump(include={"clips", "direct", "remixes", "by_others", "drafts", "generations", "permits"})
    return counted | {"grants": len(told.grants)}


def _kept(erases: bool) -> dict[str, str]:
    if erases:
        return {**KEPT, **erasure.KEPT}
    mine = "the person's templates, sealed with their key, and signed records of the grants"
    return {**KEPT, mine: "the person is still enrolled; erasing takes the templates too"}


def _is_signed(conn: sa.Connection, person: str, at: datetime) -> bool:
    """Whether the person's key signed every grant's end; without it they end all the same."""
    rows = sa.select(grant_events.c.signature).where(
        grant_events.c.person == person, grant_events.c.kind == "revoked", grant_events.c.at == at
    )
    return all(bytes(signature) for signature in conn.execute(rows).scalars())


def _faces_like(ctx: Context, person: str) -> tuple[tuple[str, ...], bool]:
    """Faces in clips, kept as nobody's, that are this person's: clips made before they enrolled. And whether they were searched.

    Read before the transaction: comparing with every face takes longer than others should wait. A key that cannot be opened
    does not stop an erasure; the receipt says that it was not searched.
    """
    search, vault = getattr(ctx.parts, "clip_faces", None), ctx.parts.vault
    if search is None:
        return (), False
    with ctx.db.read() as conn:
        owner = people.get(conn, person)
        rows = sa.select(person_secrets).where(
            person_secrets.c.person == owner.id,
            person_secrets.c.role == "face-template",
            person_secrets.c.engine == search.engine,
        )
        try:
            opened = [vault.open(conn, owner.id, "face-template", row.id, row.sealed) for row in conn.execute(rows).all()]
            templates = [np.frombuffer(plain, "<f4") for plain in opened]
            return (search.rows_like(conn, np.stack(templates)) if templates else ()), True
        except VaultLocked:
            return (), False


def _row(conn: sa.Connection, revocation: str) -> Any:
    row = conn.execute(sa.select(revocations).where(revocations.c.id == revocation)).first()
    if row is None:
        raise NotFound(f"No revocation has the id {revocation!r}.")
    return row


def _state(conn: sa.Connection, row: Any) -> State:
    c = sweepings.c
    counts = sa.select(
        c.kind, sa.func.count().label("due"), sa.func.count(c.done_at).label("done"), sa.func.sum(c.files).label("files"),
        sa.func.sum(c.rows).label("records"),
    ).where(c.revocation == row.id)  # fmt: skip
    due = tuple(Due.model_validate(dict(r)) for r in conn.execute(counts.group_by(c.kind).order_by(c.kind)).mappings())
    return State(
        id=row.id,
        person=row.person,
        kind=row.kind,
        at=row.at,
        ledger_position=row.ledger_position,
        due=due,
        closed_at=row.closed_at,
    )


@dataclass(frozen=True)
class _Stopped:
    """A clock that stands still."""

    at: datetime

    def __call__(self) -> datetime:
        return self.at

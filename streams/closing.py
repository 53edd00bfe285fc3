"""When everything a withdrawal promised is done: the second receipt, whose counts are counted and not remembered.

Every number is read from the rows and ledger entries that came to be when the thing was done. Where one differs from what was
promised, the receipt says so. It is signed once, in the transaction in which the last thing became true.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from pydantic import JsonValue

from consent.cameo_tables import issued_permits
from consent.tables import grant_events
from safety import ledger, releases
from safety.signed import Signed, sign_document
from safety.tables import ledger as ledger_table
from safety.tables import releases as released
from safety.values import canonical, derive, digest
from streams import notices
from streams.context import Context
from streams.tables import revocations, submissions, sweepings


def note_files(conn: sa.Connection, revocation: str, files: Mapping[str, int]) -> None:
    """Write down how many files of each clip or submission are about to be deleted, before they are.

    A process that dies between deleting and settling finds fewer the second time; what was noted first stands.
    """
    rows = [{"r": revocation, "s": subject, "n": number} for subject, number in files.items() if number]
    if rows:
        here = (
            sweepings.c.revocation == sa.bindparam("r"),
            sweepings.c.subject == sa.bindparam("s"),
            sweepings.c.done_at.is_(None),
        )
        fewer = sweepings.c.files < sa.bindparam("n")
        conn.execute(sa.update(sweepings).where(*here, fewer).values(files=sa.bindparam("n")), rows)


def mark_done(conn: sa.Connection, ctx: Context, revocation: str, rows: Mapping[str, int]) -> None:
    """Of these clips or submissions everything is gone; ``rows`` were deleted of what was seen. Closes what is complete."""
    at = ctx.clock()
    values = [{"r": revocation, "s": subject, "n": number, "at": at} for subject, number in rows.items()]
    if values:
        here = (
            sweepings.c.revocation == sa.bindparam("r"),
            sweepings.c.subject == sa.bindparam("s"),
            sweepings.c.done_at.is_(None),
        )
        change = sa.update(sweepings).where(*here).values(rows=sa.bindparam("n"), done_at=sa.bindparam("at"))
        conn.execute(change, values)
    close_if_done(conn, ctx, revocation)


def open_for(conn: sa.Connection, submission: str) -> tuple[str, ...]:
    """Revocations not closed yet that wait for this submission to be gone."""
    still = sa.select(revocations.c.id).where(revocations.c.closed_at.is_(None))
    rows = sa.select(sweepings.c.revocation).where(
        sweepings.c.revocation.in_(still), sweepings.c.subject == submission, sweepings.c.done_at.is_(None)
    )
    return tuple(conn.execute(rows).scalars())


def close_if_done(conn: sa.Connection, ctx: Context, revocation: str) -> Signed | None:
    """Sign the closing receipt when nothing is due any more; None when something is, or when it was closed before."""
    row = conn.execute(sa.select(revocations).where(revocations.c.id == revocation)).first()
    waits = sa.select(sweepings.c.subject).where(sweepings.c.revocation == revocation, sweepings.c.done_at.is_(None)).limit(1)
    if row is None or row.closed_at is not None or conn.execute(waits).first() is not None:
        return None
    now, first = ctx.clock(), Signed.model_validate_json(row.receipt)
    promised: dict[str, int] = json.loads(row.due)
    done = _counted(conn, row, first.document)
    other: list[JsonValue] = [
        {"what": what, "promised": number, "done": done.get(what, 0)}
        for what, number in sorted(promised.items())
        if done.get(what, 0) != number
    ]
    told: dict[str, object] = {"revocation": revocation, "kind": row.kind, "done": done, "different": len(other)}
    position = ledger.append(conn, "revocation-closed", row.person, told, now)
    body: dict[str, JsonValue] = {
        "receipt": "revocation-closed",
        "receipt_id": derive(revocation, "closing"),
        "withdrawal": revocation,
        "kind": row.kind,
        "what": {"subject": row.person, "grants": first.document.get("grants", [])},
        "how_many": dict[str, JsonValue](done),
        "promised": dict[str, JsonValue](promised),
        "different": other,
        "when": {"asked": row.at.isoformat(), "closed": now.isoformat()},
        "ledger_position": position,
        "first_receipt": {"digest": digest(canonical(first.document)), "ledger_position": row.ledger_position},
        "kept": first.document.get("kept", []),
    }
    receipt = sign_document(body, ctx.signer)
    change = sa.update(revocations).where(revocations.c.id == revocation)
    conn.execute(change.values(closed_at=now, closing=receipt.model_dump_json()))
    notices.tell_closed(conn, row.person, row.id, done["clips"], now)
    return receipt


def _counted(conn: sa.Connection, row: Any, first: Mapping[str, JsonValue]) -> dict[str, int]:
    """What was done, by kind of thing."""
    swept = sa.select(
        sa.func.coalesce(sa.func.sum(sweepings.c.files), 0), sa.func.coalesce(sa.func.sum(sweepings.c.rows), 0)
    ).where(sweepings.c.revocation == row.id)
    files, rows = conn.execute(swept).one()
    counts = {
        "clips": releases.taken_by(conn, row.id),
        "clips_in_ledger": _in_ledger(conn, row.id),
        "clips_swept": _swept(conn, row.id),
        "drafts": _ended(conn, row.id, "draft"),
        "generations": _ended(conn, row.id, "generation"),
        "files_deleted": int(files),
        "records_deleted": int(rows),
    }
    granted = first.get("grants")
    if isinstance(granted, list):
        counts["grants"] = _count(
            conn, grant_events, grant_events.c.person == row.person, grant_events.c.kind == "revoked", grant_events.c.at == row.at
        )
        ended = [*granted, *([first["own_grant"]] if "own_grant" in first else [])]
        counts["permits"] = _count(
            conn, issued_permits, issued_permits.c.grant_id.in_(ended), issued_permits.c.voided_at == row.at
        )
    if "approval" in first:  # in the ledger: the row of an approval goes when one of the two is erased
        ended_now = ledger_table.c.body.like(f'%"id":"{first["approval"]}"%')
        counts["approvals"] = _count(
            conn, ledger_table, ledger_table.c.kind == "circle-ended", ledger_table.c.subject == row.person, ended_now
        )
    for entry in ledger.entries(conn, "person-erased", row.person) if row.kind == "erasure" else ():
        forgotten = entry.body.get("forgotten")
        counts |= {str(what): int(number) for what, number in forgotten.items()} if isinstance(forgotten, dict) else {}
    return counts


def _in_ledger(conn: sa.Connection, withdrawal: str) -> int:
    """Clips of a withdrawal that have their entry in the ledger."""
    clips = sa.select(released.c.clip).where(released.c.withdrawal == withdrawal)
    said = ledger_table.c.body.like(f'%"withdrawal":"{withdrawal}"%')
    return _count(conn, ledger_table, ledger_table.c.kind == "withdrawal", ledger_table.c.subject.in_(clips), said)


def _swept(conn: sa.Connection, revocation: str) -> int:
    here = (sweepings.c.revocation == revocation, sweepings.c.kind == "clip", sweepings.c.done_at.is_not(None))
    return _count(conn, sweepings, *here)


def _ended(conn: sa.Connection, revocation: str, kind: str) -> int:
    """Submissions on the list that ended without a release."""
    names = sa.select(sweepings.c.subject).where(
        sweepings.c.revocation == revocation, sweepings.c.kind == kind, sweepings.c.done_at.is_not(None)
    )
    return _count(conn, submissions, submissions.c.id.in_(names), submissions.c.status.in_(("refused", "failed")))


def _count(conn: sa.Connection, table: sa.Table, *where: sa.ColumnElement[bool]) -> int:
    return int(conn.execute(sa.select(sa.func.count()).select_from(table).where(*where)).scalar_one())

"""Taking back: what a revocation, an opt-out or a moderator withdraws, with everything made from it, in one transaction (G2, G4).

When these functions return, no release that needs the lost permit can commit and no server shows what was taken: both read
the rows that were just written. Files are removed afterwards by ``sweep``.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from pydantic import JsonValue

from safety import ledger, records, releases
from safety.releases import Cause, Withdrawal
from safety.signed import Signed, sign_document
from safety.tables import withdrawals
from safety.values import derive
from streams import inspections, log, submissions
from streams.context import Context
from streams.events import Event
from streams.permits import LOST, lost_permits, refuse

#: What stays after a withdrawal and why, word for word in every receipt.
KEPT = (
    "The clip's hash, marks and fingerprint, so that copies are recognised; the ledger entries, as proof of what was done "
    "(GDPR article 17(3)(e)). No picture, sound or template of the person is kept for this clip."
)


def withdraw(
    conn: sa.Connection, ctx: Context, clips: Iterable[str], *, cause: Cause, subject: str, reason: str, at: datetime
) -> tuple[Withdrawal, Signed]:
    """Withdraw ``clips`` with their remixes inside the caller's transaction; return the withdrawal and its signed receipt."""
    withdrawal, taken = releases.withdraw(conn, clips, cause=cause, subject=subject, reason=reason, at=at)
    log.append(conn, [_withdrawn(conn, withdrawal, clip) for clip in taken])
    for release in (releases.get(conn, clip) for clip in taken):
        inspections.forget(conn, release.submission, release.draft)
    stopped = stop_waiting(conn, ctx, at)
    body: dict[str, JsonValue] = {
        "receipt": "withdrawal",
        "withdrawal": withdrawal.id,
        "cause": cause,
        "subject": subject,
        "at": at.isoformat(),
        "clips": list(taken),
        "held_drafts_refused": list(stopped),
        "kept": KEPT,
        "ledger_position": ledger.size(conn),
    }
    receipt = sign_document(body, ctx.signer)
    conn.execute(sa.update(withdrawals).where(withdrawals.c.id == withdrawal.id).values(receipt=receipt.model_dump_json()))
    return withdrawal, receipt


def stop_waiting(conn: sa.Connection, ctx: Context, at: datetime) -> tuple[str, ...]:
    """Refuse submissions that wait for a moderator and whose permits are lost. Those in flight stop at their next check."""
    stopped = []
    for waiting in submissions.listing(conn, status="held", limit=100_000):
        verdicts = records.verdicts_of(conn, waiting.id)
        if lost_permits(conn, {p.id: p for v in verdicts for p in v.permits}.values(), ctx):
            parent = Event(id=derive(waiting.id, f"lost/{at.isoformat()}"), type="ended", submission=waiting.id, at=at)
            log.append(conn, refuse(conn, parent, LOST, ctx, at))
            stopped.append(waiting.id)
    return tuple(stopped)


def _withdrawn(conn: sa.Connection, withdrawal: Withdrawal, clip: str) -> Event:
    submission = releases.get(conn, clip).submission
    return Event(
        id=derive(withdrawal.id, f"withdrawn/{clip}"), type="withdrawn", submission=submission, at=withdrawal.at,
        parent=withdrawal.id, data={"clip": clip, "withdrawal": withdrawal.id},
    )  # fmt: skip

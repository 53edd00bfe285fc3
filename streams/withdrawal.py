"""Taking back: what a revocation, an opt-out or a moderator withdraws, with everything made from it, in one transaction (G2, G4).

When ``withdraw`` returns, no release that needs the lost permit can commit and no server shows what was taken: both read the
rows that were just written. Files and what was seen of the clips go afterwards (``sweep``), and a second receipt says that they
went (``closing``). A tree of thousands is written in bulk: while it is, nobody else can write.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from pydantic import JsonValue

from safety import ledger, releases
from safety.releases import Cause, Withdrawal
from safety.signed import Signed, sign_document
from safety.tables import releases as released
from safety.tables import withdrawals
from safety.values import canonical, derive
from streams import closing, log, notices
from streams.context import Context
from streams.events import Event
from streams.permits import LOST, PARENT_GONE, refuse
from streams.reach import Waiting, waiting_by_loss
from streams.tables import revocations, sweepings

#: Clips that one event of the sweep is about: their files and rows go in one step, a fraction of a second of the database's time.
SWEPT_TOGETHER = 250
#: What stays after a withdrawal and why, word for word in every receipt.
KEPT: Mapping[str, str] = {
    "the clip's hash, marks and fingerprint": "so that copies that still go round are recognised and named",
    "ledger entries of what was released, withdrawn and decided": "proof of what was done (GDPR article 17(3)(e))",
    "the prompt, and the verdicts on it and on the clip": "proof of why it was shown (GDPR article 17(3)(e))",
}


def withdraw(
    conn: sa.Connection,
    ctx: Context,
    clips: Iterable[str],
    *,
    cause: Cause,
    subject: str,
    reason: str,
    at: datetime,
    kind: str | None = None,
    waiting: Waiting | None = None,
    promised: Mapping[str, int] | None = None,
    says: Mapping[str, JsonValue] | None = None,
    kept: Mapping[str, str] = KEPT,
    complete: bool = False,
) -> tuple[Withdrawal, Signed]:
    """Withdraw ``clips`` with their remixes inside the caller's transaction; return the withdrawal and its signed receipt.

    ``kind`` is what the revocation is called where that differs from its cause (``erasure``, ``death``). ``waiting`` are the
    submissions that end with it; without it those are found that have lost a permit of ``subject``. ``promised`` counts what else
    was ended, and ``says`` tells of it in the receipt. ``complete``: see ``safety.releases.withdraw``.
    """
    withdrawal, taken = releases.withdraw(conn, clips, cause=cause, subject=subject, reason=reason, at=at, complete=complete)
    ending = waiting if waiting is not None else waiting_by_loss(conn, ctx, subject, taken)
    due = {"clips": len(taken), "drafts": len(ending.held), "generations": len(ending.flight)}
    _write_down(conn, withdrawal.id, at, {"clip": taken, "draft": ending.held, "generation": ending.flight})
    log.append(conn, _swept_later(conn, withdrawal, taken))
    for draft in ending.held:
        parent = Event(id=derive(draft, f"lost/{at.isoformat()}"), type="ended", submission=draft, at=at)
        log.append(conn, refuse(conn, parent, PARENT_GONE if draft in ending.orphans else LOST, ctx, at))
    position = ledger.size(conn)
    body: dict[str, JsonValue] = {
        "receipt": "withdrawal",
        "withdrawal": withdrawal.id,
        "cause": cause,
        "subject": subject,
        "at": at.isoformat(),
        "clips": list(taken),
        "held_drafts_refused": list(ending.held),
        "generations_stopped": list(ending.flight),
        "due": dict[str, JsonValue](due),
        "kept": [{"what": what, "why": why} for what, why in sorted(kept.items())],
        "ledger_position": position,
    }
    body.update(says or {})
    receipt = sign_document(body, ctx.signer)
    text = receipt.model_dump_json()
    conn.execute(sa.update(withdrawals).where(withdrawals.c.id == withdrawal.id).values(receipt=text))
    conn.execute(
        sa.insert(revocations).values(
            id=withdrawal.id, person=subject[:36], kind=kind or cause, at=at, ledger_position=position,
            due=canonical(due | dict(promised or {})).decode(), receipt=text,
        )
    )  # fmt: skip
    notices.tell_withdrawal(conn, withdrawal)
    closing.close_if_done(conn, ctx, withdrawal.id)
    return withdrawal, receipt


def _write_down(conn: sa.Connection, withdrawal: str, at: datetime, due: Mapping[str, Sequence[str]]) -> None:
    """A row for each thing that must be gone before the matter is closed."""
    rows = [{"revocation": withdrawal, "subject": s, "kind": kind, "due_at": at} for kind, names in due.items() for s in names]
    if rows:
        conn.execute(sa.insert(sweepings), rows)


def _swept_later(conn: sa.Connection, withdrawal: Withdrawal, taken: Sequence[str]) -> list[Event]:
    """An event for each few hundred clips, about the first's submission, in the order they were released.

    What is kept of clips lies in the database in that order too, so that each step changes as few of its pages as can be.
    """
    ordered: list[tuple[datetime, str, str]] = []
    for start in range(0, len(taken), releases.CHUNK):
        some = released.c.clip.in_(taken[start : start + releases.CHUNK])
        rows = conn.execute(sa.select(released.c.released_at, released.c.clip, released.c.submission).where(some))
        ordered += [(row.released_at, row.clip, row.submission) for row in rows]
    ordered.sort()
    parts = [ordered[i : i + SWEPT_TOGETHER] for i in range(0, len(ordered), SWEPT_TOGETHER)]
    return [
        Event(
            id=derive(withdrawal.id, f"withdrawn/{part[0][1]}"), type="withdrawn", submission=part[0][2], at=withdrawal.at,
            parent=withdrawal.id, data={"withdrawal": withdrawal.id, "clips": [clip for _, clip, _ in part]},
        )
        for part in parts
    ]  # fmt: skip

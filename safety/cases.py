"""Cases: what a person must decide. A case is opened by a verdict that holds and ends in one decision, which is kept."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import sqlalchemy as sa

from safety import ledger
from safety.errors import BadInput, Conflict, NotFound
from safety.tables import cases
from safety.values import Value, derive
from safety.verdict import Gate, Outcome, Verdict

Decision = Literal[Outcome.ALLOW, Outcome.BLOCK]
#: Why a moderator decided, as codes that reports and statements of reasons use.
REASONS = (
    "context-makes-it-acceptable",
    "false-alarm",
    "consent-shown",
    "licensed-use",
    "violates-clause",
    "no-consent",
    "infringes-reservation",
    "cannot-be-checked",
)
#: Longest note, characters.
MAX_NOTE = 2_000


class Case(Value):
    """``subject`` is the digest judged; ``decision`` and what follows are None while it is open."""

    id: str
    submission: str
    gate: Gate
    verdict: str
    subject: str
    clause: str
    opened_at: datetime
    status: Literal["open", "decided"]
    decision: Decision | None = None
    moderator: str | None = None
    reason: str | None = None
    note: str | None = None
    decided_at: datetime | None = None


def open_case(conn: sa.Connection, submission: str, verdict: Verdict, at: datetime) -> str:
    """Open the case of a holding verdict and return its id, which is derived from the verdict's."""
    case = derive(verdict.id, "case")
    row = {
        "id": case, "submission": submission, "gate": verdict.gate, "verdict": verdict.id, "subject": verdict.subject,
        "clause": verdict.clause or "", "opened_at": at, "status": "open",
    }  # fmt: skip
    conn.execute(sa.insert(cases).values(**row))
    ledger.append(conn, "case-opened", submission, {"case": case, "gate": verdict.gate, "clause": verdict.clause}, at)
    return case


def decide(
    conn: sa.Connection, case_id: str, decision: Outcome, *, moderator: str, reason: str, note: str = "", at: datetime
) -> Case:
    """Record a moderator's decision. Raises ``NotFound``, ``Conflict`` when it was decided before, ``BadInput``."""
    if decision not in (Outcome.ALLOW, Outcome.BLOCK):
        raise BadInput("A decision is allow or block; leave the case open instead of holding it again.")
    if reason not in REASONS:
        raise BadInput(f"{reason!r} is not a reason code; use one of {', '.join(REASONS)}.")
    if not moderator.strip():
        raise BadInput("A decision needs a moderator's name; say who decides.")
    if len(note) > MAX_NOTE:
        raise BadInput(f"The note has {len(note)} characters; {MAX_NOTE} is the most.")
    case = get(conn, case_id)
    if case.status != "open":
        raise Conflict(f"Case {case_id} was decided before ({case.decision} by {case.moderator}); an appeal can change that.")
    conn.execute(
        sa.update(cases).where(cases.c.id == case_id)
        .values(status="decided", decision=decision, moderator=moderator, reason=reason, note=note, decided_at=at)
    )  # fmt: skip
    body: dict[str, object] = {"case": case_id, "decision": str(decision), "reason": reason, "clause": case.clause}
    ledger.append(conn, "case-decided", case.submission, body, at)
    return get(conn, case_id)


def close(conn: sa.Connection, submission: str, at: datetime) -> None:
    """Close a submission's open cases because it ended otherwise (its consent was withdrawn, say)."""
    for case in listing(conn, status="open", submission=submission):
        conn.execute(
            sa.update(cases).where(cases.c.id == case.id)
            .values(status="decided", decision=Outcome.BLOCK, moderator="clearance", reason="no-consent", decided_at=at)
        )  # fmt: skip
        ledger.append(conn, "case-closed", submission, {"case": case.id}, at)


def get(conn: sa.Connection, case_id: str) -> Case:
    """The case, or ``NotFound``."""
    row = conn.execute(sa.select(cases).where(cases.c.id == case_id)).mappings().first()
    if row is None:
        raise NotFound(f"No case has the id {case_id!r}; `clearance cases list` shows those that are open.")
    return Case.model_validate(dict(row))


def listing(
    conn: sa.Connection, status: str | None = "open", submission: str | None = None, limit: int = 100
) -> tuple[Case, ...]:
    """Cases, the oldest first."""
    rows = sa.select(cases).order_by(cases.c.opened_at, cases.c.id).limit(limit)
    if status is not None:
        rows = rows.where(cases.c.status == status)
    if submission is not None:
        rows = rows.where(cases.c.submission == submission)
    return tuple(Case.model_validate(dict(row)) for row in conn.execute(rows).mappings())

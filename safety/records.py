"""Keeping verdicts and the policies that made them, so that any verdict can be read and replayed later."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from safety import ledger
from safety.errors import NotFound
from safety.policy import Policy
from safety.tables import policies, verdicts
from safety.values import digest
from safety.verdict import Gate, Verdict


def keep_policy(conn: sa.Connection, policy: Policy, at: datetime) -> None:
    """Store the policy under its hash, once."""
    if conn.execute(sa.select(policies.c.hash).where(policies.c.hash == policy.hash)).first() is None:
        conn.execute(
            sa.insert(policies).values(hash=policy.hash, name=policy.name, body=policy.model_dump_json(), first_used_at=at)
        )
        ledger.append(conn, "policy", policy.hash, {"name": policy.name, "version": policy.version}, at)


def read_policy(conn: sa.Connection, policy_hash: str) -> Policy:
    """The policy with that hash, or ``NotFound``."""
    row = conn.execute(sa.select(policies.c.body).where(policies.c.hash == policy_hash)).first()
    if row is None:
        raise NotFound(f"No policy with the hash {policy_hash} was ever used here.")
    return Policy.model_validate_json(row.body)


def keep_verdict(conn: sa.Connection, submission: str, verdict: Verdict) -> None:
    """Store the verdict and its place in the ledger; the ledger carries its digest, not its text."""
    body = verdict.model_dump_json()
    conn.execute(
        sa.insert(verdicts).values(
            id=verdict.id, submission=submission, gate=verdict.gate, subject=verdict.subject, outcome=verdict.outcome,
            policy=verdict.policy, body=body, at=verdict.at,
        )
    )  # fmt: skip
    entry: dict[str, object] = {
        "verdict": verdict.id, "gate": verdict.gate, "of": verdict.subject, "outcome": str(verdict.outcome),
        "clause": verdict.clause, "policy": verdict.policy, "digest": digest(body.encode()),
    }  # fmt: skip
    ledger.append(conn, "verdict", submission, entry, verdict.at)


def read_verdict(conn: sa.Connection, verdict_id: str) -> Verdict:
    """The verdict with that id, or ``NotFound``."""
    row = conn.execute(sa.select(verdicts.c.body).where(verdicts.c.id == verdict_id)).first()
    if row is None:
        raise NotFound(f"No verdict has the id {verdict_id!r}.")
    return Verdict.model_validate_json(row.body)


def verdicts_of(conn: sa.Connection, submission: str, gate: Gate | None = None) -> tuple[Verdict, ...]:
    """The verdicts about one submission, the oldest first."""
    rows = sa.select(verdicts.c.body).where(verdicts.c.submission == submission).order_by(verdicts.c.at, verdicts.c.id)
    if gate is not None:
        rows = rows.where(verdicts.c.gate == gate)
    return tuple(Verdict.model_validate_json(row.body) for row in conn.execute(rows))


def changed_verdict(conn: sa.Connection) -> str | None:
    """Id of the first verdict whose stored text no longer matches its ledger entry, or that has none; None when all do."""
    said = {str(e.body["verdict"]): e.body["digest"] for e in ledger.entries(conn, kind="verdict")}
    for row in conn.execute(sa.select(verdicts.c.id, verdicts.c.body).order_by(verdicts.c.at)):
        if said.pop(row.id, None) != digest(row.body.encode()):
            return str(row.id)
    return next(iter(said), None)

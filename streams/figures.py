"""Figures for whoever watches the system: what waits before each stage, what the gates said, what was set aside. Only reads."""

from __future__ import annotations

import json
from collections import Counter

import sqlalchemy as sa

from safety.tables import ledger
from streams.pipeline import AFTER, STAGES
from streams.tables import dead_letters as letters
from streams.tables import handled, log


def waiting(conn: sa.Connection) -> dict[str, int]:
    """Events that each stage has still to settle, whichever runner carries them."""
    came = {str(type): int(number) for type, number in conn.execute(sa.select(log.c.type, sa.func.count()).group_by(log.c.type))}
    settled = sa.select(handled.c.stage, sa.func.count()).group_by(handled.c.stage)
    done = {str(stage): int(number) for stage, number in conn.execute(settled)}
    return {s.name: max(0, came.get(s.consumes, 0) - done.get(s.name, 0)) for s in (*STAGES, *AFTER)}


def verdicts_after(conn: sa.Connection, position: int) -> tuple[int, Counter[tuple[str, str, str]]]:
    """Verdicts in the ledger after ``position``, counted by gate, outcome and clause ("" for none), and the position reached."""
    found: Counter[tuple[str, str, str]] = Counter()
    rows = sa.select(ledger.c.position, ledger.c.body).where(ledger.c.kind == "verdict", ledger.c.position > position)
    for row in conn.execute(rows.order_by(ledger.c.position)):
        body = json.loads(row.body)
        found[str(body["gate"]), str(body["outcome"]), str(body["clause"] or "")] += 1
        position = row.position
    return position, found


def dead_letters(conn: sa.Connection) -> int:
    """Events that were set aside because no try settled them."""
    return int(conn.execute(sa.select(sa.func.count()).select_from(letters)).scalar_one())

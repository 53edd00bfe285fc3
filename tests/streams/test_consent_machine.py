"""Consent holds whatever people, runners and accidents do, on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.streams.consent_machine import PostgresHouses, SqliteHouses, machine_on

CAMPAIGN = "CLEARANCE_CAMPAIGN" in os.environ
#: In the suite the same histories every time, as many as take some fifteen seconds; in a campaign new ones.
SHORT = settings(
    max_examples=20, stateful_step_count=25, database=None, deadline=None,
    suppress_health_check=list(HealthCheck), phases=(Phase.generate, Phase.shrink),
)  # fmt: skip
#: Every statement is a message to a server here, and every history needs a database of its own.
FEW = settings(SHORT, max_examples=6)
LONG = settings(SHORT, max_examples=300, stateful_step_count=60)
#: Of the histories in the suite: some that release, take back, remix and show two.
SEED = 4


@pytest.mark.slow
def test_consent_holds_whatever_happens_on_sqlite(tmp_path: Path) -> None:
    _run(SqliteHouses(tmp_path), SHORT)


@pytest.mark.slow
def test_consent_holds_whatever_happens_on_postgresql(tmp_path: Path, postgres: str) -> None:
    _run(PostgresHouses(tmp_path, postgres, f"t{uuid4().hex[:12]}"), FEW)


def _run(houses: SqliteHouses | PostgresHouses, short: settings) -> None:
    machine = machine_on(houses)
    if CAMPAIGN:
        run_state_machine_as_test(machine, settings=LONG)
    else:
        run_state_machine_as_test(seed(SEED)(machine), settings=short)
    assert all(houses.tried[what] for what in ("releases", "withdrawn", "remixes", "two people", "erased")), houses.tried

"""Consent holds whatever people, runners and accidents do, on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.streams.consent_machine import PostgresHouses, SqliteHouses, machine_on

CAMPAIGN = "CLEARANCE_CAMPAIGN" in os.environ
#: In the suite the same histories every time, as many as take some fifteen seconds; in a campaign new ones.
SHORT = settings(
    max_examples=12, stateful_step_count=25, derandomize=True, database=None, deadline=None,
    suppress_health_check=list(HealthCheck), phases=(Phase.generate, Phase.shrink),
)  # fmt: skip
#: Every statement is a message to a server here, and every history needs a database of its own.
FEW = settings(SHORT, max_examples=4)
LONG = settings(SHORT, max_examples=2_000, stateful_step_count=60, derandomize=False)


@pytest.mark.slow
def test_consent_holds_whatever_happens_on_sqlite(tmp_path: Path) -> None:
    run_state_machine_as_test(machine_on(SqliteHouses(tmp_path)), settings=LONG if CAMPAIGN else SHORT)


@pytest.mark.slow
def test_consent_holds_whatever_happens_on_postgresql(tmp_path: Path, postgres: str) -> None:
    houses = PostgresHouses(tmp_path, postgres, f"t{uuid4().hex[:12]}")
    run_state_machine_as_test(machine_on(houses), settings=LONG if CAMPAIGN else FEW)

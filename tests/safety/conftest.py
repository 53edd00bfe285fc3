from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from safety.db import Database
from safety.signer import Signer


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'test.db'}")
    database.migrate()
    yield database
    database.close()


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    return Signer(tmp_path / "keys")

"""Fixtures of this folder: a pipeline with light plug-ins, and a real broker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.context import Context
from tests.postgres import postgres
from tests.streams.broker import bootstrap, prefix
from tests.streams.doubles import make_context

__all__ = ["bootstrap", "ctx", "postgres", "prefix"]


@pytest.fixture
def ctx(tmp_path: Path) -> Iterator[Context]:
    """A real pipeline on SQLite with light plug-ins."""
    context = make_context(tmp_path / "home")
    yield context
    context.stopping.set()
    context.db.close()

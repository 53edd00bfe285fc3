"""What was kept for its time goes by itself, while either runner runs."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from streams import upkeep
from streams.local import LocalRunner
from tests.streams.doubles import make_context


def test_the_runner_looks_for_what_may_be_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked = threading.Event()
    monkeypatch.setattr(upkeep.claims, "forget_old", lambda ctx: looked.set())
    ctx = make_context(tmp_path / "home")
    with LocalRunner(ctx):
        assert looked.wait(10)
    ctx.db.close()

"""A real context with light plug-ins, the application over it, and a command line that opens it instead of the heavy one."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner, Result

from console.app import create_app
from console.cli import app
from streams.context import Context
from streams.local import LocalRunner
from streams.submissions import Order, Submission
from streams.submitting import submit, wait
from tests.streams.doubles import make_context

Run = Callable[..., Result]


@pytest.fixture
def ctx(tmp_path: Path) -> Context:
    """A context at a home of its own; nothing runs."""
    return make_context(tmp_path / "home")


@pytest.fixture
def runner(ctx: Context) -> Iterator[LocalRunner]:
    """The stages, running."""
    with LocalRunner(ctx) as running:
        yield running


@pytest.fixture
def client(ctx: Context, runner: LocalRunner) -> TestClient:
    """A program that talks to the server."""
    return TestClient(create_app(ctx, runner), raise_server_exceptions=False)


@pytest.fixture
def made(ctx: Context, runner: LocalRunner) -> Callable[..., Submission]:
    """Sends a prompt through the gates and returns how it ended."""

    def make(prompt: str, **more: Any) -> Submission:
        [ended] = wait(ctx, [submit(ctx, Order(prompt=prompt, requester="mara", **more)).id], 20)
        return ended

    return make


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs ``clearance`` in this process on a home of its own, over the light plug-ins."""
    home = tmp_path / "cli"
    light: Any = ModuleType("streams.system")
    light.open_context = lambda settings: make_context(settings.home)
    light.close = lambda opened: opened.db.close()
    light.make_runner = LocalRunner
    monkeypatch.setitem(sys.modules, "streams.system", light)

    def invoke(*args: str, stdin: bytes = b"") -> Result:
        return CliRunner().invoke(app, ["--home", str(home), *args], input=stdin)

    return invoke

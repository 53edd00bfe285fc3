"""The second opinion in the pipeline: what it sees is held, and while it is late or away everything is held in its name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from classifiers import registry
from classifiers.prompt.guard import GuardModel
from safety import records
from safety.settings import Settings
from safety.verdict import Verdict
from streams.context import Context
from streams.submissions import Submission
from streams.system import close, open_context
from tests.classifiers.prompt.guard_server import Server, saying
from tests.streams.story import look, run, send


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


@pytest.fixture
def deadline() -> str:
    """Seconds; a test that is about lateness overrides it."""
    return "30"


@pytest.fixture
def real(tmp_path: Path, server: Server, deadline: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Context]:
    """The real gates with a second opinion at ``server``."""
    monkeypatch.setenv("CLEARANCE_GUARD_URL", server.url)
    monkeypatch.setenv("CLEARANCE_GUARD_MODEL", "the-model")
    monkeypatch.setenv("CLEARANCE_GUARD_SECONDS", deadline)
    registry._made.cache_clear()
    ctx = open_context(Settings(home=tmp_path / "home"))
    yield ctx
    close(ctx)
    for detector in registry.prompt_detectors():
        if isinstance(detector, GuardModel):
            detector.close()
    registry._made.cache_clear()


def verdict_of(ctx: Context, sent: Submission) -> Verdict:
    with ctx.db.read() as conn:
        (verdict,) = records.verdicts_of(conn, sent.id, "prompt")
    return verdict


def test_what_it_sees_is_held_under_the_clause_of_its_label(real: Context, server: Server) -> None:
    server.answer = saying("unsafe\nS10")
    sent = send(real, "a boat on a lake")
    run(real, "screen")
    assert look(real, sent).status == "held"
    assert "HATE-2" in {hit.clause for hit in verdict_of(real, sent).hits}


@pytest.mark.parametrize("deadline", ["0.5"])
def test_while_it_is_late_a_submission_is_held_and_the_verdict_names_it(real: Context, server: Server) -> None:
    server.answer = lambda handler: (server.released.wait(30), saying("safe")(handler))[1]
    sent = send(real, "a boat on a lake")
    run(real, "screen")
    assert (look(real, sent).status, look(real, sent).clause) == ("held", "CLR-MISSING")
    verdict = verdict_of(real, sent)
    assert "llama-guard/1" in verdict.hits[0].title
    (late,) = [r for r in verdict.reports if r.detector == "llama-guard/1"]
    assert late.failure == "The second opinion llama-guard/1 did not answer within 0.5 s."


def test_a_prompt_it_agrees_on_goes_on(real: Context, server: Server) -> None:
    sent = send(real, "a boat on a lake")
    run(real, "screen")
    assert (look(real, sent).status, look(real, sent).stage) == ("in-flight", "generate")
    assert len(server.asked) == 1

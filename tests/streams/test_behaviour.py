"""One behaviour, two runners: whatever carries the events, a submission ends the same way, once."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from safety import cases, releases
from safety.db import Database
from safety.verdict import Outcome
from streams import decisions, log, submissions
from streams.context import Context
from streams.kafka import KafkaRunner
from streams.local import LocalRunner
from streams.submissions import Submission
from streams.tables import attempts
from streams.withdrawal import withdraw
from tests.streams.doubles import Drawing, Gates, Registry, Sealing, make_context
from tests.streams.flow import assert_one_outcome_each, look, submit, until, wait_for

Run = Callable[[Context], AbstractContextManager[object]]


@pytest.fixture(params=["local", pytest.param("kafka", marks=pytest.mark.kafka)])
def run(request: pytest.FixtureRequest) -> Run:
    """Starts the runner the test is about; each test has topics and a group of its own."""
    if request.param == "local":
        return LocalRunner
    bootstrap, prefix = request.getfixturevalue("bootstrap"), request.getfixturevalue("prefix")
    return lambda ctx: KafkaRunner(ctx, bootstrap, prefix=prefix, group=prefix)


def drawing(ctx: Context) -> Drawing:
    assert isinstance(ctx.generation, Drawing)
    return ctx.generation


def registry(ctx: Context) -> Registry:
    assert isinstance(ctx.registry, Registry)
    return ctx.registry


def looked(ctx: Context, text: str) -> int:
    """How often the clip gate looked at a clip that shows ``text``."""
    assert isinstance(ctx.gates, Gates)
    return sum(n for seen, n in ctx.gates.seen.items() if seen.startswith("clip/") and text in seen)


def test_every_prompt_ends_once_as_its_gates_say_and_a_person_decides_the_rest(tmp_path: Path, run: Run) -> None:
    ctx = make_context(tmp_path)
    prompts = [*(f"a calm sea {i}" for i in range(6)), "a massacre", "sea of blood", "borderline yes", "borderline no", "fog"]
    ids = dict(zip(prompts, submit(ctx, *prompts), strict=True))
    with run(ctx):
        found = {s.prompt: s for s in until(ctx, ids.values())}
        assert {p: (s.status, s.clause) for p, s in found.items()} == {
            **{f"a calm sea {i}": ("released", None) for i in range(6)},
            "a massacre": ("refused", "VIOLENCE"),
            "sea of blood": ("refused", "GRAPHIC"),
            "borderline yes": ("held", "BORDER"),
            "borderline no": ("held", "BORDER"),
            "fog": ("held", "BLURRED"),
        }
        assert found["a massacre"].detail == "VIOLENCE, Violence. Violence is not shown. You wrote “massacre”."
        for prompt, outcome in (("borderline yes", Outcome.ALLOW), ("borderline no", Outcome.BLOCK), ("fog", Outcome.ALLOW)):
            with ctx.db.read() as conn:
                (case,) = cases.listing(conn, submission=ids[prompt])
            reason = "false-alarm" if outcome == Outcome.ALLOW else "violates-clause"
            decisions.decide(ctx, case.id, outcome, moderator="mo", reason=reason)
        decided = [ids["borderline yes"], ids["borderline no"], ids["fog"]]
        ended = until(ctx, decided, lambda s: s.status in ("released", "refused"))
        assert [s.status for s in ended] == ["released", "refused", "released"]
        wait_for(lambda: not ctx.blobs.exists(ids["fog"], ended[2].draft or ""))
    assert_one_outcome_each(ctx, ids.values())
    with ctx.db.read() as conn:
        assert releases.of_submission(conn, ids["sea of blood"]) is None
        assert conn.execute(sa.select(attempts)).all() == []


def test_a_remix_whose_parent_is_withdrawn_meanwhile_is_refused(tmp_path: Path, run: Run) -> None:
    ctx = make_context(tmp_path, steps=40, pause=0.02)
    with run(ctx):
        (parent,) = until(ctx, submit(ctx, "a calm sea"))
        assert parent.clip is not None
        drawing(ctx).begun.clear()
        (remix,) = submit(ctx, "the sea at night", remix_of=parent.clip)
        assert drawing(ctx).begun.wait(20)
        with ctx.db.write() as conn:
            withdraw(conn, ctx, [parent.clip], cause="moderation", subject=parent.clip, reason="test", at=ctx.clock())
        (ended,) = until(ctx, [remix])
        assert (ended.status, ended.clause) == ("refused", "CLR-PARENT-WITHDRAWN")
        wait_for(lambda: isinstance(ctx.sealing, Sealing) and ctx.sealing.forgotten == [parent.clip])
    assert_one_outcome_each(ctx, [parent.id, remix])


def test_a_permission_lost_while_drawing_stops_the_drawing_and_nothing_is_released(tmp_path: Path, run: Run) -> None:
    ctx = make_context(tmp_path, steps=1000, pause=0.02)
    registry(ctx).grant("eve", "ann")
    with run(ctx):
        (id,) = submit(ctx, "eve on a beach", cameos=("eve",))
        assert drawing(ctx).begun.wait(20)
        registry(ctx).revoke("eve")
        (ended,) = until(ctx, [id], seconds=15)  # all steps would take twenty
        assert (ended.status, ended.clause) == ("refused", "CLR-CONSENT-LOST")
        (second,) = until(ctx, submit(ctx, "eve again", cameos=("eve",)))
        assert (second.status, second.clause) == ("refused", "CAMEO")
    assert drawing(ctx).drawn.total() == 0
    with ctx.db.read() as conn:
        assert releases.listing(conn) == ()


def test_a_permission_lost_after_inspection_is_seen_by_the_release_itself(tmp_path: Path, run: Run) -> None:
    ctx = make_context(tmp_path)
    registry(ctx).grant("eve", "ann")
    assert isinstance(ctx.sealing, Sealing)
    ctx.sealing.before = lambda _: registry(ctx).revoke("eve")
    with run(ctx):
        (ended,) = until(ctx, submit(ctx, "eve on a beach", cameos=("eve",)))
    assert (ended.status, ended.clause, drawing(ctx).drawn.total()) == ("refused", "CLR-CONSENT-LOST", 1)
    with ctx.db.read() as conn:
        assert releases.listing(conn) == ()


@pytest.mark.parametrize(("word", "outcome"), [("castle", ("released", None)), ("sea", ("refused", "WORK"))])
def test_a_clip_is_inspected_again_when_the_registries_changed_before_its_release(
    tmp_path: Path, run: Run, word: str, outcome: tuple[str, str | None]
) -> None:
    ctx = make_context(tmp_path)
    assert isinstance(ctx.sealing, Sealing)
    once = threading.Event()

    def reserve(_: Submission) -> None:
        if not once.is_set():
            once.set()
            registry(ctx).reserve(word)

    ctx.sealing.before = reserve
    with run(ctx):
        (ended,) = until(ctx, submit(ctx, "a calm sea"))
    assert (ended.status, ended.clause) == outcome
    assert looked(ctx, "a calm sea") == 2
    assert_one_outcome_each(ctx, [ended.id])


def test_a_restart_in_the_middle_finishes_everything_once(tmp_path: Path, run: Run) -> None:
    ctx = make_context(tmp_path, steps=4, pause=0.02)
    ids = submit(ctx, *(f"a calm sea {i}" for i in range(10)), "a massacre")
    with run(ctx):
        until(ctx, ids[:2])
    between = Counter(s.status for s in look(ctx, ids))
    assert between["in-flight"]
    again = make_context(tmp_path)
    with run(again):
        assert Counter(s.status for s in until(again, ids)) == {"released": 10, "refused": 1}
    assert_one_outcome_each(again, ids)
    assert set((drawing(ctx).drawn + drawing(again).drawn).values()) == {1}


def test_a_stage_that_fails_three_times_ends_the_submission_and_one_that_fails_once_does_not(tmp_path: Path, run: Run) -> None:
    ctx = make_context(tmp_path)
    drawing(ctx).faults.update({"thrice": 3, "once": 1})
    ids = submit(ctx, "thrice", "once", "a calm sea")
    with run(ctx):
        thrice, once, never = until(ctx, ids)
    assert (thrice.status, thrice.clause) == ("failed", "CLR-FAILED")
    assert "generate" in (thrice.detail or "")
    assert (once.status, never.status) == ("released", "released")
    with ctx.db.read() as conn:
        (letter,) = log.read_dead_letters(conn)
        assert (letter.stage, letter.reason) == ("generate", "RuntimeError")
        assert conn.execute(sa.select(attempts)).all() == []
    assert_one_outcome_each(ctx, ids)


def test_a_database_that_is_away_is_waited_for_and_uses_no_attempt_up(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("safety.db.BUSY_SECONDS", 0.05)
    monkeypatch.setattr("streams.handle.DATABASE_SECONDS", 0.05)
    ctx = make_context(tmp_path, steps=10, pause=0.02)
    monkeypatch.setattr("safety.db.BUSY_SECONDS", 30)
    outside = Database(ctx.settings.database_url)
    ids = submit(ctx, "a calm sea", "a massacre")
    with run(ctx):
        for _ in range(4):  # more often than an event may be attempted
            drawing(ctx).begun.clear()
            if not drawing(ctx).begun.wait(15):
                break
            with outside.write():  # nobody else can write now
                threading.Event().wait(0.5)
        found = until(ctx, ids)
    assert [s.status for s in found] == ["released", "refused"]
    assert_one_outcome_each(ctx, ids)


def test_the_same_order_sent_twice_is_one_submission(tmp_path: Path, run: Run) -> None:
    ctx = make_context(tmp_path)
    (one,), (two,) = submit(ctx, "a calm sea", key="k"), submit(ctx, "a calm sea", key="k")
    with run(ctx):
        until(ctx, [one, two])
    assert one == two
    with ctx.db.read() as conn:
        count = submissions.count(conn)
    assert (count["attempts"], count["released"]) == (1, 1)


def test_a_runner_that_started_first_serves_what_comes_later(tmp_path: Path, run: Run) -> None:
    ctx = make_context(tmp_path)
    started: datetime = ctx.clock()
    with run(ctx) as runner:
        for i in range(3):
            (found,) = until(ctx, submit(ctx, f"a calm sea {i}"))
            assert found.status == "released"
            assert found.ended_at is not None
            assert found.ended_at >= started
        assert getattr(runner, "alive", False)
    assert not getattr(runner, "alive", True)

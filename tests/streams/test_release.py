"""G1: nothing is released without an allow from every gate for exactly these bytes, under a named policy.

Each test takes one support away just before the release stage and sees the clip refused.
"""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from safety import ledger, records, releases
from safety.tables import cases, policies, verdicts
from safety.verdict import Outcome
from streams.context import Context
from streams.decisions import decide
from streams.pipeline import BY_NAME
from streams.tables import log, submissions
from streams.watch import Watch
from streams.withdrawal import withdraw
from tests.streams.doubles import Registry, marks
from tests.streams.story import drain, look, open_cases, run, send


def test_a_cleared_clip_is_released_once_with_all_it_rests_on(ctx: Context) -> None:
    sent = send(ctx)
    drain(ctx)
    done = look(ctx, sent)
    assert done.status == "released"
    with ctx.db.read() as conn:
        (release,) = releases.listing(conn)
        prompt, clip = (records.read_verdict(conn, v) for v in (release.prompt_verdict, release.clip_verdict))
        assert release.policy == clip.policy == prompt.policy
        assert conn.execute(sa.select(policies.c.hash)).scalars().all() == [release.policy]
        assert (prompt.outcome, clip.outcome, clip.subject) == (Outcome.ALLOW, Outcome.ALLOW, release.draft)
        assert [e.subject for e in ledger.entries(conn, kind="release")] == [sent.id]
    drain(ctx)
    with ctx.db.read() as conn:
        assert len(releases.listing(conn)) == 1


REMOVED = {
    "the prompt was never judged": sa.update(submissions).values(prompt_verdict=None),
    "the prompt's verdict is about another text": sa.update(verdicts)
    .where(verdicts.c.gate == "prompt")
    .values(body=sa.func.replace(verdicts.c.body, '"subject":"sha256:', '"subject":"sha256:0')),
    "the clip's verdict is about other bytes": sa.update(verdicts)
    .where(verdicts.c.gate == "clip")
    .values(body=sa.func.replace(verdicts.c.body, '"subject":"sha256:', '"subject":"sha256:0')),
    "the clip's verdict held": sa.update(verdicts)
    .where(verdicts.c.gate == "clip")
    .values(body=sa.func.replace(verdicts.c.body, '"outcome":"allow"', '"outcome":"hold"')),
    "the prompt's verdict blocked": sa.update(verdicts)
    .where(verdicts.c.gate == "prompt")
    .values(body=sa.func.replace(verdicts.c.body, '"outcome":"allow"', '"outcome":"block"')),
    "the sealed file was made from another draft": sa.update(marks).values(draft="sha256:other"),
    "there is no clip verdict": sa.delete(verdicts).where(verdicts.c.gate == "clip"),
}


@pytest.mark.parametrize("change", REMOVED.values(), ids=REMOVED.keys())
def test_without_its_clearance_a_clip_is_refused(ctx: Context, change: sa.Update | sa.Delete) -> None:
    sent = send(ctx)
    drain(ctx, until="release")
    with ctx.db.write() as conn:
        assert conn.execute(change).rowcount >= 1
    run(ctx, "release")
    done = look(ctx, sent)
    assert (done.status, done.clause, done.clip) == ("refused", "CLR-NOT-CLEARED", None)
    with ctx.db.read() as conn:
        assert releases.listing(conn) == ()


def test_a_moderators_decision_is_needed_for_exactly_the_case_of_the_verdict(ctx: Context) -> None:
    sent = send(ctx, "a borderline boat")
    drain(ctx)
    (case,) = open_cases(ctx)
    decide(ctx, case.id, Outcome.ALLOW, moderator="robin", reason="false-alarm")
    drain(ctx, until="release")
    with ctx.db.write() as conn:
        conn.execute(sa.update(cases).values(decision="block"))
    run(ctx, "release")
    assert look(ctx, sent).clause == "CLR-NOT-CLEARED"


def test_a_registry_that_changed_after_the_inspection_means_looking_again(ctx: Context) -> None:
    sent = send(ctx, "a purple whale")
    drain(ctx, until="release")
    assert isinstance(ctx.registry, Registry)
    ctx.registry.reserve("whale")
    drain(ctx)
    done = look(ctx, sent)
    assert (done.status, done.clause) == ("refused", "WORK")
    with ctx.db.read() as conn:
        assert [v.outcome for v in records.verdicts_of(conn, sent.id, "clip")] == [Outcome.ALLOW, Outcome.BLOCK]


def test_a_remix_of_a_clip_withdrawn_meanwhile_is_refused(ctx: Context) -> None:

    first = send(ctx)
    drain(ctx)
    parent = look(ctx, first).clip
    remix = send(ctx, "the boat at night", remix_of=parent)
    drain(ctx, until="release")
    with ctx.db.write() as conn:
        withdraw(conn, ctx, [str(parent)], cause="moderation", subject="x", reason="test", at=ctx.clock())
    drain(ctx)
    assert look(ctx, remix).clause == "CLR-PARENT-WITHDRAWN"


def test_a_repeated_release_event_changes_nothing(ctx: Context) -> None:
    from streams.events import Event
    from streams.handle import handle

    send(ctx)
    drain(ctx)
    with ctx.db.read() as conn:
        body = conn.execute(sa.select(log.c.body).where(log.c.type == "sealed")).scalar_one()
        before = ledger.size(conn)
    assert handle(BY_NAME["release"], Event.decode(body), ctx) == []
    with ctx.db.read() as conn:
        assert ledger.size(conn) == before


def test_a_remix_stops_being_drawn_when_its_parent_is_withdrawn(ctx: Context) -> None:
    first = send(ctx, "a boat")
    drain(ctx)
    parent = str(look(ctx, first).clip)
    remix = send(ctx, "the boat at dawn", remix_of=parent)
    run(ctx, "screen")
    watch = Watch(ctx, remix.id, ())
    assert not watch.should_stop()
    with ctx.db.write() as conn:
        withdraw(conn, ctx, [parent], cause="moderation", subject="x", reason="test", at=ctx.clock())
    assert watch.should_stop()
    run(ctx, "generate")
    assert (look(ctx, remix).status, look(ctx, remix).clause) == ("refused", "CLR-PARENT-WITHDRAWN")

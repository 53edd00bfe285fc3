"""Who is told what, in the transaction of what happened: the person depicted, whoever acts for them, and the maker."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from consent import circle, grants, issuing, notices, representation
from consent.scope import Limit, Scope
from safety import releases
from streams import notices as tell
from streams import usage
from tests.streams.people_world import World, make_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """@ana and @bob are enrolled; @kim is a name that nobody enrolled."""
    world = make_world(tmp_path / "home")
    world.enrol("ana"), world.enrol("bob")
    yield world
    world.ctx.db.close()


def given(world: World, person: str, to: str, **scope: object) -> grants.Grant:
    with world.ctx.db.write() as conn:
        return grants.grant(conn, person, to, world.vault, world.clock, scope=Scope.model_validate(scope))


def told(world: World, handle: str) -> list[str]:
    """What the person reads, the oldest first."""
    with world.ctx.db.read() as conn:
        return [notices.words(n) for n in reversed(notices.listing(conn, world.id(handle)))]


def test_a_use_is_told_once_to_the_person_shown_and_not_to_who_used_themself(world: World) -> None:
    given(world, "ana", "kim")
    release, permits = world.released("ana", "kim")
    own, own_permits = world.released("bob", "bob")
    with world.ctx.db.write() as conn:
        for _ in range(2):
            tell.tell_release(conn, release, permits, world.clock())
            tell.tell_release(conn, own, own_permits, world.clock())
    assert told(world, "ana") == [f"@kim made a clip with your likeness. It was released as {release.clip}."]
    assert told(world, "bob") == []


@pytest.mark.parametrize(
    ("happens", "clause", "reason"),
    [
        ("no grant", "CAMEO-1", "you gave no leave"),
        ("paused", "CAMEO-1", "you have paused"),
        ("revoked", "CLR-CONSENT-LOST", "you took your leave back"),
        ("granted", "CLR-SCOPE", "it leaves what you allow"),
        ("granted", "VIOLENCE", "it is against the rules of this place"),
        ("granted, two", "CAMEO-1", "somebody asked for beside you gave no leave"),
    ],
)
def test_a_refusal_is_told_with_the_reason_that_concerns_the_person(world: World, happens: str, clause: str, reason: str) -> None:
    if happens != "no grant":
        given(world, "ana", "kim")
    with world.ctx.db.write() as conn:
        if happens in ("paused", "revoked"):
            act = grants.pause if happens == "paused" else grants.revoke
            act(conn, "ana", world.vault, world.clock)
    other = " with @bob" if happens.endswith("two") else ""
    submission = world.asked(f"@ana{other} dances with @nobody_here", "kim")
    herself = world.asked("@ana dances alone", "ana")
    with world.ctx.db.write() as conn:
        tell.tell_ended(conn, herself, "refused", clause, world.clock())
        tell.tell_ended(conn, herself, "held", clause, world.clock())
        for _ in range(2):
            tell.tell_ended(conn, submission, "refused", clause, world.clock())
        tell.tell_ended(conn, submission, "failed", None, world.clock())
    assert told(world, "ana") == [f"@kim asked for a clip of you. It was refused: {reason}."]
    assert len(told(world, "bob")) == (1 if other else 0)


def test_a_hold_is_told_and_a_prompt_never_repeated(world: World) -> None:
    submission = world.asked("@ana carries a secret word, plutonium", "kim")
    with world.ctx.db.write() as conn:
        tell.tell_ended(conn, submission, "held", "X", world.clock())
        (notice,) = notices.listing(conn, world.id("ana"))
    assert told(world, "ana") == ["@kim asked for a clip of you. A moderator looks at it before anything is shown."]
    assert "plutonium" not in notice.model_dump_json()


def test_a_withdrawal_is_told_to_those_shown_and_to_the_maker_with_how_many(world: World) -> None:
    given(world, "ana", "bob")
    clips = [world.released("ana", "bob")[0].clip for _ in range(3)]
    with world.ctx.db.write() as conn:
        at = world.clock()
        withdrawal, _ = releases.withdraw(conn, clips[:2], cause="moderation", subject="case", reason="r", at=at)
        for _ in range(2):
            tell.tell_withdrawal(conn, withdrawal)
    assert told(world, "ana") == ["Clips that show you were withdrawn: 2. The cause: a moderator decided so."]
    assert told(world, "bob") == ["Clips of yours were withdrawn: 2. The cause: a moderator decided so."]
    with world.ctx.db.write() as conn:
        world.clock.wait(seconds=1)
        withdrawal, _ = releases.withdraw(
            conn, clips[2:], cause="revocation", subject=world.id("ana"), reason="r", at=world.clock()
        )
        tell.tell_withdrawal(conn, withdrawal)
        tell.tell_closed(conn, world.id("ana"), withdrawal.id, 1, world.clock())
    assert told(world, "ana")[1:] == [
        "Everything that your revocation took back is gone, and its closing receipt is signed. Clips: 1."
    ]
    assert told(world, "bob")[1:] == ["Clips of yours were withdrawn: 1. The cause: consent was taken back."]


def test_a_limit_that_is_reached_is_told_and_one_that_is_not_is_not(world: World) -> None:
    limit = Limit(count=2, per="week")
    given(world, "ana", "kim", limit=limit)
    for expected in (0, 1):
        release, permits = world.released("ana", "kim")
        (bound,) = (issuing.bind(p, release.submission) for p in permits)
        with world.ctx.db.write() as conn:
            assert issuing.issue(conn, bound, limit, world.clock(), timedelta(hours=1)) is None
            assert issuing.spend(conn, bound, release.submission, release.clip, limit, world.clock()) is None
            tell.tell_release(conn, release, (bound,), world.clock())
        reached = [said for said in told(world, "ana") if "2 a week" in said]
        assert len(reached) == expected


def test_grants_are_told_to_the_person_the_holder_and_whoever_acts(world: World) -> None:
    kid = world.enrol("kid")
    with world.ctx.db.write() as conn:
        representation.set_minor(conn, "kid", date(2030, 1, 1), "ana", "birth certificate", world.clock)
        made = grants.grant(conn, "kid", "bob", world.vault, world.clock, actor="ana")
        tell.tell_grant(conn, made, "ana", world.clock())
        change = grants.revoke(conn, "kid", world.vault, world.clock, made.id)
        tell.tell_change(conn, change, None)
        assert notices.unread(conn, kid.id) == 4
    assert set(told(world, "bob")) == {"@kid lets you use their likeness.", "@kid no longer lets you use their likeness."}
    assert "@ana acted for you: gave a grant." in told(world, "kid")
    assert "For @kid: A grant was given in your name. Who may use your likeness: @bob." in told(world, "ana")


def test_an_ask_is_told_to_who_is_asked_and_an_approval_to_who_asked(world: World) -> None:
    with world.ctx.db.write() as conn:
        tell.tell_circle(conn, circle.ask(conn, "bob", "ana", "user", world.clock), world.clock())
        tell.tell_circle(conn, circle.approve(conn, "ana", "bob", "user", world.vault, world.clock), world.clock())
        tell.tell_circle(conn, circle.end(conn, "ana", "bob", "user", world.clock), world.clock())
    assert told(world, "ana") == ["@bob asks you: to use your likeness. Nothing happens unless you approve."]
    assert told(world, "bob") == ["@ana approved you: you may use their likeness."]


def test_the_persons_page_counts_uses_per_grant_and_per_maker(world: World) -> None:
    by_name, for_all = given(world, "ana", "kim"), given(world, "ana", "everyone")
    first = world.released("ana", "kim")[0]
    world.clock.wait(hours=1)
    second = world.released("ana", "kim")[0]
    world.released("ana", "bob")
    submission = world.asked("@ana fights", "kim")
    with world.ctx.db.write() as conn:
        tell.tell_ended(conn, submission, "refused", "VIOLENCE", world.clock())
        world.clock.wait(hours=1)
        releases.withdraw(conn, [first.clip], cause="claim", subject="CLM", reason="r", at=world.clock())
        ana = world.id("ana")
        uses, makers, clips = usage.by_grant(conn, ana), usage.by_maker(conn, ana), usage.clips(conn, ana)
        moments = usage.history(conn, ana)
    assert (uses[by_name.id].live, uses[by_name.id].withdrawn, uses[by_name.id].refused) == (1, 1, 1)
    assert uses[by_name.id].last_used == second.released_at and uses[by_name.id].made == 2
    assert (uses[for_all.id].live, uses[for_all.id].refused) == (1, 0)
    assert [(m.by, m.live, m.withdrawn) for m in makers] == [("kim", 1, 1), ("bob", 1, 0)]
    assert [c.cause for c in clips if c.clip == first.clip] == ["claim"] and len(clips) == 3
    assert [m.sort for m in moments].count("used") == 3
    assert next((m.sort, m.what, m.body.get("clips")) for m in moments) == ("withdrawal", "claim", 1)
    assert [m.what for m in moments if m.sort == "statement"] == ["granted", "granted"]
    assert all(m.body["signed"] for m in moments if m.sort == "statement")


@pytest.mark.parametrize("size", [1, 2, 5])
def test_pages_of_history_and_of_clips_follow_one_another_without_a_gap(world: World, size: int) -> None:
    given(world, "ana", "kim")
    for number in range(6):
        world.released("ana", "kim")
        if number % 2:
            world.clock.wait(seconds=1)
    with world.ctx.db.read() as conn:
        ana = world.id("ana")
        for read in (usage.history, usage.clips):
            whole = read(conn, ana, 100)
            found: list[object] = []
            after = None
            while page := read(conn, ana, size, after):
                found += page
                after = page[-1].place
            assert tuple(found) == whole and len(whole) >= 6

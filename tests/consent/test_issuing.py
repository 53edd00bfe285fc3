"""Single-use permits: bound to one request and one scope, counted, spent once, given back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from consent import grants, issuing
from consent.people import Person
from consent.permits import permits_for, still_valid, why_lost
from consent.scope import Limit, Scope, read_limit, scoped
from consent.vault.keys import Vault
from safety.db import Database
from safety.errors import BadInput, Conflict
from safety.permit import Denial, Permit
from safety.values import derive
from tests.consent.conftest import Clock

Known = Callable[..., Person]
LIFE = timedelta(hours=24)
CLIP = "a" * 24


def asked(conn: sa.Connection, request: str, clock: Clock) -> Permit:
    found = permits_for(conn, "bob", ["ana"], clock())[0]
    assert isinstance(found, Permit), found
    return issuing.bind(found, derive(request, "submission"))


def reason(answer: Denial | None) -> str | None:
    return None if answer is None else answer.reason


@pytest.fixture
def granted(database: Database, known: Known, vault: Vault, clock: Clock) -> Callable[..., None]:
    def give(**more: object) -> None:
        known("ana")
        with database.write() as conn:
            grants.grant(conn, "ana", "bob", vault, clock, scope=Scope.model_validate(more))

    return give


def test_a_permit_is_spent_once(database: Database, granted: Callable[..., None], clock: Clock) -> None:
    granted()
    with database.write() as conn:
        permit = asked(conn, "r1", clock)
        assert reason(why_lost(conn, permit, clock())) == "no-grant", "before it is issued it is worth nothing"
        assert issuing.issue(conn, permit, None, clock(), LIFE) is None and still_valid(conn, permit, clock())
        assert issuing.spend(conn, permit, str(permit.request), CLIP, None, clock()) is None
        assert reason(issuing.spend(conn, permit, str(permit.request), CLIP, None, clock())) == "spent"
        assert reason(why_lost(conn, permit, clock())) == "spent"
        assert reason(issuing.issue(conn, permit, None, clock(), LIFE)) == "spent", "nor is it issued again"


def test_a_permit_is_for_one_request_and_one_scope(database: Database, granted: Callable[..., None], clock: Clock) -> None:
    granted()
    with database.write() as conn:
        permit = asked(conn, "r1", clock)
        issuing.issue(conn, permit, None, clock(), LIFE)
        assert reason(issuing.spend(conn, permit, derive("r2", "submission"), CLIP, None, clock())) == "no-grant"
        other = permit.model_copy(update={"request": derive("r2", "submission")})
        assert reason(why_lost(conn, other, clock())) == "no-grant"
        wider = permit.model_copy(update={"company": None})
        assert reason(why_lost(conn, wider, clock())) == "no-grant"
        unbound = permits_for(conn, "bob", ["ana"], clock())[0]
        assert isinstance(unbound, Permit)
        assert reason(issuing.spend(conn, unbound, str(permit.request), CLIP, None, clock())) == "no-grant"
        with pytest.raises(Conflict, match="bound to none"):
            issuing.issue(conn, unbound, None, clock(), LIFE)


def test_time_runs_out_and_is_given_anew(database: Database, granted: Callable[..., None], clock: Clock) -> None:
    granted()
    with database.write() as conn:
        permit = asked(conn, "r1", clock)
        issuing.issue(conn, permit, None, clock(), LIFE)
        clock.wait(hours=24)
        assert reason(why_lost(conn, permit, clock())) == "expired"
        assert issuing.issue(conn, permit, None, clock(), LIFE) is None and still_valid(conn, permit, clock())


def test_what_was_given_back_cannot_be_used(database: Database, granted: Callable[..., None], clock: Clock) -> None:
    granted()
    with database.write() as conn:
        permit = asked(conn, "r1", clock)
        issuing.issue(conn, permit, None, clock(), LIFE)
        assert (
            issuing.void(conn, clock(), request=permit.request) == 1 and issuing.void(conn, clock(), grants=[permit.grant]) == 0
        )
        assert reason(why_lost(conn, permit, clock())) == "revoked"
        assert reason(issuing.spend(conn, permit, str(permit.request), CLIP, None, clock())) == "revoked"


def test_a_limit_counts_what_is_under_way_and_what_was_spent(
    database: Database, granted: Callable[..., None], clock: Clock
) -> None:
    granted(limit={"count": 2, "per": "day"})
    limit = Limit(count=2, per="day")
    with database.write() as conn:
        first, second, third = (asked(conn, f"r{n}", clock) for n in range(3))
        assert issuing.issue(conn, first, limit, clock(), LIFE) is None
        assert issuing.issue(conn, second, limit, clock(), LIFE) is None
        assert reason(issuing.issue(conn, third, limit, clock(), LIFE)) == "too-often"
        assert permits_for(conn, "bob", ["ana"], clock())[0] == Denial(subject=first.subject, reason="too-often")
        issuing.void(conn, clock(), request=second.request)
        assert issuing.issue(conn, third, limit, clock(), LIFE) is None, "what was given back is free again"
        for permit in (first, third):
            assert issuing.spend(conn, permit, str(permit.request), CLIP, limit, clock()) is None
        clock.wait(hours=23)
        assert isinstance(permits_for(conn, "bob", ["ana"], clock())[0], Denial)
        clock.wait(hours=1)
        assert isinstance(permits_for(conn, "bob", ["ana"], clock())[0], Permit), "a day later there is room again"


def test_words_and_limits_are_read_as_people_type_them() -> None:
    assert scoped(words=("  Buy   Crypto ", "Buy Crypto")).words == ("Buy Crypto",)
    assert read_limit(" 3/Week ") == Limit(count=3, per="week") and read_limit("") is None
    for wrong in ("3", "0/day", "3/hour", "x/day"):
        with pytest.raises(BadInput, match="is not how often"):
            read_limit(wrong)
    with pytest.raises(BadInput, match="at most 80 characters"):
        scoped(words=("!!",))

"""Whom a person approved, who approved each other, and what a grant to such an audience is worth."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from consent import circle, grants, licences, works
from consent.erasure import erase
from consent.errors import ConsentError, UnknownPerson
from consent.people import Person
from consent.permits import permits_for, still_valid
from consent.scope import Scope
from consent.vault.keys import Vault
from safety.db import Database
from safety.permit import Denial, Permit
from tests.consent.conftest import Clock

Known = Callable[..., Person]


def one(conn: sa.Connection, requester: str, person: str, clock: Clock) -> Permit | Denial:
    return permits_for(conn, requester, [person], clock())[0]


def test_a_grant_to_approved_people_is_worth_what_the_circle_says_now(
    database: Database, known: Known, vault: Vault, clock: Clock
) -> None:
    ana = known("ana")
    with database.write() as conn:
        grants.grant(conn, "ana", "approved", vault, clock)
        assert one(conn, "bob", "ana", clock) == Denial(subject=ana.id, reason="no-grant")
        circle.approve(conn, "ana", "bob", "user", vault, clock)
        permit = one(conn, "bob", "ana", clock)
        assert isinstance(permit, Permit) and isinstance(one(conn, "eve", "ana", clock), Denial)
        circle.end(conn, "ana", "@Bob", "user", clock)
        assert not still_valid(conn, permit, clock())


def test_to_ask_is_not_to_be_approved_and_a_no_is_kept(database: Database, known: Known, vault: Vault, clock: Clock) -> None:
    ana = known("ana")
    with database.write() as conn:
        grants.grant(conn, "ana", "approved", vault, clock)
        asked = circle.ask(conn, "bob", "ana", "user", clock)
        assert asked.standing == "asked" and circle.ask(conn, "bob", "ana", "user", clock) == asked
        assert isinstance(one(conn, "bob", "ana", clock), Denial)
        assert circle.end(conn, "ana", "bob", "user", clock).standing == "ended"
        assert circle.approve(conn, "ana", "bob", "user", vault, clock).id != asked.id
        assert [a.standing for a in circle.listing(conn, ana.id)] == ["approved", "ended"]


def test_mutuals_are_two_people_who_approved_each_other(database: Database, known: Known, vault: Vault, clock: Clock) -> None:
    known("ana"), known("bob")
    with database.write() as conn:
        grants.grant(conn, "ana", "mutuals", vault, clock)
        circle.approve(conn, "ana", "bob", "user", vault, clock)
        assert isinstance(one(conn, "bob", "ana", clock), Denial), "only one of them said yes"
        circle.approve(conn, "bob", "ana", "user", vault, clock)
        permit = one(conn, "bob", "ana", clock)
        assert isinstance(permit, Permit)
        circle.end(conn, "bob", "ana", "user", clock)
        assert not still_valid(conn, permit, clock()), "either of them can end it"


def test_the_closest_grant_counts(database: Database, known: Known, vault: Vault, clock: Clock) -> None:
    known("ana")
    with database.write() as conn:
        circle.approve(conn, "ana", "bob", "user", vault, clock)
        grants.grant(conn, "ana", "bob", vault, clock, scope=Scope(forbids=frozenset({"violence"})))
        grants.grant(conn, "ana", "approved", vault, clock, scope=Scope(forbids=frozenset({"sexual"})))
        clock.wait(minutes=1)
        grants.grant(conn, "ana", "everyone", vault, clock)
        named = one(conn, "bob", "ana", clock)
        assert isinstance(named, Permit) and named.forbids == {"violence"}


def test_company_is_those_approved_as_co_stars_and_the_holder(
    database: Database, known: Known, vault: Vault, clock: Clock
) -> None:
    ana, bob, carl = known("ana"), known("bob"), known("carl")
    with database.write() as conn:
        grants.grant(conn, "ana", "bob", vault, clock)
        grants.grant(conn, "carl", "bob", vault, clock, scope=Scope(company="anyone"))
        first, second, own = permits_for(conn, "bob", ["ana", "carl", "bob"], clock())
        assert isinstance(first, Permit) and first.company == {bob.id}
        assert isinstance(second, Permit) and second.company is None and not second.limits
        assert isinstance(own, Permit) and not own.limits
        circle.approve(conn, "ana", "carl", "co-star", vault, clock)
        wider = permits_for(conn, "bob", ["ana", "carl"], clock())[0]
        assert isinstance(wider, Permit) and wider.company == {carl.id}
        circle.end(conn, "ana", "carl", "co-star", clock)
        assert not still_valid(conn, wider, clock()) and still_valid(conn, first, clock())
        grants.revoke(conn, ana.id, vault, clock)
        grants.grant(conn, "ana", "bob", vault, clock, scope=Scope(company="alone"))
        alone = permits_for(conn, "bob", ["ana", "bob"], clock())[0]
        assert isinstance(alone, Permit) and alone.company == frozenset()


def test_what_cannot_be_in_a_circle_is_said(database: Database, known: Known, vault: Vault, clock: Clock) -> None:
    known("ana"), known("prot", protected=True)
    with database.write() as conn:
        with pytest.raises(ConsentError, match="Everyone may use their own"):
            circle.approve(conn, "ana", "ana", "user", vault, clock)
        with pytest.raises(ConsentError, match="Nobody needs their own"):
            circle.ask(conn, "ana", "ana", "user", clock)
        with pytest.raises(ConsentError, match="protected person is never depicted"):
            circle.approve(conn, "prot", "ana", "user", vault, clock)
        with pytest.raises(UnknownPerson, match="neither asked this person nor was approved"):
            circle.end(conn, "ana", "bob", "user", clock)


def test_whoever_takes_the_handle_of_an_erased_person_is_nobodys_acquaintance(
    database: Database, known: Known, vault: Vault, clock: Clock
) -> None:
    ana, bob = known("ana"), known("bob")
    with database.write() as conn:
        circle.approve(conn, "ana", "bob", "user", vault, clock)
        circle.forget(conn, bob.id, "bob", clock())
        assert not circle.approves(conn, ana.id, "bob", "user")


def test_what_was_granted_to_an_erased_person_is_not_the_next_owners_of_their_handle(
    database: Database, known: Known, vault: Vault, clock: Clock
) -> None:
    known("ana"), known("ben")
    with database.write() as conn:
        given = grants.grant(conn, "ana", "ben", vault, clock)
        permit = one(conn, "ben", "ana", clock)
        assert isinstance(permit, Permit)
        filing = works.Filing(holder="Studio", title="Mickey", kind="character")
        work = works.add(conn, filing, clock, verified=True).id
        licences.license_work(conn, work, "ben", clock)
        erase(conn, "ben", vault, clock)
        assert not still_valid(conn, permit, clock())
    known("ben")
    with database.write() as conn:
        assert one(conn, "ben", "ana", clock) == Denial(subject=given.person, reason="expired")
        assert isinstance(licences.licences_for(conn, "ben", [work], clock())[0], Denial)
        assert isinstance(grants.grant(conn, "ana", "ben", vault, clock), grants.Grant), "the next owner may be let in anew"
        assert isinstance(one(conn, "ben", "ana", clock), Permit)

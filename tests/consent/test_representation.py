"""Those who cannot sign for themselves: what a guardian and an estate may do for them, and when it ends by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from consent import cameos, estate, grants, notices, people, representation, standing
from consent.errors import ProofRefused, StatementRefused, UnknownGrant
from consent.likeness import Likeness
from consent.people import Person
from consent.scope import EVERYONE
from consent.signing import software_keys
from consent.signing.credentials import Proof
from consent.signing.receipts import verify_receipt
from consent.standing import NEVER, acting_for, comes_of_age, hindrance, in_office, may_grant, terms_of_grant
from consent.tables import grant_events
from consent.tables import people as table
from consent.vault.keys import Vault
from safety import ledger
from safety.db import Database
from safety.errors import BadInput, Conflict, Forbidden
from safety.signer import verify
from tests.consent.conftest import Clock

DAY = timedelta(days=1)
#: Two years after the tests' clock.
OF_AGE = date(2028, 11, 22)
BASIS = "birth certificate"
Enrol = Callable[..., Person]


@pytest.fixture
def enrol(database: Database, vault: Vault, clock: Clock) -> Enrol:
    """Enrols or protects a made-up face under a handle."""

    def enrol(handle: str, kind: str = "enrol") -> Person:
        random = np.random.default_rng(sum(handle.encode()))
        face = random.normal(size=(1, 128)).astype(np.float32)
        likeness = Likeness("test/1", face / np.linalg.norm(face), np.zeros((256, 256, 3), np.uint8))
        with database.write() as conn:
            return getattr(cameos, kind)(conn, handle, likeness, None, vault, clock)  # type: ignore[no-any-return]

    return enrol


@pytest.fixture
def eva(enrol: Enrol) -> Person:
    """Who acts for the others."""
    return enrol("eva")


@pytest.fixture
def tim(enrol: Enrol, eva: Person, database: Database, clock: Clock) -> Person:
    """A minor, whose guardian is @eva."""
    person = enrol("tim")
    with database.write() as conn:
        representation.set_minor(conn, "tim", OF_AGE, "eva", BASIS, clock)
    return person


@pytest.fixture
def ida(enrol: Enrol, eva: Person, database: Database, vault: Vault, clock: Clock) -> str:
    """Somebody who granted @bob and then died, with @eva as the estate; the grant's id."""
    enrol("ida")
    with database.write() as conn:
        given = grants.grant(conn, "ida", "bob", vault, clock)
        clock.wait(days=10)
        representation.record_death(conn, "ida", clock().date() - DAY, "death certificate", "eva", clock)
    return given.id


def grant_as(database: Database, person: str, actor: str | None, vault: Vault, clock: Clock) -> str:
    """A grant to @bob, by the person or by ``actor`` for them; its id."""
    with database.write() as conn:
        return grants.grant(conn, person, "bob", vault, clock, actor=actor).id


def worth(database: Database, person: str, grant: str | None, now: datetime) -> str | None:
    with database.read() as conn:
        return hindrance(conn, people.get(conn, person).id, grant, now)


def test_a_minor_cannot_grant_but_can_always_take_back(database: Database, tim: Person, clock: Clock) -> None:
    with database.read() as conn:
        assert may_grant(conn, "tim", clock()) == "A minor cannot give leave to be depicted; a guardian can, by name."
        assert may_grant(conn, "eva", clock()) is None
        own = acting_for(conn, "tim", None, clock())
        assert own.acts == {"pause", "revoke", "erase", "claim"} and own.actor is None
        for act in ("grant", "resume", "approve"):
            with pytest.raises(Forbidden, match="A minor cannot give leave"):
                own.check(act)
        with pytest.raises(Forbidden, match="A minor cannot give leave"):
            terms_of_grant(conn, "tim", "tim", "bob", (), None, clock())


def test_a_guardian_may_grant_to_one_by_name_and_never_what_harms_a_child(database: Database, tim: Person, clock: Clock) -> None:
    late = clock() + timedelta(days=9999)
    with database.read() as conn:
        terms = terms_of_grant(conn, "tim", "eva", "bob", {"politics"}, late, clock())
        assert terms.role == "guardian" and terms.forbids == NEVER | {"politics"}
        assert terms.expires_at == comes_of_age(OF_AGE)
        early = terms_of_grant(conn, "tim", "eva", "bob", (), clock() + DAY, clock())
        assert early.expires_at == clock() + DAY
        for audience in ("approved", "mutuals", EVERYONE):
            with pytest.raises(Forbidden, match="by name"):
                terms_of_grant(conn, "tim", "eva", audience, (), None, clock())
        assert acting_for(conn, "tim", "eva", clock()).acts >= standing.SAFE


def test_a_guardians_receipt_says_who_consented_for_whom_and_is_signed_by_the_guardian(
    database: Database, tim: Person, eva: Person, vault: Vault, clock: Clock
) -> None:
    given = grant_as(database, "tim", "eva", vault, clock)
    with database.read() as conn:
        receipt = grants.get_grant(conn, given, clock()).receipt
    event = verify_receipt(receipt, str(eva.public_key))["consent_events"][0]  # type: ignore[index, call-overload]
    assert (event["entity_id"], event["entity_role"], event["on_behalf_of"]) == (eva.id, "guardian", tim.id)  # type: ignore[index, call-overload]


def test_an_estate_can_sign_its_confirmation_with_a_key_file(
    database: Database, ida: str, eva: Person, clock: Clock, tmp_path: Path
) -> None:
    with database.read() as conn:
        document = estate.confirmation(conn, "ida", "eva", clock())
    file = tmp_path / "key.pem"
    software_keys.make(file)
    assert f"grants: ['{ida}']" in software_keys.in_words(document)
    assert software_keys.sign(file, document).signature


def test_a_stranger_acts_for_nobody_and_a_guardian_for_no_other_child(
    database: Database, tim: Person, enrol: Enrol, clock: Clock
) -> None:
    enrol("sue")
    with database.read() as conn:
        for person, actor in (("tim", "sue"), ("sue", "eva"), ("eva", "tim")):
            with pytest.raises(Forbidden, match=f"@{actor} does not act for @{person}"):
                acting_for(conn, person, actor, clock())


def test_everything_a_guardian_decided_ends_on_the_day_of_age_without_anything_running(
    database: Database, tim: Person, vault: Vault, clock: Clock
) -> None:
    grant = grant_as(database, "tim", "eva", vault, clock)
    assert worth(database, "tim", grant, clock()) is None
    of_age = comes_of_age(OF_AGE)
    clock.now = of_age - timedelta(seconds=1)
    assert worth(database, "tim", grant, clock()) is None
    with database.read() as conn:
        assert may_grant(conn, "tim", clock()) is not None and len(in_office(conn, tim.id, clock())) == 1
    clock.now = of_age
    assert worth(database, "tim", grant, clock()) == "expired"
    with database.read() as conn:
        assert grants.get_grant(conn, grant, clock()).status == "expired"
        assert may_grant(conn, "tim", clock()) is None and in_office(conn, tim.id, clock()) == ()
        with pytest.raises(Forbidden, match="does not act for"):
            acting_for(conn, "tim", "eva", clock())
    own = grant_as(database, "tim", None, vault, clock)
    assert worth(database, "tim", own, clock()) is None


def test_no_grant_a_child_gave_is_worth_anything_then_or_later(
    database: Database, enrol: Enrol, vault: Vault, clock: Clock
) -> None:
    enrol("tim"), enrol("eva")
    grant = grant_as(database, "tim", None, vault, clock)
    assert worth(database, "tim", grant, clock()) is None and worth(database, "tim", None, clock()) is None
    clock.wait(hours=1)
    with database.write() as conn:
        representation.set_minor(conn, "tim", OF_AGE, "eva", BASIS, clock)
    assert worth(database, "tim", grant, clock()) == "expired"
    assert worth(database, "tim", None, clock()) == "expired"  # nor may a child be drawn on their own leave
    clock.now = comes_of_age(OF_AGE) + DAY
    assert worth(database, "tim", grant, clock()) == "expired"
    assert worth(database, "tim", None, clock()) is None


def test_a_grant_ends_with_the_office_of_the_guardian_who_gave_it_and_not_with_another(
    database: Database, tim: Person, enrol: Enrol, vault: Vault, clock: Clock
) -> None:
    enrol("max")
    with database.write() as conn:
        second = representation.name_guardian(conn, "tim", "max", BASIS, clock)
    from_eva, from_max = (grant_as(database, "tim", actor, vault, clock) for actor in ("eva", "max"))
    clock.wait(days=1)
    with database.write() as conn:
        representation.dismiss(conn, second.id, clock)
        assert worth(database, "tim", from_eva, clock()) is None
    assert worth(database, "tim", from_max, clock()) == "expired"
    clock.wait(days=1)
    with database.write() as conn:
        representation.name_guardian(conn, "tim", "max", BASIS, clock)
    assert worth(database, "tim", from_max, clock()) == "expired"  # named again, the old grant does not come back


@pytest.mark.parametrize("fate", ["dies", "is erased", "turns out a minor"])
def test_a_guardian_who_cannot_be_one_any_more_is_out_of_office(
    database: Database, tim: Person, enrol: Enrol, vault: Vault, clock: Clock, fate: str
) -> None:
    grant = grant_as(database, "tim", "eva", vault, clock)
    with database.write() as conn:
        if fate == "dies":
            representation.record_death(conn, "eva", clock().date(), "death certificate", None, clock)
        elif fate == "is erased":
            eva = people.get(conn, "eva").id
            conn.execute(sa.update(table).where(table.c.id == eva).values(handle=None, erased_at=clock()))
        else:
            conn.execute(sa.update(table).where(table.c.handle == "eva").values(of_age_on=OF_AGE))
        assert in_office(conn, tim.id, clock()) == ()
    assert worth(database, "tim", grant, clock()) == "expired"


def test_who_cannot_be_a_guardian_is_refused_with_the_reason(database: Database, tim: Person, enrol: Enrol, clock: Clock) -> None:
    enrol("max"), enrol("sue"), enrol("kid"), enrol("pat", "protect")
    with database.write() as conn:
        representation.set_minor(conn, "kid", OF_AGE, "max", BASIS, clock)
        refused: list[tuple[type[Exception], str, Callable[[], object]]] = [
            (BadInput, "Nobody acts for themself", lambda: representation.name_guardian(conn, "tim", "tim", BASIS, clock)),
            (Forbidden, "of age and alive", lambda: representation.name_guardian(conn, "tim", "kid", BASIS, clock)),
            (Forbidden, "enrolled, not protected", lambda: representation.name_guardian(conn, "tim", "pat", BASIS, clock)),
            (Conflict, "acts for @tim already", lambda: representation.name_guardian(conn, "tim", "eva", BASIS, clock)),
            (Conflict, "Only a minor has", lambda: representation.name_guardian(conn, "sue", "eva", BASIS, clock)),
            (Conflict, "acts for somebody", lambda: representation.set_minor(conn, "eva", OF_AGE, "max", BASIS, clock)),
            (BadInput, "which document", lambda: representation.name_guardian(conn, "tim", "max", "  ", clock)),
            (BadInput, "lies ahead", lambda: representation.set_minor(conn, "sue", clock().date() - DAY, "eva", BASIS, clock)),
            (BadInput, "lies ahead", lambda: representation.set_minor(conn, "sue", date(2060, 1, 1), "eva", BASIS, clock)),
            (Conflict, "the death first", lambda: representation.name_estate(conn, "sue", "eva", BASIS, clock)),
        ]  # fmt: skip
        for error, says, act in refused:
            with pytest.raises(error, match=says):
                act()
        representation.name_guardian(conn, "tim", "max", BASIS, clock)
        with pytest.raises(Conflict, match="has 2 guardians"):
            representation.name_guardian(conn, "tim", "sue", BASIS, clock)


def test_a_corrected_date_moves_the_end_of_guardianship_and_names_nobody_twice(
    database: Database, tim: Person, clock: Clock
) -> None:
    later = OF_AGE + timedelta(days=100)
    with database.write() as conn:
        representation.set_minor(conn, "tim", later, "eva", BASIS, clock)
        assert [r.until for r in representation.listing(conn, "tim")] == [comes_of_age(later)]


def test_a_mistaken_record_of_a_minor_leaves_the_person_as_they_were(
    database: Database, enrol: Enrol, vault: Vault, clock: Clock
) -> None:
    tim, _ = enrol("tim"), enrol("eva")
    own = grant_as(database, "tim", None, vault, clock)
    clock.wait(hours=1)
    with database.write() as conn:
        representation.set_minor(conn, "tim", OF_AGE, "eva", BASIS, clock)
    by_eva = grant_as(database, "tim", "eva", vault, clock)
    with database.write() as conn:
        representation.correct_age(conn, "tim", clock)
        assert grants.get_grant(conn, by_eva, clock()).status == "revoked"
        assert grants.get_grant(conn, own, clock()).status == "active" and in_office(conn, tim.id, clock()) == ()
        with pytest.raises(Conflict):
            representation.correct_age(conn, "tim", clock)
    assert worth(database, "tim", own, clock()) is None


def test_a_death_suspends_every_grant_at_once_and_ends_it_without_an_estates_word(
    database: Database, ida: str, vault: Vault, clock: Clock
) -> None:
    assert worth(database, "ida", ida, clock()) == "paused"
    assert worth(database, "ida", None, clock()) == "expired"
    with database.read() as conn:
        own = acting_for(conn, "ida", None, clock())
        assert own.acts == {"pause", "revoke"}
        assert may_grant(conn, "ida", clock()) == "This person's death was recorded, so only their estate decides; " + (
            "tell the operator if the record is wrong."
        )
    clock.wait(days=183, seconds=-1)
    assert worth(database, "ida", ida, clock()) == "paused"
    clock.wait(seconds=1)
    assert worth(database, "ida", ida, clock()) == "expired"
    with database.write() as conn:
        assert estate.waiting(conn, people.get(conn, "ida").id, clock()) == ()
        document = estate.confirmation(conn, "ida", "eva", clock())
        assert estate.confirm(conn, document, vault, clock) == ()
    assert worth(database, "ida", ida, clock()) == "expired"


def test_an_estate_confirms_with_its_own_signature_and_the_grant_holds_on_as_it_was(
    database: Database, ida: str, vault: Vault, clock: Clock
) -> None:
    with database.write() as conn:
        document = estate.confirmation(conn, "ida", "eva", clock())
        assert estate.confirm(conn, document, vault, clock) == (ida,)
        event = conn.execute(sa.select(grant_events).where(grant_events.c.kind == "confirmed")).one()
        eva = people.get(conn, "eva")
        assert event.actor == eva.id and verify(bytes.fromhex(eva.public_key or ""), event.signature, event.statement.encode())
        assert not verify(bytes.fromhex(people.get(conn, "ida").public_key or ""), event.signature, event.statement.encode())
        assert grants.get_grant(conn, ida, clock()).status == "active"
        with pytest.raises(UnknownGrant):
            estate.confirmation(conn, "ida", "eva", clock(), only=[ida])
    clock.wait(days=1000)
    assert worth(database, "ida", ida, clock()) is None
    with database.write() as conn:
        (office,) = in_office(conn, people.get(conn, "ida").id, clock())
        representation.dismiss(conn, office.id, clock)
    assert worth(database, "ida", ida, clock()) == "paused"  # nobody is left who could take it back


def test_a_confirmation_is_fresh_the_estates_own_and_about_what_waits(
    database: Database, ida: str, enrol: Enrol, vault: Vault, clock: Clock
) -> None:
    enrol("sue")
    with database.write() as conn:
        document = estate.confirmation(conn, "ida", "eva", clock())
        with pytest.raises(Forbidden, match="does not act for"):
            estate.confirm(conn, document | {"actor": "sue"}, vault, clock)
        with pytest.raises(Forbidden, match="only their estate decides"):
            estate.confirm(conn, document | {"actor": "ida"}, vault, clock)
        with pytest.raises(ProofRefused):
            estate.confirm(conn, document, vault, clock, Proof(credential="x", signature="AA=="))
        grants.revoke(conn, "ida", vault, clock, ida)
        with pytest.raises(UnknownGrant, match="does not wait"):
            estate.confirm(conn, document, vault, clock)
        clock.wait(minutes=6)
        with pytest.raises(StatementRefused, match="no fresh statement"):
            estate.confirm(conn, document, vault, clock)


def test_a_grant_the_dead_had_paused_by_itself_is_not_confirmed_past_that_pause(
    database: Database, enrol: Enrol, vault: Vault, clock: Clock
) -> None:
    enrol("ida"), enrol("eva")
    with database.write() as conn:
        given = grants.grant(conn, "ida", "bob", vault, clock)
        grants.pause(conn, "ida", vault, clock, given.id)
        representation.record_death(conn, "ida", clock().date(), "death certificate", "eva", clock)
        ida = people.get(conn, "ida").id
        assert estate.waiting(conn, ida, clock()) == ()
        grants.resume(conn, "ida", vault, clock, given.id, actor="eva")
        assert estate.waiting(conn, ida, clock()) == (given.id,)


def test_an_estate_may_grant_anew_by_name_within_bounds_and_never_wider(
    database: Database, ida: str, vault: Vault, clock: Clock
) -> None:
    with database.read() as conn:
        terms = terms_of_grant(conn, "ida", "eva", "zoe", (), None, clock())
        assert terms.role == "estate" and terms.forbids == NEVER and terms.expires_at is None
        with pytest.raises(Forbidden, match="by name"):
            terms_of_grant(conn, "ida", "eva", EVERYONE, (), None, clock())
    clock.wait(seconds=1)
    grant = grant_as(database, "ida", "eva", vault, clock)
    clock.wait(days=500)
    assert worth(database, "ida", grant, clock()) is None


def test_nothing_a_guardian_granted_or_a_child_gave_outlives_the_child(
    database: Database, tim: Person, vault: Vault, clock: Clock
) -> None:
    grant = grant_as(database, "tim", "eva", vault, clock)
    clock.wait(days=1)
    with database.write() as conn:
        representation.record_death(conn, "tim", clock().date(), "death certificate", "eva", clock)
        assert [r.role for r in in_office(conn, tim.id, clock())] == ["estate"]
        assert estate.waiting(conn, tim.id, clock()) == ()
    assert worth(database, "tim", grant, clock()) == "expired"


def test_a_mistaken_record_of_death_gives_the_person_back_what_was_theirs(
    database: Database, ida: str, vault: Vault, clock: Clock
) -> None:
    with database.read() as conn:
        person = people.get(conn, "ida")
    clock.wait(seconds=1)
    by_estate = grant_as(database, "ida", "eva", vault, clock)
    with database.write() as conn:
        estate.confirm(conn, estate.confirmation(conn, "ida", "eva", clock()), vault, clock)
        representation.correct_death(conn, "ida", clock)
        assert grants.get_grant(conn, by_estate, clock()).status == "revoked"
        assert may_grant(conn, "ida", clock()) is None and in_office(conn, person.id, clock()) == ()
    assert worth(database, "ida", ida, clock()) is None
    clock.wait(days=30)
    with database.write() as conn:  # a confirmation after the mistaken record is not one after the death
        representation.record_death(conn, "ida", clock().date(), "death certificate", "eva", clock)
        assert estate.waiting(conn, person.id, clock()) == (ida,)
    assert worth(database, "ida", ida, clock()) == "paused"


@pytest.mark.parametrize("days", [2, -30])
def test_a_death_lies_in_the_past_and_not_before_enrolment(database: Database, enrol: Enrol, clock: Clock, days: int) -> None:
    enrol("ida")
    with database.write() as conn, pytest.raises(BadInput, match="lies in the past"):
        representation.record_death(conn, "ida", clock().date() + timedelta(days=days), "death certificate", None, clock)


def test_a_protected_person_may_have_died_before_and_have_an_estate(database: Database, enrol: Enrol, clock: Clock) -> None:
    enrol("pat", "protect"), enrol("eva")
    with database.write() as conn:
        named = representation.record_death(conn, "pat", date(1977, 8, 16), "death certificate", "eva", clock)
        assert named is not None and acting_for(conn, "pat", "eva", clock()).role == "estate"
        with pytest.raises(Conflict, match="recorded before"):
            representation.record_death(conn, "pat", date(1977, 8, 16), "death certificate", None, clock)
        with pytest.raises(Conflict, match="not a guardian"):
            representation.set_minor(conn, "pat", OF_AGE, "eva", BASIS, clock)


def test_the_ledger_learns_that_it_happened_and_no_date_name_or_document(database: Database, tim: Person, ida: str) -> None:
    with database.read() as conn:
        entries = [e for e in ledger.entries(conn) if e.kind.split("-")[0] in ("minor", "death", "representative")]
    assert [e.kind for e in entries] == ["minor-recorded", "representative-named", "death-recorded", "representative-named"]
    for entry in entries:
        assert set(entry.body) <= {"id", "role"}
        assert not any(word in str(entry.body) for word in ("eva", "certificate", "2028", "tim"))


def test_the_person_and_the_representative_are_told(database: Database, tim: Person, clock: Clock) -> None:
    with database.read() as conn:
        eva = people.get(conn, "eva").id
        assert [notices.words(n) for n in notices.listing(conn, tim.id)] == ["@eva acts for you from now on, as guardian."]
        assert [notices.words(n) for n in notices.listing(conn, eva)] == ["For @tim: @eva acts for you from now on, as guardian."]

"""Grants by hand, and the invariant by machine: once a revocation has returned, no permit from the grant is valid."""

from __future__ import annotations

import json
import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from consent import cameos, grants
from consent.erasure import erase
from consent.errors import ConsentError, ReceiptForged, UnknownGrant, UnknownPerson
from consent.faces.engine import FaceEngine
from consent.likeness import Likeness
from consent.people import Person
from consent.permits import mentions, own_grant, permits_for, still_valid, why_lost
from consent.scope import Scope
from consent.signing import deeds
from consent.signing.receipts import revocation_receipt, verify_receipt
from consent.vault.keys import Vault
from consent.version import version
from safety import ledger
from safety.db import Database
from safety.errors import BadInput
from safety.permit import Denial, Permit
from safety.signer import Signer, verify
from safety.values import canonical
from tests.consent.conftest import Clock


@pytest.fixture
def ana(database: Database, engine: FaceEngine, eileens: Likeness, vault: Vault, clock: Clock) -> Person:
    with database.write() as conn:
        return cameos.enrol(conn, "ana", eileens, engine, vault, clock)


def ask(database: Database, requester: str, person: str, clock: Clock) -> Permit | Denial:
    with database.read() as conn:
        return permits_for(conn, requester, [person], clock())[0]


def test_a_grant_gives_a_permit_with_its_scope_and_end(database: Database, ana: Person, vault: Vault, clock: Clock) -> None:
    end = clock() + timedelta(days=3)
    with database.write() as conn:
        given = grants.grant(conn, "@ana", "@Bob", vault, clock, scope=Scope(forbids=frozenset({"violence"})), expires_at=end)
    permit = ask(database, "bob", "@ana", clock)
    assert isinstance(permit, Permit) and permit == ask(database, "@bob", ana.id, clock)
    assert (permit.subject, permit.holder, permit.grant, permit.kind) == (ana.id, "bob", given.id, "cameo")
    assert permit.forbids == {"violence"} and permit.expires_at == end
    assert ask(database, "eve", "ana", clock) == Denial(subject=ana.id, reason="no-grant")
    assert ask(database, "bob", "nobody_here", clock) == Denial(subject="nobody_here", reason="unknown-person")
    clock.wait(days=3)
    assert ask(database, "bob", "ana", clock) == Denial(subject=ana.id, reason="expired")
    with database.read() as conn:
        assert why_lost(conn, permit, clock()) == Denial(subject=ana.id, reason="expired")


def test_everyone_means_everyone_but_a_grant_by_name_comes_first(
    database: Database, ana: Person, vault: Vault, clock: Clock
) -> None:
    with database.write() as conn:
        grants.grant(conn, "ana", "Everyone", vault, clock, scope=Scope(forbids=frozenset({"violence", "deception"})))
        named = grants.grant(conn, "ana", "bob", vault, clock, scope=Scope(forbids=frozenset({"violence"})))
    theirs, his = ask(database, "eve", "ana", clock), ask(database, "bob", "ana", clock)
    assert isinstance(theirs, Permit) and theirs.forbids == {"violence", "deception"} and theirs.holder == "eve"
    assert isinstance(his, Permit) and his.grant == named.id


def test_i_may_always_use_myself_until_i_am_erased(database: Database, ana: Person, vault: Vault, clock: Clock) -> None:
    own = ask(database, "ana", "ana", clock)
    assert isinstance(own, Permit)
    with database.write() as conn:
        grants.pause(conn, "ana", vault, clock)
        assert still_valid(conn, own, clock())
        assert not still_valid(conn, own.model_copy(update={"holder": "bob"}), clock())
        erase(conn, "ana", vault, clock)
        assert why_lost(conn, own, clock()) == Denial(subject=ana.id, reason="unknown-person")


def test_a_pause_of_all_covers_grants_to_come_and_resuming_does_not_bring_back_what_was_revoked(
    database: Database, ana: Person, vault: Vault, clock: Clock
) -> None:
    with database.write() as conn:
        old = grants.grant(conn, "ana", "bob", vault, clock)
        assert grants.pause(conn, "ana", vault, clock).grants == (old.id,)
        new = grants.grant(conn, "ana", "eve", vault, clock)
        assert {g.id: g.status for g in grants.listing(conn, "ana", clock())} == {old.id: "paused", new.id: "paused"}
        assert permits_for(conn, "eve", ["ana"], clock()) == (Denial(subject=ana.id, reason="paused"),)
        assert grants.revoke(conn, "ana", vault, clock, old.id).grants == (old.id,)
        grants.resume(conn, "ana", vault, clock)
        assert {g.id: g.status for g in grants.listing(conn, "ana", clock())} == {old.id: "revoked", new.id: "active"}
        with pytest.raises(ConsentError, match="does not come back"):
            grants.resume(conn, "ana", vault, clock, old.id)
        assert grants.revoke(conn, "ana", vault, clock, old.id).grants == ()


def test_a_permit_made_up_or_widened_is_not_valid(database: Database, ana: Person, vault: Vault, clock: Clock) -> None:
    with database.write() as conn:
        grants.grant(conn, "ana", "bob", vault, clock, scope=Scope(forbids=frozenset({"violence"})))
        (permit,) = permits_for(conn, "bob", ["ana"], clock())
        assert isinstance(permit, Permit) and still_valid(conn, permit, clock())
        for change in ({"holder": "eve"}, {"forbids": frozenset()}, {"grant": "none"}, {"subject": "nobody"}):
            assert not still_valid(conn, permit.model_copy(update=change), clock())


def test_a_protected_person_grants_nothing_and_is_given_to_nobody(
    database: Database, engine: FaceEngine, eileens: Likeness, vault: Vault, clock: Clock
) -> None:
    with database.write() as conn:
        person = cameos.protect(conn, "claim_1", eileens, engine, vault, clock)
        with pytest.raises(ConsentError, match="never depicted"):
            grants.grant(conn, "claim_1", "bob", vault, clock)
        assert permits_for(conn, "claim_1", ["claim_1"], clock()) == (Denial(subject=person.id, reason="protected"),)
        forged = Permit(id="x", kind="cameo", subject=person.id, holder="claim_1", grant=own_grant(person.id), issued_at=clock())
        assert why_lost(conn, forged, clock()) == Denial(subject=person.id, reason="protected")


def test_a_grant_to_an_odd_name_or_into_the_past_is_refused(database: Database, ana: Person, vault: Vault, clock: Clock) -> None:
    with database.write() as conn:
        with pytest.raises(BadInput, match="handle"):
            grants.grant(conn, "ana", "b ob", vault, clock)
        for end in (clock(), clock() - timedelta(days=1), (clock() + timedelta(days=1)).replace(tzinfo=None)):
            with pytest.raises(BadInput, match="in the future"):
                grants.grant(conn, "ana", "bob", vault, clock, expires_at=end)
        with pytest.raises(UnknownPerson):
            grants.grant(conn, "carl", "bob", vault, clock)
        with pytest.raises(UnknownGrant):
            grants.revoke(conn, "ana", vault, clock, "no-such-id")


def test_a_consent_receipt_verifies_with_the_persons_key_and_with_no_other(
    database: Database, ana: Person, vault: Vault, clock: Clock, tmp_path: Path
) -> None:
    with database.write() as conn:
        given = grants.grant(conn, "ana", "bob", vault, clock, scope=Scope(forbids=frozenset({"violence"})))
    assert ana.public_key is not None
    document = verify_receipt(json.loads(given.receipt.model_dump_json()), ana.public_key)
    assert document["record_id"] == given.id and document["pii_principal_id"] == ana.id
    assert {"schema_version", "pii_processing", "consent_events"} <= set(document)
    assert '"ana"' not in given.receipt.model_dump_json()
    with pytest.raises(ReceiptForged, match="changed"):
        verify_receipt(given.receipt, Signer(tmp_path).public_key)
    forged = given.receipt.model_copy(update={"document": given.receipt.document | {"record_id": "other"}})
    with pytest.raises(ReceiptForged, match="changed"):
        verify_receipt(forged, ana.public_key)
    with pytest.raises(ReceiptForged, match="cannot be read"):
        verify_receipt({"document": {}}, ana.public_key)


def test_every_statement_in_the_history_carries_the_persons_signature(
    database: Database, ana: Person, vault: Vault, clock: Clock
) -> None:
    with database.write() as conn:
        given = grants.grant(conn, "ana", "bob", vault, clock)
        grants.pause(conn, "ana", vault, clock)
        change = grants.revoke(conn, "ana", vault, clock)
        history = deeds.history(conn, "ana")
        kinds = [entry.kind for entry in ledger.entries(conn, subject=ana.id)]
        assert ledger.size(conn) == change.ledger_position and version(conn, "grants") == 3
    assert [(h["act"], h["grant"]) for h in history] == [("granted", given.id), ("paused", None), ("revoked", given.id)]
    assert kinds == ["person-enrolled", "grant-granted", "grant-paused", "grant-revoked"]
    for entry in history:
        statement = canonical(entry["statement"])
        assert verify(bytes.fromhex(ana.public_key or ""), bytes.fromhex(str(entry["signature"])), statement)


def test_a_lost_key_file_does_not_stop_a_revocation_or_an_erasure(
    database: Database, ana: Person, vault: Vault, clock: Clock, tmp_path: Path
) -> None:
    with database.write() as conn:
        grants.grant(conn, "ana", "bob", vault, clock)
        (permit,) = permits_for(conn, "bob", ["ana"], clock())
        assert isinstance(permit, Permit)
    other = Vault(tmp_path / "other")
    with database.write() as conn:
        assert len(grants.revoke(conn, "ana", other, clock).grants) == 1
        assert not still_valid(conn, permit, clock())
        assert deeds.history(conn, "ana")[-1]["signature"] == ""
        assert erase(conn, "ana", other, clock).secrets == 3


def test_a_revocation_receipt_counts_and_says_what_is_kept(tmp_path: Path, clock: Clock) -> None:
    signer = Signer(tmp_path)
    receipt = revocation_receipt(
        person="p", grants=["g2", "g1"], counts={"clips": 3, "remixes": 2}, kept={"ledger entries": "law"}, revoked_at=clock(),
        ledger_position=9, signer=signer,
    )  # fmt: skip
    document = verify_receipt(receipt, signer.public_key)
    assert document["how_many"] == {"clips": 3, "remixes": 2, "grants": 2} and document["ledger_position"] == 9
    assert document["what"] == {"person": "p", "grants": ["g1", "g2"]}
    assert document["kept"] == [{"what": "ledger entries", "why": "law"}]


@pytest.mark.parametrize(
    ("text", "handles"),
    [
        ("@ana dances with @Bob_2, and @ana sings.", ("ana", "bob_2")),
        ("write to ana@bob.org or eve@ana", ()),
        ("(@ana)", ("ana",)),
        ("＠ana waves", ("ana",)),
        ("@everyone dances", ()),
        ("@a is too short and @" + "a" * 33 + " too long", ()),
        ("@ana@bob", ()),
        ("", ()),
    ],
)  # fmt: skip
def test_handles_are_found_in_running_text(text: str, handles: tuple[str, ...]) -> None:
    assert mentions(text) == handles


HOLDERS = ("bob", "eve", "everyone")


class Consent(RuleBasedStateMachine):
    """Grant, pause, resume, revoke and wait in any order, against a model that is a dictionary."""

    engine: FaceEngine
    likeness: Likeness
    given = Bundle("given")

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.database = Database(f"sqlite:///{self.folder / 'machine.db'}")
        self.database.migrate()
        self.vault, self.clock = Vault(self.folder / "keys"), Clock()
        with self.database.write() as conn:
            self.ana = cameos.enrol(conn, "ana", self.likeness, self.engine, self.vault, self.clock)
        self.model: dict[str, dict[str, object]] = {}
        self.all_paused = False
        self.held: dict[str, Permit] = {}

    @rule(target=given, to=st.sampled_from(HOLDERS), hours=st.sampled_from([None, 1, 5]), forbids=st.booleans())
    def grant(self, to: str, hours: int | None, forbids: bool) -> str:
        end = None if hours is None else self.clock() + timedelta(hours=hours)
        labels = frozenset({"violence"}) if forbids else frozenset()
        with self.database.write() as conn:
            made = grants.grant(conn, "ana", to, self.vault, self.clock, scope=Scope(forbids=labels), expires_at=end)
        assert made.id not in self.model
        self.model[made.id] = {"to": to, "end": end, "paused": False, "revoked": False}
        self.ask("bob" if to == "everyone" else to)
        return made.id

    @rule(grant=given)
    def pause_one(self, grant: str) -> None:
        self._act("pause", grant, paused=True)

    @rule(grant=given)
    def resume_one(self, grant: str) -> None:
        self._act("resume", grant, paused=False)

    def _act(self, act: str, grant: str, paused: bool) -> None:
        with self.database.write() as conn:
            try:
                getattr(grants, act)(conn, "ana", self.vault, self.clock, grant)
            except ConsentError:
                assert self.model[grant]["revoked"]
                return
        assert not self.model[grant]["revoked"]
        self.model[grant]["paused"] = paused

    @rule(grant=consumes(given))
    def revoke_one(self, grant: str) -> None:
        with self.database.write() as conn:
            grants.revoke(conn, "ana", self.vault, self.clock, grant)
        self.model[grant]["revoked"] = True

    @rule(pause=st.booleans())
    def pause_or_resume_all(self, pause: bool) -> None:
        with self.database.write() as conn:
            (grants.pause if pause else grants.resume)(conn, "ana", self.vault, self.clock)
        self.all_paused = pause

    @rule()
    def revoke_all(self) -> None:
        with self.database.write() as conn:
            ended = grants.revoke(conn, "ana", self.vault, self.clock).grants
        assert set(ended) == {g for g, facts in self.model.items() if not facts["revoked"]}
        for facts in self.model.values():
            facts["revoked"] = True

    @rule(grant=given)
    def undone_revocation(self, grant: str) -> None:
        with pytest.raises(RuntimeError), self.database.write() as conn:
            grants.revoke(conn, "ana", self.vault, self.clock, grant)
            raise RuntimeError

    @rule(hours=st.integers(1, 3))
    def wait(self, hours: int) -> None:
        self.clock.wait(hours=hours)

    @rule(requester=st.sampled_from(["bob", "eve", "carl"]))
    def ask(self, requester: str) -> None:
        with self.database.read() as conn:
            (answer,) = permits_for(conn, requester, ["@ana"], self.clock())
        fitting = {g for g, f in self.model.items() if f["to"] in (requester, "everyone")}
        active = {g for g in fitting if self._active(g)}
        if isinstance(answer, Permit):
            assert answer.grant in active and answer.holder == requester
            self.held[answer.grant] = answer
        else:
            assert not active and (answer.reason == "no-grant") == (not fitting)

    def _active(self, grant: str) -> bool:
        facts = self.model[grant]
        ended = facts["end"] is not None and self.clock() >= facts["end"]  # type: ignore[operator]
        return not (facts["revoked"] or facts["paused"] or self.all_paused or ended)

    @invariant()
    def a_permit_is_valid_exactly_while_its_grant_is(self) -> None:
        with self.database.read() as conn:
            for permit in self.held.values():
                assert still_valid(conn, permit, self.clock()) == self._active(permit.grant)

    def teardown(self) -> None:
        self.database.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def test_no_order_of_acts_makes_a_lost_permit_valid(engine: FaceEngine, eileens: Likeness) -> None:
    Consent.engine, Consent.likeness = engine, eileens
    machine = Consent.TestCase
    machine.settings = settings(
        max_examples=25,
        stateful_step_count=30,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.explicit, Phase.generate),  # shrinking a machine over databases takes minutes and the steps are short
    )
    machine().runTest()

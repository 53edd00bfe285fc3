"""Whose key signs: the person's own as soon as they have one, ours until then, and none at all where withdrawing may not wait."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from consent.errors import ProofNeeded, ProofRefused, StatementRefused, Taken, VaultLocked
from consent.people import Person
from consent.signing import credentials, own_keys, software_keys, statements
from consent.signing.credentials import Proof, attest
from consent.tables import person_keys, person_secrets
from consent.vault.keys import Vault
from safety import ledger
from safety.db import Database
from safety.errors import BadInput, Conflict, NotFound
from safety.signer import verify
from safety.values import canonical
from tests.consent.authenticator import Authenticator, KeyFile, add_passkey, somebody
from tests.consent.conftest import Clock

WORDS = canonical({"statement": "anything"})


@pytest.fixture
def ana(database: Database, vault: Vault, clock: Clock) -> Person:
    with database.write() as conn:
        return somebody(conn, "ana", vault, clock)


def test_the_kept_key_signs_for_whoever_has_none_of_their_own(database: Database, ana: Person, vault: Vault) -> None:
    with database.write() as conn:
        signed = attest(conn, ana, WORDS, vault, None)
    assert signed.credential is None and signed.algorithm == "Ed25519" and signed.public_key == ana.public_key
    assert verify(bytes.fromhex(signed.public_key), signed.signature, WORDS)


def test_whoever_has_a_key_of_their_own_is_signed_for_by_nobody_else(
    database: Database, ana: Person, vault: Vault, clock: Clock
) -> None:
    mine = KeyFile()
    with database.write() as conn:
        own = mine.add(conn, ana, clock)
        with pytest.raises(ProofNeeded, match="key of your own"):
            attest(conn, ana, WORDS, vault, None)
        signed = attest(conn, ana, WORDS, vault, mine.sign(WORDS, own.id))
    assert signed.credential == own.id and signed.public_key == mine.public_key.hex() and signed.proof is None
    assert verify(mine.public_key, signed.signature, WORDS)


def test_a_proof_by_a_stranger_or_over_other_words_is_refused(
    database: Database, ana: Person, vault: Vault, clock: Clock
) -> None:  # fmt: skip
    mine, thief = KeyFile(), KeyFile()
    with database.write() as conn:
        eve = somebody(conn, "eve", vault, clock, seed=1)
        own, hers = mine.add(conn, ana, clock), thief.add(conn, eve, clock)
        for proof in (
            thief.sign(WORDS, own.id), thief.sign(WORDS, hers.id), mine.sign(b"other words", own.id),
            Proof(credential=own.id, signature="?"), Proof(credential="", signature=mine.sign(WORDS, own.id).signature),
        ):  # fmt: skip
            with pytest.raises(ProofRefused):
                attest(conn, ana, WORDS, vault, proof)


def test_withdrawing_waits_for_no_key(database: Database, ana: Person, vault: Vault, clock: Clock) -> None:
    mine = KeyFile()
    with database.write() as conn:
        mine.add(conn, ana, clock)
        assert verify(bytes.fromhex(ana.public_key or ""), attest(conn, ana, WORDS, vault, None, needed=False).signature, WORDS)
        bad = attest(conn, ana, WORDS, vault, Proof(credential="x", signature="AAAA"), needed=False)
        assert bad.credential is None and bad.signature
        conn.execute(sa.delete(person_secrets))
        conn.execute(sa.delete(person_keys))
        nothing = attest(conn, ana, WORDS, vault, None, needed=False)
        assert (nothing.signature, nothing.public_key, nothing.algorithm) == (b"", "", "none")


def test_without_any_key_nothing_is_granted(database: Database, ana: Person, vault: Vault) -> None:
    with database.write() as conn:
        conn.execute(sa.delete(person_secrets).where(person_secrets.c.role == "signing-key"))
        with pytest.raises(VaultLocked):
            attest(conn, ana, WORDS, vault, None)


def test_somebody_may_sign_with_their_own_key_from_the_start(database: Database, vault: Vault, clock: Clock) -> None:
    mine = KeyFile()
    with database.write() as conn:
        bo = somebody(conn, "bo", vault, clock, public_key=mine.public_key)
        own = credentials.listing(conn, bo.id)
        assert bo.public_key == mine.public_key.hex() and [c.public_key for c in own] == [bo.public_key]
        roles = conn.execute(sa.select(person_secrets.c.role).where(person_secrets.c.person == bo.id)).scalars().all()
        assert "signing-key" not in roles
        with pytest.raises(ProofNeeded):
            attest(conn, bo, WORDS, vault, None)
        assert attest(conn, bo, WORDS, vault, None, needed=False).algorithm == "none"
        document = statements.prepare("remove-credential", bo.id, clock(), {"credential": own[0].id})
        proof = mine.sign(statements.written(document), own[0].id)
        with pytest.raises(Conflict, match="only key"):
            own_keys.remove(conn, bo, own[0].id, document, clock, proof)


def test_a_second_key_is_added_by_the_first_alone(database: Database, ana: Person, clock: Clock) -> None:
    first, second = KeyFile(), KeyFile()
    with database.write() as conn:
        own = first.add(conn, ana, clock)
        with pytest.raises(ProofNeeded):
            second.add(conn, ana, clock)
        with pytest.raises(ProofRefused):
            second.add(conn, ana, clock, by=(second, own.id))
        clock.wait(seconds=1)
        second.add(conn, ana, clock, "desktop", by=(first, own.id))
        assert [c.label for c in credentials.listing(conn, ana.id)] == ["laptop", "desktop"]
        with pytest.raises(Taken):
            second.add(conn, ana, clock, by=(first, own.id))
        body = json.dumps([e.body for e in ledger.entries(conn, "credential-added")])
    assert body.count("software") == 2 and "laptop" not in body


def test_a_passkey_is_added_by_a_passkey(database: Database, ana: Person, clock: Clock) -> None:
    phone, tablet = Authenticator(), Authenticator("EdDSA")
    with database.write() as conn:
        add_passkey(conn, ana, phone, clock)
        with pytest.raises(ProofNeeded):
            add_passkey(conn, ana, tablet, clock, "tablet")
        with pytest.raises(ProofRefused):
            add_passkey(conn, ana, tablet, clock, "tablet", by=tablet)
        clock.wait(seconds=1)
        add_passkey(conn, ana, tablet, clock, "tablet", by=phone)
        assert credentials.passkey_ids(conn, ana.id) == (phone.id, tablet.id)


def test_a_key_is_added_by_whoever_holds_it(database: Database, ana: Person, clock: Clock) -> None:
    mine, other = KeyFile(), KeyFile()
    document = statements.prepare(
        "add-credential", ana.id, clock(), own_keys.addition("software", "a", mine.public_key)
    )  # fmt: skip
    signature = other.sign(statements.written(document), "").signature
    with database.write() as conn, pytest.raises(ProofRefused, match="did not sign"):
        own_keys.add_software(conn, ana, mine.public_key, "a", document, signature, clock)
    with database.write() as conn, pytest.raises(BadInput, match="32 raw bytes"):
        own_keys.add_software(conn, ana, b"short", "a", document, signature, clock)


def test_a_removed_key_signs_no_more_and_ours_signs_again(
    database: Database, ana: Person, vault: Vault, clock: Clock
) -> None:  # fmt: skip
    mine = KeyFile()
    with database.write() as conn:
        own = mine.add(conn, ana, clock)
        document = statements.prepare("remove-credential", ana.id, clock(), {"credential": own.id})
        with pytest.raises(ProofNeeded):
            own_keys.remove(conn, ana, own.id, document, clock, None)
        with pytest.raises(NotFound):
            own_keys.remove(conn, ana, "nothing", document, clock, None)
        own_keys.remove(conn, ana, own.id, document, clock, mine.sign(statements.written(document), own.id))
        with pytest.raises(ProofRefused):
            attest(conn, ana, WORDS, vault, mine.sign(WORDS, own.id))
        assert attest(conn, ana, WORDS, vault, None).public_key == ana.public_key
        assert credentials.listing(conn, ana.id) == () and len(credentials.listing(conn, ana.id, removed=True)) == 1
        with pytest.raises(Taken):
            mine.add(conn, ana, clock)
        assert ledger.count(conn, "credential-removed") == 1


def test_a_statement_is_signed_for_one_thing_and_for_five_minutes(database: Database, ana: Person, clock: Clock) -> None:
    document = statements.prepare("pause", ana.id, clock(), {"grants": ["g"]})
    assert statements.accept(document, "pause", ana.id, clock, {"grants": ["g"]}) == canonical(document)
    for wrong in (
        document | {"person": "eve"}, document | {"statement": "resume"}, document | {"what": {"grants": []}},
        document | {"says": "I give everything to eve."}, document | {"nonce": ""}, document | {"more": 1}, {},
    ):  # fmt: skip
        with pytest.raises(StatementRefused):
            statements.accept(wrong, "pause", ana.id, clock, {"grants": ["g"]})
    clock.wait(minutes=5)
    assert statements.still_fresh(document, clock())
    clock.wait(seconds=1)
    assert not statements.still_fresh(document, clock())
    with pytest.raises(StatementRefused, match="five minutes"):
        statements.accept(document, "pause", ana.id, clock, {"grants": ["g"]})
    clock.wait(minutes=-7)
    assert not statements.still_fresh(document, clock()), "from the future"
    assert not statements.still_fresh({"at": "2026-11-22T12:00:00"}, clock()), "without a time zone"


def test_erasing_ends_the_keys_and_forgets_what_names_a_device(
    database: Database, ana: Person, vault: Vault, clock: Clock
) -> None:  # fmt: skip
    phone = Authenticator()
    with database.write() as conn:
        add_passkey(conn, ana, phone, clock)
        assert own_keys.forget(conn, ana.id, clock()) == 1
        assert not credentials.needs_proof(conn, ana.id)
        left = credentials.listing(conn, ana.id, removed=True)[0]
    assert (left.label, left.passkey, left.origin) == ("", None, None) and left.public_key == phone.public_key.hex()


def test_a_key_file_signs_documents_of_this_house_and_no_others(clock: Clock, tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    public = software_keys.make(file)
    pause = statements.prepare("pause", "p", clock(), {"grants": ["g"]})
    proof = software_keys.sign(file, pause)
    assert proof.credential == public == software_keys.public_key(file)
    assert verify(bytes.fromhex(public), base64.b64decode(proof.signature), statements.written(pause))
    assert "grants: ['g']" in software_keys.in_words(pause)
    for document in (pause | {"says": statements.SAYS["revoke"]}, {"statement": "pay", "says": "x"}, {"schema_version": 1}, {}):
        with pytest.raises(BadInput, match="sign only"):
            software_keys.sign(file, document)

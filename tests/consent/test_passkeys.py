"""Passkeys against an authenticator in software: what a browser is asked, and every answer that is not the person here, now."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from fido2 import cbor
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.errors import ProofRefused, StatementRefused, Taken
from consent.people import Person
from consent.signing import credentials, own_keys, passkeys, statements
from consent.signing.credentials import Proof, attest
from consent.signing.passkeys import Registration, Site
from consent.vault.keys import Vault
from safety.db import Database
from safety.errors import BadInput
from safety.values import canonical
from tests.consent.authenticator import SITE, Authenticator, add_passkey, b64, somebody
from tests.consent.conftest import Clock

WORDS = canonical({"statement": "anything"})


@pytest.fixture
def ana(database: Database, vault: Vault, clock: Clock) -> Person:
    with database.write() as conn:
        return somebody(conn, "ana", vault, clock)


def options(statement: bytes = WORDS, *keys: Authenticator) -> dict[str, Any]:
    return passkeys.signing_options(SITE, statement, [key.id for key in keys])


def test_a_browser_is_asked_for_this_statement_here_by_a_verified_person() -> None:
    key = Authenticator()
    asked, made = options(WORDS, key), passkeys.registration_options(SITE, "person-id", "@ana", WORDS, [key.id])
    for said in (asked, made):
        assert base64.urlsafe_b64decode(said["challenge"] + "=") == passkeys.challenge_of(WORDS)
        json.dumps(said)
    assert (asked["rpId"], asked["userVerification"], asked["allowCredentials"][0]["id"]) == (SITE.host, "required", b64(key.id))
    assert made["rp"]["id"] == SITE.host and made["authenticatorSelection"]["userVerification"] == "required"
    assert [p["alg"] for p in made["pubKeyCredParams"]] == [-7, -8, -257]
    assert made["attestation"] == "none" and made["excludeCredentials"][0]["id"] == b64(key.id)
    assert "ana" not in made["user"]["id"] and base64.urlsafe_b64decode(made["user"]["id"]) == b"person-id"


@pytest.mark.parametrize("kind", ["ES256", "EdDSA", "RS256"])
def test_a_passkey_is_made_and_signs(kind: str, database: Database, ana: Person, vault: Vault, clock: Clock) -> None:
    key = Authenticator(kind)
    with database.write() as conn:
        own = add_passkey(conn, ana, key, clock)
        assert (own.passkey, own.origin, own.public_key) == (b64(key.id), SITE.origin, key.public_key.hex())
        for name in (own.id, b64(key.id)):
            signed = attest(conn, ana, WORDS, vault, key.sign(options(), name))
            assert signed.credential == own.id and signed.algorithm == f"WebAuthn-{kind}"


def broken(name: str, key: Authenticator) -> dict[str, Any]:
    """Options of an attack, after the authenticator was set to it."""
    more: dict[str, Any] = {}
    if name == "nobody present":
        key.flags = 0x04
    elif name == "nobody verified":
        key.flags = 0x01
    elif name == "another site":
        key.host = "evil.example"
    elif name == "another origin":
        key.client["origin"] = "https://evil.example"
    elif name == "another port":
        key.client["origin"] = SITE.origin + ":8443"
    elif name == "a frame":
        key.client["crossOrigin"] = True
    elif name == "another challenge":
        more["challenge"] = b64(passkeys.challenge_of(b"other"))
    elif name == "another purpose":
        key.client["type"] = "webauthn.create" if key.counter else "webauthn.get"
    elif name == "no origin":
        key.client.pop("origin")
    return more


ATTACKS = [
    "nobody present", "nobody verified", "another site", "another origin", "another port", "a frame", "another challenge",
    "another purpose", "no origin",
]  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_is_not_the_person_here_now_signs_nothing(
    attack: str, database: Database, ana: Person, vault: Vault, clock: Clock
) -> None:  # fmt: skip
    key = Authenticator()
    with database.write() as conn:
        add_passkey(conn, ana, key, clock)
        attest(conn, ana, WORDS, vault, key.sign(options()))
        more = broken(attack, key)
        with pytest.raises(ProofRefused):
            attest(conn, ana, WORDS, vault, key.sign(options() | more))


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_is_not_the_person_here_now_makes_no_passkey(attack: str, database: Database, ana: Person, clock: Clock) -> None:
    key = Authenticator()
    opening = statements.prepare("register-passkey", ana.id, clock(), {"label": "phone"})
    asked = passkeys.registration_options(SITE, ana.id, "phone", statements.written(opening))
    registration = key.create(asked | broken(attack, key))
    with database.write() as conn, pytest.raises(ProofRefused):
        own_keys.add_passkey(conn, ana, registration, "phone", opening, SITE, clock)


def test_a_copy_of_a_passkey_is_noticed_by_its_counter(database: Database, ana: Person, vault: Vault, clock: Clock) -> None:
    key = Authenticator()
    with database.write() as conn:
        add_passkey(conn, ana, key, clock)
        for _ in range(3):
            attest(conn, ana, WORDS, vault, key.sign(options()))
        for counter in (0, 2, -1):
            key.counter = counter
            with pytest.raises(ProofRefused, match="copy"):
                attest(conn, ana, WORDS, vault, key.sign(options()))
        key.counter = 3
        attest(conn, ana, WORDS, vault, key.sign(options()))


def test_a_passkey_that_never_counts_signs_all_the_same(database: Database, ana: Person, vault: Vault, clock: Clock) -> None:
    key = Authenticator()
    with database.write() as conn:
        add_passkey(conn, ana, key, clock)
        for _ in range(2):
            key.counter = -1
            assert attest(conn, ana, WORDS, vault, key.sign(options())).signature


def test_a_passkey_is_added_once_whoever_asks(database: Database, ana: Person, vault: Vault, clock: Clock) -> None:
    key = Authenticator()
    with database.write() as conn:
        add_passkey(conn, ana, key, clock)
        eve = somebody(conn, "eve", vault, clock, seed=1)
        with pytest.raises(Taken):
            add_passkey(conn, eve, key, clock)


def test_keys_that_are_no_keys_or_too_short_are_refused(database: Database, ana: Person, clock: Clock) -> None:
    short = Authenticator("RS256", bits=1024)
    with database.write() as conn, pytest.raises(ProofRefused, match="too short"):
        add_passkey(conn, ana, short, clock)
    for fields in ({1: 2, 3: -35, -1: 2}, {1: 2, 3: -7}, {3: -8}, [], 7, {1: 2}, {3: -257, -1: "x"}):
        with pytest.raises(ProofRefused):
            passkeys.check(cbor.encode(fields), b"s", bytes(37), _client(WORDS), WORDS, None)
    off_the_curve = cbor.encode({1: 2, 3: -7, -1: 1, -2: bytes(31) + b"\x01", -3: bytes(31) + b"\x01"})
    data = Authenticator()._data(0x05)
    with pytest.raises(ProofRefused):
        passkeys.check(off_the_curve, b"s", data, _client(WORDS), WORDS, None)


@pytest.mark.parametrize("origin", ["http://clearance.example", "https://a.example/path", "ftp://a.example", "a.example", ""])
def test_a_site_has_an_address_that_browsers_make_passkeys_for(origin: str) -> None:
    with pytest.raises(BadInput, match="https"):
        _ = Site(origin=origin).host
    assert Site(origin="http://localhost:8420").host == "localhost"


def test_a_registration_is_for_one_person_one_label_and_five_minutes(database: Database, ana: Person, clock: Clock) -> None:
    key = Authenticator()
    opening = statements.prepare("register-passkey", ana.id, clock(), {"label": "phone"})
    made = key.create(passkeys.registration_options(SITE, ana.id, "phone", statements.written(opening)))
    with database.write() as conn:
        with pytest.raises(StatementRefused):
            own_keys.add_passkey(conn, ana, made, "tablet", opening, SITE, clock)
        other = statements.prepare("register-passkey", ana.id, clock(), {"label": "phone"})
        with pytest.raises(ProofRefused, match="another document"):
            own_keys.add_passkey(conn, ana, made, "phone", other, SITE, clock)
        clock.wait(minutes=6)
        with pytest.raises(StatementRefused, match="five minutes"):
            own_keys.add_passkey(conn, ana, made, "phone", opening, SITE, clock)
        assert credentials.listing(conn, ana.id) == ()


@given(st.binary(max_size=300), st.binary(max_size=300), st.binary(max_size=300), st.integers(0, 7))
@settings(max_examples=150, deadline=None)
def test_nonsense_is_refused_in_a_sentence(one: bytes, two: bytes, three: bytes, which: int) -> None:
    """Any mixture of noise and what is right, so that every reader behind the first check is reached."""
    data = two if which & 1 else KEY._data(0x05)
    client = three if which & 2 else _client(WORDS)
    public = one if which & 4 else KEY.public_key
    with pytest.raises(ProofRefused):
        passkeys.check(public, one, data, client, WORDS, SITE.origin)
    with pytest.raises(ProofRefused):
        passkeys.register(Registration(client_data=b64(client), attestation=b64(one)), WORDS, SITE)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_registration_with_a_changed_byte_is_refused_or_is_the_same_challenge(data: st.DataObject) -> None:
    """Attestation is not read, so a changed key is a key nobody has; the site, the flags and the statement are held."""
    made = KEY.create(passkeys.registration_options(SITE, "p", "phone", WORDS))
    raw = bytearray(passkeys.from_base64(made.attestation))
    start = raw.index(passkeys.from_base64(b64(KEY._data(0x45)[:32])))
    raw[start + data.draw(st.integers(0, 31))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(ProofRefused):
        passkeys.register(Registration(client_data=made.client_data, attestation=b64(bytes(raw))), WORDS, SITE)


def test_a_proof_without_what_the_passkey_signed_is_refused(
    database: Database, ana: Person, vault: Vault, clock: Clock
) -> None:  # fmt: skip
    key = Authenticator()
    with database.write() as conn:
        add_passkey(conn, ana, key, clock)
        whole = key.sign(options())
        with pytest.raises(ProofRefused, match="send both"):
            attest(conn, ana, WORDS, vault, Proof(credential=whole.credential, signature=whole.signature))


def _client(statement: bytes) -> bytes:
    said = {"type": "webauthn.get", "challenge": b64(passkeys.challenge_of(statement)), "origin": SITE.origin}
    return json.dumps(said).encode()


KEY = Authenticator()

"""Receipts of every kind of key, checked from public material alone, by us and by the page that needs nothing of ours."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.errors import ReceiptForged
from consent.scope import Limit, Scope
from consent.signing import consent_document as documents
from consent.signing import passkeys
from consent.signing.consent_document import Controller, consent_document
from consent.signing.credentials import Attested, attest
from consent.signing.receipts import revocation_receipt, signed_by, verify_receipt
from consent.vault.keys import Vault
from safety.db import Database
from safety.signed import Signed, check_document
from safety.signer import Signer
from safety.values import canonical
from tests.consent.authenticator import SITE, Authenticator, KeyFile, add_passkey, somebody
from tests.consent.conftest import Clock

ROOT = Path(__file__).parents[2]
SCOPE = Scope(forbids=frozenset({"violence", "politics"}), words=("bank",), company="alone", limit=Limit(count=3, per="week"))
KINDS = ("kept", "software", "ES256", "EdDSA", "RS256")


def document(clock: Clock, **more: Any) -> documents.Document:
    given: dict[str, Any] = {"record": "r1", "person": "p1", "holder": "bob", "scope": SCOPE, "expires_at": None}
    return consent_document(granted_at=clock(), **(given | more))


def by_passkey(key: Authenticator, body: documents.Document) -> Signed:
    """What ``attest`` and ``signed_by`` make of a passkey's proof, without a database."""
    proof = key.sign(passkeys.signing_options(SITE, canonical(body), [key.id]))
    raw, data, client = (
        passkeys.from_base64(text or "") for text in (proof.signature, proof.authenticator_data, proof.client_data)
    )
    shown = {"authenticator_data": base64.b64encode(data).decode(), "client_data": base64.b64encode(client).decode()}
    algorithm = passkeys.algorithm_of(key.public_key)
    return signed_by(
        body, Attested(signature=raw, credential="c", public_key=key.public_key.hex(), algorithm=algorithm, proof=shown)
    )  # fmt: skip


@pytest.fixture(scope="module")
def page() -> Callable[..., Any]:
    """``verify`` of the page people read."""
    names: dict[str, Any] = {"__name__": "verify_receipt"}
    exec((ROOT / "docs/verify_receipt.py").read_text("utf-8"), names)

    def verify(receipt: str | bytes, key: str, origin: str | None = None) -> Any:
        return names["verify"](json.loads(receipt), bytes.fromhex(key), origin)

    return verify


@pytest.mark.parametrize("kind", KINDS)
def test_a_receipt_verifies_from_public_material_alone(
    kind: str, database: Database, vault: Vault, clock: Clock, page: Callable[..., Any], tmp_path: Path
) -> None:
    with database.write() as conn:
        ana = somebody(conn, "ana", vault, clock)
        body = document(clock, person=ana.id)
        proof = None
        if kind == "software":
            mine = KeyFile()
            proof = mine.sign(canonical(body), mine.add(conn, ana, clock).id)
        elif kind != "kept":
            phone = Authenticator(kind)
            own = add_passkey(conn, ana, phone, clock)
            proof = phone.sign(passkeys.signing_options(SITE, canonical(body), [phone.id]), own.id)
        signed = attest(conn, ana, canonical(body), vault, proof)
    receipt = signed_by(body, signed)
    text = receipt.model_dump_json()
    assert verify_receipt(json.loads(text), signed.public_key) == body == page(text, signed.public_key)
    assert ("algorithm" in json.loads(text)) is (kind in KINDS[2:]), "old receipts keep their bytes"
    other = Authenticator().public_key.hex() if kind in KINDS[2:] else KeyFile().public_key.hex()
    with pytest.raises(ReceiptForged):
        verify_receipt(receipt, other)
    renamed = receipt.model_copy(update={"public_key": other})
    with pytest.raises(ReceiptForged):
        verify_receipt(renamed, signed.public_key)
    with pytest.raises(InvalidSignature):
        page(renamed.model_dump_json(), signed.public_key)
    file = tmp_path / "receipt.json"
    file.write_text(text)
    alone = [sys.executable, "-I", str(ROOT / "docs/verify_receipt.py"), str(file)]
    assert subprocess.run([*alone, signed.public_key], capture_output=True, check=False).returncode == 0
    assert subprocess.run([*alone, other], capture_output=True, check=False).returncode == 9


def test_the_page_needs_nothing_of_ours() -> None:
    text = (ROOT / "docs/verify_receipt.py").read_text("utf-8")
    imports = {line.split()[1].split(".")[0] for line in text.splitlines() if line.startswith(("import ", "from "))}
    assert imports - set(sys.stdlib_module_names) == {"cryptography"} and len(text.splitlines()) < 120


def test_a_signature_spelt_otherwise_is_not_the_one_that_was_given() -> None:
    """The last letter of base64 has bits that no byte comes from."""
    text, key = RECEIPTS["software"]
    receipt = json.loads(text)
    spelt = receipt["signature"]
    last = spelt.rstrip("=")[-1]
    receipt["signature"] = spelt.replace(last + "==", chr(ord(last) + 1) + "==")
    assert receipt["signature"] != spelt and base64.b64decode(receipt["signature"]) == base64.b64decode(spelt)
    with pytest.raises(ReceiptForged):
        verify_receipt(receipt, key)
    with pytest.raises(InvalidSignature):
        PAGE["verify"](receipt, bytes.fromhex(key))


@given(st.data())
@settings(max_examples=250, deadline=None)
def test_any_changed_byte_of_a_receipt_is_refused(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(sorted(RECEIPTS)))
    text, key = RECEIPTS[kind]
    place = data.draw(st.integers(0, len(text) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda b: b != text[place]))
    changed = text[:place] + bytes([byte]) + text[place + 1 :]
    for verify, known in ((verify_receipt, key), (PAGE["verify"], bytes.fromhex(key))):
        with pytest.raises(Exception) as refused:
            verify(json.loads(changed), known)
        assert type(refused.value).__name__ in ("ReceiptForged", "Forged", "InvalidSignature", *UNREADABLE), refused.value


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_any_changed_byte_of_what_a_passkey_signed_is_refused(data: st.DataObject) -> None:
    text, key = RECEIPTS[data.draw(st.sampled_from(["ES256", "EdDSA"]))]
    receipt = json.loads(text)
    part = data.draw(st.sampled_from(["signature", "authenticator_data", "client_data"]))
    holder = receipt if part == "signature" else receipt["proof"]
    raw = bytearray(base64.b64decode(holder[part]))
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    holder[part] = base64.b64encode(raw).decode()
    with pytest.raises(ReceiptForged):
        verify_receipt(receipt, key)
    with pytest.raises((InvalidSignature, ValueError, KeyError, TypeError, AttributeError)):
        PAGE["verify"](receipt, bytes.fromhex(key))


def forgeries(clock: Clock) -> dict[str, Signed]:
    """A receipt in every way that a thief of an old one, or of a phone, would make it."""
    body, other = document(clock), document(clock, holder="eve")
    key = Authenticator()
    good, elsewhere = by_passkey(key, body), by_passkey(key, other)
    absent, unverified, abroad, framed, asked = (Authenticator() for _ in range(5))
    for one in (absent, unverified, abroad, framed, asked):
        one.key, one.cose, one.id = key.key, key.cose, key.id
    absent.flags, unverified.flags, abroad.host = 0x04, 0x01, "evil.example"
    framed.client, asked.client = {"origin": SITE.origin, "crossOrigin": True}, {"origin": SITE.origin, "type": "webauthn.create"}
    soft = KeyFile()
    plain = Attested(
        signature=soft.key.sign(canonical(body)), credential=None, public_key=soft.public_key.hex(), algorithm="Ed25519"
    )  # fmt: skip
    return {
        "good": good,
        "the document of another grant": good.model_copy(update={"document": other}),
        "the client data of another grant": good.model_copy(update={"proof": elsewhere.proof}),
        "the challenge of another grant": elsewhere.model_copy(update={"document": body}),
        "nobody present": by_passkey(absent, body),
        "nobody verified": by_passkey(unverified, body),
        "the site of another": by_passkey(abroad, body),
        "in a frame of another site": by_passkey(framed, body),
        "asked to make a passkey": by_passkey(asked, body),
        "no proof": good.model_copy(update={"proof": None}),
        "half a proof": good.model_copy(update={"proof": {"client_data": (good.proof or {})["client_data"]}}),
        "no algorithm": good.model_copy(update={"algorithm": None}),
        "another algorithm": good.model_copy(update={"algorithm": "WebAuthn-RS256"}),
        "an algorithm of nobody": good.model_copy(update={"algorithm": "none", "signature": ""}),
        "an unsigned one": signed_by(body, Attested(signature=b"", credential=None, public_key="", algorithm="none")),
        "a software key's": signed_by(body, plain),
    }


def test_every_forgery_is_refused_by_us_and_by_the_page(clock: Clock, page: Callable[..., Any]) -> None:
    made = forgeries(clock)
    key = made["good"].public_key
    assert verify_receipt(made["good"], key, SITE.origin) == page(made["good"].model_dump_json(), key, SITE.origin)
    for name, receipt in made.items():
        if name == "good":
            continue
        with pytest.raises(ReceiptForged):
            verify_receipt(receipt, key)
            pytest.fail(f"we believe {name}")
        with pytest.raises(Exception) as refused:
            page(receipt.model_dump_json(), key)
        assert type(refused.value).__name__ in ("Forged", "InvalidSignature", *UNREADABLE), name
    with pytest.raises(ReceiptForged):
        verify_receipt(made["good"], key, "https://evil.example")


def test_a_system_receipt_is_never_a_passkeys(clock: Clock, tmp_path: Path) -> None:
    signer = Signer(tmp_path)
    receipt = revocation_receipt(
        person="p", grants=["g"], counts={}, kept={}, revoked_at=clock(), ledger_position=1, signer=signer
    )  # fmt: skip
    assert verify_receipt(receipt, signer.public_key)["receipt"] == "revocation"
    assert check_document(receipt, signer.public_key)
    assert not check_document(receipt.model_copy(update={"algorithm": "WebAuthn-EdDSA"}), signer.public_key)
    assert not check_document(receipt.model_copy(update={"proof": {}}), signer.public_key)


def test_the_document_has_every_mandatory_field_and_says_the_whole_scope(clock: Clock) -> None:
    who = Controller(
        id="acme", name="Acme", address="1 Road", contact="dpo@a.example", jurisdiction="FR", notice="https://a.example"
    )
    said = document(clock, controller=who, holder="approved", actor="guardian-1")
    processing, events = said["pii_processing"], said["consent_events"]
    assert isinstance(processing, dict) and isinstance(events, list) and isinstance(said["party_identification"], list)
    for names, part in (
        (documents.HEADER, said), (documents.PROCESSING, processing), (documents.EVENT, events[0]),
        (documents.PARTY, said["party_identification"][0]),
    ):  # fmt: skip
        assert isinstance(part, dict) and all(part.get(name) for name in names), names
    purpose = processing["purposes"][0]  # type: ignore[index, call-overload]
    assert all(isinstance(i, dict) and i["pii_type"] for i in purpose["pii_information"])  # type: ignore[index, call-overload, union-attr]
    assert purpose["restrictions"] == {  # type: ignore[index, call-overload]
        "forbidden_labels": ["politics", "violence"], "forbidden_words": ["bank"], "company": "alone",
        "limit": {"clips": 3, "per": "week"},
    }  # fmt: skip
    assert processing["recipient_third_parties"] == ["approved"] and processing["jurisdiction"] == "FR"
    assert processing["pii_controllers"] == ["acme"] and events[0]["entity_id"] == "guardian-1"  # type: ignore[index, call-overload]


UNREADABLE = ("JSONDecodeError", "UnicodeDecodeError", "ValueError", "Error", "KeyError", "TypeError", "AttributeError")
PAGE: dict[str, Any] = {"__name__": "verify_receipt"}
exec((ROOT / "docs/verify_receipt.py").read_text("utf-8"), PAGE)


def _receipts() -> dict[str, tuple[bytes, str]]:
    body, soft, made = document(Clock()), KeyFile(), {}
    plain = Attested(
        signature=soft.key.sign(canonical(body)), credential=None, public_key=soft.public_key.hex(), algorithm="Ed25519"
    )  # fmt: skip
    made["software"] = signed_by(body, plain)
    made |= {kind: by_passkey(Authenticator(kind), body) for kind in ("ES256", "EdDSA", "RS256")}
    return {kind: (receipt.model_dump_json().encode(), receipt.public_key) for kind, receipt in made.items()}


RECEIPTS = _receipts()

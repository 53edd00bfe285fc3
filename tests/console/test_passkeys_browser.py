"""A real browser makes a passkey from our options and signs a grant with it; the receipt verifies from the public key alone."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from consent.errors import ProofRefused
from consent.scope import Scope
from consent.signing.consent_document import consent_document
from consent.signing.credentials import Proof, attest
from consent.signing.passkeys import Registration, Site
from consent.signing.receipts import signed_by, verify_receipt
from consent.vault.keys import Vault
from safety.values import canonical
from streams import own_keys
from tests.consent.authenticator import somebody
from tests.streams.doubles import make_context

pytestmark = pytest.mark.browser
CHROMIUM = (
    os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
SITE = Site(origin="http://localhost:8420")
CREATE = """async (options) => (await navigator.credentials.create(
    {publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options)})).toJSON()"""
GET = """async (options) => (await navigator.credentials.get(
    {publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options)})).toJSON()"""


@pytest.fixture(scope="module")
def page() -> Iterator[Any]:
    """An empty page of our site, with an authenticator that asks for no finger."""
    if CHROMIUM is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Chromium is missing; install it (apt-get install chromium) or name it in CHROMIUM.")
        pytest.skip("BROWSER TESTS SKIPPED: Chromium is missing; install it or name it in CHROMIUM.")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        opened = browser.new_page()
        opened.route("**/*", lambda route: route.fulfill(body="<title>site</title>", content_type="text/html"))
        opened.goto(SITE.origin)
        tools = opened.context.new_cdp_session(opened)
        tools.send("WebAuthn.enable")
        how = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
        tools.send("WebAuthn.addVirtualAuthenticator", {"options": how | {"isUserVerified": True}})
        yield opened
        browser.close()


def test_a_browser_makes_a_passkey_and_signs_a_grant_with_it(page: Any, tmp_path: Path) -> None:
    ctx = make_context(tmp_path / "home", parts=SimpleNamespace(vault=Vault(tmp_path / "keys")))
    with ctx.db.write() as conn:
        ana = somebody(conn, "ana", ctx.parts.vault, ctx.clock)  # type: ignore[arg-type]
    opening = own_keys.open_passkey(ctx, "ana", "this computer", SITE)
    made = page.evaluate(CREATE, opening.options)["response"]
    registration = Registration(client_data=made["clientDataJSON"], attestation=made["attestationObject"])
    own = own_keys.add_passkey(ctx, "ana", registration, "this computer", opening.document, SITE)

    grant = consent_document(
        record="g", person=ana.id, holder="bob", scope=Scope(words=("Überraschung",)), granted_at=ctx.clock(), expires_at=None
    )
    for _ in range(2):
        asked = own_keys.ask(ctx, "ana", grant, SITE)
        answer = page.evaluate(GET, asked.options)
        said = answer["response"]
        proof = Proof(
            credential=answer["id"], signature=said["signature"], authenticator_data=said["authenticatorData"],
            client_data=said["clientDataJSON"],
        )  # fmt: skip
        with ctx.db.write() as conn:
            receipt = signed_by(grant, attest(conn, ana, canonical(grant), ctx.parts.vault, proof))
        assert verify_receipt(receipt.model_dump(mode="json"), own.public_key, SITE.origin) == grant
    with ctx.db.write() as conn, pytest.raises(ProofRefused):
        attest(conn, ana, canonical(grant | {"record_id": "other"}), ctx.parts.vault, proof)
    ctx.db.close()

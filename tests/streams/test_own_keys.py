"""The whole way of a key of one's own through the doors' functions, with a passkey and a key file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from consent.errors import ProofNeeded
from consent.people import Person
from consent.signing.credentials import attest
from consent.signing.statements import written
from consent.vault.keys import Vault
from safety.errors import BadInput
from streams import own_keys
from streams.context import Context
from tests.consent.authenticator import SITE, Authenticator, KeyFile, somebody
from tests.streams.doubles import make_context


@pytest.fixture
def ctx(tmp_path: Path) -> Iterator[Context]:
    made = make_context(tmp_path / "home", parts=SimpleNamespace(vault=Vault(tmp_path / "keys")))
    yield made
    made.db.close()


@pytest.fixture
def ana(ctx: Context) -> Person:
    with ctx.db.write() as conn:
        return somebody(conn, "ana", ctx.parts.vault, ctx.clock)  # type: ignore[arg-type]


def test_a_passkey_then_a_key_file_then_the_passkey_goes(ctx: Context, ana: Person) -> None:
    phone, laptop = Authenticator(), KeyFile()
    opening = own_keys.open_passkey(ctx, "@ana", "phone", SITE)
    made = phone.create(opening.options)
    assert own_keys.ask_passkey(ctx, "ana", made, "phone", opening.document, SITE) is None, "the first needs nothing more"
    own = own_keys.add_passkey(ctx, "ana", made, "phone", opening.document, SITE)

    tablet = Authenticator("EdDSA")
    second = own_keys.open_passkey(ctx, "ana", "tablet", SITE)
    assert second.options["excludeCredentials"][0]["id"] == own.passkey
    made = tablet.create(second.options)
    asked = own_keys.ask_passkey(ctx, "ana", made, "tablet", second.document, SITE)
    assert asked and asked.options
    with pytest.raises(ProofNeeded):
        own_keys.add_passkey(ctx, "ana", made, "tablet", second.document, SITE)
    own_keys.add_passkey(ctx, "ana", made, "tablet", second.document, SITE, asked.document, phone.sign(asked.options))

    public = laptop.public_key.hex()
    asked = own_keys.ask_software(ctx, "ana", public, "laptop", SITE)
    assert asked.options
    possession = laptop.sign(written(asked.document), "").signature
    own_keys.add_software(ctx, "ana", public, "laptop", asked.document, possession, tablet.sign(asked.options))

    asked = own_keys.ask_removal(ctx, "ana", own.id)
    assert asked.options is None, "no site, no browser"
    own_keys.remove(ctx, "ana", own.id, asked.document, laptop.sign(written(asked.document), public))
    assert {c.label for c in own_keys.listing(ctx, "ana")} == {"tablet", "laptop"}

    grant = own_keys.ask(ctx, "ana", {"statement": "anything"}, SITE)
    assert grant.options
    with ctx.db.write() as conn:
        assert attest(conn, ana, written(grant.document), ctx.parts.vault, tablet.sign(grant.options)).proof


def test_a_public_key_that_is_none_is_told(ctx: Context, ana: Person) -> None:
    with pytest.raises(BadInput, match="64 hexadecimal"):
        own_keys.ask_software(ctx, "ana", "not hex", "laptop")
    assert own_keys.ask_software(ctx, "ana", "00" * 32, "laptop", SITE).options is None, "nobody has a passkey yet"

"""The shapes of the keys a person signs with themself, as they leave through the doors: public keys and what they sign."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field, JsonValue

from consent.signing.credentials import Credential, Proof
from consent.signing.passkeys import Registration
from console.views_consent import DOCUMENT, PROOF
from safety.values import Value


class CredentialView(Value):
    """A key of the person's own; `public_key` verifies what it signed."""

    id: str
    kind: Literal["software", "passkey"]
    label: str
    public_key: str
    origin: str | None
    added_at: datetime
    removed_at: datetime | None


class KeyLabel(Value):
    """What the person calls the key; `public_key` (hex) for a key file, none to make a passkey."""

    label: str = Field(max_length=64, examples=["my phone"])
    public_key: str | None = Field(default=None, max_length=128)


class OpeningView(Value):
    """What begins a new key. Of a passkey: the `opening` statement and `create` for `navigator.credentials.create`; of a key
    file: the `document` that it signs. `proof_needed`: a key that is there already has to sign the addition, a passkey with
    `sign`."""

    opening: dict[str, JsonValue] | None = None
    create: dict[str, Any] | None = None
    document: dict[str, JsonValue] | None = None
    sign: dict[str, Any] | None = None
    proof_needed: bool


class MadePasskey(Value):
    """A passkey that the browser made over `opening`."""

    label: str = Field(max_length=64)
    opening: dict[str, JsonValue]
    registration: Registration


class NewPasskey(MadePasskey):
    """It, with what an earlier key signed when there is one."""

    document: dict[str, JsonValue] | None = Field(default=None, description=DOCUMENT)
    proof: Proof | None = Field(default=None, description=PROOF)


class NewKeyFile(Value):
    """A key file's public key, and its own signature (`possession`, base64) over the document that adds it."""

    label: str = Field(max_length=64)
    public_key: str = Field(max_length=128)
    document: dict[str, JsonValue]
    possession: str = Field(max_length=200)
    proof: Proof | None = Field(default=None, description=PROOF)


class Removal(Value):
    """What a key signed to remove one."""

    document: dict[str, JsonValue] = Field(description=DOCUMENT)
    proof: Proof


def credential_view(c: Credential) -> CredentialView:
    """A key of one's own."""
    return CredentialView.model_validate(c.model_dump(exclude={"passkey"}))

"""/v1/people/{handle}/credentials: the keys a person signs with themself."""

from __future__ import annotations

from fastapi import APIRouter, Request

from consent import people
from consent.signing import credentials
from console import signing
from console.api.common import Ctx, problems
from console.views_consent import PreparedView
from console.views_keys import (
    CredentialView,
    KeyLabel,
    MadePasskey,
    NewKeyFile,
    NewPasskey,
    OpeningView,
    Removal,
    credential_view,
)

router = APIRouter(prefix="/v1/people/{handle}/credentials", tags=["people"])


@router.get("", summary="A person's own keys", responses=problems(404))
def listing(ctx: Ctx, handle: str) -> list[CredentialView]:
    """Also those that sign no more, which old receipts need."""
    with ctx.db.read() as conn:
        return [credential_view(c) for c in credentials.listing(conn, people.get(conn, handle).id, removed=True)]


@router.post("/opening", summary="Begin a new key", responses=problems(404))
def begin(ctx: Ctx, request: Request, handle: str, body: KeyLabel) -> OpeningView:
    """What the browser is asked to make a passkey, or what a key file signs to be added."""
    if body.public_key is None:
        return OpeningView.model_validate(signing.open_passkey(ctx, request, handle, body.label))
    document = signing.prepare_software(ctx, handle, body.label, signing.raw_key(body.public_key))
    with ctx.db.read() as conn:
        needed = credentials.needs_proof(conn, people.get(conn, handle).id)
    return OpeningView(document=document, sign=signing.options_for(ctx, request, handle, document), proof_needed=needed)


@router.post("/passkeys/statement", summary="Prepare the addition of a passkey", responses=problems(404))
def prepare_passkey(ctx: Ctx, request: Request, handle: str, body: MadePasskey) -> PreparedView:
    """What an earlier key signs so that the passkey just made is added; only for who has a key already."""
    document = signing.prepare_addition(ctx, request, handle, body.label, body.opening, body.registration)
    return PreparedView(document=document, sign=signing.options_for(ctx, request, handle, document))


@router.post("/passkeys", status_code=201, summary="Add a passkey", responses=problems(404, 409))
def add_passkey(ctx: Ctx, request: Request, handle: str, body: NewPasskey) -> CredentialView:
    """From now on the person signs with it, and nobody here can sign in their place."""
    return credential_view(
        signing.add_passkey(ctx, request, handle, body.label, body.opening, body.registration, body.document, body.proof)
    )


@router.post("/keyfiles", status_code=201, summary="Add a key file", responses=problems(404, 409))
def add_key_file(ctx: Ctx, handle: str, body: NewKeyFile) -> CredentialView:
    """Add the public key of an Ed25519 key that the person keeps; the new key signs that it is there."""
    key = signing.raw_key(body.public_key)
    return credential_view(signing.add_software(ctx, handle, key, body.label, body.document, body.possession, body.proof))


@router.post("/{id}/removal/statement", summary="Prepare the removal of a key", responses=problems(404))
def prepare_removal(ctx: Ctx, request: Request, handle: str, id: str) -> PreparedView:
    """What one of the person's keys signs so that this one is removed."""
    document = signing.prepare_removal(ctx, handle, id)
    return PreparedView(document=document, sign=signing.options_for(ctx, request, handle, document))


@router.post("/{id}/removal", summary="Remove a key", responses=problems(404, 409))
def remove(ctx: Ctx, handle: str, id: str, body: Removal) -> CredentialView:
    """It signs no more; what it signed stays verifiable."""
    return credential_view(signing.remove(ctx, handle, id, body.document, body.proof))

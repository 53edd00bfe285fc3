"""The forms about a person's own keys: a passkey made in the browser, a key file added or removed.

The first key of one's own needs the door's word that it is the person; from then on an earlier key signs every change.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import JSONResponse, Response
from pydantic import ValidationError

from consent.errors import ProofNeeded
from consent.signing.passkeys import Registration
from console import signing
from console.api.common import Ctx
from console.pages.paper import go
from console.pages.person import by_hand, prepared, show
from safety.errors import BadInput, ClearanceError
from streams.context import Context

router = APIRouter()
Text = Annotated[str, Form()]


@router.post("/people/{handle}/keys/prepare")
def prepare(request: Request, ctx: Ctx, handle: str, label: Text = "", opening: Text = "", registration: Text = "") -> Response:
    """First what the browser is asked to make a passkey; then, with what it made, what an earlier passkey signs."""
    if not registration:
        return JSONResponse(signing.open_passkey(ctx, request, handle, label))
    document = signing.prepare_addition(
        ctx, request, handle, label, signing.read_document(opening) or {}, read_registration(registration)
    )  # fmt: skip
    return prepared(ctx, request, handle, document)


@router.post("/people/{handle}/keys")
def add(
    request: Request, ctx: Ctx, handle: str, label: Text = "", opening: Text = "", registration: Text = "",
    document: Text = "", proof: Text = "",
) -> Response:  # fmt: skip
    """Add the passkey that the browser made. Without script nothing was made, and the page says so."""
    try:
        if not registration:
            raise BadInput("A passkey is made by the browser, which needs this page's script; allow it, or use a key file.")
        made, begun = read_registration(registration), signing.read_document(opening) or {}
        signing.add_passkey(
            ctx, request, handle, label, begun, made, signing.read_document(document), signing.read_proof(proof)
        )  # fmt: skip
    except ProofNeeded:
        return _add_by_hand(request, ctx, handle, label, opening, registration)
    except ClearanceError as error:
        return show(request, ctx, handle, "", error)
    return go(f"/people/{handle}#keys")


@router.post("/people/{handle}/keys/{key}/removal")
def remove(request: Request, ctx: Ctx, handle: str, key: str, document: Text = "", proof: Text = "") -> Response:
    """Let a key sign no more; signed by one of them."""
    try:
        asked = signing.read_document(document)
        if asked is None:
            return by_hand(request, handle, "", signing.prepare_removal(ctx, handle, key), [])
        signing.remove(ctx, handle, key, asked, signing.read_proof(proof))
    except ClearanceError as error:
        return show(request, ctx, handle, "", error)
    return go(f"/people/{handle}#keys")


@router.post("/people/{handle}/keys/{key}/removal/prepare")
def prepare_removal(request: Request, ctx: Ctx, handle: str, key: str) -> Response:
    """The statement that removes a key, and what the browser is asked to sign it."""
    return prepared(ctx, request, handle, signing.prepare_removal(ctx, handle, key))


def read_registration(text: str) -> Registration:
    """What the browser's script wrote. Raises ``BadInput``."""
    try:
        return Registration.model_validate_json(text)
    except ValidationError as reason:
        raise BadInput("What the browser made cannot be read; make the passkey again.") from reason


def _add_by_hand(request: Request, ctx: Context, handle: str, label: str, opening: str, registration: str) -> Response:
    """A passkey for somebody who signs with a key file so far."""
    made, begun = read_registration(registration), signing.read_document(opening) or {}
    asked = signing.prepare_addition(ctx, request, handle, label, begun, made)
    return by_hand(request, handle, "", asked, [("label", label), ("opening", opening), ("registration", registration)])

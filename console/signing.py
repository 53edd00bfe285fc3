"""What a door needs where somebody signs with their own key: which way they sign, what the browser is asked, what comes back.

It decides nothing: ``consent`` holds the statement and the signature against each other. Taking back and pausing never come here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeVar

import sqlalchemy as sa
from fastapi import Request
from pydantic import TypeAdapter, ValidationError

from consent import people
from consent.grants import Signing
from consent.people import Person
from consent.signing import credentials, own_keys, passkeys, statements
from consent.signing.credentials import Credential, Proof
from consent.signing.passkeys import Registration, Site
from consent.signing.statements import Document
from safety.errors import BadInput
from streams.context import Context

#: With the key we keep; in the browser; or with a key file on the person's own machine, whose answer is pasted.
Manner = Literal["kept", "passkey", "file"]
T = TypeVar("T")
_DOCUMENT: TypeAdapter[Document] = TypeAdapter(Document)


def site_of(request: Request) -> Site:
    """This site as passkeys are made for it: the one the settings name, else, on this machine alone, as the browser knows it.

    Behind a proxy the name in a request is whatever somebody's server passed on, and passkeys must not be made for that.
    """
    settings = request.app.state.ctx.settings
    if settings.origin:
        return Site(origin=settings.origin.rstrip("/"), name=settings.provider)
    if request.app.state.any_host:
        raise BadInput("Behind a proxy passkeys need the address people come by; its operator sets CLEARANCE_ORIGIN.")
    return Site(origin=f"{request.url.scheme}://{request.headers.get('host', '')}", name=settings.provider)


def elsewhere(request: Request) -> str | None:
    """None where browsers make passkeys; else the same page's address under which they do, or empty when there is none."""
    try:
        passkeys.host_of(site_of(request).origin)
        return None
    except BadInput:
        near = request.url.hostname in ("127.0.0.1", "::1")
        return str(request.url.replace(hostname="localhost", query="")) if near else ""


def manner_of(conn: sa.Connection, signer: str) -> Manner:
    """How ``signer`` (an id or handle) signs."""
    kinds = {row.kind for row in credentials.living(conn, people.get(conn, signer).id)}
    return "passkey" if "passkey" in kinds else "file" if kinds else "kept"


def options_for(ctx: Context, request: Request, signer: str, document: Document) -> dict[str, Any] | None:
    """What the browser is asked so that ``signer`` (an id or handle) signs ``document``; None for who has no passkey."""
    with ctx.db.read() as conn:
        known = credentials.passkey_ids(conn, people.get(conn, signer).id)
    return passkeys.signing_options(site_of(request), statements.written(document), known) if known else None


def read_document(text: str) -> Document | None:
    """A prepared document from a form; an empty field is none. Raises ``BadInput``."""
    return None if not text.strip() else _read(_DOCUMENT, text)


def read_proof(text: str) -> Proof | None:
    """A proof from a form: what the browser's script wrote, or what `clearance keys sign` printed. Raises ``BadInput``."""
    return None if not text.strip() else _read(TypeAdapter(Proof), text)


def signing_of(document: str, proof: str, actor: str) -> Signing:
    """The three fields of a form that say who acts and what they signed."""
    return {"actor": actor or None, "document": read_document(document), "proof": read_proof(proof)}


def open_passkey(ctx: Context, request: Request, person: str, label: str) -> dict[str, Any]:
    """What the browser is asked to make a passkey, the ``opening`` statement it is made over, and whether an earlier key is to
    sign for it afterwards (``proof_needed``). Raises ``BadInput``."""
    name = own_keys.check_label(label)
    with ctx.db.read() as conn:
        owner = people.get(conn, person)
        opening = statements.prepare("register-passkey", owner.id, ctx.clock(), {"label": name})
        existing = credentials.passkey_ids(conn, owner.id)
        needed = credentials.needs_proof(conn, owner.id)
    shown = f"@{owner.handle}"
    options = passkeys.registration_options(site_of(request), owner.id, shown, statements.written(opening), existing)
    return {"opening": opening, "create": options, "proof_needed": needed}


def prepare_addition(
    ctx: Context, request: Request, person: str, label: str, opening: Document, registration: Registration
) -> Document:
    """What an earlier key signs to add the passkey that was just made. Raises ``ProofRefused`` and ``StatementRefused``."""
    name = own_keys.check_label(label)
    with ctx.db.read() as conn:
        owner = people.get(conn, person)
        written = statements.accept(opening, "register-passkey", owner.id, ctx.clock, {"label": name})
        made = passkeys.register(registration, written, site_of(request))
        return statements.prepare("add-credential", owner.id, ctx.clock(), own_keys.addition("passkey", name, made.public_key))


def add_passkey(
    ctx: Context,
    request: Request,
    person: str,
    label: str,
    opening: Document,
    registration: Registration,
    document: Document | None = None,
    proof: Proof | None = None,
) -> Credential:
    """As ``own_keys.add_passkey``, for this site."""
    with ctx.db.write() as conn:
        owner = people.get(conn, person)
        return own_keys.add_passkey(conn, owner, registration, label, opening, site_of(request), ctx.clock, document, proof)


def prepare_software(ctx: Context, person: str, label: str, public_key: bytes) -> Document:
    """The statement that a new key file and, where there is one, an earlier key sign."""
    with ctx.db.read() as conn:
        about = own_keys.addition("software", label, public_key)
        return statements.prepare("add-credential", people.get(conn, person).id, ctx.clock(), about)


def add_software(
    ctx: Context, person: str, public_key: bytes, label: str, document: Document, possession: str, proof: Proof | None
) -> Credential:
    """As ``own_keys.add_software``."""
    with ctx.db.write() as conn:
        owner = people.get(conn, person)
        return own_keys.add_software(conn, owner, public_key, label, document, possession, ctx.clock, proof)


def prepare_removal(ctx: Context, person: str, credential: str) -> Document:
    """The statement by which a key is removed."""
    return _prepare(ctx, person, "remove-credential", {"credential": credential})


def remove(ctx: Context, person: str, credential: str, document: Document, proof: Proof | None) -> Credential:
    """As ``own_keys.remove``."""
    with ctx.db.write() as conn:
        return own_keys.remove(conn, people.get(conn, person), credential, document, ctx.clock, proof)


def keys_of(ctx: Context, person: str) -> tuple[Person, tuple[Credential, ...]]:
    """The person, and their own living keys."""
    with ctx.db.read() as conn:
        owner = people.get(conn, person)
        return owner, credentials.listing(conn, owner.id)


def raw_key(text: str) -> bytes:
    """A public key from hex. Raises ``BadInput``."""
    try:
        return bytes.fromhex(text.strip())
    except ValueError as reason:
        raise BadInput("The public key is 64 hexadecimal digits, as `clearance keys new` prints it.") from reason


def _prepare(ctx: Context, person: str, act: statements.Act, what: Mapping[str, Any]) -> Document:
    with ctx.db.read() as conn:
        return statements.prepare(act, people.get(conn, person).id, ctx.clock(), what)


def _read(adapter: TypeAdapter[T], text: str) -> T:
    try:
        return adapter.validate_json(text)
    except ValidationError as reason:
        raise BadInput("What was signed cannot be read; paste it as it was given, or prepare it again.") from reason

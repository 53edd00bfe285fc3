"""The keys a person signs with themself, from the doors' side: what is to be signed, and what becomes of the signature.

A door decides who the caller is; the first key of their own needs no more than that. What a browser or a key file signs is
prepared here, goes out, and comes back within five minutes; nothing of it is kept in between.
``site`` is the operator's own address, never what a request claims to have been sent to.
"""

from __future__ import annotations

from typing import Any

from consent import people
from consent.signing import credentials, own_keys, passkeys, statements
from consent.signing.credentials import Credential, Proof
from consent.signing.passkeys import Registration, Site
from consent.signing.statements import Document
from safety.errors import BadInput
from safety.values import Value
from streams.context import Context


class Opening(Value):
    """To make a passkey: ``document`` comes back unchanged, ``options`` are for ``parseCreationOptionsFromJSON``."""

    document: Document
    options: dict[str, Any]


class Asked(Value):
    """To be signed: ``document``, and ``options`` for ``parseRequestOptionsFromJSON``, None where there is no passkey."""

    document: Document
    options: dict[str, Any] | None


def listing(ctx: Context, person: str) -> tuple[Credential, ...]:
    """The keys of their own that sign for ``person`` (id or handle); none means that the kept key signs."""
    with ctx.db.read() as conn:
        return credentials.listing(conn, people.get(conn, person).id)


def ask(ctx: Context, person: str, document: Document, site: Site | None) -> Asked:
    """Any document (a grant's draft, a statement) with what a browser needs to have it signed by a passkey of ``site``."""
    with ctx.db.read() as conn:
        known = credentials.passkey_ids(conn, people.get(conn, person).id)
    options = passkeys.signing_options(site, statements.written(document), known) if site and known else None
    return Asked(document=document, options=options)


def ask_software(ctx: Context, person: str, public_key: str, label: str, site: Site | None = None) -> Asked:
    """To add the key with this public key (hex): what that key signs, and, where there is one already, an earlier key too."""
    key = _raw(public_key)
    with ctx.db.read() as conn:
        owner = people.get(conn, person)
    about = own_keys.addition("software", label, key)
    return ask(ctx, owner.id, statements.prepare("add-credential", owner.id, ctx.clock(), about), site)


def add_software(
    ctx: Context, person: str, public_key: str, label: str, document: Document, possession: str, proof: Proof | None = None
) -> Credential:
    """Add it; ``possession`` is its own signature over ``document``. Raises as ``consent.signing.own_keys.add_software``."""
    with ctx.db.write() as conn:
        owner = people.get(conn, person)
        return own_keys.add_software(conn, owner, _raw(public_key), label, document, possession, ctx.clock, proof)


def open_passkey(ctx: Context, person: str, label: str, site: Site) -> Opening:
    """To make a passkey called ``label``."""
    with ctx.db.read() as conn:
        owner = people.get(conn, person)
        known = credentials.passkey_ids(conn, owner.id)
    name = own_keys.check_label(label)
    document = statements.prepare("register-passkey", owner.id, ctx.clock(), {"label": name})
    options = passkeys.registration_options(site, owner.id, f"@{owner.handle}", statements.written(document), known)
    return Opening(document=document, options=options)


def ask_passkey(
    ctx: Context, person: str, registration: Registration, label: str, opening: Document, site: Site
) -> Asked | None:  # fmt: skip
    """What an earlier key has to sign for the passkey just made to be added; None for the first key of their own."""
    with ctx.db.read() as conn:
        owner = people.get(conn, person)
        if not credentials.needs_proof(conn, owner.id):
            return None
    made = passkeys.register(registration, statements.written(opening), site)
    about = own_keys.addition("passkey", label, made.public_key)
    return ask(ctx, owner.id, statements.prepare("add-credential", owner.id, ctx.clock(), about), site)


def add_passkey(
    ctx: Context,
    person: str,
    registration: Registration,
    label: str,
    opening: Document,
    site: Site,
    document: Document | None = None,
    proof: Proof | None = None,
) -> Credential:
    """Add it; ``document`` and ``proof`` are what ``ask_passkey`` asked for. Raises as ``consent``'s own ``add_passkey``."""
    with ctx.db.write() as conn:
        owner = people.get(conn, person)
        return own_keys.add_passkey(conn, owner, registration, label, opening, site, ctx.clock, document, proof)


def ask_removal(ctx: Context, person: str, credential: str, site: Site | None = None) -> Asked:
    """What one of their keys has to sign for the key ``credential`` to be removed."""
    with ctx.db.read() as conn:
        owner = people.get(conn, person)
    return ask(
        ctx, owner.id, statements.prepare("remove-credential", owner.id, ctx.clock(), {"credential": credential}), site
    )  # fmt: skip


def remove(ctx: Context, person: str, credential: str, document: Document, proof: Proof) -> Credential:
    """Let a key sign no more. Raises as ``consent.signing.own_keys.remove``."""
    with ctx.db.write() as conn:
        return own_keys.remove(conn, people.get(conn, person), credential, document, ctx.clock, proof)


def _raw(public_key: str) -> bytes:
    try:
        return bytes.fromhex(public_key.strip())
    except ValueError as reason:
        raise BadInput("A public key is 64 hexadecimal digits; `clearance keys new` prints one.") from reason

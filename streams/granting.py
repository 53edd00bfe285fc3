"""What people allow, from the doors' side: grants, pauses, and whom they approve; each in one transaction with its consequences.

Whoever has a key of their own asks first for what is to be signed (``draft_grant``, ``prepare``), signs it where the key is, and
comes back with ``document`` and ``proof``. For everybody else the key kept for them signs. Taking back is in ``revocation``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Unpack

from consent import circle, grants, people
from consent.circle import Acquaintance
from consent.grants import Change, Draft, Grant, Signing
from consent.scope import EVERYTHING, Scope
from consent.signing import statements
from consent.signing.consent_document import Controller
from consent.signing.credentials import Proof
from consent.signing.statements import Document
from safety.errors import BadInput
from streams import notices
from streams.context import Context


def draft_grant(
    ctx: Context,
    person: str,
    to: str,
    scope: Scope = EVERYTHING,
    expires_at: datetime | None = None,
    actor: str | None = None,
) -> Draft:
    """What ``person``, or ``actor`` for them, would sign to let ``to`` use their likeness; good for five minutes."""
    _check_labels(ctx, scope)
    with ctx.db.read() as conn:
        return grants.draft(
            conn, person, to, ctx.clock(), scope=scope, expires_at=expires_at, actor=actor, controller=controller_of(ctx)
        )  # fmt: skip


def grant(
    ctx: Context,
    person: str,
    to: str,
    scope: Scope = EVERYTHING,
    expires_at: datetime | None = None,
    **signing: Unpack[Signing],
) -> Grant:
    """Let ``to`` (a handle or an audience) use ``person``'s likeness within ``scope``; raises as ``consent.grants.grant``."""
    _check_labels(ctx, scope)
    with ctx.db.write() as conn:
        given = grants.grant(
            conn, person, to, ctx.parts.vault, ctx.clock, scope=scope, expires_at=expires_at, controller=controller_of(ctx),
            **signing,
        )  # fmt: skip
        notices.tell_grant(conn, given, signing.get("actor"), ctx.clock())
    return given


def prepare(ctx: Context, person: str, act: statements.Act, about: Document) -> Document:
    """A statement for the person to sign: ``pause``, ``resume``, ``revoke`` or ``approve``, about what ``about`` says."""
    with ctx.db.read() as conn:
        return statements.prepare(act, people.get(conn, person).id, ctx.clock(), about)


def pause(ctx: Context, person: str, grant: str | None = None, **signing: Unpack[Signing]) -> Change:
    """Nothing new is made of the person until ``resume``; what is out stays out."""
    with ctx.db.write() as conn:
        change = grants.pause(conn, person, ctx.parts.vault, ctx.clock, grant, **signing)
        notices.tell_change(conn, change, signing.get("actor"))
    return change


def resume(ctx: Context, person: str, grant: str | None = None, **signing: Unpack[Signing]) -> Change:
    """End a pause; signed like a grant."""
    with ctx.db.write() as conn:
        change = grants.resume(conn, person, ctx.parts.vault, ctx.clock, grant, **signing)
        notices.tell_change(conn, change, signing.get("actor"))
    return change


def is_paused(ctx: Context, person: str) -> bool:
    """Whether everything of the person is paused now."""
    with ctx.db.read() as conn:
        return grants.is_paused(conn, people.get(conn, person).id)


def grants_of(ctx: Context, person: str) -> tuple[Grant, ...]:
    """A person's grants, the newest first."""
    with ctx.db.read() as conn:
        return grants.listing(conn, person, ctx.clock())


def ask(ctx: Context, asker: str, person: str, kind: circle.Kind = "user") -> Acquaintance:
    """``asker`` asks to be approved; the person is told."""
    with ctx.db.write() as conn:
        known = circle.ask(conn, asker, person, kind, ctx.clock)
        notices.tell_circle(conn, known, ctx.clock())
    return known


def approve(
    ctx: Context,
    person: str,
    other: str,
    kind: circle.Kind = "user",
    document: Document | None = None,
    proof: Proof | None = None,
) -> Acquaintance:
    """``person`` approves ``other`` as one who may use them, or be shown beside them; signed like a grant."""
    with ctx.db.write() as conn:
        known = circle.approve(conn, person, other, kind, ctx.parts.vault, ctx.clock, document=document, proof=proof)
        notices.tell_circle(conn, known, ctx.clock())
    return known


def circle_of(ctx: Context, person: str) -> tuple[Acquaintance, ...]:
    """Who asked, who is approved, and who was."""
    with ctx.db.read() as conn:
        return circle.listing(conn, person)


def controller_of(ctx: Context) -> Controller:
    """Who answers for the processing, on every consent receipt, as the settings say."""
    s = ctx.settings
    told = {"name": s.provider, "address": s.provider_address, "contact": s.provider_contact, "jurisdiction": s.jurisdiction}
    return Controller(**{key: value for key, value in (told | {"notice": s.privacy_notice}).items() if value})


def _check_labels(ctx: Context, scope: Scope) -> None:
    known = ctx.labels()
    if unknown := sorted(scope.forbids - known):
        raise BadInput(f"{unknown[0]!r} is not a label that is looked for; use one of {', '.join(sorted(known))}.")

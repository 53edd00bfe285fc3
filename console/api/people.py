"""/v1/people: who is known, who may use their likeness, pausing, and taking back."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, File, Form, Query, Request, UploadFile

from consent import people as known_people
from consent.scope import Scope, scoped
from console import signing
from console.api.common import Ctx, problems
from console.uploads import kept
from console.views import GrantView, PersonView, ReceiptView, grant_view, person_view, receipt_view
from console.views_consent import (
    ACTOR,
    Change,
    ConsequencesView,
    NewGrant,
    Paused,
    PreparedView,
    RevocationView,
    Taking,
    revocation_view,
)
from safety.errors import NotFound
from streams import granting, people, revocation
from streams.context import Context

router = APIRouter(prefix="/v1/people", tags=["people"])
Actor = Annotated[str | None, Query(description=ACTOR, max_length=64)]


@router.get("", summary="List people", responses=problems())
def listing(ctx: Ctx) -> list[PersonView]:
    """Everyone who is enrolled or protected. Nothing biometric leaves the vault."""
    return [person_view(p) for p in people.listing(ctx)]


@router.post("", status_code=201, summary="Enrol or protect a person", responses=problems(404, 409, 415))
def enrol(
    ctx: Ctx,
    handle: Annotated[str, Form(description="2 to 32 letters a-z, digits or underscores.")],
    files: Annotated[list[UploadFile], File(description="Photographs of one person, or one short video.")],
    kind: Annotated[Literal["enrolled", "protected"], Form(description="`protected`: never to be depicted.")] = "enrolled",
) -> PersonView:
    """The pictures are read, turned into an encrypted template, and not kept, except one portrait that drawing needs. They do
    not prove that the person is there; `/v1/enrolment` does."""
    with kept(ctx, files) as paths:
        return person_view((people.enrol if kind == "enrolled" else people.protect)(ctx, handle, paths))


@router.get("/{handle}", summary="One person", responses=problems(404))
def one(ctx: Ctx, handle: str) -> PersonView:
    """Who they are here, and the public key that verifies what was signed with the key kept for them."""
    with ctx.db.read() as conn:
        return person_view(known_people.get(conn, handle))


@router.delete("/{handle}", summary="Erase a person", responses=problems(404))
def erase(ctx: Ctx, handle: str, actor: Actor = None) -> ReceiptView:
    """Withdraw every clip of the person and destroy their key, so that what is sealed under it is noise."""
    return receipt_view(revocation.erase(ctx, handle, actor=actor))


@router.get("/{handle}/grants", summary="List a person's grants", responses=problems(404))
def grants(ctx: Ctx, handle: str) -> list[GrantView]:
    """The newest first, with what each is worth now."""
    return [grant_view(g) for g in granting.grants_of(ctx, handle)]


@router.post("/{handle}/grants", status_code=201, summary="Grant", responses=problems(404))
def grant(ctx: Ctx, handle: str, body: NewGrant) -> GrantView:
    """Let somebody use the likeness. Signed by a key of the person's own, or, where they have none, by the one kept here."""
    given = granting.grant(
        ctx, handle, body.to, _scope(body), body.expires_at, actor=body.actor, document=body.document, proof=body.proof
    )  # fmt: skip
    return grant_view(given)


@router.post("/{handle}/grants/draft", summary="Prepare a grant to be signed", responses=problems(404))
def draft(ctx: Ctx, request: Request, handle: str, body: NewGrant) -> PreparedView:
    """The consent receipt's document, for who signs with a key of their own. Send the same grant with it and the proof."""
    made = granting.draft_grant(ctx, handle, body.to, _scope(body), body.expires_at, body.actor)
    return PreparedView(document=made.document, sign=signing.options_for(ctx, request, body.actor or handle, made.document))


@router.post("/{handle}/pause", summary="Pause", responses=problems(404))
def pause(ctx: Ctx, handle: str, body: Change | None = None) -> Paused:
    """Nothing new is made of the person, or on one grant, until they resume; what is out stays out. No key is asked for."""
    asked = body or Change()
    granting.pause(ctx, handle, asked.grant, actor=asked.actor, document=asked.document, proof=asked.proof)
    return _paused(ctx, handle)


@router.post("/{handle}/resumption", summary="Resume", responses=problems(404))
def resume(ctx: Ctx, handle: str, body: Change | None = None) -> Paused:
    """End a pause; signed as a grant is."""
    asked = body or Change()
    granting.resume(ctx, handle, asked.grant, actor=asked.actor, document=asked.document, proof=asked.proof)
    return _paused(ctx, handle)


@router.get("/{handle}/revocation", summary="What taking back would do", responses=problems(404))
def preview(
    ctx: Ctx,
    handle: str,
    grant: Annotated[str | None, Query(description="One grant; none means all.", max_length=64)] = None,
    erase: Annotated[bool, Query(description="What erasing the person would do.")] = False,
) -> ConsequencesView:
    """The consequences, in numbers, with whom they concern; nothing is changed."""
    told = revocation.preview(ctx, handle, grant, erase)
    return ConsequencesView.model_validate(told.model_dump(exclude={"person", "erases"}))


@router.post("/{handle}/revocation", summary="Revoke", responses=problems(404))
def revoke(ctx: Ctx, handle: str, body: Taking | None = None) -> ReceiptView:
    """Take back one grant or all. Every clip that rests on them, and its remixes, are withdrawn when this answers."""
    asked = body or Taking()
    return receipt_view(revocation.revoke(ctx, handle, asked.grant, actor=asked.actor))


@router.get("/{handle}/revocations", summary="What was taken back", responses=problems())
def revocations(ctx: Ctx, handle: str) -> list[RevocationView]:
    """The newest first. After an erasure the handle means nobody any more: use the person's id, which the receipt names."""
    return [revocation_view(s, revocation.receipts_of(ctx, s.id)) for s in revocation.listing(ctx, handle)]


@router.get("/{handle}/revocations/{id}", summary="Where a revocation stands", responses=problems(404))
def one_revocation(ctx: Ctx, handle: str, id: str) -> RevocationView:
    """What is due and what is done, the first receipt, and the closing one once everything is done."""
    state = revocation.state(ctx, id)
    with ctx.db.read() as conn:
        known = known_people.find(conn, handle)
    if state.person != (known.id if known else handle):
        raise NotFound(f"This person has no revocation {id[:40]!r}; the list shows theirs.")
    return revocation_view(state, revocation.receipts_of(ctx, id))


def _scope(body: NewGrant) -> Scope:
    return scoped(frozenset(body.forbids), body.words, body.company, body.limit)


def _paused(ctx: Context, handle: str) -> Paused:
    return Paused(handle=handle, paused=granting.is_paused(ctx, handle))

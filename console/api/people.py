"""/v1/people: who is known, and who may use their likeness."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, File, Form, UploadFile
from pydantic import AwareDatetime, Field

from consent.scope import Company, Limit, scoped
from console.api.common import Ctx, problems
from console.uploads import kept
from console.views import GrantView, PersonView, ReceiptView, grant_view, person_view, receipt_view
from safety.values import Value
from streams import granting, people, revocation

router = APIRouter(prefix="/v1/people", tags=["people"])


class NewGrant(Value):
    """Leave for `to` to use this person's likeness, except in clips with one of the labels in `forbids`."""

    to: str = Field(description="A handle, `approved`, `mutuals` or `everyone`.", max_length=64, examples=["mara"])
    forbids: tuple[str, ...] = Field(default=(), max_length=40, examples=[["violence"]])
    words: tuple[str, ...] = Field(default=(), description="Never to be asked for, said or written.", examples=[["crypto"]])
    company: Company = Field(default="approved", description="Beside whom the person may be shown.")
    limit: Limit | None = Field(default=None, description="How often, all users of the grant together.")
    expires_at: AwareDatetime | None = Field(default=None, description="When it ends, with a time zone.")


class Revocation(Value):
    """Which grant to take back; none means all of them."""

    grant: str | None = None


class Paused(Value):
    """Whether the person's grants are suspended now."""

    handle: str
    paused: bool


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
    """The pictures are read, turned into an encrypted template, and not kept, except one portrait that drawing needs."""
    with kept(ctx, files) as paths:
        return person_view((people.enrol if kind == "enrolled" else people.protect)(ctx, handle, paths))


@router.delete("/{handle}", summary="Erase a person", responses=problems(404))
def erase(ctx: Ctx, handle: str) -> ReceiptView:
    """Withdraw every clip of the person and destroy their key, so that what is sealed under it is noise."""
    return receipt_view(revocation.erase(ctx, handle))


@router.get("/{handle}/grants", summary="List a person's grants", responses=problems(404))
def grants(ctx: Ctx, handle: str) -> list[GrantView]:
    """The newest first, with what each is worth now."""
    return [grant_view(g) for g in granting.grants_of(ctx, handle)]


@router.post("/{handle}/grants", status_code=201, summary="Grant", responses=problems(404))
def grant(ctx: Ctx, handle: str, body: NewGrant) -> GrantView:
    """Let somebody use the likeness. The grant is signed by the person's key."""
    ends: datetime | None = body.expires_at
    scope = scoped(frozenset(body.forbids), body.words, body.company, body.limit)
    return grant_view(granting.grant(ctx, handle, body.to, scope, ends))


@router.post("/{handle}/revocation", summary="Revoke", responses=problems(404))
def revoke(ctx: Ctx, handle: str, body: Revocation | None = None) -> ReceiptView:
    """Take back one grant or all. Every clip that rests on them, and its remixes, are withdrawn when this answers."""
    return receipt_view(revocation.revoke(ctx, handle, body.grant if body else None))


@router.post("/{handle}/pause", summary="Pause", responses=problems(404))
def pause(ctx: Ctx, handle: str) -> Paused:
    """Nothing new is made of the person until they resume; what is out stays out."""
    granting.pause(ctx, handle)
    return Paused(handle=handle, paused=True)


@router.post("/{handle}/resumption", summary="Resume", responses=problems(404))
def resume(ctx: Ctx, handle: str) -> Paused:
    """End a pause."""
    granting.resume(ctx, handle)
    return Paused(handle=handle, paused=False)

"""/v1/reservations: works and characters whose holders said no."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, File, Form, UploadFile

from console.api.common import Ctx, problems
from console.uploads import kept
from console.views import ReservationView, reservation_view
from streams import works

router = APIRouter(prefix="/v1/reservations", tags=["reservations"])
Kind = Literal["character", "look", "logo", "title", "recording", "work", "person", "brand", "style"]


@router.get("", summary="List reservations", responses=problems())
def listing(ctx: Ctx) -> list[ReservationView]:
    """Those in force, by title."""
    return [reservation_view(w) for w in works.listing(ctx)]


@router.post("", status_code=201, summary="Reserve a work", responses=problems(409, 415))
def add(
    ctx: Ctx,
    holder: Annotated[str, Form(description="Who holds the right.")],
    title: Annotated[str, Form(description="Title of the work, or the character's name.")],
    kind: Annotated[Kind, Form()] = "character",
    names: Annotated[list[str] | None, Form(description="Other names and aliases.")] = None,
    description: Annotated[str, Form(description="What it looks like, in words.")] = "",
    policy: Annotated[
        Literal["deny", "hold", "allow"], Form(description="What becomes of a prompt or clip that has it.")
    ] = "deny",
    licensees: Annotated[list[str] | None, Form(description="Handles of those who may use it.")] = None,
    pictures: Annotated[list[UploadFile] | None, File(description="Reference pictures.")] = None,
) -> ReservationView:
    """Holds from the next prompt and the next release on. Filed here it is not verified: it makes clips wait for a person."""
    filing = works.simple_filing(
        holder=holder, title=title, kind=kind, names=[n for n in names or [] if n.strip()], description=description,
        policy=policy, licensees=licensees or [],
    )  # fmt: skip
    with kept(ctx, pictures or []) as paths:
        return reservation_view(works.add(ctx, filing, paths, verified=False))


@router.delete("/{id}", summary="Take a reservation back", responses=problems(404))
def withdraw(ctx: Ctx, id: str) -> ReservationView:
    """It no longer stops anything. Doing it twice does it once."""
    return reservation_view(works.withdraw(ctx, id))

"""A person's own page: who may use them and what came of it, the pause switch, whom they approve, what they were told.

Whatever widens is signed: with the key kept here, by a passkey (the script asks ``.../prepare`` first), or with a key file, whose
document is shown to be signed elsewhere. Pausing asks for nothing. Taking back is in ``revocation``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import FileResponse, JSONResponse, Response
from starlette.background import BackgroundTask

from consent import circle, grants, notices, people
from consent.errors import ProofNeeded, UnknownGrant
from consent.signing import software_keys
from consent.signing.statements import Document
from console import labels, own_page, signing
from console.api.common import Ctx
from console.grant_form import GrantForm, grant_form
from console.pages.paper import go, language_of, page
from console.plain import to_json
from safety.errors import ClearanceError
from streams import granting, parting, portability
from streams.context import Context

router = APIRouter()
Typed = Annotated[GrantForm, Depends(grant_form)]
Actor = Annotated[str, Form(alias="as")]
Text = Annotated[str, Form()]


@router.get("/people/{handle}")
def person(request: Request, ctx: Ctx, handle: str, actor: Annotated[str, Query(alias="as", max_length=64)] = "") -> Response:
    """Everything about one person, as they see it."""
    return show(request, ctx, handle, actor)


@router.post("/people/{handle}/grants")
def grant(
    request: Request, ctx: Ctx, handle: str, typed: Typed, actor: Actor = "", document: Text = "", proof: Text = ""
) -> Response:
    """Let somebody use the likeness."""
    try:
        signed = signing.signing_of(document, proof, actor)
        granting.grant(ctx, handle, typed.holder, typed.scope, typed.expires_at, **signed)
    except ProofNeeded:
        asked = granting.draft_grant(ctx, handle, typed.holder, typed.scope, typed.expires_at, actor or None).document
        return by_hand(request, handle, actor, asked, typed.fields)
    except ClearanceError as error:
        return show(request, ctx, handle, actor, error, typed)
    return _back(handle, actor, "grants")


@router.post("/people/{handle}/grants/prepare")
def prepare_grant(request: Request, ctx: Ctx, handle: str, typed: Typed, actor: Actor = "") -> Response:
    """The grant's document, and what the browser is asked to sign it."""
    draft = granting.draft_grant(ctx, handle, typed.holder, typed.scope, typed.expires_at, actor or None)
    return prepared(ctx, request, actor or handle, draft.document)


@router.get("/people/{handle}/grants/{id}/receipt.json")
def grant_receipt(ctx: Ctx, handle: str, id: str) -> Response:
    """The signed consent receipt of one grant, as a file."""
    found = next((g for g in granting.grants_of(ctx, handle) if g.id == id), None)
    if found is None:
        raise UnknownGrant("This person gave no such grant; their page lists them.")
    headers = {"Content-Disposition": f'attachment; filename="grant-{found.id}.json"'}
    return Response(found.receipt.model_dump_json(), media_type="application/json", headers=headers)


@router.post("/people/{handle}/pause")
def pause(ctx: Ctx, handle: str, grant: Text = "", actor: Actor = "") -> Response:
    """Nothing new, of one grant or of all, until resumed; no key is asked for."""
    granting.pause(ctx, handle, grant or None, actor=actor or None)
    return _back(handle, actor, "grants" if grant else "")


@router.post("/people/{handle}/resumption")
def resume(
    request: Request, ctx: Ctx, handle: str, grant: Text = "", actor: Actor = "", document: Text = "", proof: Text = ""
) -> Response:
    """End a pause; signed as a grant is."""
    try:
        granting.resume(ctx, handle, grant or None, **signing.signing_of(document, proof, actor))
    except ProofNeeded:
        return by_hand(request, handle, actor, _resumption(ctx, handle, grant), [("grant", grant)])
    except ClearanceError as error:
        return show(request, ctx, handle, actor, error)
    return _back(handle, actor, "grants" if grant else "")


@router.post("/people/{handle}/resumption/prepare")
def prepare_resumption(request: Request, ctx: Ctx, handle: str, grant: Text = "", actor: Actor = "") -> Response:
    """The statement that ends a pause, and what the browser is asked to sign it."""
    return prepared(ctx, request, actor or handle, _resumption(ctx, handle, grant))


@router.post("/people/{handle}/circle")
def approve(
    request: Request, ctx: Ctx, handle: str, other: Text = "", kind: Text = "user", document: Text = "", proof: Text = ""
) -> Response:
    """Approve somebody who asked, or who did not."""
    try:
        sort = _kind(kind)
        signed = signing.signing_of(document, proof, "")
        granting.approve(ctx, handle, other, sort, signed.get("document"), signed.get("proof"))
    except ProofNeeded:
        return by_hand(request, handle, "", _approval(ctx, handle, other, kind), [("other", other), ("kind", kind)])
    except ClearanceError as error:
        return show(request, ctx, handle, "", error)
    return _back(handle, "", "circle")


@router.post("/people/{handle}/circle/prepare")
def prepare_approval(request: Request, ctx: Ctx, handle: str, other: Text = "", kind: Text = "user") -> Response:
    """The statement that approves somebody, and what the browser is asked to sign it."""
    return prepared(ctx, request, handle, _approval(ctx, handle, other, kind))


@router.post("/people/{handle}/circle/ask")
def ask(request: Request, ctx: Ctx, handle: str, other: Text = "", kind: Text = "user") -> Response:
    """Ask somebody else to approve this person; they are told, and nothing happens unless they do."""
    try:
        with ctx.db.read() as conn:
            asker = people.get(conn, handle).handle
        granting.ask(ctx, asker, other, _kind(kind))
    except ClearanceError as error:
        return show(request, ctx, handle, "", error)
    return _back(handle, "", "circle")


@router.post("/people/{handle}/circle/end")
def unapprove(ctx: Ctx, handle: str, other: Text = "", kind: Text = "user") -> Response:
    """Say no to somebody who asked, or take an approval back with what rested on it; the latter has a receipt."""
    receipt = parting.unapprove(ctx, handle, other, _kind(kind))
    return _back(handle, "", "circle") if receipt is None else go(f"/revocations/{receipt.document['withdrawal']}")


@router.post("/people/{handle}/notices")
def mark_read(ctx: Ctx, handle: str) -> Response:
    """Everything that was told until now is read. Whoever acts for the person has notices of their own."""
    with ctx.db.write() as conn:
        notices.mark_read(conn, people.get(conn, handle).id, ctx.clock())
    return _back(handle, "", "notices")


@router.get("/people/{handle}/history")
def history(request: Request, ctx: Ctx, handle: str, after: Annotated[str, Query(max_length=120)] = "") -> Response:
    """Everything that happened, the newest first, fifty at a time."""
    owner, moments, holders = own_page.read_history(ctx, handle, own_page.read_place(after))
    older = own_page.write_place(moments[-1].place) if len(moments) == 50 else ""
    return page(
        request, "history.html", person=owner, moments=moments, holders=holders, older=older, notice=_notice_words(request, owner)
    )


@router.post("/people/{handle}/export")
def export(request: Request, ctx: Ctx, handle: str, actor: Actor = "") -> Response:
    """Everything that is kept about the person, as one file."""
    path = portability.export(ctx, handle, actor=actor or None, address=str(request.base_url).rstrip("/"))
    with ctx.db.read() as conn:
        name = f"{people.get(conn, handle).handle}.zip"
    gone = BackgroundTask(path.unlink, missing_ok=True)
    return FileResponse(path, media_type="application/zip", filename=name, background=gone)


def show(
    request: Request, ctx: Context, handle: str, actor: str = "", error: ClearanceError | None = None,
    typed: GrantForm | None = None, **more: Any,
) -> Response:  # fmt: skip
    """The person's page; ``error`` stands above the form that was sent, with everything still filled in."""
    language = language_of(request)
    own = own_page.read_own_page(ctx, handle, actor, language)
    return page(
        request, "person.html", 200 if error is None else error.status, own=own, person=own.person, error=error,
        typed=typed or GrantForm(), choices=labels.choices(ctx.policy(), language), notice=_notice_words(request, own.person),
        told=lambda n: notices.words(n, language), elsewhere=signing.elsewhere(request), **more,
    )  # fmt: skip


def prepared(ctx: Context, request: Request, signer: str, document: Document) -> Response:
    """What the page's script asks for before it sends a form that is to be signed."""
    return JSONResponse({"document": document, "sign": signing.options_for(ctx, request, signer, document)})


def by_hand(
    request: Request, handle: str, actor: str, document: Document, fields: Iterable[tuple[str, str]], action: str = ""
) -> Response:
    """The page for who signs with a key file: the document to sign, and a place for the proof. The form is sent again with it."""
    text = to_json(document)
    hidden = [(name, value) for name, value in (*fields, ("as", actor), ("document", text)) if value]
    return page(
        request, "sign.html", 403, handle=handle, document=text, fields=hidden, action=action or request.url.path,
        lines=software_keys.in_words(document),
    )  # fmt: skip


def _resumption(ctx: Context, handle: str, grant: str) -> Document:
    return granting.prepare(ctx, handle, "resume", grants.about(grant or None))


def _approval(ctx: Context, handle: str, other: str, kind: str) -> Document:
    return granting.prepare(ctx, handle, "approve", circle.about(people.check_handle(other), _kind(kind)))


def _kind(text: str) -> circle.Kind:
    return "co-star" if text == "co-star" else "user"


def _notice_words(request: Request, owner: people.Person) -> Any:
    language = language_of(request)
    return lambda moment: notices.words(own_page.notice_of(moment, owner), language)


def _back(handle: str, actor: str, place: str) -> Response:
    """To the person's page, as whoever acted, where they were."""
    return go(f"/people/{handle}" + (f"?as={actor}" if actor else "") + (f"#{place}" if place else ""))

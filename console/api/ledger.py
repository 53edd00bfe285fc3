"""/v1/ledger: checkpoints and proofs, so that an outsider can hold us to what was recorded."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import Field

from console.api.common import Ctx, problems
from safety import ledger
from safety.errors import NotFound
from safety.values import Value

router = APIRouter(prefix="/v1/ledger", tags=["ledger"])


class Checkpoint(Value):
    """The newest signed statement of the ledger's size and root."""

    note: str = Field(description="A C2SP signed note: origin, size, root (base64), signature.")
    size: int
    public_key: str = Field(description="Hex of the 32 raw bytes of the Ed25519 key that signs.")
    entries: int = Field(description="Entries now; those after `size` are covered by the next checkpoint.")


class Proof(Value):
    """One entry, and what is needed to see that it lies under the checkpoint's root (RFC 9162)."""

    entry: dict[str, Any]
    proof: dict[str, Any]
    checkpoint: str
    public_key: str


@router.get("/checkpoint", summary="The newest checkpoint", responses=problems(404))
def checkpoint(ctx: Ctx) -> Checkpoint:
    """Keep it: a ledger whose past is rewritten no longer agrees with it."""
    with ctx.db.read() as conn:
        note, entries = ledger.newest(conn), ledger.size(conn)
    if note is None:
        raise NotFound("The ledger has no checkpoint yet; ask again in a moment.")
    size, _root = ledger.read_note(note, ctx.signer.public_key)
    return Checkpoint(note=note, size=size, public_key=ctx.signer.public_key.hex(), entries=entries)


@router.get("/entries/{position}/proof", summary="An inclusion proof", responses=problems(404))
def proof(ctx: Ctx, position: Annotated[int, Path(ge=1, lt=2**53, description="Counts from 1.")]) -> Proof:
    """Check it with the public key alone: the entry's hash, the path, and the root in the signed checkpoint."""
    with ctx.db.read() as conn:
        return Proof.model_validate(ledger.prove(conn, position) | {"public_key": ctx.signer.public_key.hex()})

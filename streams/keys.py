"""Changing the vault's key while everything runs: short transactions, then what they did on disk, then the old key's end."""

from __future__ import annotations

from consent import erasure
from consent.vault import rotation
from consent.vault.rotation import Rotation
from streams.context import Context


def rotate(ctx: Context) -> Rotation:
    """Wrap every key anew and destroy the key that wrapped them before; what was interrupted is taken up again.

    Raises ``ConsentError`` when the database's log is still being read: nothing is lost, both keys are there, call it again.
    """
    vault, walked = ctx.parts.vault, rotation.Cursor()
    with ctx.db.write() as conn:
        rotation.begin(conn, vault)
    while not walked.done:
        with ctx.db.write() as conn:
            walked = rotation.step(conn, vault, walked)
    with ctx.db.write() as conn:
        told = rotation.conclude(conn, vault, walked, ctx.clock())
    # A commit of SQLite is safe from a power cut only after a checkpoint; the old key must not be gone before the new rows are.
    erasure.scrub(ctx.db)
    with ctx.db.write() as conn:
        rotation.destroy(conn, vault)
    return told

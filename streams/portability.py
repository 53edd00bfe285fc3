"""Everything about a person as one file they can take with them (GDPR articles 15 and 20): JSON, signed receipts, their portrait.

It is gathered under one read, so that its parts belong together, and written to a temporary file that the caller deletes: it
holds in the clear what is sealed everywhere else. It must never hold a key, nor what is about somebody else alone.
"""

from __future__ import annotations

import json
import os
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import sqlalchemy as sa
from pydantic import TypeAdapter

from consent import notices, people, standing
from consent.errors import UnknownPerson
from consent.tables import grants
from safety import ledger
from safety.errors import Unavailable
from streams.context import Context
from streams.export_parts import FORMAT, PARTS, PORTRAIT, Source, readme
from streams.tables import revocations


def export(ctx: Context, person: str, *, actor: str | None = None, address: str = "") -> Path:
    """Write a ZIP of everything about ``person`` (id or handle) and return its path; the caller deletes it.

    ``actor`` (id or handle) is whoever acts for the person; an estate gets no numbers of the face or voice, which are of no use
    to remembrance. ``address`` is put before clips' paths, such as ``https://example.org``. Ledger and person learn of it.
    Raises ``UnknownPerson``, ``Forbidden``, ``VaultLocked`` when what is sealed cannot be opened, and ``Unavailable``.
    """
    now = ctx.clock()
    folder = ctx.settings.home / "scratch"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix="export-", suffix=".zip", dir=folder)  # mode 0600
    except OSError as reason:
        raise Unavailable(f"The export cannot be written ({reason.strerror}); free space and ask again.") from reason
    path = Path(name)
    try:
        with os.fdopen(handle, "wb") as raw, zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as out, ctx.db.read() as conn:
            owner = people.get(conn, person)
            authority = standing.acting_for(conn, owner.id, actor, now)
            sealed = authority.role != "estate"
            for file, data in _files(Source(conn, ctx.parts.vault, owner, now, address), sealed=sealed):
                info = zipfile.ZipInfo(file, now.timetuple()[:6])
                info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
                out.writestr(info, data)
        with ctx.db.write() as conn:
            body: dict[str, object] = {"represented": authority.actor is not None, "sealed": sealed}
            ledger.append(conn, "person-exported", owner.id, body, now)
            notices.note(conn, owner.id, "exported", {}, now)
    except OSError as reason:
        path.unlink(missing_ok=True)
        raise Unavailable(f"The export cannot be written ({reason.strerror}); free space and ask again.") from reason
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


@contextmanager
def exported(ctx: Context, person: str, *, actor: str | None = None, address: str = "") -> Iterator[Path]:
    """Like ``export_person``; the file is deleted afterwards, whatever happens."""
    path = export(ctx, person, actor=actor, address=address)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def _files(of: Source, *, sealed: bool) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each file, the explanation first."""
    yield "README.txt", readme(of.owner, of.now, sealed=sealed).encode()
    schemas: dict[str, Any] = {}
    for part in PARTS:
        if part.sealed and not sealed:
            continue
        adapter: TypeAdapter[Any] = TypeAdapter(part.kind)
        schemas[part.file] = adapter.json_schema()
        yield part.file, adapter.dump_json(part.gather(of), indent=1)
    yield "schema.json", json.dumps({"format": FORMAT, "files": schemas}, indent=1).encode()
    for row in of.conn.execute(sa.select(grants.c.id, grants.c.receipt).where(grants.c.person == of.owner.id)):
        yield f"receipts/grant-{row.id}.json", row.receipt.encode()
    for row in of.conn.execute(sa.select(revocations).where(revocations.c.person == of.owner.id)):
        yield f"receipts/revocation-{row.id}.json", row.receipt.encode()
        if row.closing is not None:
            yield f"receipts/revocation-{row.id}-closed.json", row.closing.encode()
    if sealed:
        yield from _portrait(of)


def _portrait(of: Source) -> Iterator[tuple[str, bytes]]:
    try:
        picture = people.portrait(of.conn, of.owner.id, of.vault)
    except UnknownPerson:
        return
    done, png = cv2.imencode(".png", picture[:, :, ::-1])
    if done:
        yield PORTRAIT, png.tobytes()

"""What must hold of the tables after every act, whoever did it and however it was interrupted."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from consent.cameo_tables import acquaintances, credentials, issued_permits, notices
from consent.tables import people, person_keys, person_secrets, person_sightings
from safety import ledger, releases
from safety.errors import Gone
from safety.ledger import Entry
from safety.permit import Permit
from safety.signed import Signed, check_document
from safety.tables import ledger as ledger_rows
from safety.tables import release_permits
from safety.tables import releases as release_rows
from streams import serving, submissions
from streams.context import Context
from streams.submissions import STATUSES
from streams.tables import revocations
from streams.tables import submissions as submission_rows
from tests.streams.consent_model import Model


def check(ctx: Context, model: Model) -> None:
    """Every invariant that is cheap enough to hold after each act."""
    db: Any = ctx.db
    before, db._inside = db._inside, True
    try:
        with ctx.db.read() as conn:
            _sums(conn)
            _permits_are_spent_once(conn)
            _nothing_open_is_left_over(conn, model)
            _withdrawn_is_what_must_be(conn, model)
            _the_erased_are_gone(conn, model)
        _serving_agrees(ctx, model)
    finally:
        db._inside = before


def check_end(ctx: Context, model: Model) -> None:
    """What must hold when nothing is waiting any more: the ledger's chain, and that every revocation is closed truly."""
    with ctx.db.read() as conn:
        ledger.verify(conn, ctx.signer.public_key)
        rows = conn.execute(sa.select(revocations)).all()
        taken = {row.clip: row.withdrawal for row in conn.execute(sa.select(release_rows)) if row.withdrawal is not None}
        owners = {row.clip: row.submission for row in conn.execute(sa.select(release_rows))}
    assert set(taken) == {clip.clip for clip in model.clips.values() if clip.withdrawn}
    for row in rows:
        assert row.closed_at is not None, f"the {row.kind} of {row.at} was never closed"
        closing = Signed.model_validate_json(row.closing)
        assert check_document(closing, ctx.signer.public_key), "the closing receipt was not signed by the house"
        said: Any = closing.document
        mine = [clip for clip, withdrawal in taken.items() if withdrawal == row.id]
        counted = {said["how_many"][kind] for kind in ("clips", "clips_in_ledger", "clips_swept")}
        assert counted == {len(mine)}, f"{len(mine)} clips went and the receipt says {counted}"
        assert not said["different"], f"what was promised is not what was done: {said['different']}"
        for clip in mine:
            assert not ctx.blobs.others(owners[clip], set()), "a file of a withdrawn clip is left"


def read_ledger(conn: sa.Connection, after: int) -> list[Entry]:
    """What was added to the ledger after a position."""
    rows = conn.execute(sa.select(ledger_rows).where(ledger_rows.c.position > after).order_by(ledger_rows.c.position))
    return [Entry(position=r.position, kind=r.kind, subject=r.subject, body=json.loads(r.body), at=r.at) for r in rows]


def read_release(conn: sa.Connection, clip: str) -> tuple[str, str, tuple[Permit, ...]]:
    """A released clip, its submission, and the permits it rests on."""
    return clip, releases.get(conn, clip).submission, releases.permits_of(conn, clip)


def count_open(conn: sa.Connection, grant: str, now: datetime) -> int:
    """Permits of the grant that may still be spent."""
    mine = (issued_permits.c.grant_id == grant, issued_permits.c.expires_at > now)
    still = (issued_permits.c.spent_at.is_(None), issued_permits.c.voided_at.is_(None))
    return int(conn.execute(sa.select(sa.func.count()).select_from(issued_permits).where(*mine, *still)).scalar_one())


def _sums(conn: sa.Connection) -> None:
    count = submissions.count(conn)
    assert count["attempts"] == sum(count[status] for status in STATUSES), f"attempts are missing: {count}"
    assert count["released"] == conn.execute(sa.select(sa.func.count()).select_from(release_rows)).scalar_one()


def _permits_are_spent_once(conn: sa.Connection) -> None:
    """Each clip has spent permits of its own, bound to its own request, and nothing was spent without a release."""
    used = {
        (row.permit, row.clip, row.submission)
        for row in conn.execute(
            sa.select(release_permits.c.permit, release_permits.c.body, release_rows.c.clip, release_rows.c.submission).join(
                release_rows, release_rows.c.clip == release_permits.c.clip
            )
        )
        if Permit.model_validate_json(row.body).kind == "cameo"
    }
    rows = conn.execute(sa.select(issued_permits)).all()
    spent = {(row.id, row.clip, row.request) for row in rows if row.spent_at is not None}
    assert spent == used, f"permits spent and releases differ: {spent ^ used}"
    assert not [row.id for row in rows if row.spent_at is not None and row.voided_at is not None], "spent and voided"
    assert not [row.id for row in rows if row.spent_at is not None and row.spent_at >= row.expires_at], "spent too late"
    assert len({permit for permit, _, _ in used}) == len(used), "one permit serves two clips"


def _nothing_open_is_left_over(conn: sa.Connection, model: Model) -> None:
    """No permit of an ended request, of an ended grant or of a person who is gone is still to be had."""
    where = (issued_permits.c.spent_at.is_(None), issued_permits.c.voided_at.is_(None))
    rows = sa.select(issued_permits.c.grant_id, issued_permits.c.person, submission_rows.c.status).where(*where)
    for row in conn.execute(rows.join(submission_rows, submission_rows.c.id == issued_permits.c.request)):
        assert row.status in ("in-flight", "held"), f"a permit of a {row.status} request is still open"
        given = model.grants.get(row.grant_id)
        assert given is None or not given.revoked, "a permit of a revoked grant is still open"
        assert not model.people[row.person].erased, "a permit of an erased person is still open"


def _withdrawn_is_what_must_be(conn: sa.Connection, model: Model) -> None:
    gone = {row.clip: row.withdrawal is not None for row in conn.execute(sa.select(release_rows))}
    for clip in model.clips.values():
        assert gone.get(clip.clip) == clip.withdrawn, f"{clip.clip} is {'live' if clip.withdrawn else 'withdrawn'}"


def _the_erased_are_gone(conn: sa.Connection, model: Model) -> None:
    for person in (p for p in model.people.values() if p.erased):
        for table in (person_keys, person_secrets, person_sightings, credentials, notices, acquaintances):
            left = conn.execute(sa.select(sa.func.count()).select_from(table).where(table.c.person == person.id)).scalar_one()
            assert not left, f"{left} rows of an erased person are left in {table.name}"
        assert conn.execute(sa.select(people.c.handle).where(people.c.id == person.id)).scalar_one() is None


def _serving_agrees(ctx: Context, model: Model) -> None:
    for clip in model.clips.values():
        try:
            serving.live(ctx, clip.clip)
            served = True
        except Gone:
            served = False
        assert served != clip.withdrawn, f"{clip.clip} is {'served' if served else 'refused'}"

"""What is kept of a clip beside its file: words, prints, who was seen and heard, faces of nobody known. It goes with the clip.

Deleting is by the hundred, so that a tree of thousands takes seconds and nobody waits long for the database. Nothing is opened
here: a row is deleted by whose it is.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from consent.cameo_tables import clip_faces, clip_keys
from consent.tables import person_sightings
from safety.db import without_overwriting
from safety.tables import releases
from streams.tables import clip_words, shot_prints, sound_prints

#: Ids named one by one in a statement.
CHUNK = 500


def forget(conn: sa.Connection, drafts: Mapping[str, Collection[str]]) -> dict[str, int]:
    """Delete what was kept of these submissions, each given with the digests of its draft and sealed file.

    Returns how many rows that were, by submission; the key of a clip's faces counts as one.
    """
    gone = dict.fromkeys(drafts, 0)
    own = {name: name for name in drafts}
    with without_overwriting(conn):
        for table in (shot_prints, sound_prints):
            _delete(conn, table.c.submission, own, gone)
    _delete(conn, clip_words.c.submission, own, gone)
    owners = {digest: submission for submission, digests in drafts.items() for digest in digests}
    for digest in _still_shown(conn, owners):
        del owners[digest]
    for column in (person_sightings.c.subject, clip_faces.c.subject, clip_keys.c.subject):
        _delete(conn, column, owners, gone)
    return gone


def _still_shown(conn: sa.Connection, digests: Collection[str]) -> set[str]:
    """Of these drafts those that another clip shows, byte for byte: the same prompt and seed can draw the same clip twice."""
    shown: set[str] = set()
    for some in _chunks([*digests]):
        live = sa.select(releases.c.draft).where(releases.c.draft.in_(some), releases.c.withdrawal.is_(None))
        shown.update(conn.execute(live).scalars())
    return shown


def _delete(conn: sa.Connection, column: sa.Column[Any], owners: Mapping[str, str], gone: dict[str, int]) -> None:
    """Delete the rows whose ``column`` is a key of ``owners``, and count them for its owner."""
    for some in _chunks([*owners]):
        here = column.in_(some)
        for name, number in conn.execute(sa.select(column, sa.func.count()).where(here).group_by(column)).all():
            gone[owners[name]] += number
        conn.execute(sa.delete(column.table).where(here))


def _chunks(names: Sequence[str]) -> list[Sequence[str]]:
    return [names[i : i + CHUNK] for i in range(0, len(names), CHUNK)]

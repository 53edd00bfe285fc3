"""Registered names out of the database: all that are in force, or only what changed since a revision."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa

from consent.names.columns import CERTAIN, COMMON, STYLE, Columns
from consent.names.words import Fold
from consent.tables import reservation_names as names
from consent.tables import reservations as works

#: Works asked for at a time by their ids.
_BATCH = 500
#: Words that stand in every sentence and so are no context.
_STOP = frozenset(
    "a an and are as at by for from her his in is it of on or the to who with au de des du en et la le les un une".split()  # noqa: SIM905
)


def read_all(conn: sa.Connection, fold: Fold) -> Columns:
    """Every name in force for prompts. A million take some twenty seconds."""
    return _read(conn, fold, None)


def read_changed(conn: sa.Connection, since: int, fold: Fold) -> tuple[list[bytes], Columns]:
    """Ids of the works that were filed or taken back after revision ``since``, and the names of those in force."""
    ids = [UUID(identity).bytes for identity in conn.scalars(sa.select(works.c.id).where(works.c.revision > since))]
    return ids, _read(conn, fold, since) if ids else Columns()


def _read(conn: sa.Connection, fold: Fold, since: int | None) -> Columns:
    columns = Columns()
    known: dict[str, tuple[int, int]] = {}
    wanted = sa.and_(works.c.withdrawn_at.is_(None), works.c.policy != "allow", works.c.scope.contains('"prompt"'))
    if since is not None:
        wanted = sa.and_(works.c.revision > since, wanted)
    facts = (works.c.id, works.c.kind, works.c.policy, works.c.verified, works.c.expires_at)
    for identity, kind, policy, verified, expires_at in conn.execute(sa.select(*facts).where(wanted)):
        flags = (CERTAIN if policy == "deny" and verified else 0) | (STYLE if kind == "style" else 0)
        known[identity] = columns.add_work(identity, expires_at), flags
    common: dict[str, list[int]] = {}
    query = sa.select(names.c.reservation, names.c.name)
    if since is not None:
        query = query.join(works, works.c.id == names.c.reservation).where(wanted)
    for identity, name in conn.execute(query):
        found = known.get(identity)
        if found is not None and columns.add_name(found[0], name, fold, found[1]) & COMMON:
            common.setdefault(identity, []).append(len(columns) - 1)
    for identity, context in _contexts(conn, fold, list(common)):
        for row in common[identity]:
            columns.context[row] = context
    return columns


def _contexts(conn: sa.Connection, fold: Fold, ids: list[str]) -> Iterable[tuple[str, str]]:
    """The words that are said of each work."""
    facts = (works.c.id, works.c.description, works.c.holder, works.c.title)
    for at in range(0, len(ids), _BATCH):
        for identity, *texts in conn.execute(sa.select(*facts).where(works.c.id.in_(ids[at : at + _BATCH]))):
            yield identity, " ".join(sorted(set(fold(" ".join(texts)).split()) - _STOP))

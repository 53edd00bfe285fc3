"""Counters that tell whether what was read is still what is there.

Every change raises its counter in the same transaction. An inspection notes the counters it worked from; release reads
them again, and a difference means: look once more. Indexes in memory refresh when their counter moved.
"""

from __future__ import annotations

from typing import Literal

import sqlalchemy as sa

from consent.tables import consent_versions

#: ``people``: who can be recognised; ``grants``: who may use whom; ``works``: what is reserved.
Counter = Literal["people", "grants", "works"]
#: Made once, as every prompt asks it.
_VALUE = sa.select(consent_versions.c.value).where(consent_versions.c.name == sa.bindparam("counter"))


def version(conn: sa.Connection, counter: Counter) -> int:
    """The counter's value; 0 before the first change."""
    found = conn.execute(_VALUE, {"counter": counter}).scalar()
    return int(found or 0)


def searchable(conn: sa.Connection) -> int:
    """One number for all that a clip is searched for: it moves when a person or a work comes or goes."""
    return version(conn, "people") + version(conn, "works")


def bump(conn: sa.Connection, counter: Counter) -> int:
    """Raise the counter inside the caller's write transaction; return the new value."""
    raised = sa.update(consent_versions).where(consent_versions.c.name == counter)
    if not conn.execute(raised.values(value=consent_versions.c.value + 1)).rowcount:
        conn.execute(sa.insert(consent_versions).values(name=counter, value=1))
    return version(conn, counter)

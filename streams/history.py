"""What came before a submission: the prompts up its remix chain, and what the same person asked for in the last hour.

It is cut by the submission's own time and never by the clock, so that screening it again, however late, reads the same. Refused
and held prompts count like the others; other people's count only where a clip of theirs is remixed.
"""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from safety.prompt import Earlier
from streams.submissions import Submission
from streams.tables import submissions

#: Clips up a remix chain, and prompts of the same person, that are read at most. Both are choices: far more steps than a story
#: that is told in pieces needs, few enough to be read at every prompt.
MOST_REMIXED, MOST_ASKED = 8, 12
#: How long before a submission its requester's prompts still count as one session.
SESSION = timedelta(minutes=60)


def earlier(conn: sa.Connection, submission: Submission) -> Earlier:
    """What came before ``submission``, each the oldest first."""
    return Earlier(remixed=_remixed(conn, submission.parent), asked=_asked(conn, submission))


def _remixed(conn: sa.Connection, clip: str | None) -> tuple[str, ...]:
    """Prompts from the clip that is remixed up to where its chain began, or to the most that are read."""
    found: list[str] = []
    while clip is not None and len(found) < MOST_REMIXED:
        row = conn.execute(sa.select(submissions.c.prompt, submissions.c.parent).where(submissions.c.clip == clip)).first()
        if row is None:
            break
        found.append(row.prompt)
        clip = row.parent
    return tuple(reversed(found))


def _asked(conn: sa.Connection, submission: Submission) -> tuple[str, ...]:
    """The last prompts of the same requester before this one; of two at one instant the id says which came first."""
    table, at = submissions.c, submission.submitted_at
    before = (table.submitted_at < at) | ((table.submitted_at == at) & (table.id < submission.id))
    rows = (
        sa.select(table.prompt)
        .where(table.requester == submission.requester, table.submitted_at >= at - SESSION, before)
        .order_by(table.submitted_at.desc(), table.id.desc())
        .limit(MOST_ASKED)
    )
    return tuple(reversed([row.prompt for row in conn.execute(rows)]))

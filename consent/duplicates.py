"""A face or voice that is offered for enrolment and is known as another person's: refused, and told to that person.

Who offers it never learns whose it is. The notice and the ledger say that it was tried, under which name, and nothing of what
was shown.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import sqlalchemy as sa

from consent import notices
from consent.errors import Taken
from safety import ledger


class Known(Taken):
    """The face or voice is another person's. ``owner`` is that person's id, which never reaches whoever asked."""

    def __init__(self, detail: str, owner: str, what: Literal["face", "voice"]) -> None:
        super().__init__(detail)
        self.owner, self.what = owner, what


def report(conn: sa.Connection, found: Known, handle: str, at: datetime) -> int:
    """Tell the owner and the ledger that somebody tried to be ``@handle`` with what is theirs; return the ledger position.

    Call it in a transaction of its own: the one that was refused is not kept.
    """
    notices.note(conn, found.owner, "duplicate-enrolment", {"handle": handle, "what": found.what}, at)
    return ledger.append(conn, "duplicate-enrolment", found.owner, {"what": found.what}, at)

"""Serving media: the release row is read at every request, so that a withdrawn clip is gone at once (G3).

There is no cache between the row and the answer; a server that cannot read the row refuses. A file that is being sent is asked
about again on its way.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from consent import claims
from safety import releases
from safety.errors import ClearanceError, Gone
from safety.releases import Release
from streams.context import Context
from streams.errors import Withheld

WHY = {
    "revocation": "a person shown in it, or in the clip it was made from, took back their consent",
    "opt-out": "a rights holder reserved what it shows",
    "moderation": "a moderator withdrew it",
    "policy": "a rule that came into force later does not allow it",
    "claim": "somebody it shows, or who acts for them, claimed it and the claim was upheld",
}

#: A clip that nobody is shown while a claim about it is open.
WITHHELD = "This clip is withheld while a person looks at a claim about it; it is shown again if the claim is not upheld."


def live(ctx: Context, clip: str) -> Release:
    """The release of a clip that may be shown now. Raises ``NotFound``, or ``Gone`` or ``Withheld`` with the reason."""
    with ctx.db.read() as conn:
        release = releases.get(conn, clip)
        if release.withdrawal is not None:
            withdrawal = releases.read_withdrawal(conn, release.withdrawal)
            raise Gone(
                f"This clip was withdrawn on {withdrawal.at:%Y-%m-%d at %H:%M:%S} UTC because {WHY[withdrawal.cause]}.",
                cause=withdrawal.cause, withdrawn_at=withdrawal.at.isoformat(), withdrawal=withdrawal.id,
            )  # fmt: skip
        if claims.is_withheld(conn, clip):
            raise Withheld(WITHHELD, cause="claim")
    return release


def may_be_shown(ctx: Context, clip: str) -> bool:
    """Whether a clip that is being sent may go on being sent. What cannot be read may not."""
    try:
        live(ctx, clip)
    except ClearanceError:
        return False
    return True


@contextmanager
def media(ctx: Context, clip: str) -> Iterator[Path]:
    """A local path of the released file. Raises as ``live`` does."""
    release = live(ctx, clip)
    with ctx.blobs.open_path(release.submission, release.sealed) as path:
        yield path

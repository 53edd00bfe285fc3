"""What upholding a claim would withdraw, told before anybody decides: the questions that the decision asks, and no change."""

from __future__ import annotations

from collections.abc import Iterable

from consent import claims
from consent.errors import ClaimRefused
from safety import releases
from safety.values import Value
from streams.claims import MEANT
from streams.context import Context
from streams.same_clips import same_as


class Consequences(Value):
    """``clips`` are all that would go: ``chosen`` ones, ``copies`` of those, ``remixes`` of either. ``makers`` are told."""

    clips: int
    chosen: int
    copies: int
    remixes: int
    makers: tuple[str, ...]


def preview(ctx: Context, number: str, clips: Iterable[str] | None = None) -> Consequences:
    """What ``streams.claims.decide`` would withdraw if it were upheld now; without ``clips`` all that were named or are copies.

    Raises ``UnknownClaim``, and ``ClaimRefused`` for a clip that is not part of the claim.
    """
    with ctx.db.read() as conn:
        filed = claims.get(conn, number)
    chosen = {f.clip for f in filed.found if f.how in MEANT} if clips is None else {*clips}
    if strange := sorted(chosen - {f.clip for f in filed.found}):
        raise ClaimRefused(f"The clip {strange[0]} is not part of claim {filed.number}; name only clips that it lists.")
    taken = chosen | {same for some in same_as(ctx, sorted(chosen)).values() for same in some}
    with ctx.db.read() as conn:
        live = {clip for clip in taken if releases.get(conn, clip).withdrawal is None}
        going = releases.with_remixes(conn, sorted(live))
        makers = releases.made_by(conn, going)
    return Consequences(
        clips=len(going), chosen=len(chosen & live), copies=len(live - chosen), remixes=len(going) - len(live),
        makers=tuple(sorted(makers)),
    )  # fmt: skip

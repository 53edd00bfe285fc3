"""What somebody who enrols is asked to do now: digits to say and turns of the head to make, which nobody could film beforehand.

A challenge is made of numbers from the system's source of randomness, holds for a minute and is answered once, well or badly:
the first recording that arrives takes it, whatever becomes of that recording. It says nothing of who answers; that is
``assessment``'s part.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Literal

import sqlalchemy as sa

from consent.cameo_tables import challenges
from consent.liveness.errors import EnrolmentRefused, Reason, TooManyChallenges, UnknownChallenge
from consent.people import check_handle
from safety.clock import Clock
from safety.values import Value

Turn = Literal["left", "right", "up", "down"]
TURNS: tuple[Turn, ...] = ("left", "right", "up", "down")
#: Digits to say, no two alike, since a recogniser stumbles over "two two" and loops over "two six two six": 151,200 of them.
DIGITS = 6
#: Turns to make, no two alike one after the other, left and right among them (which alone tell depth): 62 orders, 31 told apart
#: when it is not known whether the camera mirrors.
TURNS_MADE = 4
#: How long a challenge holds, from its issue until its answer has arrived.
HOLDS = timedelta(seconds=60)
#: Challenges that one handle may ask for in so much time. Whoever fails five times needs help, not a sixth.
MOST, WITHIN = 5, timedelta(minutes=10)
#: How long a challenge that nobody answered is kept. Answered ones stay, so that a recording is not sent twice.
KEPT = timedelta(days=1)
#: The outcome of one that was taken up and not decided; it stays if the process dies meanwhile.
LOOKING = "looking"
PASSED = "passed"


class Challenge(Value):
    """``digits`` are to be said slowly, two or three times, looking at the camera: a voice needs five seconds of speech. Then the
    head is turned as ``turns`` say, to the person's own left and right, back to the middle after each."""

    id: str
    handle: str
    digits: str
    turns: tuple[Turn, ...]
    issued_at: datetime
    expires_at: datetime

    @property
    def groups(self) -> tuple[str, str]:
        """The digits as they are shown."""
        return self.digits[: DIGITS // 2], self.digits[DIGITS // 2 :]


class _Body(Value):
    digits: str
    turns: tuple[Turn, ...]


def issue(conn: sa.Connection, handle: str, clock: Clock) -> Challenge:
    """A new challenge for whoever wants to be ``@handle``. Raises ``BadInput`` for the handle, and ``TooManyChallenges``.

    Whoever knows a handle can use up its challenges; that is the price of not letting them be tried without end.
    """
    name, now = check_handle(handle), clock()
    stale = sa.and_(challenges.c.answered_at.is_(None), challenges.c.expires_at < now - KEPT)
    conn.execute(sa.delete(challenges).where(stale))
    recent = sa.select(sa.func.count()).where(challenges.c.handle == name, challenges.c.issued_at > now - WITHIN)
    if int(conn.execute(recent).scalar_one()) >= MOST:
        minutes = round(WITHIN.total_seconds() / 60)
        raise TooManyChallenges(f"@{name} was given {MOST} challenges within {minutes} minutes; wait a while, then ask again.")
    said, turns = draw()
    body = _Body(digits=said, turns=turns)
    identity = secrets.token_hex(16)
    values = {"id": identity, "handle": name, "body": body.model_dump_json(), "issued_at": now, "expires_at": now + HOLDS}
    conn.execute(sa.insert(challenges).values(**values))
    return get(conn, identity)


def get(conn: sa.Connection, challenge: str) -> Challenge:
    """One challenge. Raises ``UnknownChallenge``."""
    row = conn.execute(sa.select(challenges).where(challenges.c.id == challenge)).first()
    if row is None:
        raise UnknownChallenge("No challenge has that id; ask for a new one.")
    body = _Body.model_validate_json(row.body)
    return Challenge(
        id=row.id, handle=row.handle, digits=body.digits, turns=body.turns, issued_at=row.issued_at, expires_at=row.expires_at
    )  # fmt: skip


def take_up(conn: sa.Connection, challenge: str, recording: str, clock: Clock) -> tuple[Challenge, EnrolmentRefused | None]:
    """The challenge that ``recording`` (a digest) answers as it arrives, and the reason when it is refused already.

    From now on the challenge is answered. A refusal is given back rather than raised, so that the caller keeps the transaction
    which says so. ``answered-before`` alone changes nothing. Raises ``UnknownChallenge``.
    """
    asked, now = get(conn, challenge), clock()
    answered = sa.select(challenges.c.answered_at).where(challenges.c.id == asked.id)
    if conn.execute(answered).scalar_one() is not None:
        return asked, EnrolmentRefused("answered-before", "This challenge was answered before; ask for a new one.")
    refused: EnrolmentRefused | None = None
    if now > asked.expires_at:
        seconds = round(HOLDS.total_seconds())
        refused = EnrolmentRefused(
            "expired", f"The recording came later than {seconds} seconds after the challenge; ask for a new one."
        )
    elif conn.execute(sa.select(challenges.c.id).where(challenges.c.recording == recording)).first() is not None:
        refused = EnrolmentRefused("replayed", "This recording was sent before; ask for a new challenge and record yourself now.")
    outcome = LOOKING if refused is None else refused.reason
    values = {"answered_at": now, "outcome": outcome, "recording": recording}
    conn.execute(sa.update(challenges).where(challenges.c.id == asked.id).values(**values))
    return asked, refused


def close(conn: sa.Connection, challenge: str, outcome: Reason | Literal["passed"]) -> None:
    """Say what became of a challenge that was taken up."""
    conn.execute(sa.update(challenges).where(challenges.c.id == challenge).values(outcome=outcome))


def outcome(conn: sa.Connection, challenge: str) -> str | None:
    """``passed``, ``looking``, the code of a refusal, or None while it is unanswered. Raises ``UnknownChallenge``."""
    get(conn, challenge)
    found = conn.execute(sa.select(challenges.c.outcome).where(challenges.c.id == challenge)).scalar_one()
    return None if found is None else str(found)


def proved_at(conn: sa.Connection, handle: str) -> datetime | None:
    """When whoever is ``@handle`` last passed a challenge; None when they never did."""
    passed = sa.and_(challenges.c.handle == check_handle(handle), challenges.c.outcome == PASSED)
    newest = sa.select(challenges.c.answered_at).where(passed).order_by(challenges.c.answered_at.desc()).limit(1)
    found: datetime | None = conn.execute(newest).scalar_one_or_none()
    return found


def forget(conn: sa.Connection, handle: str) -> int:
    """Empty the handle of every challenge it was given, for its erasure; return how many. The digests stay, which say nothing of
    anybody and keep a recording from being sent again."""
    gone = sa.update(challenges).where(challenges.c.handle == check_handle(handle)).values(handle="")
    return int(conn.execute(gone).rowcount)


def draw() -> tuple[str, tuple[Turn, ...]]:
    """Digits and turns, drawn by chance."""
    return _digits(), _turns()


def _digits() -> str:
    left = list("0123456789")
    return "".join(left.pop(secrets.randbelow(len(left))) for _ in range(DIGITS))


def _turns() -> tuple[Turn, ...]:
    while True:
        drawn: list[Turn] = [secrets.choice(TURNS)]
        while len(drawn) < TURNS_MADE:
            drawn.append(secrets.choice([t for t in TURNS if t != drawn[-1]]))
        if {"left", "right"} <= set(drawn):
            return tuple(drawn)

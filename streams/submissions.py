"""Submissions: what was asked, by whom, and where it stands. An attempt is written down before anything looks at it.

Statuses: ``in-flight`` until it is ``released``, ``refused``, ``held`` or ``failed``; the five always add up to the attempts
(guarantee G5). ``held`` goes back to ``in-flight`` when a moderator lets it on.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Literal

import sqlalchemy as sa
from pydantic import Field

from consent import issuing
from safety import ledger
from safety.errors import BadInput, NotFound, TooLarge
from safety.prompt import MAX_PROMPT_CHARS, Prompt
from safety.values import Value, canonical, derive, digest
from streams import log, notices
from streams.events import first
from streams.tables import submissions

Status = Literal["in-flight", "released", "refused", "held", "failed"]
STATUSES: tuple[Status, ...] = ("in-flight", "released", "refused", "held", "failed")
MIN_SECONDS, MAX_SECONDS = 3.0, 10.0
MIN_SIDE, MAX_SIDE = 320, 1280


class Order(Value):
    """What a person sends in. ``key`` makes sending it twice the same submission (an idempotency key)."""

    prompt: str
    requester: str
    language: str | None = None
    cameos: tuple[str, ...] = ()
    remix_of: str | None = None
    seed: int = Field(default=0, ge=0, lt=2**63)
    width: int = 640
    height: int = 360
    seconds: float = 4.0
    key: str | None = None


class Submission(Value):
    """One row. ``progress`` is that of the present ``stage``, 0 to 1; ``clip`` is set once it is released.

    ``registry`` is the version of the registries (people and works) that the draft was last searched in.
    """

    id: str
    requester: str
    prompt: str
    language: str | None
    cameos: tuple[str, ...]
    parent: str | None
    seed: int
    width: int
    height: int
    seconds: float
    submitted_at: datetime
    status: Status
    stage: str
    progress: float
    words: str
    clause: str | None
    detail: str | None
    prompt_verdict: str | None
    clip_verdict: str | None
    draft: str | None
    registry: int | None
    clip: str | None
    ended_at: datetime | None


def check(order: Order) -> None:
    """Refuse what cannot be a submission. Raises ``BadInput`` or ``TooLarge`` with the sentence to show."""
    check_text(order.prompt)
    named = (("requester", order.requester), ("language", order.language), ("remixed clip", order.remix_of), ("key", order.key))
    for what, name in (*named, *(("cameo", handle) for handle in order.cameos)):
        check_name(what, name)
    if not order.requester.strip():
        raise BadInput("A submission needs a requester; say who asks.")
    if len(order.requester) > 64:
        raise BadInput("The requester's name is longer than 64 characters.")
    if not MIN_SECONDS <= order.seconds <= MAX_SECONDS:
        raise BadInput(f"A clip lasts {MIN_SECONDS:.0f} to {MAX_SECONDS:.0f} seconds; {order.seconds:g} was asked for.")
    for side in (order.width, order.height):
        if not MIN_SIDE <= side <= MAX_SIDE or side % 2:
            raise BadInput(f"Width and height are even numbers from {MIN_SIDE} to {MAX_SIDE}; {side} was asked for.")


def check_text(text: str) -> None:
    """Refuse what cannot be a prompt. Raises ``BadInput`` or ``TooLarge``."""
    if len(text) > MAX_PROMPT_CHARS:
        raise TooLarge(f"The prompt has {len(text):,} characters; {MAX_PROMPT_CHARS:,} is the most. Shorten it.")
    if not _is_storable(text) or _is_binary(text):
        raise BadInput("The prompt is not text; send words in UTF-8.")
    if not any(c.isalnum() for c in text):
        raise BadInput("The prompt has no words in it; say what should be seen.")


def check_name(what: str, text: str | None) -> None:
    """Refuse a name or id that no database could keep. Raises ``BadInput``; ``what`` says which one."""
    if text is not None and not _is_storable(text):
        raise BadInput(f"The {what} is not text; send words in UTF-8.")


def create(conn: sa.Connection, order: Order, at: datetime) -> str:
    """Write the attempt, its ledger entry and its first event; return its id. A known ``key`` returns the one it made."""
    check(order)
    content = order.model_dump(mode="json")
    ticket = order.key or f"{digest(canonical(content))}/{at.isoformat()}"
    id = derive(f"{order.requester}/{ticket}", "submission")
    if conn.execute(sa.select(submissions.c.id).where(submissions.c.id == id)).first():
        return id
    conn.execute(
        sa.insert(submissions).values(
            id=id, requester=order.requester, prompt=order.prompt, language=order.language, cameos=json.dumps(order.cameos),
            parent=order.remix_of, seed=order.seed, width=order.width, height=order.height, seconds=order.seconds,
            submitted_at=at, status="in-flight", stage="screen", progress=0.0, words="waiting",
        )
    )  # fmt: skip
    ledger.append(conn, "attempt", id, {"requester": order.requester, "prompt": Prompt(text=order.prompt).digest}, at)
    log.append(conn, [first(id, at)])
    return id


def get(conn: sa.Connection, id: str) -> Submission:
    """The submission, or ``NotFound``."""
    row = conn.execute(sa.select(submissions).where(submissions.c.id == id)).mappings().first()
    if row is None:
        raise NotFound(f"No submission has the id {id!r}; `clearance status` lists them.")
    return _submission(row)


def exists(conn: sa.Connection, id: str) -> bool:
    """Whether there is such a submission."""
    return conn.execute(sa.select(submissions.c.id).where(submissions.c.id == id)).first() is not None


def listing(
    conn: sa.Connection, *, requester: str | None = None, status: Status | None = None, limit: int = 100
) -> tuple[Submission, ...]:
    """Submissions, the newest first."""
    rows = sa.select(submissions).order_by(submissions.c.submitted_at.desc(), submissions.c.id).limit(limit)
    if requester is not None:
        rows = rows.where(submissions.c.requester == requester)
    if status is not None:
        rows = rows.where(submissions.c.status == status)
    return tuple(_submission(row) for row in conn.execute(rows).mappings())


def move(conn: sa.Connection, id: str, **changes: object) -> None:
    """Change columns of one submission."""
    conn.execute(sa.update(submissions).where(submissions.c.id == id).values(**changes))


def note_progress(conn: sa.Connection, id: str, progress: float, words: str) -> None:
    """Write down how far work is, unless the submission ended meanwhile: work that is still stopping says nothing."""
    where = (submissions.c.id == id) & (submissions.c.status == "in-flight")
    conn.execute(sa.update(submissions).where(where).values(progress=progress, words=words))


def end(
    conn: sa.Connection,
    id: str,
    status: Status,
    at: datetime,
    *,
    clause: str | None = None,
    detail: str | None = None,
    **more: object,
) -> None:
    """Give a submission its outcome, once per outcome, and write it in the ledger; permits it did not spend go back."""
    move(conn, id, status=status, clause=clause, detail=detail, progress=1.0, words=status, ended_at=at, **more)
    if status in ("refused", "failed"):
        issuing.void(conn, at, request=id)
    ledger.append(conn, "outcome", id, {"status": status, "clause": clause}, at)
    notices.tell_ended(conn, id, status, clause, at)


def count(conn: sa.Connection) -> dict[str, int]:
    """How many submissions have each status, and ``attempts``: how many the ledger saw begin."""
    rows = conn.execute(sa.select(submissions.c.status, sa.func.count()).group_by(submissions.c.status))
    found = dict.fromkeys(STATUSES, 0) | {str(status): number for status, number in rows}
    return found | {"attempts": ledger.count(conn, "attempt")}


def _submission(row: sa.RowMapping) -> Submission:
    return Submission.model_validate(dict(row) | {"cameos": tuple(json.loads(row["cameos"]))})


def _is_storable(text: str) -> bool:
    """Whether it has neither a NUL nor half a surrogate pair, which UTF-8 or a database cannot carry."""
    return "\x00" not in text and not any("\ud800" <= c <= "\udfff" for c in text)


def _is_binary(text: str) -> bool:
    """Whether control characters, other than those a keyboard makes, are more than a tenth of it."""
    control = sum(1 for c in text if ord(c) < 32 and c not in "\t\n\r")
    return control > max(0, len(text) // 10)

"""The form a grant is given with: what was typed, kept to be shown again, and read into what ``granting`` takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Annotated, get_args

from fastapi import Form

from consent.scope import AUDIENCES, Company, Scope, read_limit, scoped
from safety.errors import BadInput

#: Who may: one person by handle, or an audience.
WHO = ("handle", "approved", "mutuals", "everyone")


@dataclass(frozen=True)
class GrantForm:
    """What was typed. ``forbids`` are ticked boxes, each with one or more labels parted by spaces."""

    who: str = "handle"
    to: str = ""
    forbids: tuple[str, ...] = ()
    words: str = ""
    company: str = "approved"
    count: str = ""
    per: str = "week"
    until: str = ""

    @property
    def holder(self) -> str:
        """Whom the grant is for. A handle that was typed without choosing counts; raises ``BadInput`` when nobody is named."""
        if self.who in AUDIENCES:
            return self.who
        if not self.to.strip():
            raise BadInput("Nobody is named; write the handle of the person who may use the likeness.")
        return self.to

    @property
    def scope(self) -> Scope:
        """Raises ``BadInput``."""
        if self.company not in get_args(Company):
            raise BadInput("Beside whom you may be shown is one of the three choices; choose one.")
        limit = read_limit(f"{self.count}/{self.per}") if self.count.strip() else None
        company: Company = self.company  # type: ignore[assignment]
        lines = tuple(line for line in self.words.splitlines() if line.strip())
        return scoped(frozenset(" ".join(self.forbids).split()), lines, company, limit)

    @property
    def expires_at(self) -> datetime | None:
        """The last moment of the day, UTC. Raises ``BadInput``."""
        if not self.until.strip():
            return None
        try:
            return datetime.combine(datetime.fromisoformat(self.until.strip()).date(), time(23, 59, 59), UTC)
        except ValueError as reason:
            raise BadInput("The end of the grant is not a date; write it as 2027-01-31.") from reason

    @property
    def fields(self) -> list[tuple[str, str]]:
        """Names and values, to be sent again."""
        one = {n: getattr(self, n) for n in ("who", "to", "words", "company", "count", "per", "until")}
        return [*one.items(), *(("forbids", value) for value in self.forbids)]


def grant_form(
    who: Annotated[str, Form()] = "handle",
    to: Annotated[str, Form()] = "",
    forbids: Annotated[list[str] | None, Form()] = None,
    words: Annotated[str, Form()] = "",
    company: Annotated[str, Form()] = "approved",
    count: Annotated[str, Form()] = "",
    per: Annotated[str, Form()] = "week",
    until: Annotated[str, Form()] = "",
) -> GrantForm:
    """The form as FastAPI reads it."""
    return GrantForm(who, to, tuple(forbids or ()), words, company, count, per, until)

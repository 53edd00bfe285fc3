"""What a grant allows, in terms a machine can check on the prompt, on the clip and at release.

A grant says who (its holder), and a scope says for what, with whom and how often. Everything here is plain data; whether it is
kept to is checked by ``consent.permits``, ``streams.scope`` and ``safety.judge``.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import timedelta
from typing import Literal

from pydantic import Field, ValidationError, field_validator

from safety.errors import BadInput
from safety.values import Value

#: Holders that are not one handle. ``approved`` are those the person approved, ``mutuals`` those who approved each other.
EVERYONE, APPROVED, MUTUALS = "everyone", "approved", "mutuals"
AUDIENCES = (APPROVED, MUTUALS, EVERYONE)
#: Beside whom the person may be shown: nobody, those approved as co-stars (and the holder), or anybody who granted too.
Company = Literal["alone", "approved", "anyone"]
Per = Literal["day", "week", "month"]
SPANS: dict[str, timedelta] = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}
MOST_WORDS, LONGEST_WORDS = 100, 80


class Limit(Value):
    """At most ``count`` clips in any ``per`` (a month is 30 days), released or under way."""

    count: int = Field(ge=1, le=10_000)
    per: Per

    @property
    def span(self) -> timedelta:
        return SPANS[self.per]


class Scope(Value):
    """``forbids`` are policy labels, ``words`` what may not be asked for, said or written; ``limit`` None is no limit."""

    forbids: frozenset[str] = frozenset()
    words: tuple[str, ...] = ()
    company: Company = "approved"
    limit: Limit | None = None

    @field_validator("words")
    @classmethod
    def _plain(cls, words: tuple[str, ...]) -> tuple[str, ...]:
        clean = [" ".join(unicodedata.normalize("NFKC", w).split()) for w in words]
        if len(clean) > MOST_WORDS:
            raise ValueError(f"at most {MOST_WORDS} words or phrases")
        if any(not re.search(r"\w", w) or len(w) > LONGEST_WORDS for w in clean):
            raise ValueError(f"a word or phrase has letters or digits and at most {LONGEST_WORDS} characters")
        return tuple(sorted(dict.fromkeys(clean)))


#: No limits beyond those that always hold.
EVERYTHING = Scope()


def scoped(
    forbids: frozenset[str] = frozenset(),
    words: tuple[str, ...] = (),
    company: Company = "approved",
    limit: Limit | None = None,
) -> Scope:
    """A scope from what a person typed. Raises ``BadInput`` with the sentence to show."""
    try:
        return Scope(forbids=forbids, words=words, company=company, limit=limit)
    except ValidationError as reason:
        said = str(reason.errors()[0]["msg"]).removeprefix("Value error, ")
        raise BadInput(f"The limits of the grant cannot be used: {said}. Write them shorter.") from reason


def read_limit(text: str) -> Limit | None:
    """``3/week`` as a limit; nothing is no limit. Raises ``BadInput``."""
    if not text.strip():
        return None
    found = re.fullmatch(r"\s*([1-9][0-9]{0,3})\s*/\s*(day|week|month)\s*", text.lower())
    if found is None:
        raise BadInput(f"{text[:40]!r} is not how often; write a number and a span, as in 3/week (day, week or month).")
    return Limit.model_validate({"count": int(found[1]), "per": found[2]})

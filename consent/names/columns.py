"""Names on their way into a segment: plain lists, one entry a name, and one a work they belong to."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from math import inf
from uuid import UUID

from consent.names.slips import MOST_WORDS, SHORTEST
from consent.names.sounds import is_latin
from consent.names.words import Fold, is_common, split

#: What is known of a name, as bits.
COMMON, CERTAIN, STYLE, MISSPELT, JOINED, ABROAD = (1 << n for n in range(6))
#: Shortest name that is also looked for run together ("spiderman" for "Spider-Man"), in letters.
LEAST_JOINED = 6


@dataclass
class Columns:
    """``of`` is each name's work; ``context`` are words of the work, kept for common names only."""

    works: list[bytes] = field(default_factory=list)
    ends: list[float] = field(default_factory=list)
    of: list[int] = field(default_factory=list)
    folded: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    flags: list[int] = field(default_factory=list)
    context: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.of)

    def add_work(self, identity: str, expires_at: datetime | None) -> int:
        """Make room for a work; its number is what ``add_name`` wants."""
        self.works.append(UUID(identity).bytes)
        self.ends.append(expires_at.timestamp() if expires_at else inf)
        return len(self.works) - 1

    def add_name(self, work: int, written: str, fold: Fold, flags: int, context: str = "") -> int:
        """Fold a name and keep it under what it is; 0 when nothing of it is left, else its flags."""
        words = split(written, fold)
        folded = words.text
        if not folded:
            return 0
        usual = all(words.spaced)
        letters = len(folded) - len(words.bounds) + 1
        if is_common(folded):
            flags |= COMMON
        elif usual and letters >= SHORTEST and len(words.bounds) <= MOST_WORDS:
            flags |= MISSPELT
        if not is_latin(written):
            flags |= ABROAD
        if usual and len(words.bounds) > 1 and letters >= LEAST_JOINED and not is_common(folded.replace(" ", "")):
            flags |= JOINED
        self.of.append(work)
        self.folded.append(folded)
        self.written.append(written)
        self.flags.append(flags)
        self.context.append(context if flags & COMMON else "")
        return flags

"""What must hold of consent, in plain Python: who allowed whom, read from what people did and from nothing the pipeline wrote.

The model is told every act in the order in which the ledger kept it, and every release. It answers whether the release could have
been allowed at that place of the ledger. It shares no code with ``consent``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

SPANS = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}


@dataclass
class PersonFact:
    id: str
    handle: str
    protected: bool = False
    paused: bool = False
    erased: bool = False


@dataclass
class GrantFact:
    """``company`` is alone, approved or anyone; ``limit`` is how many in which span."""

    id: str
    person: str
    holder: str
    forbids: frozenset[str]
    words: tuple[str, ...]
    company: str
    limit: tuple[int, str] | None
    expires_at: datetime | None
    paused: bool = False
    revoked: bool = False


@dataclass(frozen=True)
class Asked:
    """A submission as it was sent: whom it names, whom its clip shows unasked, what it remixes, its words and their labels."""

    id: str
    requester: str
    named: tuple[str, ...]
    unasked: tuple[str, ...]
    remixes: str | None
    words: frozenset[str]
    labels: frozenset[str]


@dataclass
class ClipFact:
    """``people`` are the ids of those it shows, with the grant each was used under."""

    clip: str
    asked: Asked
    people: dict[str, str]
    at: datetime
    position: int
    withdrawn: bool = False


@dataclass
class Model:
    people: dict[str, PersonFact] = field(default_factory=dict)
    grants: dict[str, GrantFact] = field(default_factory=dict)
    approved: set[tuple[str, str, str]] = field(default_factory=set)  # person's id, the other's handle, kind
    asked: dict[str, Asked] = field(default_factory=dict)
    clips: dict[str, ClipFact] = field(default_factory=dict)

    def living(self, handle: str) -> PersonFact | None:
        """The person who has the handle now."""
        return next((p for p in self.people.values() if p.handle == handle and not p.erased), None)

    def shown_by(self, asked: Asked) -> set[str]:
        """Ids of everybody a clip of the submission would show now; a name that nobody has stands for itself."""
        shown = {(p.id if (p := self.living(h)) else h) for h in asked.named}
        shown |= {p.id for h in asked.unasked if (p := self.living(h))}
        return shown | (set(self.clips[asked.remixes].people) if asked.remixes else set())

    def why_not(self, person: str, grant: str, asked: Asked, shown: set[str], at: datetime) -> str | None:
        """None when the grant let the submission's sender use the person then; else what was against it. Limits are apart."""
        fact = self.people.get(person)
        if fact is None or fact.erased:
            return "nobody has that name"
        if fact.protected:
            return "the person is protected"
        given = self.grants.get(grant)
        if given is None:
            return None if asked.requester == fact.handle else "there is no such grant"
        if given.person != person:
            return "the grant is somebody else's"
        reasons = {
            "the grant was revoked": given.revoked,
            "the grant had expired": given.expires_at is not None and at >= given.expires_at,
            "the grant was paused": given.paused,
            "everything was paused": fact.paused,
            "the grant is not for the sender": not self._covers(given, fact, asked.requester),
            "a label was forbidden": bool(given.forbids & asked.labels),
            "a word was ruled out": bool(set(given.words) & asked.words),
            "the company was not approved": not self._keeps(given, asked.requester, shown - {person}),
        }
        return next((reason for reason, holds in reasons.items() if holds), None)

    def used(self, grant: str, span: str, at: datetime) -> int:
        """Clips released under the grant in the span that ends ``at``."""
        since = at - SPANS[span]
        return sum(grant in clip.people.values() and since < clip.at <= at for clip in self.clips.values())

    def withdraw(self, *, grants: frozenset[str] = frozenset(), person: str = "", clips: frozenset[str] = frozenset()) -> None:
        """These clips, what rests on these grants, and what shows the person, with everything that was remixed from it."""
        for clip in self.clips.values():  # in the order of release: a remix comes after what it remixes
            parent = self.clips.get(clip.asked.remixes or "")
            reached = grants & set(clip.people.values()) or person in clip.people or clip.clip in clips
            if reached or (parent is not None and parent.withdrawn):
                clip.withdrawn = True

    def part(self, person: str, other: str, kind: str) -> None:
        """An approval ends, with the clips that needed it."""
        self.approved.discard((person, other, kind))
        handle, second = self.people[person].handle, self.living(other)
        if kind == "co-star":
            ended = {c.clip for c in self.clips.values() if second is not None and self._needed(c, person, second)}
        else:
            ended = {
                c.clip for c in self.clips.values() if c.asked.requester == other and self._by(c, person, "approved", "mutuals")
            }
            if second is not None:
                mine = (c for c in self.clips.values() if c.asked.requester == handle)
                ended |= {c.clip for c in mine if self._by(c, second.id, "mutuals")}
        self.withdraw(clips=frozenset(ended))

    def _by(self, clip: ClipFact, person: str, *holders: str) -> bool:
        """Whether the clip shows the person under a grant to one of these audiences."""
        given = self.grants.get(clip.people.get(person, ""))
        return given is not None and given.holder in holders

    def _needed(self, clip: ClipFact, person: str, other: PersonFact) -> bool:
        """Whether the clip shows both, and the person's grant wanted the other approved."""
        given = self.grants.get(clip.people.get(person, ""))
        return (
            given is not None and given.company == "approved" and other.id in clip.people and clip.asked.requester != other.handle
        )

    def erase(self, person: str) -> None:
        """The person goes, and with the name all approvals that they or others gave by it."""
        fact = self.people[person]
        fact.erased = True
        for given in self.grants.values():
            given.revoked |= given.person == person
        self.approved = {a for a in self.approved if a[0] != person and a[1] != fact.handle}
        self.withdraw(person=person)

    def _covers(self, given: GrantFact, fact: PersonFact, requester: str) -> bool:
        if given.holder in ("everyone", requester):
            return True
        if given.holder not in ("approved", "mutuals") or (given.person, requester, "user") not in self.approved:
            return False
        other = self.living(requester)
        return given.holder == "approved" or (other is not None and (other.id, fact.handle, "user") in self.approved)

    def _keeps(self, given: GrantFact, requester: str, beside: set[str]) -> bool:
        if given.company == "anyone":
            return True
        names = {self.people[b].handle for b in beside if b in self.people}
        approved = {handle for handle in names if (given.person, handle, "co-star") in self.approved} | {requester}
        return not beside if given.company == "alone" else names <= approved

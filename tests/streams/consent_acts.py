"""A house in which people act on the real consent tables and the real pipeline, while a model watches what the ledger keeps.

An act is a tuple of a name and plain arguments, so that a history of acts can be kept and played again: by another runner, or
with a check taken out. Things are named by number (the third submission, modulo how many there are), so that every history can be
played.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from consent.circle import Kind
from consent.scope import Limit, Scope
from console.bench.consent_world import PROMPT_WORDS, Crash, Time, admit, open_world, unasked_in
from safety import cases
from safety.errors import ClearanceError
from safety.ledger import Entry
from safety.permit import Permit
from safety.verdict import Outcome
from streams import decisions, granting, log, parting, revocation
from streams.context import Context
from streams.handle import TryAgain, handle
from streams.local import step
from streams.pipeline import AFTER, BY_NAME, STAGES
from streams.submissions import Order, Submission
from streams.submitting import submit
from tests.streams import consent_checks
from tests.streams.consent_model import Asked, ClipFact, GrantFact, Model, PersonFact

Act = tuple[Any, ...]
SCOPES = {
    "any": Scope(company="anyone"),
    "approved": Scope(),
    "alone": Scope(company="alone"),
    "no politics": Scope(company="anyone", forbids=frozenset({"politics"})),
    "no whisky": Scope(company="anyone", words=("whisky",)),
    "once a day": Scope(company="anyone", limit=Limit(count=1, per="day")),
    "twice a week": Scope(company="anyone", limit=Limit(count=2, per="week")),
}


def deeds(history: Iterable[Act]) -> list[Act]:
    """What people do in a history, without the steps and accidents of a runner: those are the runner's own."""
    done: list[Act] = []
    for act in history:
        if act[0] in ("crash", "between"):
            done += deeds([act[1], *act[3:]] if act[0] == "between" else [act[1]])
        elif act[0] not in ("step", "deliver"):
            done.append(act)
    return done


class House:
    """``reopen`` is what a new process does after a crash. ``alone``: no runner's threads work beside whoever acts here."""

    def __init__(self, home: Path, url: str = "", alone: bool = True) -> None:
        self.home, self.url, self.clock, self.model = home, url, Time(), Model()
        self.history: list[Act] = []
        self.ctx: Context = open_world(home, self.clock, url)
        self.position = 0
        self.sent: list[str] = []
        self.given: list[str] = []
        self.wrong: list[str] = []
        self.alone = alone
        self._words: dict[str, Any] = {}
        self._depth = 0
        self._watch()

    def do(self, act: Act) -> None:
        """Perform one act; whatever it releases or draws is held against the model, and all invariants afterwards."""
        if not self._depth:
            self.history.append(act)
        name, *arguments = act
        getattr(self, name)(*arguments)
        if not self._depth:
            self.check()

    def check(self) -> None:
        self.observe()
        assert not self.wrong, self.wrong
        consent_checks.check(self.ctx, self.model)

    def close(self) -> None:
        """The checks that are made once."""
        consent_checks.check_end(self.ctx, self.model)
        self.ctx.db.close()

    def reopen(self) -> None:
        """Forget everything that is not in the database or on disk."""
        self.ctx.db.close()
        self.ctx = open_world(self.home, self.clock, self.url)
        self._watch()

    # what people do

    def enrol(self, handle: str, face: str = "") -> None:
        self._try(lambda: admit(self.ctx, handle, face=face), handle=handle)

    def protect(self, handle: str) -> None:
        self._try(lambda: admit(self.ctx, handle, protected=True), handle=handle)

    def grant(self, person: str, to: str, scope: str = "any", hours: float | None = None) -> None:
        ends = None if hours is None else self.clock.now + timedelta(hours=hours)
        self._try(lambda: granting.grant(self.ctx, person, to, SCOPES[scope], ends), holder=to, scope=SCOPES[scope], ends=ends)

    def approve(self, person: str, other: str, kind: Kind = "user") -> None:
        self._try(lambda: granting.approve(self.ctx, person, other, kind), other=other, kind=kind)

    def unapprove(self, person: str, other: str, kind: Kind = "user") -> None:
        self._try(lambda: parting.unapprove(self.ctx, person, other, kind), other=other, kind=kind)

    def pause(self, person: str, grant: int | None = None) -> None:
        self._try(lambda: granting.pause(self.ctx, person, self._grant(person, grant)))

    def resume(self, person: str, grant: int | None = None) -> None:
        self._try(lambda: granting.resume(self.ctx, person, self._grant(person, grant)))

    def revoke(self, person: str, grant: int | None = None) -> None:
        self._try(lambda: revocation.revoke(self.ctx, person, self._grant(person, grant)))

    def erase(self, person: str) -> None:
        self._try(lambda: revocation.erase(self.ctx, person))

    def submit(
        self,
        requester: str,
        named: tuple[str, ...],
        words: str = "walking",
        remix: int | None = None,
        asked: tuple[str, ...] = (),
    ) -> None:
        """``named`` are mentioned in the prompt, ``asked`` beside it."""
        out = list(self.model.clips.values())
        parent = out[remix % len(out)].clip if remix is not None and out else None
        prompt = " ".join([*(f"@{handle}" for handle in named), words, f"scene {len(self.sent)}"])
        order = Order(prompt=prompt, requester=requester, cameos=asked, remix_of=parent, language="en", key=str(len(self.sent)))
        self._try(lambda: submit(self.ctx, order), order=order, named=(*named, *asked))

    def decide(self, case: int, allow: bool) -> None:
        with self.ctx.db.read() as conn:
            waiting = cases.listing(conn)
        if waiting:
            chosen, outcome = waiting[case % len(waiting)].id, Outcome.ALLOW if allow else Outcome.BLOCK
            reason = "false-alarm" if allow else "violates-clause"
            self._try(lambda: decisions.decide(self.ctx, chosen, outcome, moderator="mo", reason=reason))

    # what time, runners and accidents do

    def jump(self, hours: float) -> None:
        self.clock.jump(timedelta(hours=hours))

    def step(self, stage: str) -> None:
        self._try(lambda: step(BY_NAME[stage], self.ctx))

    def drain(self, until: str | None = None) -> None:
        """Let every stage do all it can, or those before ``until``; where a runner works, wait until it has done all."""
        if not self.alone:
            self._wait()
            return
        names = [stage.name for stage in (*STAGES, *AFTER)]
        for _ in range(200):
            busy = False
            for name in names[: names.index(until) if until else None]:
                with self.ctx.db.read() as conn:
                    waiting = log.lag(conn, name, BY_NAME[name].consumes)
                for _ in range(waiting):
                    busy = True
                    self.step(name)
            if not busy:
                return

    def deliver(self, event: int) -> None:
        """Any event of the log once more, or before its turn."""
        with self.ctx.db.read() as conn:
            events = [e for _, e in log.read(conn, 0, limit=10_000)]
        if events:
            chosen = events[event % len(events)]
            stage = next(s for s in (*STAGES, *AFTER) if s.consumes == chosen.type)
            self._try(lambda: handle(stage, chosen, self.ctx))

    def crash(self, act: Act, transaction: int, kept: bool) -> None:
        """Perform the act and die in its ``transaction``, before its commit or, when ``kept``, right after it."""
        db: Any = self.ctx.db
        db.calm()
        db.lose, db.kept = transaction, kept
        self._depth += 1
        try:
            self.do(act)
        except Crash:
            self.reopen()
        finally:
            self._depth -= 1
            self.ctx.db.calm()  # type: ignore[attr-defined]

    def between(self, act: Act, transaction: int, other: Act) -> None:
        """Perform the act, and the other one just before its ``transaction`` begins."""
        db: Any = self.ctx.db
        db.calm()
        self._depth += 1
        db.before = lambda number: self.do(other) if number == transaction else None
        try:
            self.do(act)
        finally:
            self._depth -= 1
            self.ctx.db.calm()  # type: ignore[attr-defined]

    def _wait(self, seconds: float = 60.0) -> None:
        end, last = time.monotonic() + seconds, 2**31 - 1
        while True:
            with self.ctx.db.read() as conn:
                left = [s.name for s in (*STAGES, *AFTER) if log.unsettled(conn, s.name, s.consumes, until=last, limit=1)]
            if not left:
                return
            assert time.monotonic() < end, f"{left} do not come to rest"
            time.sleep(0.02)

    # what the model learns

    def observe(self) -> None:
        """Tell the model, in the ledger's order, what was added to it."""
        with self._unseen(), self.ctx.db.read() as conn:
            for entry in consent_checks.read_ledger(conn, self.position):
                self.position = entry.position
                if entry.kind == "release":
                    self._released(consent_checks.read_release(conn, str(entry.body["clip"])), entry)
                else:
                    self._learn(entry)

    def _learn(self, entry: Entry) -> None:
        model, words, about = self.model, self._words, entry.subject
        ids = [str(i) for i in entry.body.get("ids", ())]  # type: ignore[attr-defined]
        if entry.kind in ("person-enrolled", "person-protected"):
            model.people[about] = PersonFact(about, words["handle"], protected=entry.kind.endswith("protected"))
        elif entry.kind == "grant-granted":
            scope: Scope = words["scope"]
            limit = None if scope.limit is None else (scope.limit.count, scope.limit.per)
            model.grants[ids[0]] = GrantFact(
                ids[0], about, words["holder"], scope.forbids, scope.words, scope.company, limit, words["ends"]
            )
            self.given.append(ids[0])
        elif entry.kind in ("grant-paused", "grant-resumed"):
            if not ids:
                model.people[about].paused = entry.kind == "grant-paused"
            for one in ids:
                model.grants[one].paused = entry.kind == "grant-paused"
        elif entry.kind == "grant-revoked":
            for one in ids:
                model.grants[one].revoked = True
            model.withdraw(grants=frozenset(ids))
        elif entry.kind == "circle-approved":
            model.approved.add((about, words["other"], words["kind"]))
        elif entry.kind == "circle-ended":
            model.part(about, words["other"], words["kind"])
        elif entry.kind == "person-erased":
            model.erase(about)
        elif entry.kind == "attempt":
            order: Order = words["order"]
            said = frozenset(order.prompt.split())
            labels = frozenset(label for word, label in PROMPT_WORDS.items() if word in said)
            model.asked[about] = Asked(
                about, order.requester, words["named"], unasked_in(order.prompt), order.remix_of, said, labels
            )
            self.sent.append(about)

    def _released(self, found: tuple[str, str, tuple[Permit, ...]], entry: Entry) -> None:
        """A release happened: was everybody it shows asked, at this place of the ledger and at this time?"""
        clip, submission, permits = found
        at, asked = datetime.fromisoformat(entry.at), self.model.asked[submission]
        shown = self.model.shown_by(asked)
        grants_of = {p.subject: p.grant for p in permits if p.kind == "cameo"}
        for person in sorted(shown):
            assert person in grants_of, f"{clip} shows {person} without a permit"
            reason = self.model.why_not(person, grants_of[person], asked, shown, at)
            assert reason is None, f"{clip} was released although {reason}"
        parent = self.model.clips.get(asked.remixes or "")
        assert parent is None or not parent.withdrawn, f"{clip} was released although what it remixes was withdrawn"
        self.model.clips[clip] = ClipFact(clip, asked, {p: grants_of[p] for p in sorted(shown)}, at, entry.position)
        for given in (self.model.grants[g] for g in grants_of.values() if g in self.model.grants):
            if given.limit is not None:
                used = self.model.used(given.id, given.limit[1], at)
                assert used <= given.limit[0], f"{clip} passes the limit of {given.limit[0]} a {given.limit[1]}"

    def _drawn(self, submission: Submission, permits: tuple[Permit, ...]) -> None:
        """Drawing goes on: is everybody drawn still asked? A stage would take an error for its own, so what is wrong is kept."""
        self.observe()
        asked = self.model.asked[submission.id]
        parent = self.model.clips.get(asked.remixes or "")
        if parent is not None and parent.withdrawn:
            self.wrong.append(f"{submission.id} was drawn although what it remixes was withdrawn")
        shown = {p.subject for p in permits if p.kind == "cameo"}
        for permit in permits:
            reason = self.model.why_not(permit.subject, permit.grant, asked, shown, self.clock.now)
            given = self.model.grants.get(permit.grant)
            if reason is None and given is not None and given.limit is not None:
                count, span = given.limit
                with self._unseen(), self.ctx.db.read() as conn:
                    waiting = consent_checks.count_open(conn, permit.grant, self.clock.now)
                if waiting + self.model.used(permit.grant, span, self.clock.now) > count:
                    reason = "more is under way than the limit lets out"
            if reason is not None:
                self.wrong.append(f"{submission.id} was drawn although {reason}")

    def _watch(self) -> None:
        if self.alone:  # from another thread it would be told of a world that is moving on
            self.ctx.generation.on_draw = self._drawn  # type: ignore[attr-defined]

    def _try(self, act: Callable[[], object], **words: Any) -> None:
        """Do it; a refusal in words, or an event that must wait, is an answer and not a failure."""
        before, self._words = self._words, words
        try:
            act()
        except (ClearanceError, TryAgain):
            pass
        finally:
            self.observe()
            self._words = before

    def _grant(self, person: str, number: int | None) -> str | None:
        fact = self.model.living(person)
        mine = [g for g in self.given if fact is not None and self.model.grants[g].person == fact.id]
        return mine[number % len(mine)] if number is not None and mine else None

    @contextmanager
    def _unseen(self) -> Iterator[None]:
        """Reads that no plan counts."""
        db: Any = self.ctx.db
        before, db._inside = db._inside, True
        try:
            yield
        finally:
            db._inside = before

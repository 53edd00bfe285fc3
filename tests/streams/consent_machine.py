"""Every way in which people, runners and accidents can come together, as far as a machine thinks of it.

A rule makes an act and the house performs it, sometimes with a crash in one of its transactions, sometimes with another act
between two of them. Whatever happens, the model and the checks of the house must hold.
"""

from __future__ import annotations

import itertools
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from console.bench.consent_world import prepare
from streams.pipeline import AFTER, STAGES
from tests.postgres import database, drop
from tests.streams.consent_acts import SCOPES, Act, House
from tests.streams.consent_model import Model

PEOPLE, SENDERS = ("ana", "ben"), ("kim", "ana", "ben")
WORDS = ("walking", "walking", "borderline", "election", "whisky", "fog", "like_ben")
NUMBERS = st.integers(0, 7)
person, sender, scope = st.sampled_from(PEOPLE), st.sampled_from(SENDERS), st.sampled_from(sorted(SCOPES))
stage = st.sampled_from([s.name for s in (*STAGES, *AFTER)])
holder = st.sampled_from(("kim", "ben", "everyone", "approved", "mutuals"))
some_grant = st.none() | NUMBERS
#: What takes consent away, in every way there is.
LOSSES = st.one_of(
    st.tuples(st.just("revoke"), person, some_grant),
    st.tuples(st.just("pause"), person, some_grant),
    st.tuples(st.just("unapprove"), person, sender, st.sampled_from(("user", "co-star"))),
    st.tuples(st.just("erase"), person),
    st.tuples(st.just("jump"), st.sampled_from((1.5, 1.5, 30.0))),
)
STEPS = st.one_of(st.tuples(st.just("step"), stage), st.tuples(st.just("deliver"), st.integers(0, 60)))
SUBMISSIONS = st.tuples(
    st.just("submit"), sender, st.sampled_from((("ana",), ("ana",), ("ben",), ("ana", "ben"), ())), st.sampled_from(WORDS),
    st.none() | NUMBERS,
)  # fmt: skip


class ConsentMachine(RuleBasedStateMachine):
    """``open_house`` makes an empty house; each example has its own."""

    open_house: Callable[[], House]

    def __init__(self) -> None:
        super().__init__()
        self.house = type(self).open_house()

    @initialize(scope=scope, to=holder)
    def begin(self, scope: str, to: str) -> None:
        """Somebody is there and has granted something: otherwise most histories are about nobody."""
        for act in (
            ("enrol", "ana"),
            ("enrol", "ben"),
            ("grant", "ana", to, scope, None),
            ("grant", "ben", "everyone", "any", None),
        ):
            self.house.do(act)

    @rule(act=st.sampled_from((("enrol", "ana"), ("enrol", "ben"), ("protect", "cleo"))))
    def enter(self, act: Act) -> None:
        self.house.do(act)

    @rule(who=person, to=st.sampled_from(("kim", "everyone")))
    def allow(self, who: str, to: str) -> None:
        """What lets most things through."""
        for act in (("enrol", who), ("resume", who, None), ("grant", who, to, "any", None)):
            self.house.do(act)

    @rule(who=person, to=holder, scope=scope, hours=st.sampled_from((None, None, 2.0)))
    def grant(self, who: str, to: str, scope: str, hours: float | None) -> None:
        self.house.do(("grant", who, to, scope, hours))

    @rule(who=person, other=sender, kind=st.sampled_from(("user", "co-star")))
    def approve(self, who: str, other: str, kind: str) -> None:
        self.house.do(("approve", who, other, kind))

    @rule(who=person, grant=some_grant)
    def resume(self, who: str, grant: int | None) -> None:
        self.house.do(("resume", who, grant))

    @rule(loss=LOSSES)
    def lose(self, loss: Act) -> None:
        self.house.do(loss)

    @rule(order=SUBMISSIONS)
    def submit(self, order: Act) -> None:
        self.house.do(order)

    @rule(order=SUBMISSIONS)
    def make(self, order: Act) -> None:
        self.house.do(order)
        self.house.do(("drain",))

    @rule(order=SUBMISSIONS, loss=LOSSES, until=st.sampled_from(("generate", "inspect", "seal", "release")), step=STEPS)
    def submit_and_lose(self, order: Act, loss: Act, until: str, step: Act) -> None:
        for act in (order, ("drain", until), loss, step, ("drain",)):
            self.house.do(act)

    @rule(step=STEPS)
    def step(self, step: Act) -> None:
        self.house.do(step)

    @rule(case=NUMBERS, allow=st.sampled_from((True, True, False)))
    def decide(self, case: int, allow: bool) -> None:
        self.house.do(("decide", case, allow))

    @rule()
    def drain(self) -> None:
        self.house.do(("drain",))

    @rule(act=st.one_of(STEPS, LOSSES), transaction=st.integers(0, 4), kept=st.booleans())
    def crash(self, act: Act, transaction: int, kept: bool) -> None:
        self.house.do(("crash", act, transaction, kept))

    @rule(step=STEPS, transaction=st.integers(0, 6), other=LOSSES)
    def between(self, step: Act, transaction: int, other: Act) -> None:
        self.house.do(("between", step, transaction, other))

    def teardown(self) -> None:
        self.house.do(("drain",))
        self.house.close()


def machine_on(open_house: Callable[[], House]) -> type[ConsentMachine]:
    """The machine whose every example begins in a house made by ``open_house``."""
    return type("Machine", (ConsentMachine,), {"open_house": staticmethod(open_house)})


class Houses:
    """Makes houses and remembers what was tried in them."""

    def __init__(self) -> None:
        self.models: list[Model] = []

    def open(self, home: Path, url: str = "") -> House:
        house = House(home, url)
        self.models.append(house.model)
        return house

    @property
    def tried(self) -> Counter[str]:
        """How much happened, in all houses together."""
        clips = [clip for model in self.models for clip in model.clips.values()]
        return Counter({
            "submissions": sum(len(model.asked) for model in self.models), "releases": len(clips),
            "withdrawn": sum(clip.withdrawn for clip in clips), "remixes": sum(clip.asked.remixes is not None for clip in clips),
            "two people": sum(len(clip.people) > 1 for clip in clips),
            "erased": sum(person.erased for model in self.models for person in model.people.values()),
        })  # fmt: skip


class SqliteHouses(Houses):
    """Houses in folders of their own, each with a copy of one migrated database."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder, self._numbers = folder, itertools.count()
        self._template = folder / "template.db"
        prepare(f"sqlite:///{self._template}")

    def __call__(self) -> House:
        home = self.folder / f"house-{next(self._numbers)}"
        home.mkdir()
        shutil.copyfile(self._template, home / "clearance.db")
        return self.open(home)


class PostgresHouses(Houses):
    """Houses with a database of their own on one server, copied from one that is migrated."""

    def __init__(self, folder: Path, server: str, name: str) -> None:
        super().__init__()
        self.folder, self.server, self.name, self._numbers = folder, server, name, itertools.count()
        self._last: House | None = None
        prepare(database(server, name))

    def __call__(self) -> House:
        if self._last is not None:
            self._last.ctx.db.close()
            drop(self.server, self._last.url.rsplit("/", 1)[1])
        number = next(self._numbers)
        url = database(self.server, f"{self.name}_{number}", template=self.name)
        self._last = self.open(self.folder / f"house-{number}", url)
        return self._last

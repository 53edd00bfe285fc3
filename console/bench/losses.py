"""The ways in which a permit is lost, each as a small actor that comes between the steps of a release."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from consent.scope import EVERYTHING, Limit, Scope
from console.bench.exploring import Memory
from safety.errors import ClearanceError
from streams import granting, parting, revocation
from streams.context import Context

ANYONE = Scope(company="anyone")


@dataclass(frozen=True)
class Somebody:
    """Does one thing in one transaction; whoever dies over it does it again, for they cannot know whether it was kept."""

    does: Callable[[Context], object]
    kind: str = "somebody"
    begin: Memory = ("ready",)

    def done(self, memory: Memory) -> bool:
        return bool(memory[0] == "did")

    def mortal(self, memory: Memory) -> bool:
        return True

    def after_crash(self, memory: Memory) -> Memory:
        return ("tried",) if memory == ("ready",) else ("did",)

    def act(self, ctx: Context, memory: Memory) -> Memory:
        with suppress(ClearanceError):  # it was done already
            self.does(ctx)
        return ("did",)


@dataclass(frozen=True)
class Hours:
    """The clock goes on by so much, at some moment."""

    hours: float
    kind: str = "time"
    begin: Memory = ("time",)

    def done(self, memory: Memory) -> bool:
        return bool(memory[0] == "jumped")

    def mortal(self, memory: Memory) -> bool:
        return False

    def after_crash(self, memory: Memory) -> Memory:
        return memory

    def act(self, ctx: Context, memory: Memory) -> Memory:
        return ("jumped", self.hours)


@dataclass(frozen=True)
class Case:
    """``grant`` is what ana gave kim; ``loss`` how it ends; ``orders`` how many submissions run beside one another."""

    name: str
    to: str = "kim"
    scope: Scope = ANYONE
    hours: float | None = None
    loss: Callable[[Context, str], object] | float | None = None
    named: tuple[str, ...] = ("ana",)
    orders: int = 1


def _revoke_one(ctx: Context, grant: str) -> object:
    return revocation.revoke(ctx, "ana", grant)


CASES = (
    Case("a grant is revoked", loss=_revoke_one),
    Case("every grant is revoked", loss=lambda ctx, _: revocation.revoke(ctx, "ana")),
    Case("the person is erased", loss=lambda ctx, _: revocation.erase(ctx, "ana")),
    Case("everything is paused", loss=lambda ctx, _: granting.pause(ctx, "ana")),
    Case("a grant is paused", loss=lambda ctx, grant: granting.pause(ctx, "ana", grant)),
    Case("an approval is taken back", to="approved", loss=lambda ctx, _: parting.unapprove(ctx, "ana", "kim")),
    Case("mutuals part", to="mutuals", loss=lambda ctx, _: parting.unapprove(ctx, "kim", "ana")),
    Case("a co-star is not approved any more", scope=EVERYTHING, named=("ana", "ben"),
         loss=lambda ctx, _: parting.unapprove(ctx, "ana", "ben", "co-star")),
    Case("a grant expires", hours=2.0, loss=3.0),
    Case("a permit expires", loss=30.0),
    Case("a limit is reached", scope=Scope(company="anyone", limit=Limit(count=1, per="day")), orders=2),
)  # fmt: skip

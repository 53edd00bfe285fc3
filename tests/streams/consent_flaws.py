"""Checks taken out one at a time, and for each a history in which it is missed.

A flaw replaces one line of one function by another; the code of the function itself is exchanged, so that everybody who imported
it has the flawed one. A line that is no longer there is an error: then the flaw is to be written anew.
"""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from types import FunctionType
from typing import Any

import pytest

from tests.streams.consent_acts import Act

ANA: tuple[Act, ...] = (("enrol", "ana"), ("grant", "ana", "kim"))
ONCE: tuple[Act, ...] = (("enrol", "ana"), ("grant", "ana", "kim", "once a day"))
BOTH: tuple[Act, ...] = (("enrol", "ana"), ("enrol", "ben"), ("grant", "ben", "kim"))
OURS: Act = ("submit", "kim", ("ana",))
TOGETHER: Act = ("submit", "kim", ("ana", "ben"))
DRAIN: Act = ("drain",)
#: Ana lets both use her; what ben made under the one grant is remixed by kim under the other.
REMIX: tuple[Act, ...] = (
    ("enrol", "ana"), ("grant", "ana", "ben"), ("grant", "ana", "kim"), ("submit", "ben", ("ana",)), DRAIN,
    ("submit", "kim", (), "walking", 0),
)  # fmt: skip


@dataclass(frozen=True)
class Line:
    """In ``where`` (module:function, or module:Class.function) the text ``old`` becomes ``new``."""

    where: str
    old: str
    new: str

    @property
    def function(self) -> FunctionType:
        module, name = self.where.split(":")
        owner: Any = import_module(module)
        for part in name.split("."):
            owner = getattr(owner, part)
        return owner  # type: ignore[no-any-return]


def break_them(lines: Iterable[Line], patch: pytest.MonkeyPatch) -> None:
    """Break whole functions: the lines of each together."""
    broken: dict[str, tuple[FunctionType, str]] = {}
    for line in lines:
        function = line.function
        _, source = broken.get(line.where) or (function, textwrap.dedent(inspect.getsource(function)))
        assert source.count(line.old) == 1, f"{line.where} has no single {line.old!r} any more; write this flaw anew"
        broken[line.where] = function, source.replace(line.old, line.new)
    for function, source in broken.values():
        scope: dict[str, Any] = {}
        code = f"from __future__ import annotations\n{source}"
        exec(compile(code, inspect.getfile(function), "exec"), function.__globals__, scope)
        patch.setattr(function, "__code__", scope[function.__name__].__code__)


@dataclass(frozen=True)
class Flaw:
    """With ``line`` broken the ``history`` fails with ``says`` in its words; without, it passes.

    ``behind`` are other checks that would have caught it: they are broken first, and the history must still pass, so that
    ``line`` is shown to be enough alone.
    """

    name: str
    line: Line
    history: tuple[Act, ...]
    says: str
    behind: tuple[Line, ...] = ()


def flaw(name: str, where: str, old: str, new: str, history: tuple[Act, ...], says: str, *behind: Line) -> Flaw:
    return Flaw(name, Line(where, old, new), history, says, behind)


FLAWS = (
    flaw(
        "a permit is asked for at the gates", "safety.judge:_excused",
        "bool(signal.references) and signal.references <= {p.subject for p in permits}", "True",
        (("enrol", "ana"), OURS, DRAIN), "without a permit",
    ),
    flaw(
        "a grant is for its holder", "consent.permits:_covers", "return holder == requester", "return True",
        (("enrol", "ana"), ("grant", "ana", "ben"), OURS, DRAIN), "not for the sender",
    ),
    flaw(
        "approval is asked of both mutuals", "consent.circle:are_mutuals",
        'return second is not None and second.kind == "enrolled" and approves(conn, second.id, person.handle, "user")',
        "return True",
        (("enrol", "ana"), ("enrol", "kim"), ("approve", "ana", "kim"), ("grant", "ana", "mutuals"), OURS, DRAIN),
        "not for the sender",
    ),
    flaw(
        "an approval that was taken back is none", "consent.circle:approves",
        "return known is not None and known.approved_at is not None", "return True",
        (("enrol", "ana"), ("approve", "ana", "kim"), ("grant", "ana", "approved"), ("unapprove", "ana", "kim"), OURS, DRAIN),
        "not for the sender",
    ),
    flaw(
        "a revoked grant permits nothing", "consent.grants:status_of", '"granted" not in own or "revoked" in own', "False",
        (*ANA, ("revoke", "ana"), OURS, DRAIN), "was revoked",
    ),
    flaw(
        "an expired grant permits nothing", "consent.grants:status_of", "expires_at is not None and now >= expires_at", "False",
        (("enrol", "ana"), ("grant", "ana", "kim", "any", 2.0), ("jump", 3.0), OURS, DRAIN), "had expired",
        Line("safety.judge:judge", "if p.expires_at is None or p.expires_at > at", ""),
        Line("consent.permits:_why_not", "permit.expires_at is not None and now >= permit.expires_at", "False"),
        Line("consent.issuing:issue", "min(now + life, permit.expires_at)", "now + life"),
    ),
    flaw(
        "an issued permit is good for a day", "consent.issuing:why_not", '"expired" if now >= row.expires_at else None', "None",
        (*ANA, OURS, ("drain", "release"), ("jump", 30.0), ("step", "release")), "spent too late",
    ),
    flaw(
        "a paused grant permits nothing", "consent.grants:status_of", 'last[-1:] == ["paused"]', "False",
        (*ANA, ("pause", "ana", 0), OURS, DRAIN), "grant was paused",
    ),
    flaw(
        "a paused person is not used", "consent.grants:status_of", "or is_paused(conn, person)", "or False",
        (*ANA, ("pause", "ana"), OURS, DRAIN), "everything was paused",
    ),
    flaw(
        "drawing asks between its steps", "streams.watch:Watch.should_stop",
        "return any(not self._ctx.registry.still_valid(conn, p, now) for p in self._permits)", "return False",
        (*ANA, OURS, ("drain", "generate"), ("between", ("step", "generate"), 3, ("pause", "ana"))), "was drawn although",
    ),
    flaw(
        "generation asks before it begins", "streams.generate:work", "lost_permits(conn, permits, ctx):", "False:",
        (*ANA, OURS, ("drain", "generate"), ("pause", "ana"), ("step", "generate")), "was drawn although",
        Line("streams.watch:Watch.should_stop",
             "return any(not self._ctx.registry.still_valid(conn, p, now) for p in self._permits)", "return False"),
    ),
    flaw(
        "release reads every permit again", "streams.release:settle", "if lost_permits(conn, permits, ctx):", "if False:",
        (*ANA, OURS, ("drain", "release"), ("pause", "ana"), ("step", "release")), "everything was paused",
    ),
    flaw(
        "a permit is spent", "streams.release:_release",
        "if ctx.registry.spend(conn, permits, submission.id, name, now):", "if False:",
        (*ANA, OURS, DRAIN), "permits spent and releases differ",
    ),
    flaw(
        "a permit that was spent is spent", "consent.issuing:why_not", 'if row.spent_at is not None:', 'if False:',
        (*ANA, OURS, DRAIN, OURS, DRAIN), "permits spent and releases differ",
        # a permit is bound to its request, which ends with its release: only one that were not could come twice
        Line("consent.issuing:bind", 'f"permit/{permit.holder}/{request}"', 'f"permit/{permit.holder}"'),
        Line("consent.issuing:issue", "row.spent_at is not None or row.voided_at is not None or row.scope != permit.scope", "0"),
        Line("consent.issuing:why_not", " or row.request != permit.request or row.scope != permit.scope", ""),
        Line("consent.issuing:spend", ", issued.c.spent_at.is_(None), issued.c.voided_at.is_(None)", ""),
    ),
    flaw(
        "a permit goes back when its request ends", "streams.submissions:end", 'if status in ("refused", "failed"):', "if False:",
        (*ANA, OURS, ("drain", "release"), ("pause", "ana"), ("step", "release")), "is still open",
    ),
    flaw(
        "a permit ends with its grant", "streams.revocation:_act", "issuing.void(conn, at, grants=plan.ending)", "pass",
        (*ANA, OURS, ("drain", "release"), ("revoke", "ana")), "is still open",
    ),
    flaw(
        "issuing looks at the limit", "consent.issuing:issue", "if not has_room(", "if False and not has_room(",
        # both are screened before either is let on: the second's turn comes between the first's reading and its settlement
        (*ONCE, OURS, OURS, ("between", ("step", "screen"), 4, ("deliver", 1)), DRAIN),
        "more is under way",
    ),
    flaw(
        "spending looks at the limit", "consent.issuing:refusal", "if limit is not None and", "if False and",
        (
            *ONCE, ("submit", "kim", ("ana",), "fog"), DRAIN, ("jump", 30.0), OURS, DRAIN, ("decide", 0, True), DRAIN,
        ),
        "passes the limit",
    ),
    flaw(
        "a refused release uses no permit up", "streams.registry:ConsentRegistry.spend", "if not any(denied):", "if True:",
        (
            *BOTH, ("grant", "ana", "kim", "once a day"), ("submit", "kim", ("ana", "ben"), "fog"), DRAIN,
            ("jump", 30.0), OURS, DRAIN, ("decide", 0, True), DRAIN,
        ),
        "permits spent and releases differ",
    ),
    flaw(
        "a forbidden label is seen", "safety.judge:_forbidden", "signal.label in permit.forbids or", "False or",
        (("enrol", "ana"), ("grant", "ana", "kim", "no politics"), ("submit", "kim", ("ana",), "election"), DRAIN),
        "a label was forbidden",
    ),
    flaw(
        "a word that is ruled out is seen", "streams.scope:_report", "[*_words(permit, spaced), ", "[",
        (("enrol", "ana"), ("grant", "ana", "kim", "no whisky"), ("submit", "kim", ("ana",), "whisky"), DRAIN),
        "a word was ruled out",
    ),
    flaw(
        "company is asked about", "streams.scope:_report", "*_company(permit, people, how)]", "]",
        (*BOTH, ("grant", "ana", "kim", "alone"), TOGETHER, DRAIN), "company was not approved",
    ),
    flaw(
        "company is asked about again at release", "consent.permits:_why_not",
        "or not _keeps_company(conn, scope, person, permit)", "",
        (
            *BOTH, ("grant", "ana", "kim", "approved"), ("approve", "ana", "ben", "co-star"), TOGETHER, ("drain", "release"),
            ("unapprove", "ana", "ben", "co-star"), ("step", "release"),
        ),
        "company was not approved",
    ),
    flaw(
        "a remix asks those it takes over", "streams.cameos:find_cameos", "if parent is not None:", "if False:",
        (*ANA, OURS, DRAIN, ("pause", "ana"), ("submit", "kim", (), "walking", 0), DRAIN), "without a permit",
    ),
    flaw(
        "a remix needs what it remixes", "streams.release:settle",
        "if is_orphan(conn, submission.parent):", "if False:",
        (
            *REMIX, ("drain", "release"), ("revoke", "ana", 0), ("step", "release"),
        ),
        "what it remixes was withdrawn",
    ),
    flaw(
        "drawing stops when what it remixes goes", "streams.watch:Watch.should_stop", "or is_orphan(conn, submission.parent)", "",
        (*REMIX, ("drain", "generate"), ("between", ("step", "generate"), 3, ("revoke", "ana", 0))),
        "what it remixes was withdrawn",
    ),
    flaw(
        "remixes go with what they remix", "safety.releases:with_remixes", "tree = tree.union(", "_ = tree.union(",
        (
            *REMIX, DRAIN, ("revoke", "ana", 0),
        ),
        "is live",
    ),
    flaw(
        "serving reads the row", "streams.serving:live", "if release.withdrawal is not None:", "if False:",
        (*ANA, OURS, DRAIN, ("revoke", "ana")), "is served",
    ),
    flaw(
        "the clip is searched for those who came since", "streams.release:settle",
        "if ctx.registry.version(conn) != submission.registry:", "if False:",
        (*ANA, ("submit", "kim", ("ana",), "like_ben"), ("drain", "release"), ("enrol", "ben"), ("step", "release")),
        "without a permit",
    ),
    flaw(
        "a protected person is never shown", "consent.permits:_permit", 'if person.kind == "protected":', "if False:",
        (("protect", "cleo"), ("submit", "cleo", ("cleo",)), DRAIN), "is protected",
        Line("consent.permits:_why_not", 'if person.kind == "protected":', "if False:"),
    ),
    flaw(
        "the erased are gone", "consent.erasure:erase",
        "conn.execute(sa.delete(person_keys).where(person_keys.c.person == owner.id))", "pass",
        (*ANA, ("erase", "ana")), "of an erased person are left",
    ),
    flaw(
        "the erased permit nothing", "consent.permits:_why_not", 'return "unknown-person"', "return None",
        (("enrol", "ana"), ("submit", "ana", ("ana",)), ("drain", "release"), ("erase", "ana"), DRAIN),
        "shows ana without a permit",
        Line("consent.issuing:why_not", "if row.voided_at is not None:", "if False:"),
        Line("consent.issuing:spend", ", issued.c.voided_at.is_(None)", ""),
    ),
)  # fmt: skip

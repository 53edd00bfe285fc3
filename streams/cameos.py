"""Who a prompt asks for, and on whose leave: the part of the prompt gate that is about people."""

from __future__ import annotations

from time import perf_counter

import sqlalchemy as sa

from consent import people, permits
from safety import releases
from safety.clock import Clock
from safety.permit import Denial, Permit
from safety.signal import Evidence, Report, Signal

DETECTOR = "cameos/1"
LABEL = "cameo"
#: A person who is known and asked for is surely asked for; a name nobody here has may be anybody, which a person decides.
KNOWN, UNKNOWN = 1.0, 0.6


def find_cameos(
    conn: sa.Connection, text: str, requester: str, named: tuple[str, ...], parent: str | None, clock: Clock
) -> tuple[Report, tuple[Permit, ...]]:
    """A ``cameo`` signal for each person asked for, by ``@handle``, by name beside the prompt, or by the remixed clip; and the
    permits that ``requester`` has for them."""
    begun, now = perf_counter(), clock()
    asked = dict.fromkeys([*named, *permits.mentions(text)])
    if parent is not None:
        asked |= dict.fromkeys(p.subject for p in releases.permits_of(conn, parent) if p.kind == "cameo")
    found = permits.permits_for(conn, requester, asked, now)
    signals = [_signal(conn, person, answer) for person, answer in zip(asked, found, strict=True)]
    report = Report(
        detector=DETECTOR, labels=frozenset({LABEL}), signals=tuple(signals), milliseconds=(perf_counter() - begun) * 1e3
    )  # fmt: skip
    return report, tuple({p.id: p for p in found if isinstance(p, Permit)}.values())


def _signal(conn: sa.Connection, asked: str, answer: Permit | Denial) -> Signal:
    person = people.find(conn, asked)
    if person is None:
        note = "nobody is enrolled under this name"
        return Signal(label=LABEL, score=UNKNOWN, detector=DETECTOR, evidence=(Evidence(text=f"@{asked[:40]}", note=note),))
    note = f"asked for: {answer.reason}" if isinstance(answer, Denial) else "asked for"
    evidence = Evidence(text=f"@{person.handle}", reference=person.id, note=note)
    return Signal(label=LABEL, score=KNOWN, detector=DETECTOR, evidence=(evidence,))

"""Reserved names that are spelt over several prompts: "a robot called Orbo", and in the next one "his surname is Tanglewick".

The pieces come from the prompt gate, the names from consent; neither knows the other, so they meet here. A name that stands whole
in one prompt is the name search's business, and one that the requester has a licence for is nobody's.
"""

from __future__ import annotations

from datetime import datetime

from classifiers.prompt.buildup import LABEL, SPELT
from classifiers.prompt.fragments import Spelling, spellings
from classifiers.prompt.steps import Step, lines
from consent import licences
from consent.works_names import NameMatcher
from safety.db import Database
from safety.permit import Permit
from safety.prompt import Prompt, ReadPrompt
from safety.signal import Evidence, Report, Signal

DETECTOR = "spelt-names/1"
_LABELS = frozenset({LABEL})
#: Stands between two spellings, so that no name is found across them.
_APART = " zqxwj "


def search(
    db: Database, names: NameMatcher, read: ReadPrompt, requester: str, now: datetime
) -> tuple[tuple[Report, ...], tuple[Permit, ...]]:
    """A report, with a ``built_up`` signal when several steps together spell a reserved name, and the requester's licences for
    such names; nothing at all when nothing came before. Never raises: what could not be looked up is a report that says so."""
    try:
        found = [signal for line in lines(read) for signal in _search(db, names, line, read.prompt.text, now)]
        with db.read() as conn:
            asked = licences.licences_for(conn, requester, sorted({r for signal in found for r in signal.references}), now)
    except Exception as reason:  # fail closed
        why = f"Names spelt over several prompts could not be searched ({type(reason).__name__})."
        return (Report(detector=DETECTOR, labels=_LABELS, failure=why),), ()
    permits = tuple(p for p in asked if isinstance(p, Permit))
    left = tuple(signal for signal in found if not signal.references <= {p.subject for p in permits})[:1]
    earlier = read.prompt.earlier
    reports = (Report(detector=DETECTOR, labels=_LABELS, signals=left),) if earlier.remixed or earlier.asked else ()
    return reports, permits


def _search(db: Database, names: NameMatcher, line: tuple[Step, ...], text: str, now: datetime) -> list[Signal]:
    """Signals for the reserved names that ``line`` and ``text`` spell together."""
    spelt = _placed([*spellings([*(step.written for step in line), text])])
    if not spelt:
        return []
    with db.read() as conn:
        report = names.match_prompt(conn, _as_prompt(spelt), now)
    return [s for signal in report.signals if (s := _crossing(signal, spelt, line)) is not None]


def _placed(spelt: list[Spelling]) -> list[tuple[Spelling, int]]:
    """Each spelling with where it begins once all are written one after another."""
    found, start = [], 0
    for spelling in spelt:
        found.append((spelling, start))
        start += len(spelling.text) + len(_APART)
    return found


def _as_prompt(spelt: list[tuple[Spelling, int]]) -> ReadPrompt:
    """All spellings as one text, so that the names are searched once."""
    text = _APART.join(spelling.text for spelling, _ in spelt)
    return ReadPrompt(prompt=Prompt(text=text), plain=text, origin=tuple(range(len(text))))


def _crossing(signal: Signal, spelt: list[tuple[Spelling, int]], line: tuple[Step, ...]) -> Signal | None:
    """The signal about a name that needs more than one step's piece, or None when it stands whole in one."""
    for seen in signal.evidence:
        for spelling, start in spelt:
            span = seen.span
            inside = span is not None and start <= span.start and span.end <= start + len(spelling.text)
            if span is not None and inside and spelling.crosses(span.start - start, span.end - start):
                return _signal(spelling, seen, line)
    return None


def _signal(spelling: Spelling, name: Evidence, line: tuple[Step, ...]) -> Signal:
    note = f"together they spell a reserved name: {name.note or ''}"[:200]
    here = Evidence(reference=name.reference, text=spelling.text[:200], note=note)
    before = tuple(Evidence(text=line[i].written[:200], note=line[i].place) for i in spelling.steps if i < len(line))
    return Signal(label=LABEL, score=SPELT, detector=DETECTOR, evidence=(here, *before))

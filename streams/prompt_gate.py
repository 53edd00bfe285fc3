"""The prompt gate over the real peers: every detector, every name, every description, and who is asked for.

The clip gate asks it too, about what is said and written in a clip. It gathers reports and permits; it never judges.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from classifiers import registry as detectors
from classifiers.prompt.normaliser import read_prompt
from consent import licences
from consent.descriptions import DETECTOR, LABEL, match_descriptions
from consent.works_names import match_prompt
from safety.permit import OUTSIDE, Permit
from safety.prompt import Prompt, ReadPrompt
from safety.signal import Report
from streams import cameos, scope, spelt_names
from streams.context import Findings
from streams.parts import Parts

_NOTHING: Findings = ((), ())

logger = logging.getLogger(__name__)


def findings(
    parts: Parts,
    prompt: Prompt,
    requester: str,
    named: tuple[str, ...] = (),
    parent: str | None = None,
    forbidden: frozenset[str] = frozenset(),
) -> Findings:
    """Read the prompt, ask every detector, look the names up; permits are those of ``requester``.

    ``forbidden`` are labels that people shown forbid, beside those that the permits found here forbid.
    """
    read: ReadPrompt | None = None
    with parts.db.read() as conn:
        people, permits = cameos.find_cameos(conn, prompt.text, requester, named, parent, parts.clock)
    asked = forbidden.union(*(p.forbids for p in permits))
    try:
        read = read_prompt(prompt)
    except Exception as reason:  # fail closed: a prompt that cannot be read is judged by nobody, so a person looks
        reports = detectors.run_prompt(prompt)
        names = unsearched(parts.names.name, "reserved_name", f"The prompt could not be read ({type(reason).__name__}).")
        meant = unsearched(DETECTOR, LABEL, names.failure or "")
        spelt, spelt_permits = _NOTHING
    else:
        reports = detectors.run_read(read, asked=asked)
        names = match_prompt(parts.db, parts.names, read, parts.clock())
        meant = match_descriptions(parts.db, parts.descriptions, read, parts.clock())
        spelt, spelt_permits = spelt_names.search(parts.db, parts.names, read, requester, parts.clock())
    with parts.db.read() as conn:
        licensed = licences.licences_for(conn, requester, sorted(names.references | meant.references), parts.clock())
    spelt = (*spelt, *_scope(prompt, read, permits, people))
    tell_failures((*reports, names, meant, *spelt))
    mine = {p.id: p for p in (*permits, *(p for p in licensed if isinstance(p, Permit)), *spelt_permits)}
    return (*reports, names, meant, *spelt, people), tuple(mine.values())


def _scope(prompt: Prompt, read: ReadPrompt | None, permits: tuple[Permit, ...], people: Report) -> tuple[Report, ...]:
    """The prompt against what the people asked for allow; the words of a clip are held against it by the clip gate."""
    if prompt.medium is not None:
        return ()
    if read is None:
        return (unsearched(scope.DETECTOR, OUTSIDE, "The prompt could not be read, so nobody's limits were looked at."),)
    return (scope.prompt_scope(permits, read, people.references),)


def labels() -> frozenset[str]:
    """Every label this gate answers for."""
    return detectors.emitted_labels("prompt") | {cameos.LABEL, LABEL, "reserved_name"}


def tell_failures(reports: Iterable[Report]) -> None:
    """An operator must hear of a detector that cannot look: everything it should have seen is held meanwhile."""
    for report in reports:
        if report.failure is not None:
            logger.error("%s could not look: %s", report.detector, report.failure)


def unsearched(detector: str, label: str, why: str) -> Report:
    """A report that says why nothing was searched."""
    return Report(detector=detector, labels=frozenset({label}), failure=why)

"""Running a policy's own examples: signals given by hand here, prompts through whoever can read prompts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from safety.judge import judge
from safety.permit import Permit
from safety.policy import Clause, Example, Policy
from safety.signal import MEDIA, Evidence, Report, Signal
from safety.values import Value, digest
from safety.verdict import Outcome

#: Reads a prompt and answers with the outcome of the whole gate.
ReadPromptOutcome = Callable[[str], Outcome]
_DAY = datetime(2026, 1, 1, tzinfo=UTC)


class Result(Value):
    """One example: which clause it belongs to, what was expected and what came."""

    clause: str
    example: Example
    got: Outcome

    @property
    def good(self) -> bool:
        return self.got == self.example.outcome


def drill(policy: Policy, read: ReadPromptOutcome) -> tuple[Result, ...]:
    """Run every example of every clause. A signals example is judged by the whole policy, all other labels silent."""
    results = []
    for clause in policy.clauses:
        for example in clause.examples:
            got = read(example.prompt) if example.prompt is not None else _by_signals(policy, clause, example)
            results.append(Result(clause=clause.code, example=example, got=got))
    return tuple(results)


def _by_signals(policy: Policy, clause: Clause, example: Example) -> Outcome:
    who = "somebody"
    signals = tuple(
        Signal(label=label, score=score, detector="example", evidence=(Evidence(reference=who),))
        for label, score in (example.signals or {}).items()
    )
    report = Report(detector="example", labels=policy.labels(clause.gate), signals=signals)
    permit = Permit(id="example", kind="cameo", subject=who, holder="example", grant="example", issued_at=_DAY)
    verdict = judge(
        policy, clause.gate, id="example", subject=digest(b""), reports=[report, *_wordless(policy)],
        permits=[permit] if example.permitted else [], at=_DAY,
    )  # fmt: skip
    return verdict.outcome


def _wordless(policy: Policy) -> list[Report]:
    """Reports of a clip in which nothing is said or written."""
    return [Report(detector="example", labels=policy.word_labels(medium), medium=medium) for medium in MEDIA]

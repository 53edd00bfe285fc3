"""From signals, permits and a policy to one verdict: pure, total, and closed when anything is missing.

``judge`` always answers and never raises: a detector that failed, a label nobody looked for and a policy that says nothing
about the gate all mean ``hold``.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from safety.permit import OUTSIDE, Permit
from safety.policy import Clause, Condition, Policy
from safety.signal import MEDIA, Medium, Report, Signal
from safety.verdict import Gate, Hit, Outcome, Verdict

#: Clauses that no policy file can switch off.
MISSING, EMPTY, SCOPE = "CLR-MISSING", "CLR-EMPTY-POLICY", "CLR-SCOPE"
#: A label that a grant forbids counts as present from here on: the boundary every detector's score is calibrated to.
PRESENT = 0.5


def judge(
    policy: Policy,
    gate: Gate,
    *,
    id: str,
    subject: str,
    reports: Iterable[Report],
    permits: Iterable[Permit],
    at: datetime,
) -> Verdict:
    """Judge ``subject`` (a digest) by the clauses of ``gate``. Permits that had expired at ``at`` do not count."""
    reports, permits = tuple(reports), tuple(permits)
    live = [p for p in permits if p.expires_at is None or p.expires_at > at]
    signals = [s for r in reports if r.failure is None for s in r.signals]
    hits = [*_missing(policy, gate, reports, live), *_out_of_scope(signals, live)]
    own = [s for s in signals if s.medium is None]
    hits += [hit for clause in policy.clauses if clause.gate == gate and (hit := _apply(clause, own, live))]
    if gate == "clip":
        hits += _worded(policy, signals, live)
    outcome = max((h.outcome for h in hits), key=lambda o: o.severity, default=Outcome.ALLOW)
    return Verdict(
        id=id, gate=gate, subject=subject, outcome=outcome, hits=tuple(hits), policy=policy.hash,
        reports=reports, permits=permits, at=at,
    )  # fmt: skip


def replay(verdict: Verdict, policy: Policy) -> Verdict:
    """Judge again from what the verdict stored; equal to it when the policy is the one it names."""
    return judge(
        policy, verdict.gate, id=verdict.id, subject=verdict.subject,
        reports=verdict.reports, permits=verdict.permits, at=verdict.at,
    )  # fmt: skip


def _worded(policy: Policy, signals: list[Signal], permits: list[Permit]) -> list[Hit]:
    """What the prompt gate's clauses say of the words of a clip, each medium by itself."""
    hits = []
    for medium in MEDIA:
        seen = [s for s in signals if s.medium == medium]
        for clause in policy.clauses:
            if clause.gate == "prompt" and medium in clause.clip_words and (hit := _apply(clause, seen, permits, medium)):
                hits.append(hit)
    return hits


def _apply(clause: Clause, signals: list[Signal], permits: list[Permit], medium: Medium | None = None) -> Hit | None:
    """The clause's hit, or None when its conditions are not met."""
    left = [s for s in signals if not (clause.unless == "permit" and _excused(s, permits))]

    def meet(condition: Condition) -> list[Signal]:
        return [s for s in left if s.label == condition.label and s.score >= condition.at_least]

    met_any = [meet(c) for c in clause.when.any]
    met_all = [meet(c) for c in clause.when.all]
    if not all(met_all) or (met_any and not any(met_any)):
        return None
    used = tuple(dict.fromkeys(s for group in (*met_all, *met_any) for s in group))
    return Hit(
        clause=clause.code, title=clause.title, outcome=Outcome(clause.outcome), says=clause.says, passes=clause.passes,
        ground=f"{clause.ground.kind}: {clause.ground.reference}", signals=used, medium=medium,
    )  # fmt: skip


def _excused(signal: Signal, permits: list[Permit]) -> bool:
    """Whether everyone the signal is about has a live permit; a signal about nobody cannot be excused."""
    return bool(signal.references) and signal.references <= {p.subject for p in permits}


def _out_of_scope(signals: list[Signal], permits: list[Permit]) -> list[Hit]:
    """A permit that forbids a label forbids the whole clip that shows it."""
    hits = []
    for permit in permits:
        bad = tuple(s for s in signals if s.score >= PRESENT and _forbidden(s, permit))
        if bad:
            hits.append(
                Hit(
                    clause=SCOPE, title="Outside what the person allowed", outcome=Outcome.BLOCK, signals=bad,
                    ground="INCOMPATIBLE_CONTENT: the grant's scope",
                    says={
                        "en": "The person depicted does not allow this kind of use.",
                        "fr": "La personne représentée n'autorise pas cet usage.",
                    },
                )
            )  # fmt: skip
    return hits


def _forbidden(signal: Signal, permit: Permit) -> bool:
    """Whether the permit rules the signal out: by its label, or because it says that the person's scope was left."""
    return signal.label in permit.forbids or (signal.label == OUTSIDE and permit.subject in signal.references)


def _missing(policy: Policy, gate: Gate, reports: tuple[Report, ...], permits: list[Permit]) -> list[Hit]:
    """What was not looked at, as hits that hold."""
    needed = policy.labels(gate)
    if not needed:
        return [
            _hold(
                EMPTY,
                "The policy is empty",
                "No rule covers this yet, so a person will look at it.",
                "Aucune règle ne couvre ce cas : une personne va l'examiner.",
            )
        ]
    failed = [r.detector for r in reports if r.failure is not None]
    gaps = failed or [f"no detector for {label}" for label in sorted(needed - _looked_for(reports, None))]
    if gate == "clip" and not gaps:
        unread = [m for m in MEDIA if not policy.word_labels(m) <= _looked_for(reports, m)]
        gaps = [f"nothing that reads the clip's {medium}" for medium in unread]
    if not gaps:
        gaps = _unsought(policy, gate, reports, frozenset().union(*(p.forbids for p in permits)))
    if not gaps and any(p.limits for p in permits) and OUTSIDE not in _looked_for(reports, None):
        gaps = ["nothing that holds it against what the people shown allow"]
    if not gaps:
        return []
    return [
        _hold(
            MISSING,
            f"Not looked at by {', '.join(gaps)}",
            "A check could not run, so a person will look at it.",
            "Un contrôle n'a pas pu s'exécuter : une personne va l'examiner.",
        )
    ]


def _unsought(policy: Policy, gate: Gate, reports: tuple[Report, ...], forbidden: frozenset[str]) -> list[str]:
    """The topics that somebody forbids and nobody looked for: at the gate itself, and in each kind of a clip's words."""
    gaps = [f"no detector for {label}" for label in sorted(forbidden & policy.grantable(gate) - _looked_for(reports, None))]
    if gate == "clip":
        worded = forbidden & policy.grantable("prompt")
        gaps += [f"nothing that reads the clip's {m} for {t}" for m in MEDIA for t in sorted(worded - _looked_for(reports, m))]
    return gaps


def _looked_for(reports: tuple[Report, ...], medium: Medium | None) -> frozenset[str]:
    """The labels that somebody looked for, and could, in ``medium``; None is the gate's own subject."""
    return frozenset(label for r in reports if r.failure is None and r.medium == medium for label in r.labels)


def _hold(code: str, title: str, en: str, fr: str) -> Hit:
    ground = "INCOMPATIBLE_CONTENT: nothing is shown that was not checked"
    return Hit(clause=code, title=title, outcome=Outcome.HOLD, says={"en": en, "fr": fr}, ground=ground)

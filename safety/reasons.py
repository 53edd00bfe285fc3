"""The statement of reasons that every refusal and withdrawal carries (DSA article 17), as one value.

Field names and codes follow the Transparency Database's submission schema where it has one.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from safety.cases import Case
from safety.explanation import reason, remedy, spoken
from safety.values import Value
from safety.verdict import Outcome, Verdict


class StatementOfReasons(Value):
    """``facts`` is what the user reads; ``redress`` says how to contest; ``clause`` and ``policy`` make it checkable."""

    decision_visibility: Literal["DECISION_VISIBILITY_CONTENT_REMOVED", "DECISION_VISIBILITY_CONTENT_DISABLED"]
    decision_ground: str
    clause: str | None
    policy: str
    facts: str
    what_would_pass: str
    automated_detection: Literal["Yes", "No"]
    automated_decision: Literal["AUTOMATED_DECISION_FULLY", "AUTOMATED_DECISION_PARTIALLY", "AUTOMATED_DECISION_NOT_AUTOMATED"]
    source_type: Literal["SOURCE_VOLUNTARY", "SOURCE_ARTICLE_16", "SOURCE_TYPE_OTHER_NOTIFICATION"]
    content_type: tuple[Literal["CONTENT_TYPE_VIDEO", "CONTENT_TYPE_SYNTHETIC_MEDIA", "CONTENT_TYPE_TEXT"], ...]
    application_date: datetime
    redress: str


def state_reasons(
    verdict: Verdict, case: Case | None = None, language: str = "en", source: str | None = None
) -> StatementOfReasons:
    """The statement for a verdict that blocked, or for a moderator's block of its case; ``source`` is what was asked."""
    worst = verdict.worst
    decided = case is not None and case.decision == Outcome.BLOCK
    return StatementOfReasons(
        decision_visibility="DECISION_VISIBILITY_CONTENT_DISABLED",
        decision_ground=(worst.ground if worst else "INCOMPATIBLE_CONTENT").split(":", maxsplit=1)[0],
        clause=verdict.clause,
        policy=verdict.policy,
        facts=reason(verdict, language, source) if worst else "",
        what_would_pass=remedy(verdict, language),
        automated_detection="Yes",
        automated_decision="AUTOMATED_DECISION_PARTIALLY" if decided else "AUTOMATED_DECISION_FULLY",
        source_type="SOURCE_VOLUNTARY",
        content_type=("CONTENT_TYPE_TEXT",)
        if verdict.gate == "prompt"
        else ("CONTENT_TYPE_VIDEO", "CONTENT_TYPE_SYNTHETIC_MEDIA"),
        application_date=case.decided_at if case and case.decided_at else verdict.at,
        redress=(
            "Vous pouvez contester gratuitement pendant six mois, en citant cet identifiant."
            if spoken(language) == "fr"
            else "You can contest this free of charge for six months, quoting this id."
        ),
    )

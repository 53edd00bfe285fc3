"""Why a submission did not pass, as the statement of reasons its sender is owed (DSA article 17)."""

from __future__ import annotations

from classifiers.prompt.language import language_of
from safety import cases, records
from safety.built_in import BUILT_IN
from safety.errors import NotFound
from safety.explanation import explain_loss, loss, spoken
from safety.reasons import StatementOfReasons, state_reasons
from safety.verdict import Outcome
from streams import submissions
from streams.context import Context
from streams.submissions import Submission


def language_for(submission: Submission) -> str:
    """The language its sender is answered in, ``en`` or ``fr``: the one they declared, else the one they wrote in."""
    return spoken(submission.language or language_of(submission.prompt))


def detail_in(ctx: Context, submission: str, language: str) -> str | None:
    """What its sender was told, in ``language``: said anew where a gate or a lost permission said it, else as it was said."""
    with ctx.db.read() as conn:
        found = submissions.get(conn, submission)
        verdicts = records.verdicts_of(conn, submission)
    told = language_for(found)
    if found.clause in BUILT_IN and BUILT_IN[found.clause].says and found.detail == explain_loss(found.clause, told):
        return explain_loss(found.clause, language)
    said = (v for v in reversed(verdicts) if found.detail == v.explain(told, found.prompt))
    return next((v.explain(language, found.prompt) for v in said), found.detail)


def statement(ctx: Context, submission: str) -> StatementOfReasons:
    """The statement for a refused submission. Raises ``NotFound`` when there is no refusal to give reasons for."""
    with ctx.db.read() as conn:
        found = submissions.get(conn, submission)
        decided = {c.verdict: c for c in cases.listing(conn, status="decided", submission=submission)}
        verdicts = records.verdicts_of(conn, submission)
    if found.status != "refused":
        raise NotFound(f"The submission is {found.status}, so there is no refusal to give reasons for.")
    for verdict in reversed(verdicts):
        case = decided.get(verdict.id)
        if verdict.outcome == Outcome.BLOCK or (case is not None and case.decision == Outcome.BLOCK):
            return state_reasons(verdict, case, language_for(found), found.prompt)
    # no gate said no: a permission was lost on the way, which only the submission itself tells
    if not verdicts:
        raise NotFound("The submission ended before a gate judged it.")
    facts, passes = loss(found.clause, language_for(found)) if found.clause in BUILT_IN else (found.detail or "", "")
    return state_reasons(verdicts[-1], None, language_for(found)).model_copy(
        update={"clause": found.clause, "facts": facts, "what_would_pass": passes}
    )

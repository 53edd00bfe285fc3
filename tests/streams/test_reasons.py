"""A refusal comes with its statement of reasons; what was not refused has none."""

from __future__ import annotations

import pytest

from safety.errors import NotFound
from safety.verdict import Outcome
from streams import submissions
from streams.context import Context
from streams.decisions import decide
from streams.reasons import detail_in, statement
from streams.submissions import Submission
from tests.streams.story import drain, look, open_cases, send


def test_a_refusal_by_a_gate_says_clause_ground_and_redress_in_the_senders_language(ctx: Context) -> None:
    sent = send(ctx, "a massacre", language="fr")
    drain(ctx)
    told = statement(ctx, sent.id)
    assert (told.clause, told.decision_ground, told.automated_decision) == (
        "VIOLENCE", "INCOMPATIBLE_CONTENT", "AUTOMATED_DECISION_FULLY",
    )  # fmt: skip
    assert told.facts == "VIOLENCE, Violence. La violence n'est pas montrée. Vous avez écrit « massacre »."
    assert "contester" in told.redress


def test_who_declares_no_language_is_answered_in_the_one_they_wrote_in(ctx: Context) -> None:
    french = send(ctx, "un massacre sur la grande place du village au petit matin")
    german = send(ctx, "ein massacre auf dem großen Platz des Dorfes am frühen Morgen")
    drain(ctx)
    assert "La violence n'est pas montrée." in statement(ctx, french.id).facts
    assert "Violence is not shown." in statement(ctx, german.id).facts


def test_the_statement_says_the_words_the_submission_says(ctx: Context) -> None:
    sent = send(ctx, "a massacre")
    drain(ctx)
    with ctx.db.read() as conn:
        assert submissions.get(conn, sent.id).detail == statement(ctx, sent.id).facts


def test_a_refusal_by_a_moderator_is_partly_automated(ctx: Context) -> None:
    sent = send(ctx, "a borderline boat")
    drain(ctx)
    decide(ctx, open_cases(ctx)[0].id, Outcome.BLOCK, moderator="robin", reason="violates-clause")
    told = statement(ctx, sent.id)
    assert (told.clause, told.automated_decision) == ("BORDER", "AUTOMATED_DECISION_PARTIALLY")


def test_a_lost_permission_is_the_reason_given(ctx: Context) -> None:
    sent = _lost(ctx)
    told = statement(ctx, sent.id)
    assert told.clause == "CLR-CONSENT-LOST"
    assert "taken back" in told.facts
    assert "new grant" in told.what_would_pass
    assert look(ctx, sent).detail == f"{told.facts} What would pass: {told.what_would_pass}"


def test_what_was_said_is_said_again_in_the_language_of_whoever_reads_it(ctx: Context) -> None:
    blocked, lost = send(ctx, "a massacre"), _lost(ctx)
    drain(ctx)
    assert detail_in(ctx, blocked.id, "en") == look(ctx, blocked).detail
    assert (detail_in(ctx, blocked.id, "fr") or "").startswith("VIOLENCE, Violence. La violence n'est pas montrée.")
    assert (detail_in(ctx, lost.id, "fr") or "").startswith("CLR-CONSENT-LOST, Une autorisation perdue.")
    with ctx.db.write() as conn:
        submissions.move(conn, blocked.id, detail="as a person said it")
    assert detail_in(ctx, blocked.id, "fr") == "as a person said it"


def test_what_was_not_refused_has_no_statement(ctx: Context) -> None:
    sent = send(ctx)
    drain(ctx)
    with pytest.raises(NotFound, match="is released"):
        statement(ctx, sent.id)


def _lost(ctx: Context) -> Submission:
    """A submission whose permission was taken back just before its release."""
    ctx.registry.grant("ana", "kim")  # type: ignore[attr-defined]
    sent = send(ctx, cameos=("ana",))
    drain(ctx, until="release")
    ctx.registry.revoke("ana")  # type: ignore[attr-defined]
    drain(ctx)
    return sent

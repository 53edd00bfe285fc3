"""judge() is pure and total, and closed when anything is missing (G7)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety.judge import EMPTY, MISSING, SCOPE, judge, replay
from safety.permit import Permit
from safety.policy import Policy, parse
from safety.signal import MEDIA, Evidence, Medium, Report, Signal
from safety.values import canonical, digest
from safety.verdict import Outcome, Verdict

NOW = datetime(2026, 11, 1, tzinfo=UTC)
LABELS = ("a", "b", "who")
POLICY = parse("""
name: t
version: "1"
clauses:
  - {code: A-1, title: A, gate: prompt, when: {any: [{label: a, at_least: 0.8}]}, outcome: block, says: {en: "No."},
     ground: {kind: INCOMPATIBLE_CONTENT, reference: terms}, examples: [{signals: {a: 0.9}, outcome: block}]}
  - {code: A-2, title: A, gate: prompt, when: {any: [{label: a, at_least: 0.5}]}, outcome: hold, says: {en: "Wait."},
     ground: {kind: INCOMPATIBLE_CONTENT, reference: terms}, examples: [{signals: {a: 0.6}, outcome: hold}]}
  - {code: AB-1, title: A and B, gate: prompt, when: {all: [{label: a, at_least: 0.3}, {label: b, at_least: 0.3}]},
     outcome: block, says: {en: "No."}, ground: {kind: INCOMPATIBLE_CONTENT, reference: terms},
     examples: [{signals: {a: 0.4, b: 0.4}, outcome: block}]}
  - {code: WHO-1, title: Who, gate: prompt, when: {any: [{label: who}]}, unless: permit, outcome: block, says: {en: "No."},
     ground: {kind: ILLEGAL_CONTENT, reference: gdpr}, examples: [{signals: {who: 0.9}, outcome: block}]}
""")


def report(*signals: Signal, failure: str | None = None, labels: tuple[str, ...] = LABELS) -> Report:
    return Report(detector="d/1", labels=frozenset(labels), signals=signals, failure=failure)


def signal(label: str, score: float, *who: str) -> Signal:
    return Signal(label=label, score=score, detector="d/1", evidence=tuple(Evidence(reference=w) for w in who))


def permit(subject: str, expires: datetime | None = None, forbids: frozenset[str] = frozenset()) -> Permit:
    return Permit(
        id=f"p-{subject}",
        kind="cameo",
        subject=subject,
        holder="h",
        grant="g",
        issued_at=NOW,
        expires_at=expires,
        forbids=forbids,
    )


def decide(*reports: Report, permits: tuple[Permit, ...] = (), policy: Policy = POLICY, at: datetime = NOW) -> Verdict:
    return judge(policy, "prompt", id="v", subject="sha256:0", reports=reports, permits=permits, at=at)


def test_nothing_found_by_everyone_is_allowed() -> None:
    assert decide(report()).outcome == Outcome.ALLOW


def test_the_worst_clause_wins_and_is_named() -> None:
    verdict = decide(report(signal("a", 0.9)))
    assert (verdict.outcome, verdict.clause) == (Outcome.BLOCK, "A-1")
    assert {h.clause for h in verdict.hits} == {"A-1", "A-2"}


def test_all_conditions_of_all_are_needed() -> None:
    assert decide(report(signal("a", 0.4))).outcome == Outcome.ALLOW
    assert decide(report(signal("a", 0.4), signal("b", 0.4))).clause == "AB-1"


def test_an_empty_policy_holds() -> None:
    verdict = decide(report(), policy=Policy(name="none", version="0"))
    assert (verdict.outcome, verdict.clause) == (Outcome.HOLD, EMPTY)


def test_a_failed_detector_holds_and_is_named() -> None:
    verdict = decide(report(), report(failure="it was late"))
    assert (verdict.outcome, verdict.clause) == (Outcome.HOLD, MISSING)
    assert "d/1" in verdict.hits[0].title


def test_a_label_nobody_looked_for_holds() -> None:
    assert decide(report(labels=("a", "b"))).clause == MISSING


def test_no_report_at_all_holds() -> None:
    assert decide().outcome == Outcome.HOLD


def test_a_permit_excuses_only_its_own_subject() -> None:
    both = report(signal("who", 0.9, "ana", "bob"))
    assert decide(both, permits=(permit("ana"),)).outcome == Outcome.BLOCK
    assert decide(both, permits=(permit("ana"), permit("bob"))).outcome == Outcome.ALLOW


def test_a_signal_about_nobody_is_never_excused() -> None:
    assert decide(report(signal("who", 0.9)), permits=(permit("ana"),)).outcome == Outcome.BLOCK


def test_an_expired_permit_does_not_count() -> None:
    seen = report(signal("who", 0.9, "ana"))
    assert decide(seen, permits=(permit("ana", NOW + timedelta(seconds=1)),)).outcome == Outcome.ALLOW
    assert decide(seen, permits=(permit("ana", NOW),)).outcome == Outcome.BLOCK


def test_what_a_grant_forbids_blocks_even_below_the_policys_threshold() -> None:
    verdict = decide(report(signal("b", 0.6)), permits=(permit("ana", forbids=frozenset({"b"})),))
    assert (verdict.outcome, verdict.clause) == (Outcome.BLOCK, SCOPE)


WORDED = parse("""
name: w
version: "1"
clauses:
  - {code: A-1, title: A, gate: prompt, when: {any: [{label: a}]}, outcome: block, says: {en: "No."},
     ground: {kind: INCOMPATIBLE_CONTENT, reference: terms}, examples: [{signals: {a: 0.9}, outcome: block}]}
  - {code: B-1, title: B, gate: prompt, clip_words: [speech], when: {any: [{label: b}]}, outcome: hold, says: {en: "Wait."},
     ground: {kind: INCOMPATIBLE_CONTENT, reference: terms}, examples: [{signals: {b: 0.9}, outcome: hold}]}
  - {code: C-1, title: C, gate: clip, when: {any: [{label: c}]}, outcome: hold, says: {en: "Wait."},
     ground: {kind: INCOMPATIBLE_CONTENT, reference: terms}, examples: [{signals: {c: 0.9}, outcome: hold}]}
""")


def clip(*worded: Signal, unread: Medium | None = None, failure: str | None = None) -> Verdict:
    """The verdict on a clip of whose words ``worded`` is found."""
    found = [Report(detector="eyes/1", labels=frozenset({"c"}))]
    for medium in MEDIA:
        if medium != unread:
            seen = tuple(s for s in worded if s.medium == medium)
            found.append(Report(detector="ears/1", labels=frozenset({"a", "b"}), signals=seen, medium=medium, failure=failure))
    return judge(WORDED, "clip", id="v", subject="sha256:0", reports=found, permits=(), at=NOW)


def word(label: str, medium: Medium) -> Signal:
    return Signal(label=label, score=0.9, detector="ears/1", medium=medium)


@pytest.mark.parametrize("medium", MEDIA)
def test_words_of_a_clip_are_held_against_the_prompt_gates_clauses(medium: Medium) -> None:
    verdict = clip(word("a", medium))
    assert (verdict.outcome, verdict.clause) == (Outcome.BLOCK, "A-1")
    assert [h.medium for h in verdict.hits] == [medium]


def test_a_clause_is_not_held_against_media_it_does_not_name() -> None:
    assert clip(word("b", "speech")).outcome == Outcome.HOLD
    assert clip(word("b", "writing")).outcome == Outcome.ALLOW


@pytest.mark.parametrize("medium", MEDIA)
def test_a_clip_whose_words_nobody_read_is_held(medium: Medium) -> None:
    verdict = clip(unread=medium)
    assert (verdict.outcome, verdict.clause) == (Outcome.HOLD, MISSING)
    assert medium in str(verdict.hits[0].title)


def test_a_clip_whose_words_could_not_be_read_is_held() -> None:
    assert clip(failure="It was late.").clause == MISSING


def test_what_a_clip_shows_is_not_judged_by_its_words() -> None:
    assert clip(word("c", "speech")).outcome == Outcome.ALLOW


def test_words_of_a_prompt_gates_own_subject_are_no_words_of_a_clip() -> None:
    assert decide(report(), report(word("a", "speech"))).outcome == Outcome.ALLOW


def test_a_policy_from_before_clip_words_keeps_its_hash() -> None:
    before = POLICY.model_dump(mode="json")
    for clause in before["clauses"]:
        del clause["clip_words"]
    assert digest(canonical(before)) == POLICY.hash
    narrowed = POLICY.clauses[0].model_copy(update={"clip_words": ("speech",)})
    assert POLICY.model_copy(update={"clauses": (narrowed, *POLICY.clauses[1:])}).hash != POLICY.hash


TOPICAL = parse("""
name: topical
version: "1"
grantable:
  politics: {title: {en: Politics}, gates: [prompt]}
  swimwear: {title: {en: Swimwear}, gates: [prompt, clip]}
clauses:
  - {code: A-1, title: A, gate: prompt, when: {any: [{label: a}]}, outcome: block, says: {en: "No."},
     ground: {kind: INCOMPATIBLE_CONTENT, reference: terms}, examples: [{signals: {a: 0.9}, outcome: block}]}
  - {code: C-1, title: C, gate: clip, when: {any: [{label: c}]}, outcome: hold, says: {en: "Wait."},
     ground: {kind: INCOMPATIBLE_CONTENT, reference: terms}, examples: [{signals: {c: 0.9}, outcome: hold}]}
""")
NO_POLITICS, NO_SWIMWEAR = permit("ana", forbids=frozenset({"politics"})), permit("ana", forbids=frozenset({"swimwear"}))


def asked(*signals: Signal, labels: tuple[str, ...] = ("a", "politics", "swimwear"), permits: tuple[Permit, ...] = ()) -> Verdict:
    return decide(report(*signals, labels=labels), permits=permits, policy=TOPICAL)


def filmed(
    *signals: Signal, seen: tuple[str, ...] = ("c", "swimwear"), deaf: Medium | None = None, permits: tuple[Permit, ...] = ()
) -> Verdict:
    """The verdict on a clip; in ``deaf`` nobody looked for topics."""
    found = [report(*(s for s in signals if s.medium is None), labels=seen)]
    for medium in MEDIA:
        labels = frozenset({"a"} if medium == deaf else {"a", "politics", "swimwear"})
        heard = tuple(s for s in signals if s.medium == medium)
        found.append(Report(detector="ears/1", labels=labels, signals=heard, medium=medium))
    return judge(TOPICAL, "clip", id="v", subject="sha256:0", reports=found, permits=permits, at=NOW)


def test_a_topic_stops_nobody_who_is_not_asked_for() -> None:
    assert asked(signal("politics", 0.99)).outcome == Outcome.ALLOW
    assert asked(signal("politics", 0.99), permits=(NO_SWIMWEAR,)).outcome == Outcome.ALLOW


def test_a_forbidden_topic_in_the_prompt_is_out_of_scope() -> None:
    verdict = asked(signal("politics", 0.6), permits=(NO_POLITICS,))
    assert (verdict.outcome, verdict.clause) == (Outcome.BLOCK, SCOPE)


@pytest.mark.parametrize("medium", MEDIA)
def test_a_forbidden_topic_said_written_or_shown_in_a_clip_is_out_of_scope(medium: Medium) -> None:
    verdict = filmed(word("politics", medium), permits=(NO_POLITICS,))
    assert (verdict.outcome, verdict.clause) == (Outcome.BLOCK, SCOPE)


def test_a_forbidden_topic_that_nobody_looked_for_is_held() -> None:
    verdict = asked(labels=("a", "swimwear"), permits=(NO_POLITICS,))
    assert (verdict.outcome, verdict.clause) == (Outcome.HOLD, MISSING)
    assert "no detector for politics" in str(verdict.hits[0].title)
    assert asked(labels=("a",)).outcome == Outcome.ALLOW
    assert asked(labels=("a",), permits=(NO_POLITICS.model_copy(update={"expires_at": NOW}),)).outcome == Outcome.ALLOW


@pytest.mark.parametrize("medium", MEDIA)
def test_a_forbidden_topic_that_nobody_looked_for_in_the_words_of_a_clip_is_held(medium: Medium) -> None:
    verdict = filmed(deaf=medium, permits=(NO_POLITICS,))
    assert (verdict.outcome, verdict.clause) == (Outcome.HOLD, MISSING)
    assert f"{medium} for politics" in str(verdict.hits[0].title)
    assert filmed(deaf=medium).outcome == Outcome.ALLOW


def test_a_topic_of_the_clip_gate_is_looked_for_in_its_pictures() -> None:
    assert filmed(seen=("c",), permits=(NO_SWIMWEAR,)).clause == MISSING
    assert filmed(seen=("c",), permits=(NO_POLITICS,)).outcome == Outcome.ALLOW
    assert filmed(permits=(NO_SWIMWEAR,)).outcome == Outcome.ALLOW
    assert filmed(signal("swimwear", 0.7), permits=(NO_SWIMWEAR,)).clause == SCOPE


signals = st.builds(
    signal, st.sampled_from([*LABELS, "unknown"]), st.floats(0, 1), st.sampled_from(["ana", "bob"]),
)  # fmt: skip
reports = st.builds(
    lambda found, failure, labels: report(*([] if failure else found), failure=failure, labels=tuple(labels)),
    st.lists(signals, max_size=4), st.none() | st.just("crashed"), st.sets(st.sampled_from(LABELS)),
)  # fmt: skip
permits_ = st.lists(st.builds(permit, st.sampled_from(["ana", "bob"])), max_size=2)


@given(st.lists(reports, max_size=4), permits_)
def test_it_always_answers_and_replays_to_the_same_verdict(found: list[Report], permits: list[Permit]) -> None:
    verdict = decide(*found, permits=tuple(permits))
    assert replay(verdict, POLICY) == verdict
    assert Verdict.model_validate_json(verdict.model_dump_json()) == verdict
    assert replay(Verdict.model_validate_json(verdict.model_dump_json()), POLICY) == verdict


@given(st.lists(reports, max_size=4), permits_)
def test_allow_needs_every_label_looked_for_and_nobody_failed(found: list[Report], permits: list[Permit]) -> None:
    if decide(*found, permits=tuple(permits)).outcome == Outcome.ALLOW:
        assert all(r.failure is None for r in found)
        assert frozenset().union(*(r.labels for r in found)) >= POLICY.labels("prompt")


@given(st.lists(reports, max_size=4), permits_, signals)
def test_one_more_signal_never_softens_the_outcome(found: list[Report], permits: list[Permit], more: Signal) -> None:
    before = decide(*found, permits=tuple(permits)).outcome
    after = decide(*found, report(more), permits=tuple(permits)).outcome
    if decide(*found, report(), permits=tuple(permits)).outcome == before:
        assert after.severity >= before.severity

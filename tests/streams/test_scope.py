"""What people rule out is held against the prompt and the clip, and no policy can switch that off."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from classifiers.prompt.normaliser import read_prompt
from safety.judge import judge
from safety.passage import Passage
from safety.permit import OUTSIDE, Permit
from safety.policy import Policy, parse
from safety.prompt import Prompt
from safety.signal import MEDIA, Medium, Report
from safety.verdict import Outcome, Verdict
from streams.scope import clip_scope, prompt_scope
from tests.streams.doubles import POLICY

NOW = datetime(2026, 11, 25, tzinfo=UTC)
PERMIT = Permit(
    id="p", kind="cameo", subject="ana", holder="kim", grant="g", words=("buy crypto", "нет войне", "加密货币"),
    company=frozenset({"kim", "bob"}), issued_at=NOW,
)  # fmt: skip


def asked(text: str, *others: str, permit: Permit = PERMIT) -> Report:
    return prompt_scope([permit], read_prompt(Prompt(text=text)), frozenset({"ana", *others}))


def said(*texts: str, medium: Medium = "speech") -> list[Passage]:
    return [Passage(medium=medium, text=t, time=(float(i), i + 1.0), confidence=0.9) for i, t in enumerate(texts)]


@pytest.mark.parametrize(
    "text",
    [
        "Ana tells us to buy crypto",
        "BUY  CRYPTO, she says",
        "b\u200buy cry\u200bpto now",
        "buy сrypto",  # a Cyrillic es
        "yub otpyrc",
        "она говорит: Нет войне!",
        "她说买加密货币吧",
    ],
)
def test_words_somebody_ruled_out_are_found_in_any_disguise_the_gate_takes_off(text: str) -> None:
    report = asked(text)
    assert [s.label for s in report.signals] == [OUTSIDE] and report.references == {"ana"}


@pytest.mark.parametrize("text", ["Ana walks along the beach", "buy cryptography books", "they buy a crypt o' gold"])
def test_other_words_are_not(text: str) -> None:
    assert not asked(text).signals


def test_company_that_was_not_approved_is_said() -> None:
    assert not asked("a dance", "kim", "bob").signals
    report = asked("a dance", "kim", "carl")
    assert "carl" in str(report.signals[0].evidence[0].note)
    anyone = PERMIT.model_copy(update={"company": None, "words": ()})
    assert not asked("a dance", "carl", permit=anyone).signals and not anyone.limits


def test_what_is_said_and_written_in_the_clip_counts_also_in_pieces() -> None:
    assert clip_scope([PERMIT], said("so", "everybody should buy", "crypto today"), frozenset()).signals
    assert clip_scope([PERMIT], said("BUY", "CRYPTO", medium="writing"), frozenset()).signals
    assert not clip_scope([PERMIT], [*said("buy"), *said("crypto", medium="writing")], frozenset()).signals


def test_somebody_recognised_beside_a_person_who_did_not_approve_them() -> None:
    assert not clip_scope([PERMIT], [], frozenset({"ana", "bob"})).signals
    assert clip_scope([PERMIT], [], frozenset({"ana", "bob", "eve"})).signals


def judged(policy: Policy, gate: str, *reports: Report, permit: Permit = PERMIT) -> Verdict:
    looked = [Report(detector="d", labels=policy.labels(gate))]  # type: ignore[arg-type]
    looked += [Report(detector="d", labels=policy.labels("prompt"), medium=m) for m in MEDIA if gate == "clip"]
    return judge(policy, gate, id="v", subject="s", reports=[*looked, *reports], permits=[permit], at=NOW)  # type: ignore[arg-type]


@pytest.mark.parametrize("gate", ["prompt", "clip"])
def test_leaving_somebodys_scope_is_refused_under_every_policy(gate: str) -> None:
    policy = parse(POLICY)
    verdict = judged(policy, gate, asked("buy crypto"))
    assert (verdict.outcome, verdict.clause) == (Outcome.BLOCK, "CLR-SCOPE")
    assert judged(policy, gate, asked("a dance")).outcome == Outcome.ALLOW


@pytest.mark.parametrize("gate", ["prompt", "clip"])
def test_where_nobody_looked_at_the_scope_it_is_held(gate: str) -> None:
    policy = parse(POLICY)
    assert (judged(policy, gate).outcome, judged(policy, gate).clause) == (Outcome.HOLD, "CLR-MISSING")
    failed = Report(detector="scope/1", labels=frozenset({OUTSIDE}), failure="The words could not be read.")
    assert judged(policy, gate, failed).outcome == Outcome.HOLD
    free = PERMIT.model_copy(update={"words": (), "company": None})
    assert judged(policy, gate, permit=free).outcome == Outcome.ALLOW


def test_one_persons_scope_is_not_anothers() -> None:
    other = PERMIT.model_copy(update={"subject": "eve"})
    verdict = judged(parse(POLICY), "prompt", asked("buy crypto"), permit=other)
    assert verdict.outcome == Outcome.ALLOW

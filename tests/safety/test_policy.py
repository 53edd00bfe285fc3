"""The policy file is read strictly; each way to get it wrong has its own file and sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from safety.drill import drill
from safety.policy import DEFAULT, Policy, PolicyError, check_labels, load, parse
from safety.values import canonical, digest
from safety.verdict import Outcome

ASSETS = Path(__file__).parent / "assets" / "policies"
EMITTED = {"prompt": {"sexual"}, "clip": set[str]()}

BROKEN = {
    "not-yaml.yaml": "not-yaml.yaml is not YAML in line 4; its editor must mend it.",
    "unknown-label.yaml": "Clause SEX-1 uses the label 'sexaul', which no prompt detector emits; known are sexual.",
    "unused-label.yaml": "No clip clause uses the label 'nudity' that a detector emits; add a clause or remove the detector.",
    "no-examples.yaml": "no-examples.yaml, clause SEX-1, examples: Tuple should have at least 1 item after validation, not 0.",
    "no-condition.yaml": "no-condition.yaml, clause SEX-1, when: a clause without a condition would never, or always, apply.",
    "allowing.yaml": "allowing.yaml, clause SEX-1, outcome: Input should be <Outcome.HOLD: 'hold'> or <Outcome.BLOCK: 'block'>.",
    "threshold.yaml": "threshold.yaml, clause SEX-1, when.any.0.at_least: Input should be less than or equal to 1.",
    "twice.yaml": "twice.yaml, as a whole: the code SEX-1 is used twice.",
    "unknown-field.yaml": "unknown-field.yaml, clause SEX-1, unles: Extra inputs are not permitted.",
}


@pytest.mark.parametrize(("name", "sentence"), BROKEN.items())
def test_a_broken_policy_is_refused_with_its_place_and_reason(name: str, sentence: str) -> None:
    emitted = EMITTED | ({"clip": {"nudity"}} if name == "unused-label.yaml" else {})
    with pytest.raises(PolicyError) as caught:
        load(ASSETS / name, emitted)
    assert caught.value.detail == sentence


def test_every_broken_file_is_listed() -> None:
    assert {p.name for p in ASSETS.glob("*.yaml")} == set(BROKEN)


def test_a_file_that_is_not_there_is_the_operators_move(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"cannot be read \(FileNotFoundError\); its operator must restore it"):
        load(tmp_path / "none.yaml", EMITTED)


def test_the_hash_is_of_the_meaning_not_of_the_file() -> None:
    text = DEFAULT.read_text("utf-8")
    assert parse(text).hash == parse("# a comment\n" + text).hash
    assert parse(text).hash != parse(text.replace("at_least: 0.8", "at_least: 0.7")).hash


def test_every_example_by_signals_of_the_shipped_policy_holds() -> None:
    results = drill(parse(DEFAULT.read_text("utf-8")), lambda _: Outcome.ALLOW)
    by_signals = [r for r in results if r.example.prompt is None]
    assert len(by_signals) > 40
    assert [r for r in by_signals if not r.good] == []


def test_every_clause_of_the_shipped_policy_speaks_english_and_french() -> None:
    for clause in parse(DEFAULT.read_text("utf-8")).clauses:
        assert set(clause.says) == {"en", "fr"}
        assert set(clause.passes) in ({"en", "fr"}, set())


TOPICAL = """
name: t
version: "1"
grantable:
  politics: {title: {en: Politics, fr: Politique}, gates: [prompt]}
clauses:
  - {code: SEX-1, title: S, gate: prompt, when: {any: [{label: sexual}]}, outcome: block, says: {en: "No."},
     ground: {kind: INCOMPATIBLE_CONTENT, reference: terms}, examples: [{signals: {sexual: 0.9}, outcome: block}]}
"""
PLAIN = parse(TOPICAL.replace("grantable:\n  politics: {title: {en: Politics, fr: Politique}, gates: [prompt]}\n", ""))


def test_a_topic_may_be_emitted_although_no_clause_uses_it() -> None:
    both = {"prompt": {"sexual", "politics"}, "clip": {"politics"}}
    check_labels(parse(TOPICAL), both)
    with pytest.raises(PolicyError, match="No prompt clause uses the label 'politics'"):
        check_labels(PLAIN, both)


def test_a_topic_that_no_detector_of_its_gate_emits_is_refused() -> None:
    with pytest.raises(PolicyError, match="'politics' is grantable at the prompt gate, where no detector emits it"):
        check_labels(parse(TOPICAL), {"prompt": {"sexual"}})


def test_a_topic_may_not_be_a_label_of_its_gates_clauses() -> None:
    with pytest.raises(PolicyError, match="the label sexual is grantable and used by a prompt clause"):
        parse(TOPICAL.replace("politics:", "sexual:"))


def test_a_label_of_the_clip_gates_clauses_may_be_a_topic_of_the_prompt_gate() -> None:
    elsewhere = (
        TOPICAL.replace("politics:", "nudity:")
        + """
  - {code: NUDE-1, title: N, gate: clip, when: {any: [{label: nudity}]}, outcome: block, says: {en: "No."},
     ground: {kind: INCOMPATIBLE_CONTENT, reference: terms}, examples: [{signals: {nudity: 0.9}, outcome: block}]}
"""
    )
    assert parse(elsewhere).grantable("prompt") == {"nudity"}
    assert parse(elsewhere).forbiddable() == {"nudity", "sexual"}


def test_a_topic_has_an_english_title_and_a_gate() -> None:
    with pytest.raises(PolicyError, match=r"title\.en is missing"):
        parse(TOPICAL.replace("en: Politics, ", ""))
    with pytest.raises(PolicyError, match="at least 1 item"):
        parse(TOPICAL.replace("gates: [prompt]", "gates: []"))


def test_a_policy_without_topics_keeps_its_hash_and_one_with_them_is_another() -> None:
    before = PLAIN.model_dump(mode="json")
    assert "grantable" not in before
    for clause in before["clauses"]:
        del clause["clip_words"]
    assert digest(canonical(before)) == PLAIN.hash
    assert parse(TOPICAL).hash != PLAIN.hash
    assert Policy.model_validate(parse(TOPICAL).model_dump(mode="json")) == parse(TOPICAL)


def test_every_topic_of_the_shipped_policy_speaks_english_and_french() -> None:
    topics = parse(DEFAULT.read_text("utf-8")).topics
    assert len(topics) >= 10
    assert all(set(topic.title) == {"en", "fr"} for topic in topics.values())

"""What a sender is told: the clause, why, their own words and what would pass, in English or French, and nothing private."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from safety.explanation import MOST_CHARACTERS, explain, quotes, reason, remedy, spoken
from safety.judge import EMPTY, MISSING, judge, replay
from safety.permit import Permit
from safety.policy import DEFAULT, Policy, parse
from safety.reasons import state_reasons
from safety.signal import Evidence, Report, Signal, Span
from safety.verdict import Verdict

NOW = datetime(2026, 11, 1, tzinfo=UTC)
POLICY = parse("""
name: t
version: "1"
clauses:
  - {code: M-1, title: {en: Minors, fr: Mineurs}, gate: prompt, when: {any: [{label: sexual_minors}]}, outcome: block,
     says: {en: "Never.", fr: "Jamais."}, ground: {kind: ILLEGAL_CONTENT, reference: law},
     examples: [{signals: {sexual_minors: 0.9}, outcome: block}]}
  - {code: V-1, title: {en: Violence, fr: Violence explicite}, gate: prompt, when: {any: [{label: violence}]}, outcome: block,
     says: {en: "Violence is not made here.", fr: "La violence n'est pas réalisée ici."},
     passes: {en: "Show the aftermath.", fr: "Montrez l'après."},
     ground: {kind: INCOMPATIBLE_CONTENT, reference: terms}, examples: [{signals: {violence: 0.9}, outcome: block}]}
  - {code: P-1, title: Personal data, gate: prompt, when: {any: [{label: pii}]}, outcome: hold, says: {en: "Somebody's details."},
     ground: {kind: INCOMPATIBLE_CONTENT, reference: gdpr}, examples: [{signals: {pii: 0.9}, outcome: hold}]}
  - {code: G-1, title: Graphic, gate: clip, when: {any: [{label: graphic}]}, outcome: block, says: {en: "Graphic."},
     ground: {kind: INCOMPATIBLE_CONTENT, reference: terms}, examples: [{signals: {graphic: 0.9}, outcome: block}]}
""")
TEXT = "In the square a man stabs, again and again, a woman. Write to jane.doe@example.org or 06 12 34 56 78"


def at(words: str, note: str | None = "as written", text: str = TEXT) -> Evidence:
    start = text.index(words)
    return Evidence(span=Span(start=start, end=start + len(words)), text=words.lower(), note=note)


def verdict(*signals: Signal, gate: str = "prompt", failure: str | None = None, policy: Policy = POLICY) -> Verdict:
    labels = frozenset({"violence", "sexual_minors", "pii", "graphic"})
    report = Report(detector="d/1", labels=labels, signals=signals, failure=failure)
    return judge(policy, gate, id="v", subject="sha256:0", reports=[report], permits=(), at=NOW)  # type: ignore[arg-type]


def seen(label: str, *evidence: Evidence, score: float = 0.9) -> Signal:
    return Signal(label=label, score=score, detector="d/1", evidence=evidence)


def test_a_refusal_names_the_clause_its_title_the_reason_the_words_and_what_would_pass() -> None:
    refused = verdict(seen("violence", at("man stabs")))
    assert refused.explain("en", TEXT) == (
        "V-1, Violence. Violence is not made here. You wrote “man stabs”. What would pass: Show the aftermath."
    )
    assert refused.explain("fr", TEXT) == (
        "V-1, Violence explicite. La violence n'est pas réalisée ici. Vous avez écrit « man stabs ». "
        "Ce qui passerait : Montrez l'après."
    )


def test_the_statement_of_reasons_says_the_same_words() -> None:
    refused = verdict(seen("violence", at("man stabs")))
    stated = state_reasons(refused, language="fr", source=TEXT)
    assert refused.explain("fr", TEXT) == f"{stated.facts} Ce qui passerait : {stated.what_would_pass}"


@pytest.mark.parametrize(
    ("language", "answer"),
    [("fr-CA", "fr"), ("FR", "fr"), ("fr_FR", "fr"), ("de", "en"), ("frr", "en"), ("", "en"), (None, "en")],
)
def test_french_is_answered_in_french_and_everything_else_in_english(language: str | None, answer: str) -> None:
    assert spoken(language) == answer


def test_words_are_quoted_whole_and_as_they_were_typed() -> None:
    refused = verdict(seen("violence", at("stab")))
    assert quotes(refused, refused.hits[0], TEXT) == (("stabs", False),)
    typed = "A MAN StAbS her"
    shouted = verdict(seen("violence", Evidence(span=Span(start=6, end=11), text="stabs")))
    assert "“StAbS”" in shouted.explain("en", typed)


def test_at_most_two_places_are_quoted_and_none_twice() -> None:
    refused = verdict(seen("violence", at("stabs"), at("man stabs"), at("again and again"), at("woman")))
    assert [text for text, _ in quotes(refused, refused.hits[0], TEXT)] == ["stabs", "again and again"]


def test_a_disguise_is_quoted_as_it_was_typed_and_called_one() -> None:
    typed = "a m@n st4bs her"
    evidence = Evidence(span=Span(start=6, end=11), text="stabs", note="read through a disguise: spelling")
    told = verdict(seen("violence", evidence))
    assert "You wrote “st4bs”, which was read through a disguise." in told.explain("en", typed)
    assert "Vous avez écrit « st4bs », ce qui a été lu malgré un déguisement." in told.explain("fr", typed)
    assert "“" not in told.explain("en")  # without the source nobody knows how it was typed


def test_a_long_excerpt_is_cut_between_words_and_control_characters_are_left_out() -> None:
    typed = "kill\u202e\x1b[2J “him” " + "and more " * 40
    told = verdict(seen("violence", Evidence(span=Span(start=0, end=len(typed)))))
    [(text, _)] = quotes(told, told.hits[0], typed)
    assert text.startswith("kill") and text.endswith("…") and len(text) <= MOST_CHARACTERS + 1
    assert not {"\u202e", "\x1b", "“", "”"} & set(text)


@pytest.mark.parametrize(
    "silent",
    [
        seen("violence"),
        seen("violence", Evidence(note="as written")),
        seen("violence", Evidence(text="words of somebody else")),
        seen("violence", Evidence(span=Span(start=0, end=5000))),
        seen("violence", Evidence(span=Span(start=3, end=3))),
        seen("violence", at("jane.doe@example.org")),
        seen("violence", at("06 12 34 56 78")),
    ],
    ids=["no evidence", "no place", "not their words", "outside", "empty", "an address", "a number"],
)
def test_nothing_is_quoted_that_is_not_there_or_could_be_private(silent: Signal) -> None:
    told = verdict(silent)
    assert quotes(told, told.hits[0], TEXT) == ()
    assert told.explain("en", TEXT) == "V-1, Violence. Violence is not made here. What would pass: Show the aftermath."


def test_personal_data_is_never_quoted_under_any_clause() -> None:
    assert "“" not in verdict(seen("pii", at("man stabs"))).explain("en", TEXT)
    assert "“" not in verdict(seen("pii", Evidence(text="square"))).explain("en", TEXT), "not even where no place is known"
    private = Evidence(span=Span(start=TEXT.index("stabs"), end=TEXT.index("stabs") + 3), note="home address")
    assert "“" not in verdict(seen("violence", at("man stabs")), seen("pii", private, score=0.2)).explain("en", TEXT)


def test_nothing_of_a_prompt_about_minors_is_quoted_whichever_clause_decides() -> None:
    both = verdict(seen("violence", at("man stabs")), seen("sexual_minors", at("woman")))
    assert all(quotes(both, hit, TEXT) == () for hit in both.hits)


def test_the_clip_gate_quotes_nothing_of_the_prompt() -> None:
    assert verdict(seen("graphic", at("man stabs")), gate="clip").explain("en", TEXT) == "G-1, Graphic. Graphic."


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_clauses_that_no_policy_can_switch_off_say_all_of_it_too(language: str) -> None:
    scope = Permit(
        id="p", kind="cameo", subject="ana", holder="h", grant="g", issued_at=NOW, forbids=frozenset({"violence"})
    )  # fmt: skip
    report = Report(detector="d/1", labels=frozenset({"violence"}), signals=(seen("violence", at("man stabs")),))
    told = [
        verdict(failure="it was late"),
        verdict(policy=Policy(name="none", version="0")),
        judge(POLICY, "prompt", id="v", subject="sha256:0", reports=[report], permits=[scope], at=NOW),
    ]
    assert [v.clause for v in told[:2]] == [MISSING, EMPTY]
    for each in told:
        text = each.explain(language, TEXT)
        assert text.startswith(f"{each.clause}, ") and remedy(each, language) and text.endswith(remedy(each, language))
        assert explain(each, "en") != explain(each, "fr")


def test_an_allowing_verdict_says_that_nothing_stands_against_it() -> None:
    assert verdict().explain("fr") == "Rien ne s'y oppose." and remedy(verdict()) == ""
    assert reason(verdict(), "en", TEXT) == "Nothing stands against it."


def test_a_title_in_one_language_still_loads_keeps_its_hash_and_replays() -> None:
    old = Policy.model_validate_json(POLICY.model_dump_json())
    assert old.hash == POLICY.hash and old.clauses[2].title == "Personal data"
    kept = verdict(seen("pii", at("jane.doe@example.org")), seen("violence", at("man stabs")))
    stored = Verdict.model_validate_json(kept.model_dump_json())
    assert replay(stored, old) == stored == kept
    assert verdict(seen("pii")).explain("fr").startswith("P-1, Personal data. ")


def test_every_clause_of_the_shipped_policy_has_title_reason_and_remedy_in_both_languages() -> None:
    for clause in parse(DEFAULT.read_text("utf-8")).clauses:
        for words in (clause.title, clause.says, clause.passes):
            assert isinstance(words, dict) and words.keys() == {"en", "fr"} and all(words.values()), clause.code
        told = [*clause.says.values(), *clause.passes.values()]
        assert all(text.endswith(".") for text in told), clause.code
        assert len(set(told)) == len(told), clause.code


def test_no_two_kinds_of_clause_give_the_same_reason() -> None:
    says = [clause.says[language] for clause in parse(DEFAULT.read_text("utf-8")).clauses for language in ("en", "fr")]
    assert len(set(says)) == len(says)

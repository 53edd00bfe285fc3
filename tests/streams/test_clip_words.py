"""What is said and written in a clip goes through the prompt gate, and is told with its place in the clip."""

from __future__ import annotations

import pytest

from safety.passage import Passage
from safety.permit import Permit
from safety.prompt import Prompt
from safety.signal import Box, Evidence, Report, Signal, Span
from streams.clip_words import read_order, read_words, texts
from streams.context import Findings
from streams.lanes.lane import Failed

LABELS = frozenset({"bad", "name"})


class Gate:
    """Finds the word "bad" in a text, as a prompt detector would; and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Prompt] = []

    def __call__(self, prompt: Prompt) -> Findings:
        self.asked.append(prompt)
        found = []
        at = prompt.text.find("bad")
        if at >= 0:
            evidence = Evidence(span=Span(start=at, end=at + 3), text="bad", note="as written")
            found.append(Signal(label="bad", score=0.9, detector="gate/1", evidence=(evidence,)))
        if "built" in prompt.text and any("half" in earlier for earlier in prompt.earlier.asked):
            found.append(Signal(label="bad", score=0.7, detector="gate/1", evidence=(Evidence(note="together"),)))
        return (Report(detector="gate/1", labels=LABELS, signals=tuple(found)),), ()


def passage(text: str, at: float, **more: object) -> Passage:
    return Passage.model_validate({"medium": "writing", "text": text, "time": (at, at + 0.5), "confidence": 0.9, **more})


def signals(findings: Findings) -> list[Signal]:
    return [s for r in findings[0] for s in r.signals]


def test_no_words_are_a_report_that_found_nothing() -> None:
    (report,), permits = read_words((), "speech", "speech/1", LABELS, Gate())
    assert (report.labels, report.signals, report.failure, report.medium, permits) == (LABELS, (), None, "speech", ())


def test_words_that_could_not_be_read_are_a_failed_report() -> None:
    (report,), _ = read_words(Failed("did not answer within 5 s"), "speech", "speech/1", LABELS, Gate())
    assert report.failure == "speech/1 did not answer within 5 s."
    assert (report.labels, report.medium) == (LABELS, "speech")


def test_what_is_found_is_told_with_its_place_in_the_clip_and_in_the_transcript() -> None:
    box = Box(x=0.1, y=0.2, w=0.3, h=0.1)
    shown = (passage("welcome", 0.0, frame=0), passage("a bad thing", 3.0, frame=72, box=box))
    (found,) = signals(read_words(shown, "writing", "writing/1", LABELS, Gate()))
    assert (found.medium, found.label) == ("writing", "bad")
    (evidence,) = {(e.time, e.frame, e.box, e.text, e.span) for e in found.evidence}
    assert evidence == ((3.0, 3.5), 72, box, "bad", Span(start=len("welcome\na "), end=len("welcome\na bad")))


def test_a_sentence_spread_over_screens_is_read_whole() -> None:
    gate = Gate()
    read_words((passage("I will", 0.0), passage("k", 1.0), passage("ill you", 2.0)), "writing", "writing/1", LABELS, gate)
    assert "I will\nk\nill you" in [p.text for p in gate.asked]


def test_letters_shown_one_after_another_are_run_together() -> None:
    shown = tuple(passage(letter, float(i)) for i, letter in enumerate("bad"))
    (found,) = signals(read_words(shown, "writing", "writing/1", LABELS, Gate()))
    assert found.evidence[0].time == (0.0, 2.5)


def test_a_long_transcript_is_read_to_its_end() -> None:
    story = (passage(f"line {i} of a long story about the sea", float(i)) for i in range(1500))
    shown = (*story, passage("bad", 1500.0))
    gate = Gate()
    (found,) = signals(read_words(shown, "speech", "speech/1", LABELS, gate))
    assert found.evidence[0].time == (1500.0, 1500.5)
    assert max(len(p.text) for p in gate.asked) <= 20_000


def test_every_character_of_every_passage_is_read_once_in_the_whole_transcript() -> None:
    shown = [passage(f"piece {i}", i / 3) for i in range(50)]
    whole = next(iter(texts(shown)))
    for start, piece in zip(whole.starts, whole.passages, strict=True):
        assert whole.text[start : start + len(piece.text)] == piece.text
        assert whole.passage_at(start) is piece
        assert whole.passage_at(start + len(piece.text) - 1) is piece


def test_permits_that_bear_on_the_words_come_along() -> None:
    from datetime import UTC, datetime

    permit = Permit(id="p", kind="licence", subject="r", holder="h", grant="g", issued_at=datetime(2026, 1, 1, tzinfo=UTC))

    def ask(prompt: Prompt) -> Findings:
        return (Report(detector="gate/1", labels=LABELS),), (permit,)

    assert read_words((passage("Orbo", 0.0), passage("Orbo", 1.0)), "writing", "writing/1", LABELS, ask)[1] == (permit,)


def test_a_gate_that_could_not_look_at_one_text_has_failed_for_all() -> None:
    def ask(prompt: Prompt) -> Findings:
        failure = "It was late." if "\n" not in prompt.text and "two" in prompt.text else None
        return (Report(detector="gate/1", labels=LABELS, failure=failure),), ()

    reports, _ = read_words((passage("one", 0.0), passage("two", 1.0)), "writing", "writing/1", LABELS, ask)
    assert [r.failure for r in reports] == [None, "It was late."]


def test_the_clip_told_in_order_is_read_whole_and_step_by_step() -> None:
    gate = Gate()
    told = [("half of a bomb on a table", (0.0, 2.0)), ("the rest is built", (2.0, 4.0))]
    (found,) = signals(read_order(told, "order/1", LABELS, gate))
    assert (found.medium, found.score) == ("order", 0.7)
    assert found.evidence[0].time == (2.0, 4.0)
    assert [p.earlier.asked for p in gate.asked][-1] == ("half of a bomb on a table",)


def test_nothing_to_tell_is_nothing_found() -> None:
    (report,), _ = read_order([], "order/1", LABELS, Gate())
    assert (report.medium, report.labels, report.signals) == ("order", LABELS, ())


@pytest.mark.parametrize("words", [("   ",), ("", "\n")])
def test_blank_passages_say_nothing(words: tuple[str, ...]) -> None:
    assert list(texts([passage(w, 0.0) for w in words])) == []

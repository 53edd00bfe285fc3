"""A reserved name that is spelt over several prompts is found by the real gates, unless the requester may use it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from safety.prompt import Earlier, Prompt
from safety.settings import Settings
from safety.signal import Report
from streams import works
from streams.context import Context
from streams.spelt_names import DETECTOR
from streams.system import close, open_context

FIRST, SECOND = "a robot called Vermillo dances in the rain", "his surname is Quatch, write it on his hat"


@pytest.fixture
def real(tmp_path: Path) -> Iterator[Context]:
    ctx = open_context(Settings(home=tmp_path / "home"))
    works.add(ctx, works.simple_filing(holder="Quatch Films", title="Vermillo Quatch", kind="character", licensees=("sam",)))
    yield ctx
    close(ctx)


def ask(ctx: Context, text: str, *asked: str, requester: str = "kim") -> tuple[dict[str, Report], tuple[str, ...]]:
    """Reports of the prompt gate by detector, and whom its permits are for."""
    reports, permits = ctx.gates.prompt(Prompt(text=text, earlier=Earlier(asked=asked)), requester, (), None)
    return {r.detector: r for r in reports}, tuple(p.subject for p in permits)


def test_a_reserved_name_in_two_halves_makes_a_person_look_and_says_where_the_first_half_was(real: Context) -> None:
    reports, _ = ask(real, SECOND, "a boat on a lake", FIRST)
    (signal,) = reports[DETECTOR].signals
    assert (signal.label, signal.score >= 0.5) == ("built_up", True)
    assert signal.evidence[0].text == "vermillo quatch"
    assert (signal.evidence[1].text, signal.evidence[1].note) == (FIRST, "the same person's prompt before this one")


def test_either_half_alone_is_nothing(real: Context) -> None:
    for text in (FIRST, SECOND):
        reports, _ = ask(real, text, "a boat on a lake")
        assert reports[DETECTOR].signals == ()
        assert all(s.label != "reserved_name" for r in reports.values() for s in r.signals)


def test_whoever_has_the_licence_may_spell_it_and_the_clip_rests_on_it(real: Context) -> None:
    reports, permits = ask(real, SECOND, FIRST, requester="sam")
    assert reports[DETECTOR].signals == ()
    assert len(permits) == 1


def test_a_name_that_stood_whole_in_an_earlier_prompt_is_not_found_again_in_a_harmless_one(real: Context) -> None:
    reports, _ = ask(real, "a boat called Ermine on a lake", "Vermillo Quatch dances in the rain")
    assert reports[DETECTOR].signals == ()


def test_without_anything_before_there_is_no_report(real: Context) -> None:
    reports, _ = ask(real, SECOND)
    assert DETECTOR not in reports


def test_names_that_cannot_be_searched_are_a_report_that_says_so(real: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise OSError("the index is gone")

    monkeypatch.setattr(type(real.parts.names), "match_prompt", broken)
    reports, _ = ask(real, SECOND, FIRST)
    assert reports[DETECTOR].failure == "Names spelt over several prompts could not be searched (OSError)."

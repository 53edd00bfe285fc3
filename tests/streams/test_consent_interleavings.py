"""Every order of a release and a loss, with deaths: nothing wrong is released, and the explorer would tell if it were."""

from __future__ import annotations

import os

import pytest

from console.bench import interleavings
from console.bench.exploring import Explorer
from console.bench.interleavings import explore
from console.bench.losses import CASES, Case
from tests.streams.consent_flaws import Line, break_them

BY_NAME = {case.name: case for case in CASES}
#: The cases that end in the fewest transactions and differ most; in a campaign all, as ``measure`` does.
SHORT = ("a grant is revoked", "a permit expires")
REREAD = Line("streams.release:settle", "if lost_permits(conn, permits, ctx):", "if False:")


@pytest.mark.parametrize("name", BY_NAME if "CLEARANCE_CAMPAIGN" in os.environ else SHORT)
def test_no_order_of_a_release_and_a_loss_releases_what_was_lost(name: str) -> None:
    found = explore(BY_NAME[name], until="release", carriers=2, crashes=0)
    assert found.wrong == 0, found.example
    assert found.ends == {"released": 12, "refused": 16}, "each came first in some of the histories"


def test_deaths_at_every_point_change_nothing() -> None:
    found = explore(BY_NAME["everything is paused"], until="release", carriers=1, crashes=1)
    assert found.wrong == 0, found.example
    assert set(found.ends) == {"released", "refused"}


def test_two_that_race_for_the_last_clip_of_a_limit_do_not_both_get_it() -> None:
    found = explore(BY_NAME["a limit is reached"], until=None, carriers=1, crashes=0)
    assert found.wrong == 0, found.example
    assert set(found.ends) == {"refused and released"}


def test_the_explorer_finds_the_order_in_which_a_missing_check_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    break_them([REREAD], monkeypatch)
    found = explore(BY_NAME["everything is paused"], until="release", carriers=1, crashes=0)
    assert found.wrong and "a release needed a permit that was lost before it" in found.example[-1]


def test_histories_that_meet_are_counted_as_if_each_were_walked(monkeypatch: pytest.MonkeyPatch) -> None:
    case: Case = BY_NAME["everything is paused"]
    met = explore(case, until="release", carriers=2, crashes=0)
    monkeypatch.setattr(Explorer, "_digest", lambda self, copy: os.urandom(8))
    walked = explore(case, until="release", carriers=2, crashes=0)
    assert (met.histories, met.wrong, met.ends) == (walked.histories, walked.wrong, walked.ends)
    assert met.transactions < walked.transactions


def test_a_quick_run_says_how_many_histories_it_covered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interleavings, "CASES", CASES[3:4])
    section = interleavings.measure(lambda *_: None, quick=True)
    assert [f.value for f in section.figures] == [0.0, 0.0]
    assert section.figures[0].number == 28 + 13

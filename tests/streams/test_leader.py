"""One relay at a time."""

from __future__ import annotations

from pathlib import Path

from streams.leader import Leader
from tests.streams.doubles import make_context


def test_one_leads_until_it_gives_back_and_then_another_does(tmp_path: Path) -> None:
    one, two = Leader(make_context(tmp_path)), Leader(make_context(tmp_path))
    assert one.take()
    assert one.take()
    assert not two.take()
    one.give_back()
    assert two.take()
    assert not one.take()
    two.give_back()


def test_homes_have_leaders_of_their_own(tmp_path: Path) -> None:
    one, two = Leader(make_context(tmp_path / "a")), Leader(make_context(tmp_path / "b"))
    assert one.take()
    assert two.take()
    one.give_back()
    two.give_back()

"""Every check of consent is needed: with any one of them taken out, a history is found in which somebody is wronged."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.streams.consent_acts import Act, House
from tests.streams.consent_flaws import FLAWS, Flaw, break_them
from tests.streams.consent_machine import SqliteHouses


@pytest.fixture(scope="module")
def houses(tmp_path_factory: pytest.TempPathFactory) -> SqliteHouses:
    folder: Path = tmp_path_factory.mktemp("houses")
    return SqliteHouses(folder)


@pytest.mark.parametrize("flaw", FLAWS, ids=lambda flaw: flaw.name.replace(" ", "-"))
def test_a_history_shows_that_a_check_is_needed(flaw: Flaw, houses: SqliteHouses, monkeypatch: pytest.MonkeyPatch) -> None:
    break_them(flaw.behind, monkeypatch)
    play(houses(), flaw.history)
    monkeypatch.undo()
    break_them((*flaw.behind, flaw.line), monkeypatch)
    with pytest.raises(AssertionError, match=flaw.says):
        play(houses(), flaw.history)


def play(house: House, history: tuple[Act, ...]) -> None:
    try:
        for act in history:
            house.do(act)
    finally:
        house.ctx.db.close()

"""The same histories, carried by each runner: whatever is released meanwhile was allowed at its place in the ledger."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from console.bench.consent_world import prepare
from streams.context import Context
from streams.kafka import KafkaRunner
from streams.local import LocalRunner
from tests.streams.consent_acts import Act, House, deeds
from tests.streams.consent_flaws import FLAWS

Run = Callable[[Context], AbstractContextManager[object]]
#: Histories in which something is lost while a clip is being made, or after it is out.
NAMES = (
    "drawing asks between its steps", "release reads every permit again", "a permit ends with its grant",
    "a remix needs what it remixes", "remixes go with what they remix", "company is asked about again at release",
    "spending looks at the limit", "the erased permit nothing",
)  # fmt: skip
TIMES = 20 if "CLEARANCE_CAMPAIGN" in os.environ else 1
#: As long as a release takes here, and a little more: so that a loss may come at any stage, or after the end.
MOST_SECONDS = 0.3


@pytest.fixture(params=["local", pytest.param("kafka", marks=pytest.mark.kafka)])
def run(request: pytest.FixtureRequest) -> Run:
    """Starts the runner the test is about."""
    if request.param == "local":
        return LocalRunner
    bootstrap, prefix = request.getfixturevalue("bootstrap"), request.getfixturevalue("prefix")
    return lambda ctx: KafkaRunner(ctx, bootstrap, prefix=prefix, group=prefix)


def test_what_people_take_back_while_a_runner_works_is_taken_back(tmp_path: Path, run: Run) -> None:
    prepare(f"sqlite:///{tmp_path / 'clearance.db'}")
    house, jitter = House(tmp_path, alone=False), random.Random(5)
    with run(house.ctx):
        for number, name in enumerate(NAMES * TIMES):
            (flaw,) = (f for f in FLAWS if f.name == name)
            first = len(house.model.clips)
            for act in deeds(flaw.history):
                if act[0] == "drain" and len(act) > 1:
                    time.sleep(
                        jitter.random() * MOST_SECONDS
                    )  # somewhere on the way, not at a stage: this runner has its own pace
                else:
                    house.do(_apart(act, number, first))
            house.do(("drain",))
    clips = house.model.clips.values()
    house.close()
    assert any(c.withdrawn for c in clips) and any(not c.withdrawn for c in clips), "the histories tried nothing"


def _apart(act: Act, number: int, first: int) -> Act:
    """The act with people, and clips to remix, that no other history has."""
    renamed = [_renamed(part, number) for part in act]
    if act[0] == "submit" and len(act) > 4 and act[4] is not None:
        renamed[4] = first + act[4]
    return tuple(renamed)


def _renamed(part: object, number: int) -> object:
    if isinstance(part, tuple):
        return tuple(_renamed(one, number) for one in part)
    return f"{part}_{number}" if part in ("ana", "ben") else part

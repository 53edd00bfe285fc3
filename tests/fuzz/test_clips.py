"""Damaged media never kill, stop or bloat the reader; what the runner says of a function is what the function did."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from generator.codec import Codec
from tests.fuzz.clips import ASSETS, SUFFIXES, mutated, run, suffix
from tests.fuzz.misbehaviour import misbehave

#: A machine with one busy core needs seconds for the slowest.
DEADLINE = 20.0


def read(path: Path) -> None:
    """What the gate does first: the facts, then every part."""
    codec = Codec()
    facts = codec.facts(path)
    assert facts.width > 0 and facts.height > 0 and facts.seconds >= 0
    parts = list(codec.parts(path))
    assert parts and parts[0].frames
    times = [f.time for part in parts for f in part.frames]
    assert times == sorted(times)


def test_the_runner_tells_death_hanging_errors_and_greed_from_answers() -> None:
    found = run(range(6), misbehave, deadline=2.0)
    assert [o.kind for o in found] == ["answered", "crash", "hang", "error", "memory", "answered"]


def test_a_file_of_one_number_is_always_the_same_and_differs_from_its_seed() -> None:
    for seed in range(40):
        assert mutated(seed) == mutated(seed)
    whole = {name: (ASSETS / f"seed.{name}").read_bytes() for name in SUFFIXES}
    assert sum(mutated(seed) != whole[suffix(seed)] for seed in range(40)) >= 38


def test_the_seeds_themselves_are_read() -> None:
    for name in SUFFIXES:
        read(ASSETS / f"seed.{name}")


def test_damaged_files_are_read_or_refused_in_a_sentence() -> None:
    campaign = bool(os.environ.get("CLEARANCE_CAMPAIGN"))
    found = run(range(2_000 if campaign else 120), read, deadline=DEADLINE)
    assert [o for o in found if not o.clean] == []
    assert all(o.detail.endswith(".") and "\n" not in o.detail for o in found if o.kind == "refused")
    assert {o.kind for o in found} == {"answered", "refused"}


@pytest.mark.parametrize("name", SUFFIXES)
def test_every_kind_of_file_is_hurt_in_many_ways(name: str) -> None:
    numbers = [seed for seed in range(120) if suffix(seed) == name]
    assert len({mutated(seed) for seed in numbers}) == len(numbers) == 24

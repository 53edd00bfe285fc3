"""What the heads are tested on they were never trained on."""

from __future__ import annotations

import pytest

from classifiers.prompt.folding import fold
from classifiers.prompt.training import corpus
from classifiers.prompt.training.augment import augment


@pytest.fixture(scope="module")
def rows() -> list[corpus.Row]:
    return corpus.rows()


def texts(rows: list[corpus.Row]) -> set[str]:
    return {fold(row.text) for row in rows}


def test_no_group_stands_on_two_sides(rows: list[corpus.Row]) -> None:
    training, calibration = corpus.split(rows)
    sides = [{r.group for r in training}, {r.group for r in calibration}, {r.group for r in rows if r.test}]
    assert all(sides)
    assert not (sides[0] & sides[1] or sides[0] & sides[2] or sides[1] & sides[2])
    assert len(training) + len(calibration) > 0.97 * sum(not r.test for r in rows), "few rows stand in two sets"


@pytest.mark.parametrize("held_out", ["the test rows", "unseen", "public", "xstest"])
def test_no_prompt_of_a_test_set_was_trained_or_calibrated_on(rows: list[corpus.Row], held_out: str) -> None:
    found = [r for r in rows if r.test] if held_out == "the test rows" else getattr(corpus, held_out)()
    asked = {fold(text) for text, _ in found} if held_out == "xstest" else texts(found)
    training, calibration = corpus.split(rows)
    assert not asked & (texts(training) | texts(calibration))


def test_added_rows_stay_on_their_side(rows: list[corpus.Row]) -> None:
    training, _ = corpus.split(rows)
    assert {row.group for row in augment(training, 1)} <= {row.group for row in training}

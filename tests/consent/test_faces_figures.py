"""The arithmetic behind published error rates of faces."""

from __future__ import annotations

import numpy as np
import pytest

from console.bench.faces import choose
from console.bench.faces_million import likely, look_up, nearest_of_all
from console.bench.faces_photos import Scores, interval


def test_the_exact_interval_is_that_of_the_tables() -> None:
    assert interval(0, 20) == (0.0, pytest.approx(0.1684, abs=1e-4))
    assert interval(5, 10) == (pytest.approx(0.1871, abs=1e-4), pytest.approx(0.8129, abs=1e-4))
    assert interval(7, 7)[1] == 1.0 and interval(0, 0) == (0.0, 1.0)


def test_the_tail_of_strangers_is_counted_where_there_are_some_and_drawn_out_normally_beyond() -> None:
    cosines = np.random.default_rng(1).normal(0.08, 0.1, 200_000).astype(np.float32)
    scores = Scores(np.full(10, 0.9, np.float32), cosines)
    assert scores.false_share(0.3) == pytest.approx(float((cosines >= 0.3).mean()))
    assert 1e-8 < scores.false_share(0.6) < 1e-6  # 5.2 deviations: 1.0e-7
    assert choose(scores) == pytest.approx(0.46, abs=0.011)
    assert "FNMR 0.00 %" in scores.rates(0.5) and "of 200,000" in scores.rates(0.5)


def test_a_made_up_crowd_is_searched_and_held_against_comparing_with_everybody() -> None:
    looked = look_up(likely(None), 3000, np.full(5, 0.7, np.float32), 40, lambda *_: None)
    assert looked.people == 3000 and looked.recall == (40, 40) and looked.strangers == 40 and looked.false == 0
    rows = likely(None).draw(500, np.random.default_rng(3))
    who, near = nearest_of_all(rows.astype(np.float16), rows[:20])
    assert who.tolist() == list(range(20)) and near == pytest.approx(1.0, abs=1e-3)
    pairs = (rows @ rows.T)[np.triu_indices(500, 1)]
    assert 0.05 < float(pairs.mean()) < 0.11 and 0.085 < float(pairs.std()) < 0.105

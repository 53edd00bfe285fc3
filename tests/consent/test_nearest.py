"""The graph finds what comparing with every row finds, follows additions and removals, and says the same twice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from consent import nearest
from consent.nearest import Kept, NearIndex
from consent.vectors import ExactIndex, Vectors


def rows(count: int, seed: int = 1, dimensions: int = 48) -> Vectors:
    """Unit rows whose first numbers vary most, as those of any network do."""
    drawn = np.random.default_rng(seed).normal(size=(count, dimensions)) * np.arange(1, dimensions + 1) ** -0.5
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), np.float32)


def near(some: Vectors, seed: int = 2) -> Vectors:
    noisy = some + 0.08 * np.random.default_rng(seed).normal(size=some.shape)
    return np.asarray(noisy / np.linalg.norm(noisy, axis=1, keepdims=True), np.float32)


@pytest.fixture
def graph(monkeypatch: pytest.MonkeyPatch) -> None:
    """Walk the graph although there are few rows."""
    monkeypatch.setattr(nearest, "EXACT_UP_TO", 0)


@pytest.mark.parametrize("dtype", ["i8", "f16", "f32"])
def test_it_answers_as_comparing_with_every_row_does(graph: None, dtype: Kept) -> None:
    known = rows(1500)
    asked = near(known[::15])
    found, cosines = NearIndex(known, dtype).search(asked, 5)
    true, truly = ExactIndex(known).search(asked, 5)
    assert np.mean(found[:, 0] == true[:, 0]) >= 0.99
    assert np.abs(cosines[:, 0] - truly[:, 0]).max() < 0.004
    assert (np.diff(cosines, axis=1) <= 0).all()


def test_few_rows_are_compared_one_by_one() -> None:
    known = rows(500)
    found, _ = NearIndex(known, "f32").search(near(known[:100]), 3)
    true, _ = ExactIndex(known).search(near(known[:100]), 3)
    assert (found == true).all()


@pytest.mark.parametrize("way", ["graph", "every row"])
def test_what_was_removed_is_never_found_and_what_is_added_is(way: str, request: pytest.FixtureRequest) -> None:
    if way == "graph":
        request.getfixturevalue("graph")
    known = rows(400)
    index = NearIndex(known, keys=np.arange(400) + 1000)
    index.remove([1007, 4])
    assert len(index) == 399
    assert 1007 not in index.search(known[7:8], 50)[0]
    index.add([5], known[7:8])
    assert index.search(known[7:8], 1)[0].item() == 5
    index.add([5], known[8:9])
    assert len(index) == 400
    assert set(index.search(known[8:9], 2)[0].ravel().tolist()) == {5, 1008}


def test_the_same_rows_give_the_same_answers(graph: None) -> None:
    known, asked = rows(1000), rows(50, seed=9)
    (a, x), (b, y) = (NearIndex(known, "i8").search(asked, 20) for _ in range(2))
    assert (a == b).all() and (x == y).all()


def test_a_kept_index_answers_as_before_and_another_file_is_refused(tmp_path: Path) -> None:
    known = rows(300)
    index = NearIndex(known, "i8")
    index.save(tmp_path / "near.usearch")
    again = NearIndex.load(tmp_path / "near.usearch", 48, "i8")
    assert (again.search(known[:9], 4)[0] == index.search(known[:9], 4)[0]).all()
    again.add([300], rows(1, seed=3))
    assert again.search(rows(1, seed=3), 1)[0].item() == 300
    (tmp_path / "text").write_text("no index at all")
    for wrong, dimensions, dtype in (("text", 48, "i8"), ("near.usearch", 64, "i8"), ("near.usearch", 48, "f16")):
        with pytest.raises(ValueError):
            NearIndex.load(tmp_path / wrong, dimensions, dtype)  # type: ignore[arg-type]


def test_an_empty_index_finds_nothing() -> None:
    found, cosines = NearIndex(rows(0)).search(rows(3), 4)
    assert found.shape == cosines.shape == (3, 0)

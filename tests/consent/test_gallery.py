"""Everyone's templates in memory: found among many, followed as they come and go, never left behind."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from consent import cameos, people
from consent.erasure import erase
from consent.faces.engine import FaceEngine
from consent.faces.gallery import Gallery
from consent.faces.signatures import SURE_FROM, SignatureIndex
from consent.faces.thresholds import FEW, MATCH, score, threshold
from consent.likeness import Likeness
from consent.tables import people as people_table
from consent.vault.keys import Vault
from consent.vectors import ExactIndex
from consent.version import bump
from safety.db import Database
from tests.consent.conftest import Clock


def crowd(n: int, seed: int = 1) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Embeddings that lean to one side, as real ones do (mean cosine 0.1)."""
    rows = np.random.default_rng(seed).standard_normal((n, 128)) + 0.33
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def noisy(
    rows: np.ndarray[tuple[int, int], np.dtype[np.float32]], cosine: float
) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    other = np.random.default_rng(9).standard_normal(rows.shape)
    other -= (other * rows).sum(axis=1, keepdims=True) * rows
    other /= np.linalg.norm(other, axis=1, keepdims=True)
    return (cosine * rows + np.sqrt(1 - cosine**2) * other).astype(np.float32)


def test_among_many_the_signatures_find_whom_comparing_with_everybody_finds() -> None:
    rows = crowd(30_000)
    index = SignatureIndex(exact_up_to=1000)
    for start in range(0, len(rows), 7000):  # the first lot is signed late, the others as they come
        index.add(np.arange(start, min(start + 7000, len(rows))), rows[start : start + 7000])
    queries = noisy(rows[::150], SURE_FROM)
    expected, cosines = ExactIndex(rows).search(queries, 1)
    found, near = index.search(queries, 3)
    assert (found[:, 0] == expected[:, 0]).mean() >= 0.985
    same = found[:, 0] == expected[:, 0]
    assert near[same, 0] == pytest.approx(cosines[same, 0], abs=1e-3) and (np.diff(near[same], axis=1) <= 0).all()
    assert index.megabytes < 30_000 * 310 / 1e6 * 1.5


def test_among_few_nothing_is_missed_whatever_the_cosine() -> None:
    rows = crowd(3000)
    index = SignatureIndex()
    index.add(np.arange(3000) + 7, rows)
    queries = crowd(40, seed=2)
    expected, _ = ExactIndex(rows.astype(np.float16).astype(np.float32)).search(queries, 5)
    assert np.array_equal(index.search(queries, 5)[0], expected + 7)
    assert SignatureIndex().search(queries, 2)[0].tolist() == [[-1, -1]] * 40


@pytest.mark.parametrize("exact_up_to", [10, 10_000])
def test_a_row_that_is_removed_is_not_found_and_its_bytes_are_overwritten(exact_up_to: int) -> None:
    rows = crowd(500)
    index = SignatureIndex(exact_up_to)
    index.add(np.arange(500), rows)
    index.remove(np.array([3, 499, 100, 9999]))
    found, _ = index.search(rows, 1)
    assert len(index) == 497 and not {3, 100, 499} & set(found[:, 0].tolist())
    assert all(found[n, 0] == n for n in range(500) if n not in (3, 100, 499))
    held = index._rows.astype(np.float32)
    assert float((held @ rows[[3, 100, 499]].T).max()) < 0.9


class Counting(Vault):
    """A vault that counts what it opens."""

    opened = 0

    def open(self, conn: sa.Connection, person: str, role: str, row: str, sealed: bytes) -> bytes:
        type(self).opened += 1
        return super().open(conn, person, role, row, sealed)


def enrol_made_up(conn: sa.Connection, names: list[str], engine: FaceEngine, vault: Vault, clock: Clock, seed: int) -> None:
    for name, row in zip(names, crowd(len(names), seed), strict=True):
        likeness = Likeness(engine=engine.name, templates=row[None], portrait=np.zeros((256, 256, 3), np.uint8))
        cameos.enrol(conn, name, likeness, engine, vault, clock)


def test_one_person_more_or_less_opens_that_person_s_templates_and_no_others(
    database: Database, engine: FaceEngine, clock: Clock, tmp_path: Path
) -> None:
    vault = Counting(tmp_path / "keys")
    gallery = Gallery(vault, engine.name)
    told: list[tuple[int, int]] = []
    with database.write() as conn:
        enrol_made_up(conn, [f"p{n}" for n in range(12)], engine, vault, clock, seed=5)
    with database.read() as conn:
        gallery.refresh(conn, lambda done, of: told.append((done, of)))
    assert told == [(12, 12)] and len(gallery) == 12
    with database.write() as conn:
        enrol_made_up(conn, ["late"], engine, vault, clock, seed=77)
        erase(conn, "p3", vault, clock)
        before = Counting.opened
        gallery.refresh(conn)
        assert Counting.opened - before == 1 and len(gallery) == 12
        (found,) = gallery.search(crowd(1, seed=77), 1)
        assert found[0].person == people.get(conn, "late").id and found[0].cosine > 0.999
        (gone,) = gallery.search(crowd(12, seed=5)[3:4], 1)
        assert gone[0].cosine < 0.9


def test_a_change_that_the_ledger_does_not_account_for_has_everybody_read_again(
    database: Database, engine: FaceEngine, clock: Clock, tmp_path: Path
) -> None:
    vault = Vault(tmp_path / "keys")
    gallery = Gallery(vault, engine.name)
    with database.write() as conn:
        enrol_made_up(conn, ["ana", "bea"], engine, vault, clock, seed=5)
        gallery.refresh(conn)
        conn.execute(sa.update(people_table).where(people_table.c.handle == "ana").values(erased_at=clock(), handle=None))
        bump(conn, "people")
        gallery.refresh(conn)
    assert len(gallery) == 1


def test_the_threshold_rises_with_the_gallery_and_the_score_with_it() -> None:
    assert threshold(0) == threshold(FEW) == MATCH
    assert threshold(1_000_000) == pytest.approx(0.65) and threshold(1000) < threshold(10_000)
    assert score(threshold(50_000), 50_000) == pytest.approx(0.5) and score(0.5, 1_000_000) < 0.1 and score(0.5) > 0.5

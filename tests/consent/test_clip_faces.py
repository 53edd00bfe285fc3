"""Faces of nobody known are kept with their clip alone, found by whoever looks for themself, and gone with the clip."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from consent.cameo_tables import clip_faces as faces_table
from consent.cameo_tables import clip_keys
from consent.errors import VaultLocked
from consent.faces import clip_faces
from consent.faces.clip_faces import ClipFace, keep, nobodys
from consent.faces.face_rows import FaceRows
from consent.faces.face_search import FaceSearch
from consent.faces.looker import Sighting
from consent.vault.keys import Vault
from consent.vectors import Vectors
from safety import ledger, releases
from safety.db import Database
from safety.releases import Release
from safety.signal import Box
from tests.consent.conftest import Clock

ENGINE = "engine/1"
Out = Callable[..., str]


def unit(seed: int, count: int = 1) -> Vectors:
    """float32 (count, 128) of unit length."""
    rows = np.random.default_rng(seed).standard_normal((count, 128)).astype(np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def again(row: Vectors, cosine: float, seed: int = 99) -> Vectors:
    """A second sighting of (1, 128) at this cosine."""
    other = unit(seed) - (unit(seed) @ row.T) * row
    other /= np.linalg.norm(other)
    return np.asarray(cosine * row + np.sqrt(1 - cosine**2) * other, np.float32)


def face(rows: Vectors) -> ClipFace:
    return ClipFace(ENGINE, 0.5, 2.0, rows)


def draft(number: int) -> str:
    return f"sha256:{number:064x}"


@pytest.fixture
def out(database: Database, vault: Vault, clock: Clock) -> Out:
    """Keeps faces of a draft and releases it; returns the clip."""

    def make(number: int, *rows: Vectors, of: str | None = None) -> str:
        clip, subject = f"{number:024x}", of or draft(number)
        release = Release(
            clip=clip, submission=f"sub-{number}", requester="mara", parent=None, draft=subject, sealed="sha256:s",
            prompt_verdict="p", clip_verdict="c", policy="sha256:p", released_at=clock(),
        )  # fmt: skip
        with database.write() as conn:
            if of is None:
                keep(conn, subject, [face(r) for r in rows], vault)
            releases.insert(conn, release, ())
        return clip

    return make


@pytest.fixture
def search(vault: Vault) -> FaceSearch:
    return FaceSearch(vault, ENGINE)


def clips(database: Database, search: FaceSearch, rows: Vectors) -> list[str]:
    with database.read() as conn:
        return [shown.clip for shown in search.find(conn, rows)]


def sighting(frame: int, x: float, row: Vectors | None) -> Sighting:
    box = Box(x=x, y=0.1, w=0.1, h=0.2)
    marks = np.zeros((5, 2), np.float32)
    return Sighting(frame, frame / 2, 0, box, marks, 0.9, 60.0, 0.8, None if row is None else row[0])


def test_only_faces_of_nobody_known_are_kept() -> None:
    ana, stranger = unit(1), unit(2)
    seen = [s for f in range(3) for s in (sighting(f, 0.1, ana), sighting(f, 0.6, stranger), sighting(f, 0.9, None))]
    kept = nobodys(seen, {(seen[0].frame, seen[0].box)}, ENGINE)
    assert len(kept) == 1
    assert (kept[0].starts, kept[0].ends) == (0.0, 1.0)
    assert kept[0].embeddings.shape == (2, 128)
    assert (kept[0].embeddings @ stranger.T > 0.999).all()


def test_a_known_person_who_is_seen_twice_in_a_frame_is_not_kept_the_second_time() -> None:
    ana = unit(1)
    seen = [sighting(0, 0.1, ana), sighting(0, 0.7, again(ana, 0.6))]
    assert len(nobodys(seen, (), ENGINE)) == 2
    assert nobodys(seen, {(0, seen[0].box)}, ENGINE) == ()


def test_nothing_of_a_face_is_stored_in_the_clear_and_without_the_clips_key_it_is_noise(
    database: Database, vault: Vault
) -> None:  # fmt: skip
    rows = unit(1, 2)
    with database.write() as conn:
        keep(conn, draft(1), [face(rows)], vault)
        sealed = conn.execute(sa.select(faces_table.c.sealed)).scalar_one()
        assert rows.astype("<f2").tobytes()[:32] not in sealed
        [kept] = clip_faces.of(conn, draft(1), ENGINE, vault)
        assert np.allclose(kept.embeddings, rows, atol=1e-3)
        conn.execute(sa.update(clip_keys).values(wrapped=vault.wrap(draft(1), "clip-key", bytes(32))))
        with pytest.raises(VaultLocked):
            clip_faces.of(conn, draft(1), ENGINE, vault)


def test_another_key_file_is_told_and_not_taken_for_no_faces(database: Database, vault: Vault, tmp_path: Path) -> None:
    with database.write() as conn:
        keep(conn, draft(1), [face(unit(1))], vault)
        with pytest.raises(VaultLocked):
            clip_faces.of(conn, draft(1), ENGINE, Vault(tmp_path / "other"))


def test_a_second_look_replaces_the_first_and_its_key(database: Database, vault: Vault) -> None:
    with database.write() as conn:
        keep(conn, draft(1), [face(unit(1)), face(unit(2))], vault)
        before = conn.execute(sa.select(clip_keys.c.wrapped)).scalar_one()
        keep(conn, draft(1), [face(unit(3))], vault)
        assert conn.execute(sa.select(clip_keys.c.wrapped)).scalar_one() != before
        assert len(clip_faces.of(conn, draft(1), ENGINE, vault)) == 1


def test_forgetting_a_clip_takes_its_faces_and_its_key_and_no_others(database: Database, vault: Vault) -> None:
    with database.write() as conn:
        for number in (1, 2):
            keep(conn, draft(number), [face(unit(number))], vault)
        assert clip_faces.forget(conn, [draft(1), draft(7)]) == 1
        for table in (faces_table, clip_keys):
            assert set(conn.execute(sa.select(table.c.subject)).scalars()) == {draft(2)}


def test_every_clip_of_a_person_is_found_not_only_the_nearest(database: Database, search: FaceSearch, out: Out) -> None:
    me = unit(1)
    mine = {out(n, again(me, 0.75, seed=1000 + n)) for n in range(40)}
    for n in range(40, 60):
        out(n, unit(n))
    assert set(clips(database, search, me)) == mine


def test_what_is_released_and_withdrawn_afterwards_is_followed(
    database: Database, search: FaceSearch, out: Out, clock: Clock
) -> None:
    me = unit(1)
    first = out(1, me)
    assert clips(database, search, me) == [first]
    second = out(2, again(me, 0.8), unit(5))
    assert clips(database, search, me) == [first, second]
    with database.write() as conn:
        releases.withdraw(conn, [first], cause="moderation", subject="s", reason="r", at=clock())
    assert clips(database, search, me) == [second]
    assert len(search) == 2  # the withdrawn clip's face is no longer in memory


def test_a_withdrawn_clip_is_not_told_even_before_memory_follows(
    database: Database, search: FaceSearch, out: Out, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    me = unit(1)
    gone = out(1, me)
    assert clips(database, search, me) == [gone]
    with database.write() as conn:
        releases.withdraw(conn, [gone], cause="moderation", subject="s", reason="r", at=clock())
    monkeypatch.setattr(FaceSearch, "_follow", lambda *_: None)
    assert clips(database, search, me) == []


def test_a_draft_that_is_not_released_is_not_searched(database: Database, vault: Vault, search: FaceSearch) -> None:
    with database.write() as conn:
        keep(conn, draft(1), [face(unit(1))], vault)
    assert clips(database, search, unit(1)) == []


def test_two_clips_of_the_same_draft_are_both_found(database: Database, search: FaceSearch, out: Out) -> None:
    me = unit(1)
    assert set(clips(database, search, me)) == set()
    assert {out(1, me), out(2, of=draft(1))} == set(clips(database, search, me))


def test_an_erased_persons_faces_go_wherever_they_are(
    database: Database, vault: Vault, search: FaceSearch, out: Out, clock: Clock
) -> None:
    me = unit(1)
    out(1, again(me, 0.7), unit(8))
    with database.write() as conn:
        keep(conn, draft(9), [face(again(me, 0.6))], vault)  # not released
    other = clips(database, search, unit(8))
    with database.read() as conn:
        ids = search.rows_like(conn, me)
    with database.write() as conn:
        assert set(ids) == set(clip_faces.like(conn, me, ENGINE, vault)) and len(ids) == 2
        assert clip_faces.forget_like(conn, me, ENGINE, vault) == 2
        ledger.append(conn, "person-erased", "someone", {}, clock())
    assert clips(database, search, me) == []
    assert clips(database, search, unit(8)) == other
    assert len(search) == 1
    with database.read() as conn:
        assert set(conn.execute(sa.select(clip_keys.c.subject)).scalars()) == {draft(1)}  # the empty clip's key went too


def test_memory_grows_and_shrinks_without_losing_or_keeping_anybody() -> None:
    rows, everybody = FaceRows(), unit(3, 5000)
    for n, row in enumerate(everybody):
        rows.add(n, f"clip-{n}", 0.0, 1.0, np.stack([row, row]))
    rows.remove_clips(f"clip-{n}" for n in range(0, 5000, 2))
    rows.remove_clips(["clip-0", "no such clip"])
    assert len(rows) == 2500
    for n in (1, 2499, 4999):
        faces, cosines = rows.within(everybody[n : n + 1], 0.9)
        assert [rows.clip(f) for f in faces.tolist()] == [f"clip-{n}"] and cosines[0] > 0.995
    assert len(rows.within(everybody[2:3], 0.9)[0]) == 0
    rows.keep_keys(np.array([1, 3], np.uint64))
    assert len(rows) == 2


def test_whole_numbers_change_a_cosine_by_less_than_anybody_could_tell() -> None:
    rows, everybody = FaceRows(), unit(4, 2000)
    for n, row in enumerate(everybody):
        rows.add(n, f"{n}", 0.0, 1.0, row[None])
    faces, cosines = rows.within(everybody[:1], -1.0)
    assert faces.tolist() == list(range(2000))
    assert np.abs(cosines - np.minimum(everybody @ everybody[0], 1.0)).max() < 0.005

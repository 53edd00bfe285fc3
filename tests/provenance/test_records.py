"""What is remembered of sealed clips, and that a migrated database is the declared one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import given
from hypothesis import strategies as st

from provenance.boxes import media_digest
from provenance.looks import Look, bits_apart
from provenance.tables import (
    SealedClip,
    find_by_clip,
    find_by_content,
    find_by_mark,
    forget_looks,
    looks_of,
    record_sealed,
    sealed_clips,
    sealed_looks,
    set_status,
)
from safety.db import Database, metadata
from safety.errors import Conflict, NotFound
from tests.provenance.conftest import make_studio
from tests.provenance.material import ffmpeg

CLIP = SealedClip(
    mark="ab" * 12,
    clip="clip-1",
    sha256="sha256:1",
    content="sha256:2",
    manifest=b"m",
    title="t",
    creator="ada",
    sealed_at=datetime(2026, 6, 1, tzinfo=UTC),
)
LOOKS = (Look(0.0, 0xFFFF_0000_FFFF_0000, np.arange(12, dtype=np.uint8).reshape(3, 4)), Look(0.5, None, None), Look(1.0, 1, None))


@pytest.fixture
def db(tmp_path: Path) -> Database:
    return make_studio(tmp_path).db


def test_a_recorded_clip_is_found_by_mark_and_by_name_with_its_looks(db: Database) -> None:
    with db.write() as conn:
        record_sealed(conn, CLIP, LOOKS)
    with db.read() as conn:
        assert find_by_mark(conn, CLIP.mark) == find_by_clip(conn, "clip-1") == CLIP
        kept = looks_of(conn, CLIP.mark)
    assert [(k.time, k.hash) for k in kept] == [(k.time, k.hash) for k in LOOKS]
    assert kept[0].grey is not None
    assert np.array_equal(kept[0].grey, LOOKS[0].grey)


def test_recording_twice_is_once_and_another_file_is_a_conflict(db: Database) -> None:
    with db.write() as conn:
        record_sealed(conn, CLIP, LOOKS)
        record_sealed(conn, CLIP, LOOKS)
        assert conn.execute(sa.select(sa.func.count()).select_from(sealed_looks)).scalar() == 3
        with pytest.raises(Conflict, match="already sealed"):
            record_sealed(conn, CLIP.model_copy(update={"sha256": "sha256:9"}), LOOKS)


def test_content_is_found_through_a_few_changed_bits_and_not_through_many(db: Database) -> None:
    with db.write() as conn:
        record_sealed(conn, CLIP, LOOKS)
        assert find_by_content(conn, [0xFFFF_0000_FFFF_00FF])[0].mark == CLIP.mark
        assert find_by_content(conn, [0xFFFF_0000_FFFF_00FF])[0].bits == 8
        assert find_by_content(conn, [0xFFFF_FFFF_FFFF_0000, 0x0F0F_0F0F_0F0F_0F0F]) == ()
        assert find_by_content(conn, []) == ()


def test_forgetting_deletes_the_pictures_and_keeps_the_hashes(db: Database) -> None:
    with db.write() as conn:
        record_sealed(conn, CLIP, LOOKS)
        assert forget_looks(conn, CLIP.mark) == 1
        assert all(k.grey is None for k in looks_of(conn, CLIP.mark))
        assert looks_of(conn, CLIP.mark)[0].hash == LOOKS[0].hash


def test_the_status_of_an_unknown_clip_cannot_be_set(db: Database) -> None:
    with db.write() as conn, pytest.raises(NotFound):
        set_status(conn, "00" * 12, "withdrawn")


@given(st.integers(0, 2**64 - 1), st.sets(st.integers(0, 63)))
def test_the_distance_of_hashes_counts_the_changed_bits(value: int, changed: set[int]) -> None:
    assert bits_apart(value, value ^ sum(1 << b for b in changed)) == len(changed)


def test_the_media_digest_survives_stripping_and_changes_with_the_media(sealed: Path, other: Path, tmp_path: Path) -> None:
    assert media_digest(ffmpeg(sealed, tmp_path / "s.mp4", "-c", "copy")) == media_digest(sealed)
    assert media_digest(other) != media_digest(sealed)


def test_the_migrated_tables_are_the_declared_ones(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'migrated.db'}")
    database.migrate()
    ours = {sealed_clips.name, sealed_looks.name}

    def only_ours(name: str | None, kind: str, parents: object) -> bool:
        return kind != "table" or name in ours

    with database.engine.connect() as conn:
        options = {"include_name": only_ours, "include_object": lambda o, n, k, r, c: k != "table" or n in ours}
        assert compare_metadata(MigrationContext.configure(conn, opts=options), metadata) == []
        assert ours <= set(sa.inspect(conn).get_table_names())
    database.close()

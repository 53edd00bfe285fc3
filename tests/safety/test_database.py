"""The database handle: writes are alone, snapshots hold, migrations make exactly the tables that the code declares."""

from __future__ import annotations

import importlib
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from safety.db import Database, Utc, metadata
from safety.errors import Unavailable

for folder in ("safety", "streams", "consent", "provenance"):
    importlib.import_module(f"{folder}.tables")


def test_a_migrated_database_has_exactly_the_declared_tables(db: Database) -> None:
    with db.engine.connect() as conn:
        context = MigrationContext.configure(conn, opts={"compare_type": _same_type})
        differences = [d for d in compare_metadata(context, metadata) if "alembic_version" not in str(d)]
    assert differences == []


def _same_type(_context: object, _column: object, _meta: object, found: object, declared: object) -> bool:
    return False if isinstance(declared, Utc) else not isinstance(found, type(declared).__mro__[1])


def test_migrating_twice_changes_nothing_and_down_removes_everything(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path / 'twice.db'}")
    db.migrate()
    db.migrate()
    with db.read() as conn:
        assert sa.inspect(conn).has_table("ledger")


def test_two_writers_take_turns(db: Database) -> None:
    with db.write() as conn:
        conn.exec_driver_sql("CREATE TABLE counter (n INTEGER)")
        conn.exec_driver_sql("INSERT INTO counter VALUES (0)")

    def raise_it() -> None:
        for _ in range(25):
            with db.write() as conn:
                n = conn.exec_driver_sql("SELECT n FROM counter").scalar_one()
                conn.exec_driver_sql(f"UPDATE counter SET n = {n + 1}")

    threads = [threading.Thread(target=raise_it) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    with db.read() as conn:
        assert conn.exec_driver_sql("SELECT n FROM counter").scalar_one() == 100


def test_a_reader_sees_one_snapshot(db: Database) -> None:
    with db.write() as conn:
        conn.exec_driver_sql("CREATE TABLE t (n INTEGER)")
    with db.read() as reader:
        assert reader.exec_driver_sql("SELECT count(*) FROM t").scalar_one() == 0
        with db.write() as writer:
            writer.exec_driver_sql("INSERT INTO t VALUES (1)")
        assert reader.exec_driver_sql("SELECT count(*) FROM t").scalar_one() == 0


def test_what_failed_left_nothing(db: Database) -> None:
    with pytest.raises(ZeroDivisionError), db.write() as conn:
        conn.exec_driver_sql("CREATE TABLE t (n INTEGER)")
        raise ZeroDivisionError
    with db.read() as conn:
        assert not sa.inspect(conn).has_table("t")


def test_a_time_without_a_zone_is_refused_and_an_aware_one_comes_back_in_utc(db: Database) -> None:
    table = sa.Table("times", sa.MetaData(), sa.Column("at", Utc))
    with db.write() as conn:
        table.create(conn)
        with pytest.raises(sa.exc.StatementError, match="without a zone"):
            conn.execute(table.insert().values(at=datetime(2026, 1, 1)))  # noqa: DTZ001
        conn.execute(table.insert().values(at=datetime(2026, 1, 1, tzinfo=UTC)))
        assert conn.execute(sa.select(table.c.at)).scalar_one() == datetime(2026, 1, 1, tzinfo=UTC)


def test_a_database_that_cannot_be_opened_says_so_in_a_sentence(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path / 'no' / 'folder' / 'x.db'}")
    with pytest.raises(Unavailable, match="cannot be used now"), db.read():
        pass


def test_a_full_disk_says_so_in_a_sentence_and_keeps_what_was_there(db: Database) -> None:
    with db.write() as conn:
        conn.exec_driver_sql("CREATE TABLE t (n BLOB)")
    with pytest.raises(Unavailable, match="full"), db.write() as conn:
        pages = conn.exec_driver_sql("PRAGMA page_count").scalar_one()
        conn.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}")  # what SQLite answers when the disk is full
        conn.exec_driver_sql("INSERT INTO t VALUES (zeroblob(1000000))")
    with db.read() as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM t").scalar_one() == 0

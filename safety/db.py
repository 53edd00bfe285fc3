"""The one relational database: SQLite (WAL) by default, PostgreSQL by URL.

Two ways in. ``read()`` sees a snapshot. ``write()`` is one transaction at a time across every process: SQLite takes its write
lock at the start (BEGIN IMMEDIATE), PostgreSQL takes one advisory lock. Because every write is alone, a release and a
revocation have an order, and whichever comes second sees the first: that is guarantee G2, and why the Merkle ledger never
forks. Keep slow work outside of it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.types import TypeDecorator

from safety.errors import Unavailable

#: All tables of all folders hang here; each folder declares its own in ``tables.py``.
metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
#: Seconds a writer waits for the one before it; far above any write we make (milliseconds), below a person's patience.
BUSY_SECONDS = 30
#: Arbitrary but fixed: the advisory lock that PostgreSQL writers take.
WRITER_LOCK = 0x436C656172

MIGRATIONS = Path(__file__).parent / "migrations"


class Utc(TypeDecorator[datetime]):
    """An aware datetime, always UTC; SQLite would otherwise hand back a naive one."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone was given to the database")
        return value.astimezone(UTC).replace(tzinfo=None) if dialect.name == "sqlite" else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Database:
    """A handle on the database at ``url``; cheap to share between threads, one per process."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = sa.create_engine(url, **_options(url))
        if self.engine.dialect.name == "sqlite":
            sa.event.listen(self.engine, "connect", _prepare_sqlite)

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A connection that sees one consistent snapshot; nothing it does is kept."""
        with _plain_errors(), self.engine.connect() as conn:
            if self.engine.dialect.name == "sqlite":
                conn.exec_driver_sql("BEGIN")
            try:
                yield conn
            finally:
                if self.engine.dialect.name == "sqlite":
                    conn.exec_driver_sql("ROLLBACK")

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """The one write transaction: all of it is kept, or, on any exception, none of it."""
        with _plain_errors(), self.engine.connect() as conn:
            if self.engine.dialect.name == "sqlite":
                conn.exec_driver_sql("BEGIN IMMEDIATE")
                try:
                    yield conn
                except BaseException:
                    # a full disk makes SQLite roll back by itself; rolling back twice would hide why
                    if conn.connection.dbapi_connection is not None and conn.connection.dbapi_connection.in_transaction:
                        conn.exec_driver_sql("ROLLBACK")
                    raise
                conn.exec_driver_sql("COMMIT")
            else:
                with conn.begin():
                    conn.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITER_LOCK})")
                    yield conn

    def migrate(self) -> None:
        """Bring the schema to this version's; does nothing when it is."""
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        with _plain_errors(), self.engine.connect() as conn:
            config.attributes["connection"] = conn
            command.upgrade(config, "head")
            conn.commit()

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()


@contextmanager
def without_overwriting(conn: sa.Connection) -> Iterator[None]:
    """Deletes inside leave what was deleted on free pages until those are used again, as a deleted file stays on its disk.

    For what is much, and neither a key nor sealed with one: overwriting costs more than deleting. SQLite alone overwrites at all.
    """
    if conn.dialect.name != "sqlite":
        yield
        return
    conn.exec_driver_sql("PRAGMA secure_delete=FAST")
    try:
        yield
    finally:
        conn.exec_driver_sql("PRAGMA secure_delete=ON")


def _options(url: str) -> dict[str, object]:
    if url.startswith("sqlite"):
        return {"connect_args": {"timeout": BUSY_SECONDS, "check_same_thread": False, "isolation_level": None}}
    return {"pool_pre_ping": True}


def _prepare_sqlite(raw: sqlite3.Connection, _record: object) -> None:
    cursor = raw.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@contextmanager
def _plain_errors() -> Iterator[None]:
    """Say a full disk, a lock and a lost server in a sentence; anything else is a defect and stays as it is."""
    try:
        yield
    except OperationalError as reason:
        raise Unavailable(f"The database cannot be used now ({_first_line(reason)}); nothing was lost, try again.") from reason


def _first_line(reason: DBAPIError) -> str:
    return str(reason.orig).splitlines()[0] if reason.orig else "unknown"

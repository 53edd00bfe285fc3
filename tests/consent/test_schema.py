"""The migrated tables are the declared ones."""

from __future__ import annotations

import sqlalchemy as sa

from consent import cameo_tables, tables
from safety.db import Database

OURS = [table for module in (tables, cameo_tables) for table in vars(module).values() if isinstance(table, sa.Table)]


def test_a_migrated_database_has_our_tables_columns_keys_and_indexes(database: Database) -> None:
    inspector = sa.inspect(database.engine)
    assert len(OURS) > 10
    for table in OURS:
        found = {c["name"]: c for c in inspector.get_columns(table.name)}
        assert set(found) == set(table.columns.keys())
        for column in table.columns:
            there = found[column.name]
            assert there["nullable"] == column.nullable, (table.name, column.name)
            assert str(there["type"]) == column.type.compile(database.engine.dialect), (table.name, column.name)
        assert set(inspector.get_pk_constraint(table.name)["constrained_columns"]) == {c.name for c in table.primary_key}
        assert {i["name"] for i in inspector.get_indexes(table.name)} == {i.name for i in table.indexes}
        foreign = {(k["constrained_columns"][0], k["referred_table"]) for k in inspector.get_foreign_keys(table.name)}
        assert foreign == {(c.name, f.column.table.name) for c in table.columns for f in c.foreign_keys}
        unique = {tuple(u["column_names"]) for u in inspector.get_unique_constraints(table.name)}
        assert unique == {(c.name,) for c in table.columns if c.unique}

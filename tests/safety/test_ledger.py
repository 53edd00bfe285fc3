"""The ledger: whatever is changed, removed, reordered or cut off is noticed, by us and by an outsider (G8)."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safety import ledger
from safety.clock import utc_now
from safety.db import Database
from safety.errors import NotFound
from safety.ledger import LedgerError
from safety.signer import Signer


def fill(db: Database, signer: Signer, count: int, published: Path | None = None) -> None:
    for i in range(count):
        with db.write() as conn:
            ledger.append(conn, "test", f"s{i}", {"i": i, "é": "ü"}, utc_now())
    with db.write() as conn:
        ledger.checkpoint(conn, signer, utc_now(), published)


def test_an_untouched_ledger_verifies_and_counts(db: Database, signer: Signer) -> None:
    fill(db, signer, 9)
    with db.read() as conn:
        assert ledger.verify(conn, signer.public_key) == 9


TAMPERING = {
    "a body changed": "UPDATE ledger SET body = '{\"i\":99}' WHERE position = 4",
    "a body reformatted": "UPDATE ledger SET body = body || ' ' WHERE position = 4",
    "a kind changed": "UPDATE ledger SET kind = 'other' WHERE position = 4",
    "a time changed": "UPDATE ledger SET at = '2020-01-01T00:00:00+00:00' WHERE position = 4",
    "a leaf changed": "UPDATE ledger SET leaf = zeroblob(32) WHERE position = 4",
    "one removed": "DELETE FROM ledger WHERE position = 4",
    "the end cut off": "DELETE FROM ledger WHERE position > 6",
    "all removed": "DELETE FROM ledger",
    "two swapped": "UPDATE ledger SET subject = CASE position WHEN 2 THEN 's2' WHEN 3 THEN 's1' END WHERE position IN (2, 3)",
    "a checkpoint's root changed": "UPDATE checkpoints SET note = replace(note, '9\n', '8\n')",
}


@pytest.mark.parametrize("sql", TAMPERING.values(), ids=TAMPERING.keys())
def test_tampering_is_noticed(db: Database, signer: Signer, sql: str) -> None:
    fill(db, signer, 9)
    with db.write() as conn:
        conn.exec_driver_sql(sql)
    with db.read() as conn, pytest.raises(LedgerError):
        ledger.verify(conn, signer.public_key)


def test_a_past_rewritten_with_new_leaves_no_longer_matches_what_was_published(
    db: Database, signer: Signer, tmp_path: Path
) -> None:
    published = tmp_path / "checkpoints.jsonl"
    fill(db, signer, 5, published)
    with db.write() as conn:  # an insider who rewrites everything, leaves and checkpoints too
        conn.exec_driver_sql("DELETE FROM ledger")
        conn.exec_driver_sql("DELETE FROM checkpoints")
        for i in range(5):
            ledger.append(conn, "test", f"s{i}", {"i": -i}, utc_now())
        ledger.checkpoint(conn, signer, utc_now())
    with db.read() as conn:
        assert ledger.verify(conn, signer.public_key) == 5
        with pytest.raises(LedgerError, match="do not have the root"):
            ledger.verify(conn, signer.public_key, published)


def test_a_checkpoint_of_another_key_is_refused(db: Database, signer: Signer, tmp_path: Path) -> None:
    fill(db, signer, 3)
    with db.read() as conn, pytest.raises(LedgerError, match="not signed by this ledger's key"):
        ledger.verify(conn, Signer(tmp_path / "other").public_key)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_entry_can_be_proven_to_an_outsider_and_no_other_passes(db: Database, signer: Signer, data: st.DataObject) -> None:
    with db.read() as conn:
        empty = ledger.size(conn) == 0
    if empty:
        fill(db, signer, 13)
    with db.read() as conn:
        position = data.draw(st.integers(1, 13))
        document = json.loads(json.dumps(ledger.prove(conn, position)))
    assert ledger.check_proof(document, signer.public_key).position == position
    forged = copy.deepcopy(document)
    field = data.draw(st.sampled_from(["kind", "subject", "at", "body", "position"]))
    forged["entry"][field] = {"body": {"i": -1}, "position": position % 13 + 1}.get(field, "forged")
    with pytest.raises(LedgerError):
        ledger.check_proof(forged, signer.public_key)


def test_asking_for_an_entry_that_is_not_there_says_so(db: Database, signer: Signer) -> None:
    fill(db, signer, 2)
    with db.read() as conn, pytest.raises(NotFound, match="no entry 7"):
        ledger.prove(conn, 7)


def test_an_entry_and_what_it_tells_of_are_kept_or_lost_together(db: Database, signer: Signer) -> None:
    with pytest.raises(RuntimeError), db.write() as conn:
        ledger.append(conn, "test", "s", {}, utc_now())
        raise RuntimeError
    with db.read() as conn:
        assert conn.execute(sa.text("SELECT count(*) FROM ledger")).scalar_one() == 0


BODIES = st.lists(st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=9)), max_size=9)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=st.integers(0, 5), bodies=BODIES)
def test_entries_added_together_make_the_tree_of_entries_added_one_by_one(
    db: Database, before: int, bodies: list[dict[str, object]]
) -> None:
    at, found = utc_now(), []
    told = [(f"t{i}", body) for i, body in enumerate(bodies)]
    for together in (False, True):
        with pytest.raises(InterruptedError), db.write() as conn:
            for i in range(before):
                ledger.append(conn, "before", f"s{i}", {"i": i}, at)
            if together:
                assert ledger.append_many(conn, "test", told, at) == before + len(bodies)
            else:
                for subject, body in told:
                    ledger.append(conn, "test", subject, body, at)
            found.append((ledger.Tree(conn).get_root(), conn.execute(sa.select(ledger.ledger)).all()))
            raise InterruptedError  # nothing is kept, so both begin alike
    assert found[0] == found[1]

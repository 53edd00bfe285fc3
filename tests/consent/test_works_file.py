"""Bulk filing: what spreadsheets write, and every way a line can be wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from consent import works
from consent.errors import FilingRefused
from consent.version import version
from consent.works_file import ImportReport, import_file
from safety import ledger
from safety.db import Database
from tests.consent.conftest import Clock

HEADER = "holder,title,kind,names,description,policy,licensees\n"
GOOD = HEADER + 'Studio Nine,Zyloquin,character,"Zyloquin|fr:Le Zyloquin","A blue, tall owl",deny,bob|eve\n'


def load(database: Database, clock: Clock, path: Path, raw: bytes | str, dry_run: bool = False) -> ImportReport:
    path.write_bytes(raw.encode() if isinstance(raw, str) else raw)
    with database.write() as conn:
        return import_file(conn, path, clock, verified=True, dry_run=dry_run)


@pytest.mark.parametrize(
    "raw",
    [
        GOOD.encode(),
        GOOD.encode("utf-8-sig"),
        GOOD.encode("utf-16"),
        GOOD.replace("\n", "\r\n").encode(),
        GOOD.replace("\n", "\n\n").encode(),
        b"\n" + GOOD.encode(),
        GOOD.replace("character,", "Character ,").encode("cp1252"),
        b'holder;title;kind;names;description;policy;licensees\nStudio Nine;Zyloquin;character;Zyloquin|fr:Le Zyloquin;'
        b'"A blue, tall owl";deny;bob|eve;;\n',
        b"holder\ttitle\tkind\tnames\tdescription\tpolicy\tlicensees\n"
        b"Studio Nine\tZyloquin\tcharacter\tZyloquin|fr:Le Zyloquin\tA blue, tall owl\tdeny\tbob|eve\n",
    ],
)  # fmt: skip
def test_every_dialect_of_csv_files_the_same_work(database: Database, clock: Clock, tmp_path: Path, raw: bytes) -> None:
    report = load(database, clock, tmp_path / "works.csv", raw)
    assert report.errors == () and report.committed
    with database.read() as conn:
        (work,) = works.listing(conn)
        assert version(conn, "works") == 1
    assert (work.holder, work.title, work.kind, work.policy) == ("Studio Nine", "Zyloquin", "character", "deny")
    assert [(n.language, n.name) for n in work.names] == [("und", "Zyloquin"), ("fr", "Le Zyloquin")]
    assert work.description == "A blue, tall owl" and work.licensees == {"bob", "eve"} and work.verified


def test_json_lines_file_the_same_and_the_same_file_twice_files_once(database: Database, clock: Clock, tmp_path: Path) -> None:
    line = json.dumps({"holder": "Nine", "title": "Zyloquin", "kind": "character", "names": ["fr:Le Zyloquin", {"name": "Zylo"}]})
    first = load(database, clock, tmp_path / "w.jsonl", line + "\n" + line + "\n")
    again = load(database, clock, tmp_path / "w.jsonl", line)
    assert (len(first.added), first.known) == (1, 1) and (again.added, again.known, again.committed) == ((), 1, False)
    with database.read() as conn:
        assert [e.kind for e in ledger.entries(conn)] == ["works-imported"]


def test_every_wrong_line_is_named_and_the_others_are_filed(database: Database, clock: Clock, tmp_path: Path) -> None:
    raw = HEADER + "\n".join(
        [
            "Nine,Alpha One,character,,,,",
            "Nine,,character,,,,",
            "Nine,Beta,villain,,,,",
            '=cmd|calc,"Gamma",character,,,,',
            "Nine,Delta,character,,,deny,,more,cells",
            'Nine,"Two\nlines",title,,,hold,',
            "Nine,Omega,logo,,,never,",
        ]
    )
    report = load(database, clock, tmp_path / "works.csv", raw)
    assert len(report.added) == 2 and report.wrong == 5
    assert [e.line for e in report.errors] == [3, 4, 5, 6, 9]
    problems = [e.problem for e in report.errors]
    assert problems[0].startswith("title") and problems[1].startswith("kind") and "formula" in problems[2]
    assert "cells" in problems[3] and problems[4].startswith("policy")


def test_wrong_json_lines_are_named(database: Database, clock: Clock, tmp_path: Path) -> None:
    raw = '{"holder": "Nine"\n[1]\n\n{"holder": "N", "title": "T", "kind": "logo", "colour": "red"}\n' + "[" * 100_000
    report = load(database, clock, tmp_path / "w.jsonl", raw)
    assert [e.line for e in report.errors] == [1, 2, 4, 5] and "colour" in report.errors[2].problem and not report.committed


def test_a_dry_run_tells_everything_and_changes_nothing(database: Database, clock: Clock, tmp_path: Path) -> None:
    report = load(database, clock, tmp_path / "works.csv", GOOD, dry_run=True)
    assert len(report.added) == 1 and not report.committed
    with database.read() as conn:
        assert works.listing(conn) == () and version(conn, "works") == 0


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"", "empty"),
        (b"   \n", "empty"),
        (b"\x89PNG\r\n\x1a\n\0\0", "not text"),
        (b"holder,title,kind,colour\n", "'colour' is not known"),
        (b"holder,title\nNine,Alpha\n", "'kind' is missing"),
    ],
)
def test_a_file_that_is_no_list_of_works_is_refused_in_a_sentence(
    database: Database, clock: Clock, tmp_path: Path, raw: bytes, sentence: str
) -> None:
    with pytest.raises(FilingRefused, match=sentence):
        load(database, clock, tmp_path / "works.csv", raw)


def test_a_file_that_is_not_there_is_refused(database: Database, clock: Clock, tmp_path: Path) -> None:
    with pytest.raises(FilingRefused, match="cannot be read"), database.write() as conn:
        import_file(conn, tmp_path / "none.csv", clock, verified=True)

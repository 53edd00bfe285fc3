"""Filing many reservations at once from a spreadsheet's CSV or from JSON lines: every line checked, every error named.

What spreadsheets do is forgiven (byte order marks, UTF-16, semicolons, tabs, quotes, empty lines); what cannot be understood is
an error with its line, and the other lines are filed. Filing the same file twice files it once, so a run that was cut short is
simply run again.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa
from pydantic import ValidationError

from consent.errors import FilingRefused
from consent.version import bump
from consent.works import Filing, Name, free_id, write
from safety import ledger
from safety.clock import Clock
from safety.errors import TooLarge
from safety.values import Value, digest

#: Largest file, bytes; 100,000 works take about 20 MB.
MOST_BYTES = 256 * 1024 * 1024
#: Errors told one by one; the rest are counted.
MOST_ERRORS = 1000
#: Rows inserted at a time.
BATCH = 1000
COLUMNS = ("holder", "title", "kind", "names", "description", "policy", "scope", "licensees", "expires_at")
#: Columns that hold several values, parted by a bar, as commas and semicolons are the file's own.
LISTS = frozenset({"names", "scope", "licensees"})


class LineError(Value):
    """``line`` counts from 1, as an editor shows it."""

    line: int
    problem: str


class ImportReport(Value):
    """What became of a file: ``added`` reservation ids, ``known`` lines that were filed already, ``wrong`` lines with errors."""

    added: tuple[str, ...]
    known: int
    wrong: int
    errors: tuple[LineError, ...]
    committed: bool


def import_file(conn: sa.Connection, path: Path, clock: Clock, *, verified: bool, dry_run: bool = False) -> ImportReport:
    """File every good line of ``path`` (``.jsonl`` or ``.ndjson``, else CSV) in the caller's transaction, or only check them.

    Raises ``FilingRefused`` when the file as a whole cannot be read, and ``TooLarge``.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise TooLarge(f"The file is larger than {MOST_BYTES // 2**20} MB; split it.")
        raw = path.read_bytes()
    except OSError as reason:
        raise FilingRefused(f"The file {path.name} cannot be read ({reason.strerror}); check its name and rights.") from reason
    lines = _json_lines if path.suffix.lower() in (".jsonl", ".ndjson") else _csv_lines
    at, known, wrong = clock(), 0, 0
    errors: list[LineError] = []
    new: dict[str, Filing] = {}
    for number, record in lines(_decode(raw)):
        filing = _filing(record)
        if isinstance(filing, str):
            wrong += 1
            errors.extend([LineError(line=number, problem=filing)] if len(errors) < MOST_ERRORS else [])
            continue
        identity, filed = free_id(conn, filing)
        if filed or identity in new:
            known += 1
        else:
            new[identity] = filing
    commit = bool(new) and not dry_run
    if commit:
        rows, revision = list(new.items()), bump(conn, "works")
        for start in range(0, len(rows), BATCH):
            write(conn, rows[start : start + BATCH], verified, at, revision)
        body: dict[str, object] = {"reservations": len(rows), "ids": digest("\n".join(new).encode()), "verified": verified}
        ledger.append(conn, "works-imported", digest(raw), body, at)
    return ImportReport(added=tuple(new), known=known, wrong=wrong, errors=tuple(errors), committed=commit)


def _decode(raw: bytes) -> str:
    """Text of any encoding a spreadsheet writes; a NUL means the file is not text."""
    marks = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
    encoding = next((name for mark, name in marks.items() if raw.startswith(mark)), "utf-8")
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        text = raw.decode("cp1252", "replace")
    if "\0" in text:
        raise FilingRefused("The file is not text; export it as CSV or JSON lines.")
    if not text.strip():
        raise FilingRefused("The file is empty; give one line of column names and one line a work.")
    return text


def _csv_lines(text: str) -> Iterator[tuple[int, dict[str, object] | str]]:
    head = text.lstrip("\r\n").splitlines()[0]
    delimiter = max((",", ";", "\t"), key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    names: list[str] = []
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as reason:
            yield number, f"the line cannot be read as CSV ({reason})"
            continue
        if not any(cell.strip() for cell in cells):
            continue
        if not names:
            names = _header(cells)
        elif len(cells) > len(names) and any(cell.strip() for cell in cells[len(names) :]):
            yield number, f"the line has {len(cells)} cells and the header {len(names)}; quote cells that hold a {delimiter!r}"
        else:
            yield number, dict(zip(names, cells, strict=False))


def _header(cells: list[str]) -> list[str]:
    names = [cell.strip().lower() for cell in cells]
    if unknown := sorted(set(names) - set(COLUMNS) - {""}):
        raise FilingRefused(f"The column {unknown[0][:40]!r} is not known; use {', '.join(COLUMNS)}.")
    if missing := [name for name in ("holder", "title", "kind") if name not in names]:
        raise FilingRefused(f"The column {missing[0]!r} is missing; the first line must name the columns.")
    return names


def _json_lines(text: str) -> Iterator[tuple[int, dict[str, object] | str]]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            yield number, "the line is not JSON"
            continue
        yield number, record if isinstance(record, dict) else "the line is not a JSON object"


def _filing(record: dict[str, object] | str) -> Filing | str:
    """The filing of one line, or what is wrong with it."""
    if isinstance(record, str):
        return record
    given: dict[str, object] = {}
    for name, value in record.items():
        if isinstance(value, str) and value.lstrip().startswith("="):
            return f"{name}: begins with '=', which a spreadsheet would run as a formula"
        if isinstance(value, str) and name in LISTS:
            value = [part.strip() for part in value.split("|") if part.strip()]  # noqa: PLW2901
        if name and value not in ("", [], None):
            given[name] = value.strip().lower() if isinstance(value, str) and name in ("kind", "policy") else value
    names = given.get("names")
    if isinstance(names, list):
        given["names"] = [_name(entry) if isinstance(entry, str) else entry for entry in names]
    try:
        return Filing.model_validate(given)
    except ValidationError as reason:
        first = reason.errors()[0]
        return f"{'.'.join(str(part) for part in first['loc']) or 'line'}: {first['msg']}"


def _name(entry: str) -> Name | dict[str, str]:
    """``fr:Le Nom`` carries its language before a colon; anything else is a name as it stands."""
    language, colon, rest = entry.partition(":")
    if colon and 2 <= len(language) <= 3 and language.isalpha() and language.islower() and rest.strip():
        return {"name": rest, "language": language}
    return {"name": entry}

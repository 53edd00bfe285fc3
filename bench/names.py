"""What a million reserved names cost: to read, to keep, to search, and what is found and what is found wrongly.

``python bench/names.py --names 1000000 --home /some/folder`` keeps the database there and uses it again. Times are processor time
of one thread, so that they hold on a machine that has other things to do; what waits for a disk is told by the clock too.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import tempfile
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import sqlalchemy as sa

from bench.made_up_names import Maker
from bench.misspelling import CYRILLIC, GREEK, LATIN, by_ear, slip, written_in
from classifiers.prompt.folding import fold
from classifiers.prompt.normaliser import read_prompt
from consent import works
from consent.names.index import FILE
from consent.tables import reservation_names, reservations
from consent.version import bump
from consent.works_names import NameMatcher
from safety.db import Database
from safety.prompt import Prompt, ReadPrompt
from safety.values import derive

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SETS = Path(__file__).parent.parent / "classifiers" / "prompt" / "data" / "sets"
#: Benign prompts that are searched; the share that gets a name when times are taken; names tried in each way.
NAMED_EVERY, SAMPLES, ROUNDS = 4, 500, 200


@dataclass(frozen=True)
class Figures:
    """Times in seconds or milliseconds as named; memory in MB; ``recall`` by how the name was written, ``false_alarms`` (held or
    blocked) and ``blocked_wrongly`` per 1,000 benign prompts, the first by set."""

    names: int
    works: int
    load_seconds: float
    build_seconds: float
    snapshot_seconds: float
    snapshot_mb: float
    memory_mb: float
    p50_ms: float
    p99_ms: float
    worst_ms: float
    recall: dict[str, float]
    false_alarms: dict[str, float]
    blocked_wrongly: float
    found_after_filing_ms: float
    bulk: int
    found_after_bulk_seconds: float
    next_after_bulk_ms: float
    memory_after_rounds_mb: float


def measure(names: int = 1_000_000, home: Path | None = None, *, bulk: int = 100_000, samples: int = SAMPLES) -> Figures:
    """Load ``names`` made-up names into a database in ``home`` (or use those that are there) and take every figure."""
    with tempfile.TemporaryDirectory() as folder:
        home = home or Path(folder)
        home.mkdir(parents=True, exist_ok=True)
        database = Database(f"sqlite:///{home / 'names.db'}")
        database.migrate()
        try:
            return _measure(database, home, names, bulk, samples)
        finally:
            database.close()


def _measure(database: Database, home: Path, names: int, bulk: int, samples: int) -> Figures:
    load_seconds = _fill(database, names)
    (home / "index" / FILE).unlink(missing_ok=True)
    with ProcessPoolExecutor(1, get_context("spawn")) as apart:  # what building leaves behind is not what searching needs
        build_seconds = apart.submit(_build, database.url, home).result()
    snapshot_seconds, matcher = _first_search(database, home)
    memory = _memory()
    benign = {name: _read_set(name) for name in ("vbench", "partiprompts")}
    chance = np.random.default_rng(3)
    known = _sample(database, 4000)
    milliseconds = _times(database, matcher, benign["vbench"], [name for _, name in known], chance)
    recall = {how: _recall(database, matcher, pairs[:samples]) for how, pairs in _ways(known, chance).items()}
    alarms = {name: _alarms(database, matcher, prompts) for name, prompts in benign.items()}
    filing = _found_after_filing(database, matcher)
    bulk_seconds, next_ms = _found_after_bulk(database, matcher, bulk) if bulk else (0.0, 0.0)
    return Figures(
        names=names, works=_count(database), load_seconds=load_seconds, build_seconds=build_seconds,
        snapshot_seconds=snapshot_seconds, snapshot_mb=_size(home / "index" / FILE), memory_mb=memory,
        p50_ms=float(np.median(milliseconds)), p99_ms=float(np.quantile(milliseconds, 0.99)), worst_ms=float(max(milliseconds)),
        recall=recall, false_alarms={name: held for name, (held, _) in alarms.items()},
        blocked_wrongly=float(np.mean([blocked for _, blocked in alarms.values()])), found_after_filing_ms=filing, bulk=bulk,
        found_after_bulk_seconds=bulk_seconds, next_after_bulk_ms=next_ms,
        memory_after_rounds_mb=_after_rounds(database, matcher),
    )  # fmt: skip


def _fill(database: Database, names: int) -> float:
    """File the names, as verified works of one holder; nothing when they are there already."""
    with database.read() as conn:
        there = conn.execute(sa.select(sa.func.count()).select_from(reservation_names)).scalar_one()
    if there >= names:
        return 0.0
    begun = time.perf_counter()
    with database.write() as conn:
        _insert(conn, Maker().works(names), "first", bump(conn, "works"))
    return time.perf_counter() - begun


def _insert(conn: sa.Connection, made: Iterable[tuple[str, tuple[str, ...]]], batch: str, revision: int) -> None:
    rows: list[dict[str, object]] = []
    spelt: list[dict[str, object]] = []
    fixed = {
        "holder": "Bench",
        "description": "",
        "policy": "deny",
        "scope": '["output", "prompt", "training"]',
        "verified": True,
    }
    for number, (kind, names) in enumerate(made):
        identity = derive(batch, "bench", number)
        rows.append({"id": identity, "title": names[0], "kind": kind, "filed_at": NOW, "revision": revision, **fixed})
        spelt += [{"reservation": identity, "name": n, "language": "und", "ordinal": i} for i, n in enumerate(names)]
        if len(rows) == 5000:
            conn.execute(sa.insert(reservations), rows)
            conn.execute(sa.insert(reservation_names), spelt)
            rows, spelt = [], []
    if rows:
        conn.execute(sa.insert(reservations), rows)
        conn.execute(sa.insert(reservation_names), spelt)


def _build(url: str, home: Path) -> float:
    database = Database(url)
    try:
        return _first_search(database, home)[0]
    finally:
        database.close()


def _first_search(database: Database, home: Path) -> tuple[float, NameMatcher]:
    matcher = NameMatcher(fold, home / "index")
    begun = time.perf_counter()
    _search(database, matcher, read_prompt(Prompt(text="a red ball")))
    return time.perf_counter() - begun, matcher


def _search(database: Database, matcher: NameMatcher, read: ReadPrompt) -> dict[str, float]:
    """Each reservation that was seen, with its score."""
    with database.read() as conn:
        report = matcher.match_prompt(conn, read, NOW)
    return {reference: signal.score for signal in report.signals for reference in signal.references}


def _read_set(name: str) -> list[str]:
    with gzip.open(SETS / f"{name}.csv.gz", "rt", encoding="utf-8") as file:
        return [row["prompt"] for row in csv.DictReader(file)]


def _sample(database: Database, count: int) -> list[tuple[str, str]]:
    """Some names with their works, spread over the whole registry."""
    with database.read() as conn:
        query = sa.select(reservation_names.c.reservation, reservation_names.c.name).order_by(reservation_names.c.reservation)
        return [(row.reservation, row.name) for row in conn.execute(query.limit(count))]  # ids are digests, so this is chance


def _times(
    database: Database, matcher: NameMatcher, prompts: Sequence[str], names: Sequence[str], chance: np.random.Generator
) -> list[float]:
    """Milliseconds of processor time a prompt, the transaction included, after a warm-up of fifty."""
    taken = []
    for number, prompt in enumerate(prompts):
        text = f"{prompt} with {chance.choice(list(names))}" if number % NAMED_EVERY == 0 else prompt
        read = read_prompt(Prompt(text=text))
        begun = time.thread_time()
        _search(database, matcher, read)
        taken.append((time.thread_time() - begun) * 1000)
    return taken[50:]


def _ways(known: Sequence[tuple[str, str]], chance: np.random.Generator) -> dict[str, list[tuple[str, str]]]:
    """Each way of writing a name, with the work that should be found."""
    latin = [(work, name) for work, name in known if name.isascii()]
    letters = {name: sum(c.isalnum() for c in name) for _, name in latin}
    words = [(work, name) for work, name in latin if name.replace(" ", "").isalpha()]
    cyrillic = [(work, name) for work, name in known if "а" <= name[0].lower() <= "я"]
    return {
        "exact": list(known),
        "one slip": [(work, slip(name, chance)) for work, name in latin if letters[name] >= 6],
        "two slips": [(work, slip(name, chance, 2)) for work, name in latin if letters[name] >= 10],
        "by ear": [
            (work, heard) for work, name in words if (heard := by_ear(name, chance)) != name.lower() and letters[name] >= 8
        ],
        "Latin name in Cyrillic": [(work, written_in(name, CYRILLIC)) for work, name in words if letters[name] >= 8],
        "Latin name in Greek": [(work, written_in(name, GREEK)) for work, name in words if letters[name] >= 8],
        "Cyrillic name in Latin": [(work, written_in(name, LATIN)) for work, name in cyrillic],
    }


def _recall(database: Database, matcher: NameMatcher, pairs: Sequence[tuple[str, str]]) -> float:
    found = [work in _search(database, matcher, read_prompt(Prompt(text=f"a film of {name} on a beach"))) for work, name in pairs]
    return float(np.mean(found)) if found else float("nan")


def _alarms(database: Database, matcher: NameMatcher, prompts: Sequence[str]) -> tuple[float, float]:
    """Of a thousand prompts: how many are held or blocked, and how many are blocked."""
    scores = [max(_search(database, matcher, read_prompt(Prompt(text=p))).values(), default=0.0) for p in prompts]
    return 1000 * float(np.mean([s >= 0.5 for s in scores])), 1000 * float(np.mean([s >= 0.75 for s in scores]))


def _found_after_filing(database: Database, matcher: NameMatcher) -> float:
    """Median milliseconds from the commit of one filing until the prompt that asks for it is answered."""
    taken = []
    for number in range(20):
        name = f"Qualvenheim {chr(97 + number) * 3}sdottir"
        read = read_prompt(Prompt(text=f"{name} walks"))
        with database.write() as conn:
            filing = works.Filing.model_validate({"holder": f"Bench {time.time_ns()}", "title": name, "kind": "character"})
            filed = works.add(conn, filing, lambda: NOW, verified=True)
        begun = time.perf_counter()
        if filed.id not in _search(database, matcher, read):
            raise AssertionError("a filing was not seen by the next prompt")
        taken.append((time.perf_counter() - begun) * 1000)
    return float(np.median(taken))


def _found_after_bulk(database: Database, matcher: NameMatcher, names: int) -> tuple[float, float]:
    """Seconds that the first prompt after a bulk import takes, and milliseconds the next; all of it is taken back afterwards."""
    batch = f"bulk {time.time_ns()}"
    with database.write() as conn:
        _insert(conn, Maker(seed=time.time_ns() % 2**32, surnames=5000, inventions=5000).works(names), batch, bump(conn, "works"))
    last = derive(batch, "bench", 0)
    with database.read() as conn:
        name = works.get(conn, last).title
    read = read_prompt(Prompt(text=f"{name} walks"))
    begun = time.perf_counter()
    if last not in _search(database, matcher, read):
        raise AssertionError("a bulk import was not seen by the next prompt")
    first, begun = time.perf_counter() - begun, time.perf_counter()
    _search(database, matcher, read)
    return first, (time.perf_counter() - begun) * 1000


def _after_rounds(database: Database, matcher: NameMatcher) -> float:
    """Memory after filing and taking back, a prompt after each."""
    if matcher.index.thread is not None:
        matcher.index.thread.join()
    for number in range(ROUNDS):
        filing = works.Filing.model_validate(
            {"holder": f"Bench {time.time_ns()}", "title": f"Orvenna Plissk{number}", "kind": "brand"}
        )
        read = read_prompt(Prompt(text=f"orvenna plissk{number}"))
        with database.write() as conn:
            filed = works.add(conn, filing, lambda: NOW, verified=True)
        if filed.id not in _search(database, matcher, read):
            raise AssertionError("a filing was not seen")
        with database.write() as conn:
            works.withdraw(conn, filed.id, lambda: NOW)
        if filed.id in _search(database, matcher, read):
            raise AssertionError("a withdrawal was not seen")
    return _memory()


def _count(database: Database) -> int:
    with database.read() as conn:
        return int(conn.execute(sa.select(sa.func.count()).select_from(reservations)).scalar_one())


def _memory() -> float:
    """Resident memory of this process, MB."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def _size(path: Path) -> float:
    return path.stat().st_size / 2**20 if path.exists() else 0.0


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--names", type=int, default=1_000_000)
    parser.add_argument("--home", type=Path, default=None)
    parser.add_argument("--bulk", type=int, default=100_000)
    given = parser.parse_args()
    print(json.dumps(asdict(measure(given.names, given.home, bulk=given.bulk)), indent=2))


if __name__ == "__main__":
    main()

"""Taking consent back, measured: until no server shows it, until nothing is drawn, until a tree is closed, and what is left.

SQLite in a folder that is made for it. Every part makes its own world; nothing of a real home is touched.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from classifiers.prompt.bench.figures import Figure, Goal, Section
from consent.tables import person_secrets
from console.bench.consent_world import Time, admit, likeness, open_world, prepare
from console.bench.leftovers import files_under, find, rows_of, spellings
from console.bench.revocation_serving import SERVERS, measure_serving
from console.bench.revocation_stopping import measure_stopping
from console.bench.revocation_tree import measure_tree, plant
from safety.errors import ClearanceError
from streams import revocation
from streams.local import step
from streams.pipeline import BY_NAME

Progress = Callable[[str, int, int], None]
#: Revocations while servers are asked, drawings stopped, clips of the tree; and when little is measured.
SERVED, STOPPED, TREE = 200, 30, 10_000
QUICK = (20, 4, 500)


def measure(progress: Progress, quick: bool) -> Section:
    """The section of figures; ``quick`` says little."""
    served, stopped, tree = QUICK if quick else (SERVED, STOPPED, TREE)
    figures: list[Figure] = []
    parts: tuple[tuple[str, Callable[[Path], tuple[Figure, ...]]], ...] = (
        ("serving", lambda home: measure_serving(home, served)),
        ("stopping", lambda home: measure_stopping(home, stopped)),
        ("a tree of remixes", lambda home: measure_tree(home, tree)),
        ("a tree of which little is kept", lambda home: measure_tree(home, tree, seen=False)),
        ("what is left", measure_leftovers),
    )
    for number, (name, part) in enumerate(parts):
        progress(name, number, len(parts))
        with tempfile.TemporaryDirectory(prefix="clearance-bench-") as folder:
            figures += part(Path(folder))
    says = (
        f"Serving: {SERVERS} server processes on one home are asked over and over while grants are revoked. Stopping: the "
        "embedded generator. The tree: rows and files as large as real ones, made by the thousand. What is left: every file of "
        "the home and every row is searched for the templates of an erased person, in ten spellings, by pieces of 32 bytes."
    )
    return Section(key="revocation", title="Taking consent back", says=says, figures=tuple(figures))


def measure_leftovers(home: Path) -> tuple[Figure, ...]:
    """Erase somebody whose clips fill a small tree, and search everything that is kept."""
    prepare(f"sqlite:///{home}/clearance.db")
    ctx = open_world(home, Time())
    person = admit(ctx, "ana")
    plant(ctx, 50)
    wanted = {f"{i}: {name}": data for i, face in enumerate(likeness("ana").templates) for name, data in spellings(face).items()}
    with ctx.db.read() as conn:
        rows = conn.execute(sa.select(person_secrets).where(person_secrets.c.person == person.id)).all()
        sealed = {row.id: bytes(row.sealed) for row in rows}
    if set(find(sealed, files_under(home))) != set(sealed):
        raise ClearanceError("The search does not see what lies in the database; its figure would say nothing.")
    receipt: Any = revocation.erase(ctx, "ana").document
    while step(BY_NAME["sweep"], ctx) or step(BY_NAME["tidy"], ctx):
        pass
    places = [*files_under(home), *rows_of(ctx.db)]
    left = {**find(wanted, places), **find(sealed, places)}
    ctx.db.close()
    megabytes = sum(len(content) for _, content in places) / 1e6
    where = f"{len(places)} files and tables, {megabytes:.1f} MB, {receipt['forgotten']['templates']} templates"
    return (
        Figure(
            name="spellings of an erased person's templates, or their sealed rows, found anywhere", on=where, threshold="-",
            number=len(wanted) + len(sealed), false_positives=None, value=float(len(left)), unit="",
            goal=Goal(value=0.0, at_most=True),
        ),
    )  # fmt: skip

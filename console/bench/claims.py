"""What it costs somebody without an account to find themself among a million released clips, and what is missed or mistaken.

The clips are rows of a real database, sealed as the gate seals them; the faces are made up (``faces_million``), because nobody's
million faces are needed. A person's clips lie as far from their photograph as a second photograph does, or further.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from classifiers.prompt.bench.figures import Figure, Goal, Section, Share
from consent.cameo_tables import clip_faces, clip_keys
from consent.claim import Claim, Found
from consent.claims import file, is_withheld
from consent.faces.clip_faces import FACE, KEY, ClipFace, keep
from consent.faces.face_search import FaceSearch
from consent.faces.thresholds import threshold
from consent.tables import people, person_sightings
from consent.vault.keys import Vault, new_key, seal_with
from consent.vectors import Vectors
from console.bench.faces_million import SEED, Likely, likely
from console.bench.faces_photos import Progress
from safety import releases as releasing
from safety.db import Database
from safety.releases import Release
from safety.tables import release_permits, releases
from safety.values import derive
from streams.claim_search import clips_of

ENGINE = "made-up/1"
CLIPS, QUICK_CLIPS = 1_000_000, 20_000
#: People who look for themselves, clips that show each, and clips of one who is shown a lot.
PEOPLE, EACH, MUCH = 100, 50, 2000
#: How far a clip's face is from the photograph: from well below any threshold to nearly the same.
COSINES = (0.5, 0.95)
#: Strangers who look for themselves in vain, and open claims that withhold clips while one is asked for.
STRANGERS, WITHHOLDING = 200, 100
CHUNK = 10_000
NOW = datetime(2026, 11, 25, tzinfo=UTC)


@dataclass
class World:
    """Photographs, float32 (people, 128), the last of the person shown a lot; and, for each, the numbers of their clips, and of
    all clips that comparing everything exactly finds at the threshold for so many."""

    photographs: Vectors = field(repr=False)
    theirs: list[set[int]] = field(repr=False)
    exact: list[set[int]] = field(repr=False)


def measure(progress: Progress, quick: bool) -> Section:
    """The section ``claims`` of the consent report."""
    clips = QUICK_CLIPS if quick else CLIPS
    people = 20 if quick else PEOPLE
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        database, vault = Database(f"sqlite:///{folder}/claims.db"), Vault(Path(folder) / "keys")
        database.migrate()
        where, search = likely(None), FaceSearch(vault, ENGINE)
        before = _resident()
        world = _fill(database, vault, where, clips, people, progress)
        begun, own = perf_counter(), process_time()
        with database.read() as conn:
            search.refresh(conn, lambda done, of: progress("faces read", done, of))
        load = perf_counter() - begun, process_time() - own, _resident() - before
        figures += _finding(database, search, world, clips, load)
        figures.append(_enrolled(database, clips))
        figures.append(_in_vain(database, search, where, clips))
        figures.append(_following(database, search, vault, where, clips))
        figures.append(_serving(database, vault, clips))
        database.close()
    says = (
        "Each clip shows one face, kept twice (the mean of its track and its best sighting), sealed in SQLite; every face is "
        "compared. Times of one thread on a machine shared with other work."
    )
    return Section(key="claims", title="Finding oneself without an account", says=says, figures=tuple(figures))


def _finding(
    database: Database, search: FaceSearch, world: World, clips: int, load: tuple[float, float, float]
) -> list[Figure]:  # fmt: skip
    spent: list[tuple[float, float]] = []
    hits = right = wanted = planted = strange = 0
    much: list[tuple[float, float]] = []
    for number, photograph in enumerate(world.photographs):
        last = number == len(world.photographs) - 1
        for _ in range(20 if last else 1):
            begun, mine = perf_counter(), process_time()
            with database.read() as conn:
                found = {int(s.clip, 16) for s in search.find(conn, photograph[None])}
            (much if last else spent).append((perf_counter() - begun, process_time() - mine))
        right, wanted = right + len(found & world.exact[number]), wanted + len(world.exact[number])
        hits, planted = hits + len(found & world.theirs[number]), planted + len(world.theirs[number])
        strange += len(found - world.theirs[number])
    on, at = f"{clips:,} released clips, made-up faces", f"cosine {search.least:.2f}"
    seconds, own, grown = load
    goal = Goal(value=1.0, at_most=True)
    return [
        Figure(
            name=f"every clip of one person found, p99 ({EACH} clips each)", on=on, number=len(spent), threshold=at,
            false_positives=None, value=_p(spent, 99), unit="s", goal=goal, note=_times(spent),
        ),
        Figure(
            name=f"every clip of one person found, p99 ({len(world.theirs[-1]):,} clips)", on=on, number=len(much), threshold=at,
            false_positives=None, value=_p(much, 99), unit="s", goal=goal, note=_times(much),
        ),
        Figure(
            name="recall against comparing exactly", on=on, number=wanted, threshold=at, false_positives=None,
            value=100 * right / max(1, wanted), unit="%", goal=Goal(value=99.0),
            note=f"of all their clips, at cosines of {COSINES[0]} to {COSINES[1]} alike, {hits} of {planted} reach the threshold",
        ),
        Figure(
            name="clips of strangers among those found", on=on, number=hits + strange, threshold=at,
            false_positives=Share(hits=strange, of=hits + strange), value=float(strange), unit="clips",
        ),
        Figure(
            name="memory of the search", on=on, number=len(search), threshold="", false_positives=None, value=search.megabytes,
            unit="MB", goal=Goal(value=600.0, at_most=True),
            note=f"the process grew by {grown:.0f} MB; read and opened in {seconds:.1f} s (processor time {own:.1f} s)",
        ),
    ]  # fmt: skip


def _p(spent: Sequence[tuple[float, float]], percent: int) -> float:
    return float(np.percentile([clock for clock, _ in spent], percent))


def _times(spent: Sequence[tuple[float, float]]) -> str:
    p50, p99 = np.percentile([own for _, own in spent], [50, 99])
    return f"p50 {_p(spent, 50):.3f} s; processor time p50 {p50:.3f}, p99 {p99:.3f} s"


def _enrolled(database: Database, clips: int) -> Figure:
    """Somebody who is known here: in which clips they were recognised, and which rest on their permit."""
    much = min(MUCH, clips // 10)
    with database.write() as conn:
        conn.execute(sa.insert(people).values(id="known", handle="known", kind="enrolled", enrolled_at=NOW))
        conn.execute(
            sa.insert(person_sightings),
            [
                {
                    "id": derive("known", "seen", n), "person": "known", "subject": _draft(n), "role": "seen-face",
                    "engine": ENGINE, "starts": 0.0, "ends": 1.0, "sealed": bytes(540),
                }
                for n in range(much)
            ],
        )  # fmt: skip
        conn.execute(
            sa.insert(release_permits),
            [
                {"clip": f"{n:024x}", "permit": derive("known", "permit", n), "subject": "known", "grant_id": "g", "body": "{}"}
                for n in range(much // 2, much + much // 2)
            ],
        )
    spent, found = [], 0
    for _ in range(20):
        begun, mine = perf_counter(), process_time()
        with database.read() as conn:
            found = len(clips_of(conn, ["known"]))
        spent.append((perf_counter() - begun, process_time() - mine))
    return Figure(
        name=f"every clip of one enrolled person found, p99 ({much + much // 2:,} clips)", on=f"{clips:,} released clips",
        number=len(spent), threshold="", false_positives=None, value=_p(spent, 99), unit="s",
        goal=Goal(value=1.0, at_most=True), note=f"{found:,} found; {_times(spent)}",
    )  # fmt: skip


def _in_vain(database: Database, search: FaceSearch, where: Likely, clips: int) -> Figure:
    found = 0
    for row in where.draw(STRANGERS, np.random.default_rng(SEED + 2)):
        with database.read() as conn:
            found += len(search.find(conn, row[None]))
    return Figure(
        name="clips found for somebody who is in none, on average", on=f"{clips:,} released clips, made-up faces",
        number=STRANGERS, threshold=f"cosine {search.least:.2f}", false_positives=None, value=found / STRANGERS, unit="clips",
    )  # fmt: skip


def _following(database: Database, search: FaceSearch, vault: Vault, where: Likely, clips: int) -> Figure:
    """A release, then the question whether it is found: what following the ledger costs."""
    spent, missed = [], 0
    for number, row in enumerate(where.draw(20, np.random.default_rng(SEED + 3)), clips):
        with database.write() as conn:
            keep(conn, _draft(number), [ClipFace(ENGINE, 0.0, 1.0, row[None])], vault)
            releasing.insert(conn, Release(**_release(number)), ())
        begun = perf_counter()
        with database.read() as conn:
            missed += f"{number:024x}" not in {s.clip for s in search.find(conn, row[None])}
        spent.append(perf_counter() - begun)
    return Figure(
        name="a clip released a moment ago found, most", on=f"{clips:,} released clips", number=len(spent), threshold="",
        false_positives=None, value=max(spent), unit="s", goal=Goal(value=1.0, at_most=True), note=f"{missed} not found",
    )  # fmt: skip


def _serving(database: Database, vault: Vault, clips: int) -> Figure:
    """What the question whether a clip is withheld adds to serving it, with claims open."""
    with database.write() as conn:
        for number in range(WITHHOLDING):
            said = Claim(
                kind="intimate", contact=f"a{number}@example.org", statement="made up", good_faith=True, signature="made up"
            )
            file(conn, said, [Found(clip=f"{number:024x}", how="named", withheld=True)], vault, NOW)
    spent = []
    with database.read() as conn:
        for number in range(500, 1500):
            begun = perf_counter()
            is_withheld(conn, f"{number:024x}")
            spent.append(1000 * (perf_counter() - begun))
    return Figure(
        name=f"asking whether a clip is withheld, p99, with {WITHHOLDING} such claims open", on=f"{clips:,} released clips",
        number=len(spent), threshold="", false_positives=None, value=float(np.percentile(spent, 99)), unit="ms",
        note=f"p50 {np.percentile(spent, 50):.2f} ms",
    )  # fmt: skip


def _fill(database: Database, vault: Vault, where: Likely, clips: int, people: int, progress: Progress) -> World:
    """Release ``clips`` clips with a face each, some of them of the people who will ask."""
    rng = np.random.default_rng(SEED)
    photographs = where.draw(people + 1, rng)
    owners = np.full(clips, -1)
    much = min(MUCH, clips // 10)
    places = rng.permutation(clips)
    owners[places[: people * EACH]] = np.repeat(np.arange(people), EACH)
    owners[places[people * EACH : people * EACH + much]] = people
    world = World(
        photographs, [set(np.flatnonzero(owners == n).tolist()) for n in range(people + 1)], [set() for _ in photographs]
    )
    least = threshold(clips)
    for start in range(0, clips, CHUNK):
        progress("clips released", start, clips)
        numbers = np.arange(start, min(clips, start + CHUNK))
        faces = np.stack([*_faces(where, photographs, owners[numbers], rng)], axis=1)
        near = np.maximum(faces[:, 0] @ photographs.T, faces[:, 1] @ photographs.T)
        for row, person in np.argwhere(near >= least).tolist():
            world.exact[person].add(int(numbers[row]))
        _store(database, vault, numbers.tolist(), faces)
    return world


def _faces(where: Likely, photographs: Vectors, owners: NDArray[np.int64], rng: np.random.Generator) -> Iterator[Vectors]:
    """The mean and the best sighting of each clip's face, float32 (n, 128) each."""
    means = where.draw(len(owners), rng)
    mine = owners >= 0
    cosines = rng.uniform(*COSINES, int(mine.sum())).astype(np.float32)
    means[mine] = where.again(photographs[owners[mine]], cosines, rng)
    yield means
    yield where.again(means, rng.uniform(0.85, 0.98, len(owners)).astype(np.float32), rng)


def _store(database: Database, vault: Vault, numbers: Sequence[int], faces: Vectors) -> None:
    """Rows as ``clip_faces.keep`` and ``safety.releases.insert`` write them, in bulk and without the ledger's entries."""
    keys, rows = [], []
    for number, pair in zip(numbers, faces, strict=True):
        key, subject = new_key(), _draft(number)
        keys.append({"subject": subject, "kek": vault.kek_id, "wrapped": vault.wrap(subject, KEY, key)})
        row = derive(subject, FACE)
        sealed = seal_with(key, subject, FACE, row, pair.astype("<f2").tobytes())
        rows.append({"id": row, "subject": subject, "engine": ENGINE, "starts": 0.0, "ends": 1.0, "sealed": sealed})
    with database.write() as conn:
        conn.execute(sa.insert(clip_keys), keys)
        conn.execute(sa.insert(clip_faces), rows)
        conn.execute(sa.insert(releases), [_release(n) for n in numbers])


def _draft(number: int) -> str:
    return f"sha256:{number:064x}"


def _release(number: int) -> dict[str, object]:
    return {
        "clip": f"{number:024x}", "submission": derive("bench", "submission", number), "requester": "bench", "parent": None,
        "draft": _draft(number), "sealed": _draft(number), "prompt_verdict": "p", "clip_verdict": "c", "policy": "sha256:p",
        "released_at": NOW, "withdrawal": None, "withdrawn_at": None,
    }  # fmt: skip


def _resident() -> float:
    """Megabytes of this process in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

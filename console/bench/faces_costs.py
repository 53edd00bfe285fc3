"""What faces cost: looking one up among many, opening everybody's templates, looking at frames."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
import sqlalchemy as sa

from classifiers.prompt.bench.figures import Figure, Goal, Share
from consent.faces.engine import FaceEngine
from consent.faces.gallery import Gallery
from consent.faces.looker import FaceLooker
from consent.faces.thresholds import threshold
from consent.tables import people, person_secrets
from consent.vault.keys import Vault
from consent.version import bump
from console.bench.faces_million import Looked, expected_false, likely
from console.bench.faces_photos import Scores, Sitter
from safety.db import Database
from safety.media import ClipFacts, Frame, SampledClip
from safety.values import derive

#: The gallery that the goals are about.
MILLION = 1_000_000


def of_many(looked: Looked, held: Scores) -> list[Figure]:
    """Time, recall and strangers of one gallery; ``held`` tell FMR and FNMR at its threshold."""
    people_ = f"{looked.people:,} made-up people"
    right, of = looked.recall
    sure, sure_of = looked.recall_sure
    at = f"cosine {threshold(looked.people):.2f}"
    tail = (
        f"by the tail of real pairs {expected_false(held, looked.people):.2g} a track, a guess" if len(held.other) > 1000 else ""
    )
    missed = (
        f"FNMR of one photograph there {100 * float((held.same < threshold(looked.people)).mean()):.2f} %"
        if len(held.same)
        else ""
    )
    return [
        Figure(
            name="looking up one face track, p99", on=people_, number=of, threshold="", false_positives=None,
            value=looked.clock[1], unit="ms", goal=Goal(value=5.0, at_most=True) if looked.people == MILLION else None,
            note=f"p50 {looked.clock[0]:.2f} ms; processor time p50 {looked.own[0]:.2f}, p99 {looked.own[1]:.2f} ms; "
            f"{looked.megabytes:.0f} MB; built in {looked.build_seconds:.1f} s; one goes and comes in {looked.change_ms:.1f} ms",
        ),
        Figure(
            name="recall at 1 against comparing with everybody", on=people_, number=of, threshold="", false_positives=None,
            value=100 * right / of, unit="%", goal=Goal(value=99.0), note=f"of those at the threshold {sure} of {sure_of}",
        ),
        Figure(
            name="strangers taken for somebody", on=people_, number=looked.strangers, threshold=at,
            false_positives=Share(hits=looked.false, of=looked.strangers), value=100 * looked.false / looked.strangers, unit="%",
            note="; ".join(filter(None, ("a clip has one or more tracks", tail, missed))),
        ),
    ]  # fmt: skip


def of_reading(count: int, engine: FaceEngine) -> Figure:
    """What opening templates costs: ``count`` people with one each, in a database of their own."""
    at, rows = datetime(2026, 1, 1, tzinfo=UTC), likely(None).draw(count, np.random.default_rng(1))
    with tempfile.TemporaryDirectory() as aside:
        database, vault = Database(f"sqlite:///{aside}/faces.db"), Vault(Path(aside))
        database.migrate()
        with database.write() as conn:
            for number, row in enumerate(rows):
                person = derive("bench", str(number))
                secret = derive(person, "face-template", 0)
                conn.execute(sa.insert(people).values(id=person, handle=f"p{number}", kind="enrolled", enrolled_at=at))
                vault.admit(conn, person)
                sealed = vault.seal(conn, person, "face-template", secret, row.astype("<f4").tobytes())
                values = {
                    "id": secret,
                    "person": person,
                    "role": "face-template",
                    "engine": engine.name,
                    "sealed": sealed,
                    "at": at,
                }
                conn.execute(sa.insert(person_secrets).values(**values))
            bump(conn, "people")
        gallery = Gallery(vault, engine.name)
        begun = process_time()
        with database.read() as conn:
            gallery.refresh(conn)
        spent = process_time() - begun
        database.close()
    assert len(gallery) == count
    return Figure(
        name="opening templates at the start", on="people with one template each", number=count, threshold="",
        false_positives=None, value=1000 * spent / count, unit="ms",
        note=f"processor time a template; a million take {spent / count * 1e6 / 60:.1f} minutes, once a process",
    )  # fmt: skip


def of_looking(engine: FaceEngine, everybody: Sequence[Sitter]) -> Figure:
    """Processor time of the looker for 25 frames of 1280x720 with two faces that change in every frame."""
    rng = np.random.default_rng(2)
    frames = []
    for number in range(25):
        picture = np.full((720, 1280, 3), (90, 120, 100), np.uint8)
        for place, person in enumerate(everybody[:2]):
            photograph = person.probes[number % len(person.probes)].picture
            x, y = int(rng.integers(0, 300)) + 600 * place, int(rng.integers(0, 200))
            part = photograph[: 720 - y, : 1280 - x]
            picture[y : y + part.shape[0], x : x + part.shape[1]] = part
        frames.append(Frame(picture, number * 0.4, number * 10, 0))
    facts = ClipFacts(width=1280, height=720, fps=25.0, seconds=10.0, video_codec="h264", audio_codec=None)
    looker = FaceLooker(engine)
    looker.look(SampledClip("bench", facts, tuple(frames[:1]), None))
    begun, clock = process_time(), perf_counter()
    seen = looker.look(SampledClip("bench", facts, tuple(frames), None))
    spent = process_time() - begun
    return Figure(
        name="looking at 25 frames of 1280x720", on="frames with two photographs pasted in, others in every frame", number=25,
        threshold="", false_positives=None, value=1000 * spent, unit="ms", goal=Goal(value=1200.0, at_most=True),
        note=f"processor time on one thread ({1000 * (perf_counter() - clock):.0f} ms of the clock, {os.cpu_count()} cores); "
        f"{len(seen)} sightings, {sum(s.borrowed for s in seen)} of them not embedded anew",
    )  # fmt: skip

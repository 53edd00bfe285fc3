"""Who is in the clip: recognised, protected, unknown, unreadable."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from consent import cameos
from consent.erasure import erase
from consent.errors import VaultLocked
from consent.faces.align import REFERENCE
from consent.faces.engine import Embedding, Face, FaceEngine, Spot
from consent.faces.thresholds import COMPARABLE_PX, MATCH, score
from consent.likeness import Likeness
from consent.search import PeopleIndex
from consent.vault.keys import Vault
from consent.vectors import ExactIndex
from safety.db import Database
from safety.media import Picture
from safety.signal import Box, Report
from tests.consent.conftest import Clock, clip_of, stage


def by_label(reports: tuple[Report, ...]) -> dict[str, float]:
    return {signal.label: signal.score for report in reports for signal in report.signals}


def test_an_enrolled_person_is_recognised_in_a_clip_with_time_frame_and_box(
    database: Database, engine: FaceEngine, eileen: Picture, eileens: Likeness, vault: Vault, clock: Clock
) -> None:
    index = PeopleIndex(vault, engine)
    with database.write() as conn:
        ana = cameos.enrol(conn, "ana", eileens, engine, vault, clock)
    clip = clip_of(np.full((360, 640, 3), 90, np.uint8), stage(eileen, 40), stage(eileen, 60), stage(eileen, 80))
    with database.read() as conn:
        known, faces = index.search_clip(clip, engine, conn)
    (signal,) = known.signals
    assert known.failure is None and known.labels == {"enrolled_person", "protected_person"}
    assert signal.label == "enrolled_person" and signal.score > 0.95 and signal.references == {ana.id}
    (evidence,) = signal.evidence
    assert evidence.time == (0.5, 1.5) and evidence.frame in (1, 2, 3)
    assert evidence.box is not None and 0.2 < evidence.box.x < 0.5 and "cosine" in (evidence.note or "")
    assert faces.labels == {"realistic_face"} and faces.signals == () and faces.failure is None


def test_a_protected_person_and_somebody_unknown_in_one_picture_are_told_apart(
    database: Database, engine: FaceEngine, eileen: Picture, eileens: Likeness, cameraman: Picture, vault: Vault, clock: Clock
) -> None:
    with database.write() as conn:
        person = cameos.protect(conn, "claim_1", eileens, engine, vault, clock)
        both = clip_of(np.concatenate([eileen, cameraman], axis=1), np.concatenate([eileen, cameraman], axis=1))
        known, faces = PeopleIndex(vault, engine).search_clip(both, engine, conn)
    assert [(s.label, s.references) for s in known.signals] == [("protected_person", {person.id})]
    (unknown,) = faces.signals
    assert unknown.label == "realistic_face" and unknown.score > 0.8 and unknown.references == frozenset()
    assert len(unknown.evidence) == 1 and unknown.evidence[0].box is not None and unknown.evidence[0].box.x > 0.5


def test_the_index_learns_of_a_person_and_forgets_an_erased_one_without_being_told(
    database: Database, engine: FaceEngine, eileen: Picture, eileens: Likeness, vault: Vault, clock: Clock
) -> None:
    index, clip = PeopleIndex(vault, engine), clip_of(stage(eileen, 40))
    seen: list[set[str]] = []
    for act in ("nothing", "enrol", "erase"):
        with database.write() as conn:
            if act == "enrol":
                cameos.enrol(conn, "ana", eileens, engine, vault, clock)
            if act == "erase":
                erase(conn, "ana", vault, clock)
        with database.read() as conn:
            seen.append(set(by_label(index.search_clip(clip, engine, conn))))
    assert seen == [{"realistic_face"}, {"enrolled_person"}, {"realistic_face"}]


class Sized:
    """An engine that sees one known face, at a size that is given."""

    def __init__(self, engine: FaceEngine, likeness: Likeness, size: float) -> None:
        self.name, self._vector, self._size = engine.name, likeness.templates[0], size

    def locate(self, picture: Picture) -> tuple[Spot, ...]:
        return (Spot(Box(x=0.1, y=0.1, w=0.1, h=0.1), REFERENCE.astype(np.float32), 0.9, self._size),)

    def embed(self, aligned: Picture) -> Embedding:
        return self._vector

    def find(self, picture: Picture) -> tuple[Face, ...]:
        raise NotImplementedError


@pytest.mark.parametrize(("size", "label"), [(COMPARABLE_PX, "enrolled_person"), (COMPARABLE_PX - 1, "realistic_face")])
def test_a_face_too_small_to_compare_is_reported_as_a_face_and_as_nobody(
    database: Database, engine: FaceEngine, eileens: Likeness, vault: Vault, clock: Clock, size: float, label: str
) -> None:
    eye = Sized(engine, eileens, size)
    with database.write() as conn:
        cameos.enrol(conn, "ana", eileens, engine, vault, clock)
        found = by_label(PeopleIndex(vault, eye).search_clip(clip_of(np.zeros((9, 9, 3), np.uint8)), eye, conn))
    assert set(found) == {label}


class Broken:
    name = "broken"

    def locate(self, picture: Picture) -> tuple[Spot, ...]:
        raise RuntimeError("no")

    def embed(self, aligned: Picture) -> Embedding:
        raise RuntimeError("no")

    def find(self, picture: Picture) -> tuple[Face, ...]:
        raise RuntimeError("no")


def test_an_engine_that_breaks_and_a_clip_without_frames_are_failures_and_not_empty(
    database: Database, engine: FaceEngine, eileen: Picture, vault: Vault
) -> None:
    with database.read() as conn:
        broken = PeopleIndex(vault, Broken()).search_clip(clip_of(eileen), Broken(), conn)
        other = PeopleIndex(vault, engine).search_clip(clip_of(eileen), Broken(), conn)
        empty = PeopleIndex(vault, engine).search_clip(clip_of(), engine, conn)
    for reports in (broken, other, empty):
        assert len(reports) == 2 and all(r.failure and not r.signals for r in reports)
    assert "RuntimeError" in str(broken[0].failure) and "frame" in str(empty[0].failure)


def test_templates_that_cannot_be_opened_fail_the_search_but_not_the_faces(
    database: Database, engine: FaceEngine, eileen: Picture, eileens: Likeness, vault: Vault, clock: Clock, tmp_path: Path
) -> None:
    with database.write() as conn:
        cameos.enrol(conn, "ana", eileens, engine, vault, clock)
        index = PeopleIndex(Vault(tmp_path / "other"), engine)
        known, faces = index.search_clip(clip_of(stage(eileen, 40)), engine, conn)
        assert "another key file" in str(known.failure) and known.signals == ()
        assert faces.failure is None and [s.label for s in faces.signals] == ["realistic_face"]
        with pytest.raises(VaultLocked):
            index.refresh(conn)


def test_the_exact_index_gives_the_best_first_and_never_more_than_it_has() -> None:
    rows = np.eye(4, dtype=np.float32)
    numbers, cosines = ExactIndex(rows).search(np.array([[0.8, 0.6, 0, 0]], np.float32), 9)
    assert numbers[0, :2].tolist() == [0, 1] and cosines.shape == (1, 4) and cosines[0, 0] == pytest.approx(0.8)
    assert ExactIndex(rows[:0]).search(rows, 3)[0].shape == (4, 0)


def test_scores_of_likeness_stay_scores_at_the_ends() -> None:
    assert 0.0 <= score(-1.0) < score(MATCH) < score(1.0) <= 1.0

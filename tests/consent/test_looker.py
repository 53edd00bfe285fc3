"""Looking at faces in a process of its own: every face reported, few embedded, nothing printed."""

from __future__ import annotations

import pickle

import cv2
import numpy as np
import pytest

from consent import cameos
from consent.faces.align import REFERENCE
from consent.faces.engine import Embedding, FaceEngine, Spot
from consent.faces.looker import FaceLooker
from consent.faces.quality import frontal, worth
from consent.likeness import Likeness
from consent.search import PeopleIndex
from consent.vault.keys import Vault
from safety.db import Database
from safety.errors import BadMedia
from safety.media import Frame, Picture, SampledClip
from safety.signal import Box
from tests.consent.conftest import Clock, clip_of, stage


def cut(clip: SampledClip, *shots: int) -> SampledClip:
    """The same frames, in these shots."""
    frames = tuple(Frame(f.picture, f.time, f.index, shot) for f, shot in zip(clip.frames, shots, strict=True))
    return SampledClip(clip.digest, clip.facts, frames, clip.sound)


def test_a_looker_that_was_pickled_sees_the_same_and_matches_as_one_process_does(
    database: Database, engine: FaceEngine, eileen: Picture, eileens: Likeness, vault: Vault, clock: Clock
) -> None:
    clip = clip_of(stage(eileen, 40), stage(eileen, 60), stage(eileen[:, ::-1], 80))
    packed = pickle.dumps(FaceLooker(engine))
    assert len(packed) < 500
    sightings = pickle.loads(pickle.dumps(pickle.loads(packed).look(clip)))
    index = PeopleIndex(vault, engine)
    with database.write() as conn:
        person = cameos.enrol(conn, "ana", eileens, engine, vault, clock)
        parted, whole = index.match_faces(conn, sightings), index.search_clip(clip, engine, conn)
    for here, there in zip(parted, whole, strict=True):
        assert here.model_copy(update={"milliseconds": 0.0}) == there.model_copy(update={"milliseconds": 0.0})
    assert parted[0].signals[0].references == {person.id}


def test_no_number_of_a_face_is_in_what_a_sighting_prints(engine: FaceEngine, eileen: Picture) -> None:
    (sighting,) = FaceLooker(engine).look(clip_of(eileen))
    assert sighting.embedding is not None and "embedding" not in repr(sighting) and "landmarks" not in repr(sighting)
    assert f"{float(sighting.embedding[0]):.4f}" not in repr(sighting)


def test_a_face_that_hardly_moves_is_embedded_about_once_a_second_and_anew_after_a_cut(
    engine: FaceEngine, eileen: Picture
) -> None:
    still = clip_of(*(stage(eileen, 40) for _ in range(6)))
    within = FaceLooker(engine).look(cut(still, 0, 0, 0, 0, 0, 0))
    over = FaceLooker(engine).look(cut(still, 0, 0, 0, 1, 1, 1))
    assert [s.borrowed for s in within] == [False, True, True, False, True, True]
    assert [s.borrowed for s in over] == [False, True, True, False, True, True]
    assert [s.borrowed for s in FaceLooker(engine).look(cut(still, 0, 1, 2, 3, 4, 5))] == [False] * 6


def test_somebody_else_on_the_same_spot_borrows_nothing(engine: FaceEngine, eileen: Picture, cameraman: Picture) -> None:
    eileens = cv2.resize(eileen[60:200, 150:290], (300, 300))
    cameras = cv2.resize(cameraman[60:200, 175:315], (300, 300))
    sightings = FaceLooker(engine).look(clip_of(stage(eileens, 100), stage(cameras, 100)))
    one, other = (s for s in sightings if s.size_px > 60)
    assert not other.borrowed and one.embedding is not None and other.embedding is not None
    assert float(one.embedding @ other.embedding) < 0.4


class Small:
    """Sees one face of 10 pixels, and would break if it were embedded."""

    name = "small"

    def locate(self, picture: Picture) -> tuple[Spot, ...]:
        return (Spot(Box(x=0.1, y=0.1, w=0.1, h=0.1), REFERENCE.astype(np.float32), 0.9, 10.0),)

    def embed(self, aligned: Picture) -> Embedding:
        raise RuntimeError("never")

    def find(self, picture: Picture) -> tuple[()]:
        raise RuntimeError("never")


def test_a_face_too_small_to_compare_in_a_single_frame_is_still_a_realistic_face(
    database: Database, engine: FaceEngine, vault: Vault
) -> None:
    (sighting,) = FaceLooker(Small()).look(clip_of(np.zeros((120, 120, 3), np.uint8)))
    assert sighting.embedding is None
    with database.read() as conn:
        known, faces = PeopleIndex(vault, engine).match_faces(conn, [sighting])
    assert known.signals == () and [(s.label, s.score) for s in faces.signals] == [("realistic_face", 0.9)]


def test_a_part_with_sound_alone_shows_nobody_and_one_with_nothing_is_an_error(engine: FaceEngine) -> None:
    empty = clip_of()
    assert FaceLooker(engine).look(SampledClip(empty.digest, empty.facts, (), np.zeros(480, np.float32))) == ()
    with pytest.raises(BadMedia):
        FaceLooker(engine).look(empty)


def test_a_sighting_is_worth_more_the_larger_the_sharper_and_the_more_frontal() -> None:
    sharp = np.random.default_rng(0).integers(0, 255, (112, 112), np.uint8)
    blurred = cv2.GaussianBlur(sharp, (0, 0), 4)
    ahead, aside = REFERENCE.astype(np.float32), REFERENCE.astype(np.float32)
    aside[2, 0] = aside[0, 0]
    best = worth(0.9, 120, ahead, sharp)
    assert best > worth(0.9, 40, ahead, sharp) and best > worth(0.9, 120, ahead, np.asarray(blurred, np.uint8))
    assert best > worth(0.9, 120, aside, sharp) > 0 and frontal(aside) == 0.0 and frontal(ahead) > 0.9

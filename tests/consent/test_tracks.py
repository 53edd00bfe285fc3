"""Following faces through a clip: who is one track, and who is two."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from consent.faces.align import REFERENCE
from consent.faces.boxes import overlap
from consent.faces.engine import Embedding
from consent.faces.looker import Sighting
from consent.faces.tracks import PICKS, TWO_PEOPLE, follow
from safety.signal import Box

RNG = np.random.default_rng(4)


def unit(row: Any) -> Embedding:
    row = np.asarray(row, np.float64)
    return np.asarray(row / np.linalg.norm(row), np.float32)


def somebody() -> Embedding:
    return unit(RNG.standard_normal(128))


def seen(of: Embedding, cosine: float) -> Embedding:
    """An embedding at exactly this cosine to ``of``."""
    other = RNG.standard_normal(128)
    other -= (other @ of) * of
    return unit(cosine * of + np.sqrt(1 - cosine**2) * other / np.linalg.norm(other))


def sighting(
    frame: int, embedding: Embedding | None, x: float = 0.2, shot: int = 0, quality: float = 0.8, borrowed: bool = False
) -> Sighting:
    return Sighting(
        frame=frame, time=frame / 2, shot=shot, box=Box(x=x, y=0.2, w=0.2, h=0.3), landmarks=REFERENCE.astype(np.float32),
        score=0.9, size_px=60.0, quality=quality, embedding=embedding, borrowed=borrowed,
    )  # fmt: skip


def test_two_people_who_cross_are_two_tracks() -> None:
    left, right = somebody(), somebody()
    tracks = follow(s for i in range(4) for s in (sighting(i, left, 0.1 + 0.2 * i), sighting(i, right, 0.7 - 0.2 * i)))
    assert [len(t.sightings) for t in tracks] == [4, 4] and tracks[0].time == (0.0, 1.5)
    assert {float(s.embedding @ left) > 0.9 for s in tracks[0].sightings if s.embedding is not None} == {True}


@pytest.mark.parametrize(("shot", "tracks"), [(0, 1), (1, 2)])
def test_a_face_that_changes_its_looks_on_the_spot_goes_on_within_a_shot_and_not_over_a_cut(shot: int, tracks: int) -> None:
    one = somebody()
    assert len(follow([sighting(0, one), sighting(1, seen(one, 0.3), shot=shot)])) == tracks


def test_a_face_that_comes_to_the_spot_later_or_looks_like_somebody_else_is_another_track() -> None:
    one = somebody()
    assert len(follow([sighting(0, one), sighting(6, seen(one, 0.3))])) == 2
    assert len(follow([sighting(0, one), sighting(1, seen(one, 0.0))])) == 2


def test_a_face_that_looks_alike_is_one_track_over_a_cut_and_over_parts() -> None:
    one = somebody()
    (track,) = follow(sighting(60 * i, seen(one, 0.9), x=0.1 * i, shot=i) for i in range(4))
    assert track.frames == 4 and track.time == (0.0, 90.0)


def test_two_people_merged_by_place_are_split_even_when_they_take_turns() -> None:
    """Each sighting is a little like the one before, as blurred faces are; as a whole they are two people."""
    first, second = somebody(), somebody()
    between = unit(first + second)
    turns = [first if i % 2 else second for i in range(10)]
    sightings = [sighting(i, unit(0.75 * seen(who, 0.9) + 0.25 * between)) for i, who in enumerate(turns)]
    tracks = follow(sightings)
    assert len(tracks) == 2 and {len(t.sightings) for t in tracks} == {5}
    means = [t.embedding for t in tracks if t.embedding is not None]
    assert float(means[0] @ means[1]) < TWO_PEOPLE
    assert sorted(max(float(m @ first), float(m @ second)) > 0.9 for m in means) == [True, True]


def test_somebody_seen_once_in_another_s_track_is_searched_by_that_sighting() -> None:
    one, other = somebody(), somebody()
    guest = sighting(5, unit(0.8 * other + 0.45 * one), quality=0.4)
    (track,) = follow([*(sighting(i, seen(one, 0.95)) for i in range(5)), guest, *(sighting(6 + i, one) for i in range(3))])
    assert guest in track.sightings and guest in track.picks and guest not in track.told[:PICKS]


def test_poor_sightings_of_one_person_are_not_taken_for_two() -> None:
    one = somebody()
    poor = [sighting(i, seen(one, 0.6)) for i in range(12)]
    assert len(follow(poor)) == 1


def test_the_track_as_a_whole_is_nearer_than_its_sightings_and_listens_to_the_good_ones() -> None:
    one = somebody()
    poor = [sighting(i, seen(one, 0.5), quality=0.3) for i in range(6)]
    good = [sighting(6 + i, seen(one, 0.7), quality=0.9) for i in range(2)]
    (track,) = follow([*poor, *good])
    assert track.embedding is not None
    whole = float(track.embedding @ one)
    plain = float(unit(np.mean([s.embedding for s in track.sightings if s.embedding is not None], axis=0)) @ one)
    assert whole > 0.8 and whole > max(float(s.embedding @ one) for s in track.sightings if s.embedding is not None)
    assert whole > plain and [s.quality for s in track.picks] == [0.9, 0.9, 0.3, 0.3]


def test_faces_too_small_to_compare_are_a_track_and_borrowed_sightings_do_not_count_twice() -> None:
    one, other = somebody(), somebody()
    (small,) = follow(sighting(i, None) for i in range(3))
    assert small.embedding is None and small.picks == [] and small.frames == 3
    (track,) = follow([sighting(0, one), *(sighting(i, one, borrowed=True) for i in (1, 2)), sighting(3, seen(one, 0.8))])
    assert track.embedding is not None and float(track.embedding @ one) == pytest.approx(np.sqrt(0.9), abs=0.01)
    assert len(follow([sighting(0, one), sighting(0, other, x=0.6)])) == 2


def test_a_crowd_for_a_minute_is_followed_without_comparing_everybody_with_everybody_ever_seen() -> None:
    people = [somebody() for _ in range(30)]
    tracks = follow(sighting(i, seen(p, 0.9), x=n / 30, shot=i) for i in range(60) for n, p in enumerate(people))
    assert len(tracks) == 30


def test_the_overlap_of_two_boxes_is_their_intersection_over_their_union() -> None:
    assert overlap(Box(x=0, y=0, w=1, h=1), Box(x=0.5, y=0, w=1, h=1)) == pytest.approx(1 / 3)
    assert overlap(Box(x=0, y=0, w=1, h=1), Box(x=1, y=0, w=1, h=1)) == 0.0

"""Altered copies of reserved pictures and clips are found, set in time, and nothing else is taken for one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np
import pytest
import skimage.data

from classifiers.clip.fingerprint import PictureFingerprinter
from classifiers.clip.pdq import pdq
from consent import works
from consent.copies.catalogue import Catalogue
from consent.copies.filing import LONGEST, ReferenceClip, read_references
from consent.copies.finder import _agreeing
from consent.copies.geometry import Fit, lay_over
from consent.copies.hamming import LATEST, MOST_BITS, HashIndex
from consent.copies.timeline import Moment, best_line
from consent.errors import FilingRefused
from consent.tables import reservation_pictures
from consent.works import Filing
from consent.works_pictures import PictureMatcher, PictureThresholds
from safety.db import Database
from safety.fingerprint import PictureFingerprint
from safety.media import ClipFacts, Frame, Picture, SampledClip
from safety.signal import Box
from tests.consent.conftest import Clock

PRINTER = PictureFingerprinter()
THRESHOLDS = PictureThresholds(hamming=31, cosine=0.78, sure=0.85)


def seen_by_a_camera(picture: Picture, time: float) -> Picture:
    """A pan over four seconds."""
    height, width = picture.shape[:2]
    w, h = int(width * 0.7), int(width * 0.7 * 9 / 16)
    x, y = int((width - w) * time / 4), int((height - h) * (0.2 + 0.15 * time))
    return np.asarray(cv2.resize(picture[y : y + h, x : x + w], (480, 270), interpolation=cv2.INTER_AREA), np.uint8)


def film(picture: Picture, times: Sequence[float], edit: Callable[[Picture], Picture] = lambda p: p) -> SampledClip:
    shown = [edit(seen_by_a_camera(picture, t)) for t in times]
    frames = tuple(Frame(np.ascontiguousarray(p), 10 + 0.4 * i, 250 + 10 * i) for i, p in enumerate(shown))
    return SampledClip("x", ClipFacts(480, 270, 25, 20, "h264", None), frames, None)


def reference(picture: Picture, seconds: float = 4.0) -> ReferenceClip:
    times = np.arange(0, seconds, 0.25)
    return ReferenceClip(seconds, (Frame(seen_by_a_camera(picture, t), t, int(t * 24)) for t in times))


def filing(title: str) -> Filing:
    return Filing(holder="Studio", title=title, kind="work")


@pytest.fixture(scope="module")
def coffee() -> Picture:
    return np.asarray(skimage.data.coffee())


@pytest.fixture(scope="module")
def cat() -> Picture:
    return np.asarray(skimage.data.chelsea())


@pytest.fixture(scope="module")
def coffee_film(coffee: Picture) -> works.References:
    return read_references((), PRINTER, [reference(coffee)])


def test_a_mirrored_faster_copy_of_a_reserved_clip_is_found_and_set_in_time(
    database: Database, clock: Clock, coffee: Picture, cat: Picture, coffee_film: works.References
) -> None:
    matcher = PictureMatcher(PRINTER.name, THRESHOLDS)
    copy = PRINTER.wholes(film(coffee, [1.25 * 0.4 * i + 0.5 for i in range(7)], lambda p: p[:, ::-1]))
    with database.write() as conn:
        work = works.add(conn, filing("Coffee"), clock, verified=True, references=coffee_film)
        assert work.pictures == 0
        (signal,) = matcher.match_pictures(conn, copy, clock()).signals
        assert signal.score > 0.9 and signal.references == {work.id}
        evidence = signal.evidence[0]
        assert evidence.time is not None and evidence.note is not None
        assert evidence.time[0] == pytest.approx(10.0, abs=0.5) and evidence.time[1] == pytest.approx(12.4, abs=0.5)
        words = evidence.note.split()
        assert abs(float(words[6]) - 0.5) < 0.4 and "of clip 1, mirrored" in evidence.note
        assert 1.1 <= float(evidence.note.split("at ")[1].split()[0]) <= 1.4
        assert matcher.match_pictures(conn, PRINTER.wholes(film(cat, [0.5 * i for i in range(6)])), clock()).signals == ()


@pytest.mark.parametrize("edit", ["cropped", "letterboxed", "grey", "seen from the side"])
def test_a_reserved_picture_is_found_after(edit: str, database: Database, clock: Clock, coffee: Picture) -> None:
    picture = np.asarray(cv2.resize(coffee, (480, 270), interpolation=cv2.INTER_AREA), np.uint8)
    corners, side = np.float32([[0, 0], [480, 0], [480, 270], [0, 270]]), np.float32([[40, 30], [450, 10], [430, 255], [60, 240]])
    altered = {
        "cropped": np.ascontiguousarray(picture[20:222, 100:460]),
        "letterboxed": cv2.copyMakeBorder(picture, 45, 45, 0, 0, cv2.BORDER_CONSTANT),
        "grey": np.repeat(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)[..., None], 3, 2),
        "seen from the side": cv2.warpPerspective(picture, cv2.getPerspectiveTransform(corners, side), (480, 270)),
    }[edit]
    clip = SampledClip("x", ClipFacts(480, 270, 25, 1, "h264", None), (Frame(np.asarray(altered), 0.0, 0),), None)
    with database.write() as conn:
        works.add(conn, filing("Coffee"), clock, verified=True, references=read_references([picture], PRINTER))
        (signal,) = PictureMatcher(PRINTER.name, THRESHOLDS).match_pictures(conn, PRINTER.wholes(clip), clock()).signals
    assert signal.score > 0.9
    note = next(e.note for e in signal.evidence if e.note and "picture 1" in e.note)
    assert {"cropped": "a part of it", "letterboxed": "", "grey": "", "seen from the side": ""}[edit] in note


def test_a_filing_is_in_force_at_the_next_clip_and_a_withdrawal_too(
    database: Database, clock: Clock, coffee: Picture, cat: Picture, coffee_film: works.References
) -> None:
    catalogue = Catalogue(PRINTER.name)
    with database.write() as conn:
        works.add(conn, filing("Coffee"), clock, verified=True, references=coffee_film)
        catalogue.refresh(conn)
        before = dict(catalogue.references)
        second = works.add(conn, filing("Cat"), clock, verified=True, references=read_references([cat], PRINTER))
        catalogue.refresh(conn)
        assert catalogue.references.items() > before.items()  # what was there was not read again
        assert any(r.reservation == second.id for r in catalogue.references.values())
        works.withdraw(conn, second.id, clock)
        catalogue.refresh(conn)
        assert catalogue.references == before
        assert len(catalogue.codes) == len(before)


def test_each_print_of_a_filed_clip_is_kept_with_its_moment(
    database: Database, clock: Clock, coffee_film: works.References
) -> None:  # fmt: skip
    with database.write() as conn:
        works.add(conn, filing("Coffee"), clock, verified=True, references=coffee_film)
        rows = conn.execute(reservation_pictures.select().order_by(reservation_pictures.c.time)).all()
    assert [r.time for r in rows] == [0.5 * i for i in range(8)]
    assert {r.ordinal for r in rows} == {1}
    assert all(len(r.code) == 256 and r.points and r.mirrored and r.embedding == b"" for r in rows)


def test_a_mirrored_frame_is_also_known_by_its_hash(
    database: Database, clock: Clock, coffee: Picture, coffee_film: works.References
) -> None:  # fmt: skip
    catalogue = Catalogue(PRINTER.name)
    with database.write() as conn:
        works.add(conn, filing("Coffee"), clock, verified=True, references=coffee_film)
        catalogue.refresh(conn)
    straight = pdq(seen_by_a_camera(coffee, 2.0))
    turned = pdq(np.ascontiguousarray(seen_by_a_camera(coffee, 2.0)[:, ::-1]))
    for hash, quality, mirrored in ((*straight, False), (*turned, True)):
        found = {(reference.time, way) for reference, _, way in catalogue.copies(hash, quality, 31)}
        assert (2.0, mirrored) in found
        assert {way for _, way in found} == {mirrored}


def test_clips_too_short_too_long_or_blank_are_refused(coffee: Picture) -> None:
    for seconds, why in ((0.8, "at least 1 s"), (LONGEST + 1, "20 minutes")):
        with pytest.raises(FilingRefused, match=why):
            read_references((), PRINTER, [reference(coffee, seconds)])
    black = ReferenceClip(4.0, [Frame(np.zeros((90, 160, 3), np.uint8), 0.5 * i, i) for i in range(8)])
    with pytest.raises(FilingRefused, match="clip 1 shows nothing"):
        read_references((), PRINTER, [black])


def test_a_common_logo_makes_no_copy(coffee: Picture, cat: Picture) -> None:
    def marked(picture: Picture) -> PictureFingerprint:
        out = np.asarray(cv2.resize(picture, (640, 360)), np.uint8)
        rng = np.random.default_rng(4)
        logo = cv2.resize(rng.integers(0, 256, (12, 16, 3), dtype=np.uint8), (160, 120), interpolation=cv2.INTER_NEAREST)
        out[60:180, 420:580] = logo
        clip = SampledClip("x", ClipFacts(640, 360, 25, 1, "h264", None), (Frame(out, 0.0, 0),), None)
        return PRINTER.wholes(clip)[0]

    a, b = marked(coffee), marked(cat)
    assert lay_over(a, b.points, b.shape) is None
    assert lay_over(a, a.points, a.shape) is not None


def test_no_hash_within_the_bound_is_missed() -> None:
    rng = np.random.default_rng(3)
    hashes = rng.integers(0, 256, (LATEST + 3000, 32), dtype=np.uint8)
    wanted = rng.integers(0, 256, 32, dtype=np.uint8)
    bits = np.unpackbits(wanted)
    planted = rng.choice(len(hashes) - 100, 200, replace=False)
    for row in planted:
        changed = bits.copy()
        changed[rng.choice(256, MOST_BITS, replace=False)] ^= 1
        hashes[row] = np.packbits(changed)
    index = HashIndex()
    index.add(hashes[:-100])  # these go into the tables
    index.add(hashes[-100:])  # and these wait
    rows, distances = index.within(wanted.tobytes())
    assert rows.tolist() == sorted(planted.tolist())
    assert set(distances.tolist()) == {MOST_BITS}
    assert index.within(hashes[-1].tobytes(), 0)[0].tolist() == [len(hashes) - 1]
    with pytest.raises(ValueError, match="could be missed"):
        index.within(wanted.tobytes(), MOST_BITS + 1)


@pytest.mark.parametrize(("start", "speed"), [(3.0, 1.0), (0.0, 1.25), (12.0, 0.75), (1.0, 2.0)])
def test_the_line_of_time_is_found_among_chance_moments(start: float, speed: float) -> None:
    rng = np.random.default_rng(1)
    true = [Moment(i, 0.4 * i, round((start + speed * 0.4 * i) * 2) / 2, 0.8, i) for i in range(20)]
    chance = [Moment(i, 0.4 * i, float(rng.integers(0, 80)) / 2, 0.6, 100 + i) for i in range(20) for _ in range(2)]
    line = best_line(true + chance)
    assert line is not None
    assert line.speed == pytest.approx(speed, abs=0.06) and line.start == pytest.approx(start, abs=0.35)
    assert len({m.key for m in line.moments} & {m.key for m in true}) >= 15
    assert best_line([]) is None


def hint(number: int, pairs: int, *, mirrored: bool = False, x: float = 0.1) -> tuple[Moment, Fit]:
    """A frame whose corners hint at a copy, ``x`` from the left."""
    box = Box(x=x, y=0.1, w=0.6, h=0.7)
    return Moment(number, number / 2, number / 2, 0.8, 1), Fit(pairs, box, 0.9, mirrored, False)


def test_three_frames_that_hint_at_the_same_place_prove_a_copy_together() -> None:
    same = [hint(0, 7), hint(1, 8, x=0.12), hint(2, 7, x=0.09)]
    assert [m.number for m, _ in _agreeing([*same, hint(3, 9, mirrored=True)])] == [0, 1, 2]


@pytest.mark.parametrize(
    "hints",
    [
        [hint(0, 7), hint(1, 8)],
        [hint(0, 7), hint(1, 8), hint(2, 7, mirrored=True)],
        [hint(0, 7), hint(1, 8), hint(2, 7, x=0.6)],
        [],
    ],
)
def test_hints_that_are_few_or_say_different_things_prove_nothing(hints: list[tuple[Moment, Fit]]) -> None:
    assert _agreeing(hints) == []

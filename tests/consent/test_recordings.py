"""Reserved recordings: filing, finding them in a clip's sound, licences' and holders' standing, and taking back."""

from __future__ import annotations

import wave
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from classifiers.sound.landmarks import SoundPrinter
from consent import works
from consent.errors import FilingRefused
from consent.sounds.recordings import NATS, RecordingMatcher, _worth, score
from consent.sounds.recordings_filing import read_recordings
from consent.sounds.sound_alignment import Alignment
from consent.sounds.sound_index import SPEEDS, SoundIndex
from consent.sounds.sound_pairs import keys, pair_up
from consent.works import Filing, Reservation
from consent.works_pictures import DOUBTFUL
from console.bench.recordings_attacks import mixed, noise, sped, stretched
from console.bench.recordings_music import compose
from generator.errors import BadClip
from generator.reading import read_sound_file
from safety.db import Database
from safety.media import SOUND_RATE, Sound
from safety.signal import Report
from safety.sound_print import SoundPrint
from tests.consent.conftest import Clock

PRINTER = SoundPrinter()
TUNE, OTHER = compose(1, 10.0), compose(2, 8.0)


def reserve(
    database: Database, clock: Clock, *tunes: Sound, title: str = "Tune", verified: bool = True, **more: object
) -> Reservation:
    facts: dict[str, object] = {"holder": "Label Nine", "title": title, "kind": "recording"}
    sounds = read_recordings(tunes, PRINTER)
    with database.write() as conn:
        return works.add(conn, Filing.model_validate(facts | more), clock, verified=verified, sounds=sounds)


def search(database: Database, clock: Clock, *sounds: Sound, matcher: RecordingMatcher | None = None) -> Report:
    prints = [PRINTER.reference(sound) for sound in sounds]
    with database.read() as conn:
        return (matcher or RecordingMatcher(PRINTER.name)).match_sounds(conn, prints, clock())


def cut(sound: Sound, begin: float, end: float) -> Sound:
    return sound[int(begin * SOUND_RATE) : int(end * SOUND_RATE)]


def test_three_seconds_of_a_reserved_recording_are_found_with_where_they_come_from(database: Database, clock: Clock) -> None:
    work = reserve(database, clock, OTHER, TUNE)
    (signal,) = search(database, clock, np.concatenate([noise(4, 3), cut(TUNE, 5, 8)])).signals
    assert (signal.label, signal.references) == ("reserved_recording", frozenset({work.id}))
    assert signal.score > 0.9
    assert signal.evidence[0].time == pytest.approx((4.0, 7.0), abs=0.3)
    assert signal.evidence[0].note is not None
    assert " of recording 2, at 1.0" in signal.evidence[0].note


def test_a_recording_that_is_not_reserved_matches_nothing(database: Database, clock: Clock) -> None:
    reserve(database, clock, TUNE)
    assert search(database, clock, OTHER).signals == ()


def test_a_faster_and_higher_copy_under_noise_as_loud_is_found_with_its_speed(database: Database, clock: Clock) -> None:
    reserve(database, clock, TUNE)
    (signal,) = search(database, clock, mixed(sped(TUNE, 1.05), noise(20, 4), 0)).signals
    assert signal.score > 0.9
    assert "at 1.05 times its speed" in (signal.evidence[0].note or "")


def test_a_copy_played_a_quarter_faster_at_its_own_pitch_is_found(database: Database, clock: Clock) -> None:
    reserve(database, clock, TUNE)
    (signal,) = search(database, clock, stretched(TUNE, 1.25)).signals
    assert (signal.evidence[0].note or "").endswith("at 1.25 times its speed and its own pitch")


def test_silence_and_a_missing_track_match_nothing_and_do_not_fail(database: Database, clock: Clock) -> None:
    reserve(database, clock, TUNE)
    report = search(database, clock, np.zeros(0, np.float32), np.zeros(SOUND_RATE * 5, np.float32))
    assert (report.signals, report.failure) == ((), None)


def test_a_clip_that_nobody_listened_to_fails_the_report(database: Database, clock: Clock) -> None:
    assert search(database, clock).failure


def test_prints_of_another_printer_fail_the_report(database: Database, clock: Clock) -> None:
    report = search(database, clock, TUNE, matcher=RecordingMatcher("landmarks/0"))
    assert report.failure


def test_an_unverified_claim_only_asks_a_person(database: Database, clock: Clock) -> None:
    reserve(database, clock, TUNE, verified=False)
    assert search(database, clock, TUNE).signals[0].score == DOUBTFUL


def test_a_filing_that_asks_to_hold_only_asks_a_person(database: Database, clock: Clock) -> None:
    reserve(database, clock, TUNE, policy="hold")
    assert search(database, clock, TUNE).signals[0].score == DOUBTFUL


@pytest.mark.parametrize("more", [{"policy": "allow"}, {"scope": ["prompt", "training"]}])
def test_a_filing_that_is_not_about_clips_matches_none(database: Database, clock: Clock, more: dict[str, object]) -> None:
    reserve(database, clock, TUNE, **more)  # type: ignore[arg-type]
    assert search(database, clock, TUNE).signals == ()


def test_a_reservation_matches_until_it_runs_out(database: Database, clock: Clock) -> None:
    reserve(database, clock, TUNE, expires_at=clock.now + timedelta(days=1))
    matcher = RecordingMatcher(PRINTER.name)
    before = len(search(database, clock, TUNE, matcher=matcher).signals)
    clock.wait(days=1)
    assert (before, search(database, clock, TUNE, matcher=matcher).signals) == (1, ())


def test_one_matcher_sees_what_is_filed_and_taken_back_after_it_was_opened(database: Database, clock: Clock) -> None:
    matcher = RecordingMatcher(PRINTER.name)
    first = reserve(database, clock, TUNE)
    one = search(database, clock, TUNE, matcher=matcher).signals
    second = reserve(database, clock, OTHER, title="Other tune")
    two = search(database, clock, np.concatenate([TUNE, OTHER]), matcher=matcher).signals
    with database.write() as conn:
        works.withdraw(conn, first.id, clock)
    left = search(database, clock, np.concatenate([TUNE, OTHER]), matcher=matcher).signals
    assert [{r for s in found for r in s.references} for found in (one, two, left)] == [
        {first.id}, {first.id, second.id}, {second.id},
    ]  # fmt: skip


def test_a_filing_counts_its_recordings(database: Database, clock: Clock) -> None:
    assert reserve(database, clock, TUNE, OTHER).sounds == 2


@pytest.mark.parametrize(
    ("sound", "says"),
    [
        (TUNE[: 2 * SOUND_RATE], "2.0 s long"),
        (np.zeros(5 * SOUND_RATE, np.float32), "silence or a plain tone"),
        (np.sin(np.arange(5 * SOUND_RATE) * (2 * np.pi * 440 / SOUND_RATE)).astype(np.float32) * 0.5, "silence or a plain tone"),
        (np.zeros(1201 * SOUND_RATE, np.float32), "longer than 20 minutes"),
    ],
)  # fmt: skip
def test_a_recording_that_tells_nothing_is_refused(sound: Sound, says: str) -> None:
    with pytest.raises(FilingRefused, match=says):
        read_recordings([sound], PRINTER)


def test_an_index_that_grew_finds_what_one_built_at_once_finds() -> None:
    prints = [PRINTER.reference(compose(seed, 6.0)) for seed in range(5)]
    grown = SoundIndex()
    for sound in prints:
        grown = grown.grown([sound])
    asked, allowed = PRINTER.reference(cut(compose(3, 6.0), 1, 5)), np.ones(5, np.bool_)
    best = [index.places(asked, allowed)[0] for index in (grown, SoundIndex().grown(prints))]
    assert [place.number for place in best] == [3, 3]
    assert best[0].played - best[0].heard == pytest.approx(1.0, abs=0.15)


def test_a_pair_keeps_its_number_when_speed_and_pitch_change_by_what_is_asked() -> None:
    times, pitches = np.array([0.0, 0.5]), np.array([9.02, 9.5], np.float32)
    for higher, faster in SPEEDS:
        changed = pair_up(times / faster, pitches + np.float32(np.log2(higher)), None)
        assert keys(changed, 1 / higher, faster).tolist() == keys(pair_up(times, pitches, None)).tolist()


def test_a_score_is_one_half_at_the_threshold_and_rises() -> None:
    assert score(NATS - 0.01) < 0.5 < score(NATS + 0.01) < score(2 * NATS) <= 1.0


def test_a_long_clip_is_asked_about_in_stretches_that_leave_nothing_out(database: Database, clock: Clock) -> None:
    reserve(database, clock, cut(TUNE, 2, 7))
    long = np.concatenate([noise(28, 7), cut(TUNE, 2, 7), noise(20, 8)])
    (signal,) = search(database, clock, long).signals
    assert signal.evidence[0].time == pytest.approx((28.0, 33.0), abs=0.4)


def test_an_empty_print_is_kept_and_read_back() -> None:
    assert len(SoundPrint.from_bytes(PRINTER.reference(np.zeros(0, np.float32)).to_bytes())) == 0


def test_a_sound_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    file = tmp_path / "tune.wav"
    with wave.open(str(file), "wb") as out:
        out.setparams((1, 2, SOUND_RATE, 0, "NONE", ""))
        out.writeframes((OTHER * 32767).astype("<i2").tobytes())
    sound = read_sound_file(file)
    assert sound.size == OTHER.size
    assert float(np.abs(sound - OTHER).max()) < 1e-3


def test_a_playlist_is_not_read_as_a_sound_file(tmp_path: Path) -> None:
    file = tmp_path / "list.m3u8"
    file.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nfile:///etc/hostname\n#EXT-X-ENDLIST\n")
    with pytest.raises(BadClip, match="cannot be decoded as sound"):
        read_sound_file(file)


def test_a_stretch_shorter_than_a_second_and_a_half_never_asks_a_person_by_itself() -> None:
    def match(seconds: float) -> Alignment:
        return Alignment(0, 3 * NATS, (1.0, 1.0 + seconds), (4.0, 4.0 + seconds), 1.0, 1.0, 40, 50, 0.05)

    assert _worth(match(1.4)) < 0.5
    assert _worth(match(1.6)) > 0.9

"""A looker that crashes, hangs or lies is a failed report in time, and never stops the others; a clip is seen to its end."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from classifiers.clip.content import ContentDetector
from classifiers.clip.nudity import NudityDetector
from generator.errors import BadClip
from safety.media import ClipFacts, Frame, SampledClip
from safety.signal import Evidence, Report, Signal
from streams.lanes.lane import DecoderFailed, Failed
from streams.lanes.merging import report_of
from streams.lanes.sharing import share
from streams.lanes.viewing import Lanes, Task, Viewing, view
from tests.classifiers.clip.drawings import cartoon, clip, photograph

LABELS = frozenset({"graphic"})
NOWHERE = Path("/nowhere.mp4")


@dataclass(frozen=True)
class Reel:
    """A reader that has its parts already, then does ``ends``."""

    clips: tuple[SampledClip, ...]
    ends: str = "well"

    def viewed(self, path: Path) -> Iterator[SampledClip]:
        yield from self.clips
        if self.ends == "badly":
            raise BadClip(f"{path.name} is cut short: part of the file is missing; send the whole file again.")
        if self.ends == "crashing":
            ctypes.string_at(0)
        if self.ends == "raising":
            raise ZeroDivisionError


class Fake:
    """Answers honestly; the others below break one rule each."""

    name = "fake/1"
    labels = LABELS

    def detect(self, clip: SampledClip) -> Report:
        score = float(clip.frames[0].picture.mean()) / 255
        return Report(detector=self.name, labels=LABELS, signals=(Signal(label="graphic", score=score, detector=self.name),))


class Segfaulting(Fake):
    name = "segfaulting/1"

    def detect(self, clip: SampledClip) -> Report:
        ctypes.string_at(0)
        return super().detect(clip)


class Leaving(Fake):
    name = "leaving/1"

    def detect(self, clip: SampledClip) -> Report:
        os._exit(0)


class Hanging(Fake):
    name = "hanging/1"

    def detect(self, clip: SampledClip) -> Report:
        threading.Event().wait()
        return super().detect(clip)


class Raising(Fake):
    name = "raising/1"

    def detect(self, clip: SampledClip) -> Report:
        raise RuntimeError("a defect")


class Silent(Fake):
    name = "silent/1"

    def detect(self, clip: SampledClip) -> Report:
        return None  # type: ignore[return-value]


class Posing(Fake):
    name = "posing/1"

    def detect(self, clip: SampledClip) -> Report:
        return Report(detector="nudity/1", labels=LABELS)


class Narrowing(Fake):
    name = "narrowing/1"

    def detect(self, clip: SampledClip) -> Report:
        return Report(detector=self.name, labels=frozenset())


@dataclass(frozen=True)
class Observer:
    """Answers with what it was shown."""

    name: str = "observer/1"

    def look(self, clip: SampledClip) -> tuple[tuple[int, float, int, str | None], ...]:
        return tuple((f.index, f.time, f.shot, clip.prompt) for f in clip.frames)


class Listener(Observer):
    """Answers with how long it listened, and from when."""

    def look(self, clip: SampledClip) -> tuple[tuple[int, float], ...]:  # type: ignore[override]
        assert clip.sound is not None
        return ((clip.sound.size, clip.sound_from),)


class Scribbling(Fake):
    """Draws on the frames it is given."""

    name = "scribbling/1"

    def detect(self, clip: SampledClip) -> Report:
        clip.frames[0].picture[:] = 255
        return super().detect(clip)


@pytest.fixture(scope="module")
def lanes() -> Iterator[Lanes]:
    it = Lanes()
    yield it
    it.close()


def run(clips: Sequence[SampledClip], lookers: Sequence[object], lanes: Lanes, **more: float) -> list[Report]:
    """Each detector in a lane of its own, as reports."""
    seen = view(NOWHERE, Reel(tuple(clips)), [Task(d, str(d.name)) for d in lookers], lanes=lanes, **more)  # type: ignore[attr-defined,arg-type]
    return [report_of(seen, d.name, d.labels) for d in lookers]  # type: ignore[attr-defined]


def part(first: int, frames: int, brightness: int = 100, sound: int = 0) -> SampledClip:
    """A part whose frames are numbered from ``first``, two a second."""
    facts = ClipFacts(64, 36, 24.0, 60.0, "h264", "aac" if sound else None)
    picture = np.full((36, 64, 3), brightness, np.uint8)
    shown = tuple(Frame(picture, i / 2, i, shot=i // 4) for i in range(first, first + frames))
    return SampledClip("sha256:d", facts, shown, np.full(sound, 0.25, np.float32) if sound else None, sound_from=first / 2)


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (Segfaulting(), "segfaulting/1 crashed (signal SIGSEGV)"),
        (Leaving(), "leaving/1 crashed (its process ended with 0)"),
        (Raising(), "raising/1 crashed while it looked (RuntimeError)"),
        (Silent(), "silent/1 answered with something that is not its report"),
        (Posing(), "posing/1 answered with something that is not its report"),
        (Narrowing(), "narrowing/1 answered with something that is not its report"),
    ],
)
def test_a_broken_detector_is_a_failed_report_beside_a_whole_one(broken: Fake, says: str, lanes: Lanes) -> None:
    failed, whole = run([clip([cartoon(1)])], [broken, Fake()], lanes)
    assert failed.detector == broken.name
    assert failed.labels == LABELS
    assert failed.signals == ()
    assert failed.failure is not None
    assert failed.failure.startswith(says)
    assert whole.failure is None


def test_a_crash_takes_nobody_of_its_own_lane_along(lanes: Lanes) -> None:
    tasks = [Task(Fake(), "together"), Task(Segfaulting(), "together"), Task(Observer(), "together")]
    seen = view(NOWHERE, Reel((part(0, 2), part(2, 2))), tasks, lanes=lanes)
    assert report_of(seen, "fake/1", LABELS).failure is None
    assert report_of(seen, "segfaulting/1", LABELS).failure is not None
    assert [row[0] for row in seen.gathered("observer/1")] == [0, 1, 2, 3]  # type: ignore[union-attr]


def test_a_late_detector_is_stopped_at_the_deadline_and_its_process_ends(lanes: Lanes) -> None:
    run([clip([cartoon(1)])], [Fake()], lanes)
    pids = lanes.processes()
    late, whole = run([part(0, 1)], [Hanging(), Fake()], lanes, base_seconds=3.0, loading_seconds=0.0)
    assert late.failure == "hanging/1 did not answer within 5 s; a person has to look instead."
    assert whole.failure is None
    assert "hanging/1" not in lanes.processes()
    assert lanes.processes()["fake/1"] == pids["fake/1"]


def test_a_detector_that_cannot_be_sent_is_a_failed_report(lanes: Lanes) -> None:
    class Local(Fake):
        name = "local/1"

    (report,) = run([clip([cartoon(1)])], [Local()], lanes)
    assert (
        report.failure
        == "local/1 cannot be sent to its own process; its author must make it picklable; a person has to look instead."
    )


def test_a_crashed_detector_looks_again_at_the_next_clip(lanes: Lanes) -> None:
    before = run([clip([cartoon(1)])], [Fake()], lanes)
    os.kill(lanes.processes()["fake/1"], signal.SIGKILL)
    for _ in range(100):
        if "fake/1" not in lanes.processes():
            break
        time.sleep(0.05)
    assert run([clip([cartoon(1)])], [Fake()], lanes)[0].signals == before[0].signals


def test_several_clips_at_once_each_get_their_own_answer(lanes: Lanes) -> None:
    answers: dict[int, float] = {}

    def look(seed: int) -> None:
        answers[seed] = run([clip([cartoon(seed)])], [Fake()], lanes)[0].signals[0].score

    threads = [threading.Thread(target=look, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert answers == {seed: pytest.approx(float(cartoon(seed).mean()) / 255) for seed in range(6)}


def test_every_part_is_seen_in_order_and_keeps_its_place_in_the_clip(lanes: Lanes) -> None:
    parts = tuple(part(first, 5) for first in range(0, 40, 5))
    seen = view(NOWHERE, Reel(parts), [Task(Observer(), "a")], lanes=lanes, prompt="a dog")
    assert seen.gathered("observer/1") == tuple((i, i / 2, i // 4, "a dog") for i in range(40))
    assert seen.digest == "sha256:d"


def test_sound_goes_to_those_who_listen_and_pictures_to_those_who_look(lanes: Lanes) -> None:
    mute, loud = part(0, 3), part(3, 0, sound=4800)
    tasks = [Task(Observer(), "a"), Task(Listener("listener/1"), "a", "sound")]
    seen = view(NOWHERE, Reel((loud, mute)), tasks, lanes=lanes)
    assert [row[0] for row in seen.gathered("observer/1")] == [0, 1, 2]  # type: ignore[union-attr]
    assert seen.gathered("listener/1") == ((4800, 1.5),)


def test_the_worst_part_makes_the_score_and_its_evidence_comes_first(lanes: Lanes) -> None:
    (report,) = run([part(0, 1, 20), part(1, 1, 200), part(2, 1, 90)], [Fake()], lanes)
    assert report.signals[0].score == pytest.approx(200 / 255)
    assert len(report.signals) == 1


def test_one_part_that_failed_fails_the_whole_report() -> None:
    good = Report(detector="fake/1", labels=LABELS, signals=(Signal(label="graphic", score=0.1, detector="fake/1"),))
    bad = Report(detector="fake/1", labels=LABELS, failure="It could not look.")
    seen = Viewing(answers={"fake/1": [good, bad]})
    assert report_of(seen, "fake/1", LABELS).failure == "It could not look."


def test_evidence_of_all_parts_is_kept_the_worse_first() -> None:
    def one(score: float, at: float) -> Report:
        found = Signal(label="graphic", score=score, detector="fake/1", evidence=(Evidence(time=(at, at)),))
        return Report(detector="fake/1", labels=LABELS, signals=(found,))

    merged = report_of(Viewing(answers={"fake/1": [one(0.2, 0.0), one(0.9, 5.0)]}), "fake/1", LABELS).signals[0]
    assert [e.time for e in merged.evidence] == [(5.0, 5.0), (0.0, 0.0)]


def test_what_is_said_of_the_whole_clip_is_true_only_if_every_part_says_so() -> None:
    def one(score: float) -> Report:
        return Report(detector="fake/1", labels=LABELS, signals=(Signal(label="graphic", score=score, detector="fake/1"),))

    seen = Viewing(answers={"fake/1": [one(0.9), one(0.1), Report(detector="fake/1", labels=LABELS)]})
    assert report_of(seen, "fake/1", LABELS, whole=LABELS).signals[0].score == 0.1
    assert report_of(seen, "fake/1", LABELS).signals[0].score == 0.9


def test_a_detector_that_was_shown_nothing_has_failed() -> None:
    assert report_of(Viewing(answers={"fake/1": []}), "fake/1", LABELS).failure is not None


def test_a_file_that_turns_out_to_be_cut_short_is_refused_although_parts_were_seen(lanes: Lanes) -> None:
    with pytest.raises(BadClip, match="cut short"):
        view(NOWHERE, Reel((part(0, 2),), ends="badly"), [Task(Fake(), "a")], lanes=lanes)
    assert run([part(0, 1)], [Fake()], lanes)[0].failure is None


@pytest.mark.parametrize("how", ["crashing", "raising"])
def test_a_decoder_that_crashes_is_an_error_and_the_next_clip_is_decoded(how: str, lanes: Lanes) -> None:
    with pytest.raises(DecoderFailed, match=r"SIGSEGV|ZeroDivisionError"):
        view(NOWHERE, Reel((part(0, 2),), ends=how), [Task(Fake(), "a")], lanes=lanes)
    assert run([part(0, 1)], [Fake()], lanes)[0].failure is None


def test_a_reader_without_a_single_part_is_an_error(lanes: Lanes) -> None:
    with pytest.raises(DecoderFailed):
        view(NOWHERE, Reel(()), [Task(Fake(), "a")], lanes=lanes)


def test_who_writes_into_the_frames_writes_into_a_copy(lanes: Lanes) -> None:
    tasks = [Task(Scribbling(), "a"), Task(Fake(), "a")]
    seen = view(NOWHERE, Reel((part(0, 1, 40),)), tasks, lanes=lanes)
    assert report_of(seen, "fake/1", LABELS).signals[0].score == pytest.approx(40 / 255)


def test_shared_memory_gives_back_what_was_put_in_and_leaves_no_descriptor() -> None:
    before = descriptors()
    sent = part(3, 4, sound=1000)
    shared = share(sent)
    got = shared.open()
    shared.close()
    assert descriptors() <= before + 1  # the mapping keeps its own
    assert got.sound is not None
    assert np.array_equal(got.sound, sent.sound)  # type: ignore[arg-type]
    assert [(f.time, f.index, f.shot) for f in got.frames] == [(f.time, f.index, f.shot) for f in sent.frames]
    assert all(np.array_equal(a.picture, b.picture) for a, b in zip(got.frames, sent.frames, strict=True))


def test_many_clips_leave_no_descriptors_behind(lanes: Lanes) -> None:
    run([part(0, 2)], [Fake()], lanes)
    before = descriptors()
    for _ in range(20):
        run([part(0, 2), part(2, 2)], [Fake()], lanes)
    assert descriptors() <= before


def test_the_real_detectors_answer_from_their_processes(lanes: Lanes) -> None:
    reports = run([clip([photograph("astronaut"), photograph("chelsea")])], [NudityDetector(), ContentDetector()], lanes)
    assert [r.failure for r in reports] == [None, None]
    assert {s.label for r in reports for s in r.signals} == {"nudity", "swimwear_or_underwear", "nsfw", "graphic"}
    assert max(s.score for r in reports for s in r.signals) < 0.1


def test_a_missing_model_is_a_failed_report_through_the_process_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLEARANCE_MODELS", str(tmp_path))
    fresh = Lanes()
    (report,) = run([clip([cartoon(1)])], [NudityDetector()], fresh)
    fresh.close()
    assert report.failure is not None
    assert "clearance models fetch nudenet-320n.onnx" in report.failure


def test_an_observer_that_failed_says_why(lanes: Lanes) -> None:
    seen = view(NOWHERE, Reel((part(0, 1),)), [Task(Raising(), "a")], lanes=lanes)
    assert seen.gathered("raising/1") == Failed("crashed while it looked (RuntimeError)")


def test_worker_processes_end_with_their_parent_even_when_that_is_killed() -> None:
    code = (
        "import os, signal\n"
        "from streams.lanes.viewing import shared\n"
        "from tests.streams.test_lanes import Fake, part, run\n"
        "run([part(0, 1)], [Fake()], shared())\n"
        "print(*shared().processes().values(), flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    root = Path(__file__).parents[2]
    parent = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, timeout=60, check=False)
    assert parent.returncode == -signal.SIGKILL, parent.stderr
    children = [int(pid) for pid in parent.stdout.split()]
    assert len(children) == 2
    for _ in range(100):
        if not any(map(alive, children)):
            return
        time.sleep(0.1)
    pytest.fail("a worker outlived its parent by ten seconds")


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text("utf-8")
    except FileNotFoundError:
        return False

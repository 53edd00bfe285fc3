"""A detector that crashes, hangs or lies is a failed report in time, and never stops the others."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from classifiers.clip.content import ContentDetector
from classifiers.clip.nudity import NudityDetector
from classifiers.clip.runner import Lanes, run_clip
from safety.media import SampledClip
from safety.signal import Report, Signal
from tests.classifiers.clip.drawings import cartoon, clip, photograph

LABELS = frozenset({"graphic"})


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


@pytest.fixture(scope="module")
def lanes() -> Iterator[Lanes]:
    it = Lanes()
    yield it
    it.close()


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
    failed, whole = run_clip(clip([cartoon(1)]), [broken, Fake()], lanes=lanes)
    assert failed.detector == broken.name
    assert failed.labels == LABELS
    assert failed.signals == ()
    assert failed.failure is not None
    assert failed.failure.startswith(says)
    assert whole.failure is None


def test_a_late_detector_is_stopped_at_the_deadline_and_its_process_ends(lanes: Lanes) -> None:
    run_clip(clip([cartoon(1)]), [Fake()], lanes=lanes)
    late, whole = run_clip(clip([cartoon(1)]), [Hanging(), Fake()], deadline=5.0, lanes=lanes)
    assert late.failure == "hanging/1 did not answer within 5 s; a person has to look instead."
    assert whole.failure is None
    process = lanes.lane("hanging/1")._process
    assert process is not None
    assert process.wait(timeout=30) == -signal.SIGKILL


def test_a_detector_that_cannot_be_sent_is_a_failed_report(lanes: Lanes) -> None:
    class Local(Fake):
        name = "local/1"

    (report,) = run_clip(clip([cartoon(1)]), [Local()], lanes=lanes)
    assert report.failure == "local/1 cannot be sent to its own process; its author must make it picklable."


def test_a_crashed_detector_looks_again_at_the_next_clip(lanes: Lanes) -> None:
    before = run_clip(clip([cartoon(1)]), [Fake()], lanes=lanes)
    process = lanes.lane("fake/1")._process
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    process.wait(timeout=30)
    assert run_clip(clip([cartoon(1)]), [Fake()], lanes=lanes)[0].signals == before[0].signals


def test_several_clips_at_once_each_get_their_own_answer(lanes: Lanes) -> None:
    answers: dict[int, float] = {}

    def look(seed: int) -> None:
        answers[seed] = run_clip(clip([cartoon(seed)]), [Fake()], lanes=lanes)[0].signals[0].score

    threads = [threading.Thread(target=look, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert answers == {seed: pytest.approx(float(cartoon(seed).mean()) / 255) for seed in range(6)}


def test_the_real_detectors_answer_from_their_processes(lanes: Lanes) -> None:
    detectors = [NudityDetector(), ContentDetector()]
    reports = run_clip(clip([photograph("astronaut"), photograph("chelsea")]), detectors, lanes=lanes)
    assert [r.failure for r in reports] == [None, None]
    assert {s.label for r in reports for s in r.signals} == {"nudity", "nsfw", "graphic"}
    assert max(s.score for r in reports for s in r.signals) < 0.1


def test_a_missing_model_is_a_failed_report_through_the_process_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLEARANCE_MODELS", str(tmp_path))
    fresh = Lanes()
    (report,) = run_clip(clip([cartoon(1)]), [NudityDetector()], lanes=fresh)
    fresh.close()
    assert report.failure is not None
    assert "clearance models fetch nudenet-320n.onnx" in report.failure


def test_no_detectors_no_reports(lanes: Lanes) -> None:
    assert run_clip(clip([cartoon(1)]), [], lanes=lanes) == []


def test_a_detector_s_process_ends_with_its_parent_even_when_that_is_killed() -> None:
    code = (
        "import os, signal\n"
        "from classifiers.clip.runner import run_clip, shared\n"
        "from tests.classifiers.clip.drawings import cartoon, clip\n"
        "from tests.classifiers.clip.test_runner import Fake\n"
        "run_clip(clip([cartoon(1)]), [Fake()])\n"
        "print(shared().lane('fake/1')._process.pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    root = Path(__file__).parents[3]
    parent = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, timeout=60, check=False)
    assert parent.returncode == -signal.SIGKILL, parent.stderr
    child = int(parent.stdout)
    for _ in range(100):
        if not alive(child):
            return
        time.sleep(0.1)
    pytest.fail("the detector's process outlived its parent by ten seconds")


def alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text("utf-8")
    except FileNotFoundError:
        return False

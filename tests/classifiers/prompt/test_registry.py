"""Asking detectors: a crash, a late answer or an answer out of contract is a failure, never silence."""

from __future__ import annotations

import threading

import pytest

from classifiers import registry
from classifiers.errors import UnknownDetector
from classifiers.prompt import read_prompt
from classifiers.prompt.labels import LABELS
from classifiers.prompt.topic_heads import TOPICS
from safety.prompt import Prompt, ReadPrompt
from safety.signal import Report, Signal

CAT = read_prompt(Prompt(text="a cat on a sofa"))


class Stub:
    name = "stub/1"
    labels = frozenset({"violence"})

    def __init__(self, look):
        self.look = look

    def detect(self, prompt: ReadPrompt) -> Report:
        return self.look(self)


def test_a_crash_becomes_a_failure_without_signals():
    def crash(_):
        raise RuntimeError("broken")

    report = registry.guard(Stub(crash), CAT, 5)
    assert report.failure is not None
    assert "RuntimeError" in report.failure
    assert report.signals == ()
    assert report.labels == {"violence"}


def test_a_late_answer_becomes_a_failure_and_frees_its_thread_afterwards():
    release = threading.Event()
    detector = Stub(lambda self: (release.wait(20), Report(detector=self.name, labels=self.labels))[1])
    late = [registry.guard(detector, CAT, 0.01) for _ in range(12)]
    release.set()
    assert all(report.failure is not None for report in late)
    assert any("Too many" in (report.failure or "") for report in late)
    for _ in range(200):
        report = registry.guard(detector, CAT, 20)
        if report.failure is None:
            break
        threading.Event().wait(0.02)
    assert report.failure is None


def test_a_detector_that_names_its_own_deadline_is_not_waited_for_longer_not_even_the_first_time():
    release = threading.Event()
    detector = Stub(lambda self: (release.wait(20), Report(detector=self.name, labels=self.labels))[1])
    detector.name, detector.patience = "patient/1", 0.05
    failure = registry.guard(detector, CAT, registry.PROMPT_SECONDS).failure
    release.set()
    assert "within 0.05 s" in (failure or "")


def test_an_answer_for_labels_of_others_becomes_a_failure():
    def overreach(self):
        return Report(detector=self.name, labels=self.labels, signals=(Signal(label="gore", score=1.0, detector=self.name),))

    assert "not its own" in (registry.guard(Stub(overreach), CAT, 5).failure or "")


def test_a_good_answer_passes_with_its_time():
    report = registry.guard(Stub(lambda self: Report(detector=self.name, labels=self.labels)), CAT, 5)
    assert report.failure is None
    assert report.milliseconds >= 0


def test_the_prompt_gate_answers_for_its_whole_vocabulary():
    assert registry.emitted_labels("prompt") == LABELS | {"pii", "built_up"} | set(TOPICS)


def test_one_report_comes_back_for_each_detector_and_none_fails():
    reports = registry.run_prompt(Prompt(text="a cat on a sofa"))
    assert [r.detector for r in reports] == [d.name for d in registry.prompt_detectors()]
    assert all(r.failure is None for r in reports)


def test_a_line_that_names_nothing_is_an_error_with_a_sentence(monkeypatch):
    with pytest.raises(UnknownDetector, match="cannot be loaded"):
        registry._make("classifiers.prompt.nothing:Nothing")

"""Every registered detector keeps the contract; whoever writes one holds it to the same functions."""

from __future__ import annotations

import pytest

from classifiers import contract, registry
from classifiers.errors import ContractBroken
from safety.prompt import ReadPrompt
from safety.signal import Evidence, Report, Signal, Span


@pytest.mark.parametrize("detector", registry.prompt_detectors(), ids=lambda d: d.name)
def test_every_prompt_detector_keeps_the_contract(detector):
    contract.check_prompt_detector(detector)


@pytest.mark.parametrize("detector", registry.clip_detectors(), ids=lambda d: d.name)
def test_every_clip_detector_keeps_the_contract(detector):
    contract.check_clip_detector(detector)


class _Careless:
    name = "careless/1"
    labels = frozenset({"violence"})

    def __init__(self, **report: object) -> None:
        self.report = {"detector": self.name, "labels": self.labels, **report}

    def detect(self, prompt: ReadPrompt) -> Report:
        return Report.model_validate(self.report)


def _signal(**fields: object) -> Signal:
    return Signal.model_validate({"label": "violence", "score": 0.5, "detector": "careless/1", **fields})


@pytest.mark.parametrize(
    ("report", "complaint"),
    [
        ({"signals": (_signal(label="gore"),)}, "does not declare"),
        ({"signals": (_signal(detector="other/1"),)}, "signed as"),
        ({"signals": (_signal(evidence=(Evidence(span=Span(start=0, end=10**6)),)),)}, "outside the source"),
        ({"detector": "other/1"}, "signed as"),
        ({"failure": "no"}, "failed on an input"),
    ],
)
def test_each_broken_rule_is_named(report, complaint):
    with pytest.raises(ContractBroken, match=complaint):
        contract.check_prompt_detector(_Careless(**report))


def test_a_detector_that_answers_differently_each_time_is_refused():
    class Moody(_Careless):
        asked = 0

        def detect(self, prompt: ReadPrompt) -> Report:
            self.asked += 1
            return Report(detector=self.name, labels=self.labels, signals=(_signal(score=self.asked % 7 / 10),))

    with pytest.raises(ContractBroken, match="differ"):
        contract.check_prompt_detector(Moody())


def test_a_detector_that_raises_is_refused_by_name():
    class Crashing(_Careless):
        def detect(self, prompt: ReadPrompt) -> Report:
            raise ZeroDivisionError

    with pytest.raises(ContractBroken, match="ZeroDivisionError"):
        contract.check_prompt_detector(Crashing())

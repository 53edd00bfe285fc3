"""What a person rules out is held against the prompt and against the finished clip, with the real models."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from consent.scope import Scope
from console.bench import material
from generator.codec import write_clip
from generator.hearing import read_sound_file
from safety.judge import judge
from safety.media import SOUND_RATE, Frame
from safety.permit import OUTSIDE, Permit
from safety.prompt import Prompt
from safety.settings import Settings
from safety.verdict import Gate, Outcome, Verdict
from streams import granting, people, revocation
from streams.context import Context, Findings
from streams.system import close, open_context

PORTRAIT = Path(__file__).parents[2] / "console" / "demo" / "astronaut.jpg"
READER = Path(material.__file__).parent / "data" / "speech.opus"


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    ctx = open_context(Settings(home=tmp_path_factory.mktemp("home")))
    people.enrol(ctx, "eileen", [PORTRAIT])
    yield ctx
    close(ctx)


@pytest.fixture
def granted(real: Context) -> Iterator[None]:
    """@kim may use @eileen, but not for politics, and two things are never said beside her."""
    granting.grant(real, "eileen", "kim", Scope(forbids=frozenset({"politics"}), words=("Dashwood", "free gold")))
    yield
    revocation.revoke(real, "eileen")


def asked(ctx: Context, text: str) -> tuple[Findings, Verdict]:
    prompt = Prompt(text=text)
    found = ctx.gates.prompt(prompt, "kim", (), None)
    return found, verdict(ctx, "prompt", found, found[1])


def verdict(ctx: Context, gate: Gate, found: Findings, permits: tuple[Permit, ...]) -> Verdict:
    return judge(ctx.policy(), gate, id="v", subject="s", reports=found[0], permits=permits, at=ctx.clock())


def test_a_topic_or_a_word_that_was_ruled_out_is_refused_and_other_prompts_pass(real: Context, granted: None) -> None:
    _, fine = asked(real, "@eileen waters the plants on her balcony in the morning")
    assert fine.outcome == Outcome.ALLOW, fine.hits
    _, political = asked(
        real, "@eileen gives a campaign speech and asks everybody to vote for the socialist party in the election"
    )
    assert (political.outcome, political.clause) == (Outcome.BLOCK, "CLR-SCOPE")
    _, worded = asked(real, "@eileen offers f\u200bree gold to everybody")
    assert (worded.outcome, worded.clause) == (Outcome.BLOCK, "CLR-SCOPE")


def test_topics_are_only_looked_for_where_somebody_forbids_one(real: Context, granted: None) -> None:
    detectors = {r.detector for r in asked(real, "@eileen waters the plants")[0][0]}
    others = {r.detector for r in asked(real, "a woman waters the plants")[0][0]}
    assert "topics/1" in detectors and "topics/1" not in others


def test_what_is_said_in_the_clip_is_held_against_what_the_person_ruled_out(real: Context, granted: None, tmp_path: Path) -> None:
    (permit,) = asked(real, "@eileen reads a novel")[0][1]
    clip = tmp_path / "clip.mp4"
    grey = np.full((180, 320, 3), 90, np.uint8)
    sound = read_sound_file(READER)[: 4 * SOUND_RATE]
    write_clip(clip, (Frame(grey, n / 24, n) for n in range(96)), sound, width=320, height=180, fps=24)
    found = real.gates.clip(clip, "kim", (permit,), lambda _fraction, _words: None, "@eileen reads a novel")
    outside = [s for r in found.reports for s in r.signals if s.label == OUTSIDE]
    assert [e.text for s in outside for e in s.evidence] == ["Dashwood"]
    answer = verdict(real, "clip", (found.reports, found.permits), found.permits)
    assert (answer.outcome, answer.clause) == (Outcome.BLOCK, "CLR-SCOPE")

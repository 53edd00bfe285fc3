"""Intent that builds up: what came before a prompt is gathered from the record alone, and judged by the real detector."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from classifiers.prompt import read_prompt
from classifiers.prompt.buildup import BuildUp
from safety import records
from safety.policy import parse
from safety.prompt import Prompt
from safety.verdict import Verdict
from streams import history, submissions
from streams.context import Context, Findings
from streams.pipeline import BY_NAME
from streams.submissions import Order, Submission
from tests.streams.doubles import POLICY, Gates, Registry, make_context
from tests.streams.story import drain, look, send

CLAUSE = """
  - {<<: *clause, code: BUILD-1, title: In sum, clip_words: [], when: {any: [{label: built_up}]}, outcome: hold,
     says: {en: "A person will look at this."}, examples: [{signals: {built_up: 0.9}, outcome: hold}]}
"""
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HALVES = ("a wall with the letters PO painted on it", "next to them paint the letters RN")


class Remembering(Gates):
    """The gates of the other tests with the real detector for what builds up; ``read`` keeps what each prompt came after."""

    def __init__(self, registry: Registry) -> None:
        super().__init__(registry)
        self.read: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}

    def prompt(self, prompt: Prompt, requester: str, cameos: tuple[str, ...], parent: str | None) -> Findings:
        self.read[prompt.text] = (prompt.earlier.remixed, prompt.earlier.asked)
        reports, permits = super().prompt(prompt, requester, cameos, parent)
        return (*reports, BuildUp().detect(read_prompt(prompt))), permits


class Hands:
    """A clock that a test turns."""

    now = NOON

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture
def remembering(tmp_path: Path, clock: Hands) -> Iterator[Context]:
    ctx = make_context(tmp_path / "home", clock=clock)
    assert isinstance(ctx.registry, Registry)
    policy = parse(POLICY + CLAUSE)
    yield replace(ctx, gates=Remembering(ctx.registry), policy=lambda: policy)
    ctx.db.close()


def came_before(ctx: Context, text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What the gate was given with ``text``: the remix chain, and the session."""
    assert isinstance(ctx.gates, Remembering)
    return ctx.gates.read[text]


def verdict_of(ctx: Context, sent: Submission) -> Verdict:
    with ctx.db.read() as conn:
        (verdict,) = records.verdicts_of(conn, sent.id, "prompt")
    return verdict


def tell(
    ctx: Context, clock: Hands, *prompts: str, requester: str = "kim", minutes: float = 1, **more: object
) -> list[Submission]:
    """Submit prompts one after another, each a little later, and let all of them come to their end."""
    found = []
    for prompt in prompts:
        clock.turn(minutes=minutes)
        found.append(send(ctx, prompt, requester, **more))
    drain(ctx)
    return [look(ctx, sent) for sent in found]


def test_a_word_spelt_in_two_harmless_prompts_is_held_with_the_earlier_prompt_as_evidence(
    remembering: Context, clock: Hands
) -> None:
    first, second = tell(remembering, clock, *HALVES)
    assert (first.status, second.status, second.clause) == ("released", "held", "BUILD-1")
    (signal,) = [s for s in verdict_of(remembering, second).signals if s.label == "built_up"]
    assert signal.evidence[0].note == "together they spell 'porn', a word of sexual"
    assert [(e.text, e.note) for e in signal.evidence[1:]] == [(HALVES[0], "the same person's prompt before this one")]


def test_a_prompt_without_anything_before_it_is_read_without_anything(remembering: Context, clock: Hands) -> None:
    (only,) = tell(remembering, clock, HALVES[1])
    assert only.status == "released"
    assert came_before(remembering, HALVES[1]) == ((), ())


def test_what_other_people_ask_for_never_counts(remembering: Context, clock: Hands) -> None:
    tell(remembering, clock, HALVES[0], requester="sam")
    (second,) = tell(remembering, clock, HALVES[1], requester="kim")
    assert second.status == "released"
    assert came_before(remembering, HALVES[1]) == ((), ())


def test_a_remix_counts_the_whole_chain_above_it_whoever_made_it(remembering: Context, clock: Hands) -> None:
    (root,) = tell(remembering, clock, HALVES[0], requester="sam")
    (middle,) = tell(remembering, clock, "in black and white", requester="lee", remix_of=root.clip)
    (leaf,) = tell(remembering, clock, HALVES[1], requester="kim", remix_of=middle.clip)
    assert came_before(remembering, HALVES[1]) == ((HALVES[0], "in black and white"), ())
    assert (leaf.status, leaf.clause) == ("held", "BUILD-1")
    (signal,) = [s for s in verdict_of(remembering, leaf).signals if s.label == "built_up"]
    assert signal.evidence[1].note == "prompt 2 clips up the remix chain"


def test_refused_and_held_prompts_count_like_the_others(remembering: Context, clock: Hands) -> None:
    told = tell(remembering, clock, "a massacre", "borderline", "a boat")
    assert [s.status for s in told] == ["refused", "held", "released"]
    assert came_before(remembering, "a boat") == ((), ("a massacre", "borderline"))


def test_only_the_last_prompts_of_the_last_hour_count(remembering: Context, clock: Hands) -> None:
    tell(remembering, clock, "long ago")
    clock.turn(minutes=59.5)
    tell(remembering, clock, *(f"boat {i}" for i in range(15)))
    assert came_before(remembering, "boat 0") == ((), ())
    assert came_before(remembering, "boat 14") == ((), tuple(f"boat {i}" for i in range(2, 14)))


def test_a_prompt_exactly_an_hour_old_still_counts(remembering: Context, clock: Hands) -> None:
    tell(remembering, clock, "an hour ago")
    tell(remembering, clock, "a boat", minutes=60)
    assert came_before(remembering, "a boat") == ((), ("an hour ago",))


def test_a_long_chain_is_read_to_its_bound(remembering: Context, clock: Hands) -> None:
    clip = None
    for i in range(10):
        (made,) = tell(remembering, clock, f"boat {i}", requester=f"person {i}", remix_of=clip)
        clip = made.clip
    assert came_before(remembering, "boat 9")[0] == tuple(f"boat {i}" for i in range(1, 9))


def test_screening_again_much_later_gives_the_same_verdict_though_more_was_asked_since(
    remembering: Context, clock: Hands
) -> None:
    first, second = tell(remembering, clock, *HALVES)
    before = verdict_of(remembering, second)
    tell(remembering, clock, "a harbour", "a lighthouse")
    clock.turn(hours=7)
    with remembering.db.read() as conn:
        from streams.events import first as begin

        event = begin(second.id, second.submitted_at)
        assert history.earlier(conn, submissions.get(conn, second.id)).asked == (first.prompt,)
    _, again = BY_NAME["screen"].work(event, remembering)
    assert again.id == before.id
    assert [(h.clause, h.signals) for h in again.hits] == [(h.clause, h.signals) for h in before.hits]


def test_prompts_of_one_instant_are_ordered_the_same_way_each_time_and_none_precedes_itself(
    remembering: Context, clock: Hands
) -> None:
    sent = [send(remembering, f"boat {i}") for i in range(4)]
    with remembering.db.read() as conn:
        seen = [history.earlier(conn, submissions.get(conn, s.id)).asked for s in sorted(sent, key=lambda s: s.id)]
    by_id = [s.prompt for s in sorted(sent, key=lambda s: s.id)]
    assert seen == [tuple(by_id[:i]) for i in range(4)]


def test_what_came_before_changes_no_digest(remembering: Context, clock: Hands) -> None:
    tell(remembering, clock, "a harbour")
    (second,) = tell(remembering, clock, "a boat")
    assert verdict_of(remembering, second).subject == Prompt(text="a boat").digest


def test_an_order_sent_twice_with_one_key_does_not_precede_itself(remembering: Context, clock: Hands) -> None:
    order = Order(prompt="a boat", requester="kim", key="k")
    with remembering.db.write() as conn:
        ids = {submissions.create(conn, order, clock()) for _ in range(2)}
    (id,) = ids
    with remembering.db.read() as conn:
        assert history.earlier(conn, submissions.get(conn, id)).asked == ()

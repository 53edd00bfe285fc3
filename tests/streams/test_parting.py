"""Taking an approval back takes back what was made by it, and what shows the two together; nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from consent import circle
from consent.errors import UnknownPerson
from consent.scope import Scope
from console.bench.consent_world import Time, admit, open_world, prepare
from safety import releases
from safety.errors import Gone
from safety.permit import Permit
from streams import granting, parting, revocation, serving
from streams.context import Context
from streams.local import step
from streams.pipeline import AFTER, STAGES
from streams.submissions import Order, get
from streams.submitting import submit


@pytest.fixture
def ctx(tmp_path: Path) -> Context:
    home, clock = tmp_path / "home", Time()
    home.mkdir()
    prepare(f"sqlite:///{home / 'clearance.db'}")
    ctx = open_world(home, clock)
    for handle in ("ana", "bob", "carl"):
        admit(ctx, handle)
    return ctx


def made(ctx: Context, requester: str, prompt: str, remix: str | None = None) -> str | None:
    """The clip that came of it, when one did."""
    id = submit(ctx, Order(prompt=prompt, requester=requester, remix_of=remix)).id
    drain(ctx)
    with ctx.db.read() as conn:
        return get(conn, id).clip


def drain(ctx: Context) -> None:
    while any(step(stage, ctx) for stage in (*STAGES, *AFTER)):
        pass


def shown(ctx: Context, clip: str | None) -> bool:
    assert clip is not None
    try:
        return serving.live(ctx, clip) is not None
    except Gone:
        return False


def test_what_an_approved_person_made_goes_with_the_approval_and_its_remixes(ctx: Context) -> None:
    granting.grant(ctx, "ana", "approved")
    granting.grant(ctx, "ana", "carl")
    granting.approve(ctx, "ana", "bob")
    granting.approve(ctx, "ana", "carl")
    by_bob, by_carl = made(ctx, "bob", "@ana walks"), made(ctx, "carl", "@ana runs")
    remix = made(ctx, "carl", "at night", remix=by_bob)
    assert shown(ctx, by_bob) and shown(ctx, by_carl) and shown(ctx, remix)
    receipt = parting.unapprove(ctx, "ana", "bob")
    assert receipt is not None and set(receipt.document["clips"]) == {by_bob, remix}  # type: ignore[arg-type]
    assert not shown(ctx, by_bob) and not shown(ctx, remix) and shown(ctx, by_carl)
    drain(ctx)
    closing = revocation.receipts_of(ctx, str(receipt.document["withdrawal"]))
    assert len(closing) == 2, "what was due is done, and a second receipt says so"
    assert made(ctx, "bob", "@ana sits") is None


def test_of_mutuals_both_sides_lose_what_they_made_of_each_other(ctx: Context) -> None:
    for one, other in (("ana", "bob"), ("bob", "ana")):
        granting.grant(ctx, one, "mutuals")
        granting.approve(ctx, one, other)
    mine, theirs = made(ctx, "ana", "@bob walks"), made(ctx, "bob", "@ana walks")
    assert shown(ctx, mine) and shown(ctx, theirs)
    parting.unapprove(ctx, "ana", "bob")
    assert not shown(ctx, mine) and not shown(ctx, theirs)


def test_what_shows_two_people_together_goes_when_one_does_not_approve_the_other_any_more(ctx: Context) -> None:
    granting.grant(ctx, "ana", "carl")
    granting.grant(ctx, "bob", "carl", Scope(company="anyone"))
    assert made(ctx, "carl", "@ana and @bob dance") is None, "nobody may be shown beside somebody unasked"
    granting.approve(ctx, "ana", "bob", "co-star")
    together, alone = made(ctx, "carl", "@ana and @bob sing"), made(ctx, "carl", "@ana and @carl sing")
    assert shown(ctx, together) and shown(ctx, alone), "with the one who makes it no approval is needed"
    parting.unapprove(ctx, "ana", "bob", "co-star")
    assert not shown(ctx, together) and shown(ctx, alone)


def test_a_no_to_somebody_who_only_asked_withdraws_nothing(ctx: Context) -> None:
    granting.ask(ctx, "bob", "ana")
    assert parting.unapprove(ctx, "ana", "bob") is None
    with pytest.raises(UnknownPerson, match="neither asked this person nor was approved"):
        parting.unapprove(ctx, "ana", "bob")


def test_a_clip_under_way_is_refused_when_the_approval_goes(ctx: Context) -> None:
    granting.grant(ctx, "ana", "approved")
    granting.approve(ctx, "ana", "bob")
    id = submit(ctx, Order(prompt="@ana waits", requester="bob")).id
    for name in ("screen", "generate", "inspect", "seal"):
        step(next(s for s in STAGES if s.name == name), ctx)
    parting.unapprove(ctx, "ana", "bob")
    drain(ctx)
    with ctx.db.read() as conn:
        assert (get(conn, id).status, get(conn, id).clause) == ("refused", "CLR-CONSENT-LOST")


def test_every_released_clip_of_a_person_has_a_permit_of_its_own(ctx: Context) -> None:
    granting.grant(ctx, "ana", "bob")
    clips = [made(ctx, "bob", f"@ana walks {n}") for n in range(3)]
    with ctx.db.read() as conn:
        permits: list[Permit] = [p for clip in clips for p in releases.permits_of(conn, str(clip))]
    assert len({p.id for p in permits}) == len({p.request for p in permits}) == 3


def test_the_circle_says_who_asked_and_who_is_approved(ctx: Context) -> None:
    granting.ask(ctx, "carl", "ana", "co-star")
    granting.approve(ctx, "ana", "bob")
    known: dict[str, circle.Standing] = {a.other: a.standing for a in granting.circle_of(ctx, "ana")}
    assert known == {"carl": "asked", "bob": "approved"}

"""What recording a minor or a death does to clips that are out, and what the person's page says of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from consent import grants, notices
from consent.permits import permits_for
from consent.signing.receipts import verify_receipt
from safety import releases
from safety.permit import Denial, Permit
from streams import representatives
from tests.streams.people_world import World, make_world

OF_AGE = date(2030, 1, 1)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """@kid and @eva are enrolled."""
    world = make_world(tmp_path / "home")
    world.enrol("kid"), world.enrol("eva")
    yield world
    world.ctx.db.close()


def live(world: World) -> set[str]:
    with world.ctx.db.read() as conn:
        return {r.clip for r in releases.listing(conn, live_only=True)}


def test_clips_on_leave_a_child_gave_go_with_their_remixes_and_those_on_a_guardians_stay(world: World) -> None:
    with world.ctx.db.write() as conn:
        grants.grant(conn, "kid", "kim", world.vault, world.clock)
    first = world.released("kid", "kim")[0]
    own = world.released("kid", "kid")[0]
    remix = world.released("eva", "eva", parent=first.clip)[0]
    other = world.released("eva", "eva")[0]
    recorded = representatives.record_minor(world.ctx, "kid", OF_AGE, "eva", "birth certificate")
    assert live(world) == {other.clip}
    assert recorded.receipt is not None
    document = verify_receipt(recorded.receipt, world.ctx.signer.public_key)
    assert set(document["clips"]) == {first.clip, own.clip, remix.clip}  # type: ignore[arg-type]
    with world.ctx.db.write() as conn:
        grants.grant(conn, "kid", "kim", world.vault, world.clock, actor="eva")
        assert "withdrawn" in [n.kind for n in notices.listing(conn, world.id("kid"))]
    allowed = world.released("kid", "kim")[0]
    again = representatives.record_minor(world.ctx, "kid", date(2030, 2, 1), "eva", "birth certificate")
    assert again.receipt is None and live(world) == {other.clip, allowed.clip}


def test_a_death_takes_nothing_down_and_lets_nothing_new_be_made_until_the_estate_confirms(world: World) -> None:
    with world.ctx.db.write() as conn:
        grants.grant(conn, "kid", "kim", world.vault, world.clock)
    clip = world.released("kid", "kim")[0]
    representatives.record_death(world.ctx, "kid", world.clock().date(), "death certificate", "eva")
    assert live(world) == {clip.clip}
    standing = representatives.standing_of(world.ctx, "kid")
    assert standing.dead and not standing.minor and len(standing.waiting) == len(standing.represented_by) == 1
    with world.ctx.db.read() as conn:
        assert permits_for(conn, "kim", ["kid"], world.clock()) == (Denial(subject=world.id("kid"), reason="paused"),)
    document = representatives.draft_confirmation(world.ctx, "kid", "eva")
    assert representatives.confirm(world.ctx, document) == standing.waiting
    with world.ctx.db.read() as conn:
        assert isinstance(permits_for(conn, "kim", ["kid"], world.clock())[0], Permit)
        said = [notices.words(n) for n in notices.listing(conn, world.id("eva"))]
    assert "For @kid: @eva acted for you: confirmed your grants." in said
    assert [r.person for r in representatives.standing_of(world.ctx, "eva").acts_for] == [world.id("kid")]


def test_a_mistake_is_taken_back(world: World) -> None:
    representatives.record_minor(world.ctx, "kid", OF_AGE, "eva", "birth certificate")
    assert representatives.standing_of(world.ctx, "kid").minor
    representatives.correct_age(world.ctx, "kid")
    representatives.record_death(world.ctx, "kid", world.clock().date(), "death certificate")
    named = representatives.name_estate(world.ctx, "kid", "eva", "certificate of inheritance")
    assert representatives.dismiss(world.ctx, named.id).ended_at == world.clock()
    representatives.correct_death(world.ctx, "kid")
    standing = representatives.standing_of(world.ctx, "kid")
    assert not standing.minor and not standing.dead and standing.represented_by == ()

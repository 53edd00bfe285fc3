"""Challenges, the digits that answer them, and what tells a head from a picture of one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.cameo_tables import challenges as table
from consent.liveness import assessment, challenge, digits
from consent.liveness.challenge import HOLDS, MOST, TURNS, WITHIN, Challenge, Turn
from consent.liveness.errors import EnrolmentRefused, TooManyChallenges, UnknownChallenge
from consent.liveness.pose import Look, fits, parallax, read_motion
from safety.db import Database
from safety.errors import BadInput
from tests.consent.conftest import Clock
from tests.consent.liveness_material import ANA, EVE, HEAD, flat, moves, seen, sightings

ASKED: tuple[Turn, ...] = ("left", "up", "right", "down")


def recording(number: int) -> str:
    return f"sha256:{number:064x}"


@pytest.fixture
def asked(clock: Clock) -> Challenge:
    return Challenge(id="1", handle="ana", digits="381942", turns=ASKED, issued_at=clock(), expires_at=clock() + HOLDS)


# what is asked


def test_every_challenge_has_six_different_digits_and_turns_to_both_sides_never_twice_the_same_way(
    database: Database, clock: Clock
) -> None:
    with database.write() as conn:
        made = [challenge.issue(conn, f"person_{n}", clock) for n in range(40)]
    assert all(len(set(c.digits)) == 6 and c.digits.isdigit() for c in made)
    assert all({"left", "right"} <= set(c.turns) and len(c.turns) == 4 for c in made)
    assert all(a != b for c in made for a, b in zip(c.turns, c.turns[1:], strict=False))
    assert len({c.digits for c in made}) > 30 and len({c.turns for c in made}) > 10 and len({c.id for c in made}) == 40
    assert {t for c in made for t in c.turns} == set(TURNS) and made[0].groups == (made[0].digits[:3], made[0].digits[3:])


def test_a_challenge_is_answered_once_well_or_badly(database: Database, clock: Clock) -> None:
    with database.write() as conn:
        asked = challenge.issue(conn, "@Ana", clock)
        assert asked.handle == "ana" and challenge.outcome(conn, asked.id) is None
        assert challenge.take_up(conn, asked.id, recording(1), clock) == (asked, None)
        assert challenge.outcome(conn, asked.id) == "looking" and challenge.proved_at(conn, "ana") is None
        _, refused = challenge.take_up(conn, asked.id, recording(2), clock)
        assert refused is not None and refused.reason == "answered-before"
        assert refused.detail == "This challenge was answered before; ask for a new one."
        challenge.close(conn, asked.id, "passed")
        assert challenge.outcome(conn, asked.id) == "passed" and challenge.proved_at(conn, "ana") == clock()


def test_an_answer_counts_until_the_sixtieth_second_and_not_after(database: Database, clock: Clock) -> None:
    with database.write() as conn:
        first, second = challenge.issue(conn, "ana", clock), challenge.issue(conn, "ana", clock)
        clock.wait(seconds=60)
        assert challenge.take_up(conn, first.id, recording(1), clock)[1] is None
        clock.wait(microseconds=1)
        _, refused = challenge.take_up(conn, second.id, recording(2), clock)
        assert refused is not None and refused.reason == "expired"
        assert refused.detail == "The recording came later than 60 seconds after the challenge; ask for a new one."
        assert challenge.take_up(conn, second.id, recording(3), clock)[1].reason == "answered-before"  # type: ignore[union-attr]


def test_a_recording_that_was_sent_before_is_refused_for_anybody(database: Database, clock: Clock) -> None:
    with database.write() as conn:
        first, second = challenge.issue(conn, "ana", clock), challenge.issue(conn, "bob", clock)
        challenge.take_up(conn, first.id, recording(1), clock)
        challenge.close(conn, first.id, "wrong-words")
        _, refused = challenge.take_up(conn, second.id, recording(1), clock)
        assert refused is not None and refused.reason == "replayed"
        assert refused.detail == "This recording was sent before; ask for a new challenge and record yourself now."


def test_one_handle_gets_five_challenges_in_ten_minutes_and_another_is_not_kept_waiting(database: Database, clock: Clock) -> None:
    with database.write() as conn:
        for _ in range(MOST):
            challenge.issue(conn, "ana", clock)
        with pytest.raises(TooManyChallenges, match="@ana was given 5 challenges within 10 minutes; wait a while") as refusal:
            challenge.issue(conn, "ana", clock)
        challenge.issue(conn, "bob", clock)
        clock.wait(seconds=WITHIN.total_seconds())
        challenge.issue(conn, "ana", clock)
    assert refusal.value.status == 429


def test_a_challenge_that_nobody_answered_is_forgotten_and_an_answered_one_is_not(database: Database, clock: Clock) -> None:
    with database.write() as conn:
        stale, answered = challenge.issue(conn, "ana", clock), challenge.issue(conn, "ana", clock)
        challenge.take_up(conn, answered.id, recording(1), clock)
        clock.wait(days=2)
        challenge.issue(conn, "bob", clock)
        with pytest.raises(UnknownChallenge):
            challenge.get(conn, stale.id)
        assert challenge.get(conn, answered.id).handle == "ana"
        assert challenge.forget(conn, "ana") == 1
        assert "ana" not in conn.execute(sa.select(table.c.handle)).scalars().all()
        later = challenge.issue(conn, "eve", clock)
        assert challenge.take_up(conn, later.id, recording(1), clock)[1].reason == "replayed"  # type: ignore[union-attr]


def test_a_handle_that_is_none_gets_no_challenge(database: Database, clock: Clock) -> None:
    with database.write() as conn, pytest.raises(BadInput):
        challenge.issue(conn, "everyone", clock)


# what is said


@pytest.mark.parametrize(
    ("text", "digits_said"),
    [
        ("3, 8, 1, 9, 4, 2", "381942"),
        ("three eight one, nine four two.", "381942"),
        ("trois huit un neuf quatre deux", "381942"),
        ("Trente-huit, dix-neuf, quarante-deux", "381942"),
        ("thirty-eight nineteen forty two", "381942"),
        ("oh five zéro", "050"),
        ("quatre-vingt-dix-sept, soixante et onze, vingt et un", "977121"),
        ("38 19-42", "381942"),
        ("well, my number is 381 and 942", "381942"),
        ("nothing of the kind", ""),
    ],
)
def test_digits_are_read_from_figures_and_words_of_both_languages(text: str, digits_said: str) -> None:
    assert digits.spoken(text) == digits_said


@given(st.integers(0, 99))
def test_a_number_of_two_figures_is_its_digits(number: int) -> None:
    assert digits.spoken(str(number)) == str(number)


def test_one_faultless_reading_is_needed_and_nothing_else_may_be_said() -> None:
    asked = "381942"
    for heard in (asked, asked * 2, asked * 3, asked + "381947", "38142" + asked, asked + "3819422" + asked):
        assert digits.answers(heard, asked), heard
    for heard in ("", "38194", "381943", "381943" * 2, "3819421", "38142" * 2, asked * 4, "0123456789" + asked, "1" + asked):
        assert not digits.answers(heard, asked), heard


@given(st.permutations("0123456789").map(lambda p: "".join(p[:6])), st.integers(0, 5), st.sampled_from("0123456789"))
def test_any_one_wrong_or_missing_digit_is_refused(asked: str, place: int, other: str) -> None:
    wrong = asked[:place] + other + asked[place + 1 :]
    assert digits.answers(wrong * 2, asked) == (wrong == asked)
    assert not digits.answers(asked[:place] + asked[place + 1 :], asked)


# how the head turns


@settings(deadline=None)
@given(
    st.floats(-50, 50), st.floats(-50, 50), st.floats(-40, 40), st.floats(4, 40), st.floats(0.5, 3)
)  # fmt: skip
def test_no_view_of_a_flat_picture_moves_the_nose(across: float, down: float, lean: float, camera: float, zoom: float) -> None:
    here, there = seen(flat()), seen(flat(), across, down, lean, camera)
    moved = (there.points * zoom + np.array([40, -30])).astype(np.float32)
    assert np.abs(parallax(moved, here.points)).max() < 0.01


@pytest.mark.parametrize("lean", [-15.0, 0.0, 15.0])
def test_a_head_that_turns_moves_the_nose_towards_its_own_side(lean: float) -> None:
    here = seen(HEAD)
    left, right = (parallax(seen(HEAD, across, 0, lean).points, here.points)[0] for across in (25, -25))
    assert left > 0.15 and right < -0.15
    assert abs(parallax(seen(HEAD, 0, 0, lean, 6.0).points, here.points)[0]) < 0.01


@settings(deadline=None, max_examples=40)
@given(st.permutations(TURNS), st.floats(26, 36), st.floats(-5, 5), st.floats(-5, 5))
def test_turns_are_told_in_their_order_from_the_persons_own_middle(
    turns: list[Turn], degrees: float, aside: float, nod: float
) -> None:
    film = [seen(HEAD, a + aside, d + nod) for a, d in moves(turns, degrees)]
    assert read_motion(film).turns == tuple(turns)


def test_a_wavering_head_is_one_turn_and_a_single_frame_is_none() -> None:
    wavering = [0.0] * 8 + [28, 30, 14, 27, 30, 10] + [0.0] * 4
    assert read_motion([seen(HEAD, a) for a in wavering]).turns == ("left",)
    assert read_motion([seen(HEAD, a) for a in [0.0] * 8 + [30] + [0.0] * 8]).turns == ()


def test_the_order_proves_in_a_mirror_too_but_only_throughout() -> None:
    mirrored: tuple[Turn, ...] = ("right", "up", "left", "down")
    assert fits(ASKED, ASKED) and fits(mirrored, ASKED)
    assert not fits(("left", "up", "left", "down"), ASKED) and not fits(("right", "down", "left", "up"), ASKED)
    assert not fits(ASKED[:3], ASKED) and not fits((*ASKED, "left"), ASKED)


# what is accepted


def refusal(asked: Challenge, frames: list[assessment.Sighting]) -> tuple[str, str]:
    with pytest.raises(EnrolmentRefused) as refused:
        assessment.see(asked, frames)
    return refused.value.reason, refused.value.detail


def film(turns: tuple[Turn, ...] = ASKED) -> list[Look | None]:
    return [seen(HEAD, a, d) for a, d in moves(turns)]


def test_one_person_who_turns_as_asked_is_accepted(asked: Challenge) -> None:
    assert assessment.see(asked, sightings(film())).turns == ASKED
    assessment.hear(asked, ["3 8 1, 9 4 2, 3 8 1, 9 4 2"], 5.2)


def test_silence_and_wrong_digits_are_refused(asked: Challenge) -> None:
    with pytest.raises(EnrolmentRefused) as silent:
        assessment.hear(asked, [], 0.0)
    assert (silent.value.reason, silent.value.detail) == (
        "no-speech", "Nobody was heard; say the digits aloud, near the microphone.",
    )  # fmt: skip
    with pytest.raises(EnrolmentRefused) as wrong:
        assessment.hear(asked, ["381943", "three eight one nine four"], 3.0)
    assert (wrong.value.reason, wrong.value.detail) == (
        "wrong-words", "The digits heard are not the ones shown; ask for new ones and say each clearly, in their order.",
    )  # fmt: skip


def test_turns_in_another_order_or_too_few_are_refused(asked: Challenge) -> None:
    assert refusal(asked, sightings(film(("left", "down", "right", "up")))) == (
        "wrong-turns",
        "The turns seen were left, down, right, up, and not left, up, right, down; ask for new ones, turn further, and back "
        "to the middle each time.",
    )  # fmt: skip
    assert refusal(asked, sightings(film(("left", "up", "right"))))[0] == "wrong-turns"
    assert refusal(asked, sightings(film((*ASKED, "left"))))[0] == "wrong-turns"


def test_a_picture_that_is_held_still_is_refused(asked: Challenge) -> None:
    assert refusal(asked, sightings([seen(flat())] * 60)) == (
        "still-picture", "The face does not move; film yourself, not a picture, and turn your head as asked.",
    )  # fmt: skip


@pytest.mark.parametrize("near", [4.0, 10.0])
def test_a_picture_that_is_turned_as_asked_is_refused(asked: Challenge, near: float) -> None:
    turned: list[Look | None] = [seen(flat(), a, d, 3.0, near) for a, d in moves(ASKED, 45)]
    assert refusal(asked, sightings(turned)) == (
        "still-picture", "The face moves as a picture does and not as a head; turn your head itself, further to each side.",
    )  # fmt: skip


def test_a_face_that_is_away_for_a_while_is_refused(asked: Challenge) -> None:
    sentence = "The face is not to be seen all the time; keep it in the picture, in good light."
    looks = film()
    for gone in (range(4, 14), range(0, len(looks), 3)):
        some = [None if i in gone else look for i, look in enumerate(looks)]
        if gone.step == 1:
            assert refusal(asked, sightings(some)) == ("no-face", sentence)
    assert refusal(asked, sightings([None if i % 3 else look for i, look in enumerate(looks)])) == ("no-face", sentence)
    assert refusal(asked, sightings([None] * 20)) == refusal(asked, []) == ("no-face", sentence)


def test_a_second_face_is_refused(asked: Challenge) -> None:
    frames = sightings(film())
    crowd = [replace(s, beside=1) if i in (3, 30) else s for i, s in enumerate(frames)]
    assert refusal(asked, crowd) == ("two-people", "More than one face is in the picture; be alone in it.")
    assert assessment.see(asked, [replace(s, beside=1) if i == 3 else s for i, s in enumerate(frames)]).turns == ASKED


def test_somebody_else_in_one_turn_or_in_half_of_the_recording_is_refused(asked: Challenge) -> None:
    sentence = "The face becomes another person's in the recording; one person must be in it throughout."
    plain, strange = sightings(film(), ANA), sightings(film(), EVE)
    one_turn = [strange[i] if 10 <= i < 19 else s for i, s in enumerate(plain)]
    half = [strange[i] if i >= len(plain) // 2 else s for i, s in enumerate(plain)]
    for frames in (one_turn, half):
        assert refusal(asked, frames) == ("another-person", sentence)


def test_somebody_else_in_a_third_of_the_recording_who_turns_nowhere_is_refused(asked: Challenge) -> None:
    looks = [*[seen(HEAD)] * 30, *film()]
    frames = [b if i < 24 else a for i, (a, b) in enumerate(zip(sightings(looks, ANA), sightings(looks, EVE), strict=True))]
    assert refusal(asked, frames)[0] == "another-person"

"""Reservations: filing, names in prompts, pictures in clips, licences."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent import licences, works
from consent.errors import FilingRefused, UnknownWork
from consent.names.words import plain_fold, split
from consent.permits import still_valid, why_lost
from consent.version import version
from consent.works import Filing, Name, References, Reservation, read_references
from consent.works_names import NameMatcher, match_prompt
from consent.works_pictures import PictureMatcher, PictureThresholds
from consent.works_preview import preview
from safety import ledger
from safety.db import Database
from safety.fingerprint import PictureFingerprint
from safety.media import Picture, SampledClip
from safety.permit import Denial, Permit
from safety.prompt import Prompt, ReadPrompt
from safety.signal import Report
from tests.consent.conftest import Clock


def read(text: str, plain: str | None = None, readings: tuple[str, ...] = ()) -> ReadPrompt:
    plain = text.lower() if plain is None else plain
    return ReadPrompt(prompt=Prompt(text=text), plain=plain, origin=tuple(range(len(plain))), readings=readings)


def filing(title: str = "Zyloquin", *names: str, **more: object) -> Filing:
    facts: dict[str, object] = {"holder": "Studio Nine", "title": title, "kind": "character"}
    return Filing.model_validate(facts | {"names": tuple(Name(name=n) for n in names)} | more)


def add(database: Database, clock: Clock, given: Filing, verified: bool = True) -> Reservation:
    with database.write() as conn:
        return works.add(conn, given, clock, verified=verified)


def match(database: Database, matcher: NameMatcher, text: str, clock: Clock, **more: object) -> Report:
    with database.read() as conn:
        return matcher.match_prompt(conn, read(text, **more), clock())  # type: ignore[arg-type]


def scores(report: Report) -> list[float]:
    return [signal.score for signal in report.signals]


def test_a_name_and_its_aliases_are_found_with_their_place_in_the_users_own_text(database: Database, clock: Clock) -> None:
    work = add(database, clock, filing("Zyloquin", "Zyloquin", "Captain Marrow"))
    text = "A day with CAPTAIN  Marrow's dog"
    (signal,) = match(database, NameMatcher(), text, clock).signals
    (evidence,) = signal.evidence
    assert signal.label == "reserved_name" and signal.score > 0.9 and signal.references == {work.id}
    assert evidence.span is not None and text[evidence.span.start : evidence.span.end] == "CAPTAIN  Marrow's"


@pytest.mark.parametrize("text", ["a marrowbone soup", "zylophone", "azylo", "two narrowboats", "zy", ""])
def test_parts_of_words_and_other_words_are_not_the_name(database: Database, clock: Clock, text: str) -> None:
    add(database, clock, filing("Zyloquin", "Zylo", "Marrow"))
    assert match(database, NameMatcher(), text, clock).signals == ()
    assert len(match(database, NameMatcher(), f"{text} marrow", clock).signals) == 1


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("zyloqiun waves", 0.75, 0.9),  # two letters exchanged
        ("zyloquim waves", 0.75, 0.9),  # one replaced
        ("zyloquin waves", 0.9, 1.0),
        ("zyl0quin waves", 0.9, 1.0),  # a digit for a letter is a disguise, not a slip
        ("nettle wrem waves", 0.5, 0.9),
        ("spiderhog waves", 0.9, 1.0),  # written as one word
        ("spider hog waves", 0.9, 1.0),
    ],
)  # fmt: skip
def test_slips_are_found_and_score_less_than_the_name(
    database: Database, clock: Clock, text: str, least: float, most: float
) -> None:
    for title in ("Zyloquin", "Nettle Wren", "Spider-Hog"):
        add(database, clock, filing(title))
    (score,) = scores(match(database, NameMatcher(), text, clock))
    assert least <= score <= most


def test_an_everyday_word_is_never_a_slip(database: Database, clock: Clock) -> None:
    add(database, clock, filing("Castel Rok"))
    add(database, clock, filing("Trainn"))
    assert match(database, NameMatcher(), "a train before a castle on a rock", clock).signals == ()


def test_lookalike_letters_are_the_name_through_the_fold_that_is_given(database: Database, clock: Clock) -> None:
    add(database, clock, filing("Copal Ape"))
    disguised = "сораl аре dances"  # Cyrillic es, o, er, a
    latin = str.maketrans("сора", "copa") | {ord("е"): "e"}
    assert match(database, NameMatcher(lambda text: plain_fold(text.translate(latin))), disguised, clock).signals
    assert match(database, NameMatcher(), disguised, clock, plain="copal ape dances").signals


def test_names_in_other_scripts_and_with_accents_are_found(database: Database, clock: Clock) -> None:
    for title in ("电光鼠", "Élodie Brûlé", "Жарптица"):
        add(database, clock, filing(title))
    for text in ("我想看电光鼠跳舞", "elodie brule danse", "ÉLODIE BRÛLÉ", "жарптица летит"):
        (signal,) = match(database, NameMatcher(), text, clock).signals
        assert signal.score > 0.9
        span = signal.evidence[0].span
        assert span is not None and plain_fold(text[span.start : span.end]) in map(
            plain_fold, ("电光鼠", "Élodie Brûlé", "Жарптица")
        )


def test_a_common_word_makes_a_person_look_unless_the_work_is_meant(database: Database, clock: Clock) -> None:
    add(database, clock, filing("Frozen", description="The ice sisters Elsinka and Annika and the snowman Olafur"))
    matcher = NameMatcher()
    (alone,) = scores(match(database, matcher, "a frozen lake at dawn", clock))
    (meant,) = scores(match(database, matcher, "frozen, with elsinka and olafur", clock))
    assert 0.5 <= alone < 0.75 < meant
    assert match(database, matcher, "frozzen lake", clock).signals == ()


def test_an_unverified_holder_and_a_policy_to_hold_make_a_person_look_and_a_policy_to_allow_says_nothing(
    database: Database, clock: Clock
) -> None:
    add(database, clock, filing("Zyloquin"), verified=False)
    add(database, clock, filing("Nettle Wren", policy="hold"))
    add(database, clock, filing("Quobble", policy="allow"))
    add(database, clock, filing("Plimsoul", scope=frozenset({"output"})))
    matcher = NameMatcher()
    for text, expected in [("zyloquin", 1), ("nettle wren", 1), ("quobble", 0), ("plimsoul", 0)]:
        found = scores(match(database, matcher, text, clock))
        assert len(found) == expected and all(0.5 <= s < 0.75 for s in found)


def test_a_reservation_works_at_the_next_prompt_and_its_withdrawal_and_end_too(database: Database, clock: Clock) -> None:
    matcher = NameMatcher()
    assert match(database, matcher, "zyloquin", clock).signals == ()
    first = add(database, clock, filing("Zyloquin"))
    assert len(match(database, matcher, "zyloquin", clock).signals) == 1
    with database.write() as conn:
        assert works.withdraw(conn, first.id, clock).withdrawn_at == clock()
        works.withdraw(conn, first.id, clock)
        assert version(conn, "works") == 2
        assert works.listing(conn) == () and len(works.listing(conn, withdrawn=True)) == 1
    assert match(database, matcher, "zyloquin", clock).signals == ()
    again = add(database, clock, filing("Zyloquin"))
    assert again.id != first.id
    add(database, clock, filing("Quobble", expires_at=clock() + timedelta(days=1)))
    assert len(match(database, matcher, "quobble", clock).signals) == 1
    clock.wait(days=1)
    assert match(database, matcher, "quobble", clock).signals == ()


def test_a_hidden_reading_is_searched_too_and_points_at_the_whole_text(database: Database, clock: Clock) -> None:
    add(database, clock, filing("Zyloquin"))
    report = match(database, NameMatcher(), "niuqolyz", clock, readings=("zyloquin",))
    assert report.signals[0].evidence[0].span is not None and report.signals[0].evidence[0].span.end == 8


def test_a_registry_that_cannot_be_read_is_a_failure(tmp_path: object, clock: Clock) -> None:
    report = match_prompt(Database(f"sqlite:///{tmp_path}/none/none.db"), NameMatcher(), read("zyloquin"), clock())
    assert report.failure and not report.signals and report.labels == {"reserved_name"}


@given(
    st.lists(st.sampled_from(["Zyloquin", "the", "CAPTAIN", "Élan", "电光", "—", "\u200b", "a-b", "ﬁn", "İ"]), max_size=12),
    st.integers(1, 3),
)
def test_every_folded_character_knows_a_place_in_the_text(words: list[str], spaces: int) -> None:
    text = (" " * spaces).join(words)
    folded = split(text, plain_fold)
    assert len(folded.bounds) == len(folded.sources) == len(folded.spaced)
    assert folded.text == " ".join(folded.text.split())
    for i, character in enumerate(folded.text):
        start, end = folded.source(i, i + 1)
        assert 0 <= start <= end <= len(text) and (character == " " or character in plain_fold(text[start:end]))


def test_the_same_filing_twice_is_refused_and_every_change_is_in_the_ledger(database: Database, clock: Clock) -> None:
    work = add(database, clock, filing("Zyloquin", licensees=frozenset({"@Bob"})))
    with pytest.raises(FilingRefused, match="already"):
        add(database, clock, filing("Zyloquin", licensees=frozenset({"bob"})))
    with database.write() as conn:
        assert works.get(conn, work.id) == work and work.licensees == {"bob"} and work.verified
        with pytest.raises(UnknownWork):
            works.withdraw(conn, "none", clock)
        works.withdraw(conn, work.id, clock)
        assert [e.kind for e in ledger.entries(conn, subject=work.id)] == ["work-reserved", "work-withdrawn"]


def test_a_licensee_gets_a_permit_and_loses_it_with_the_licence(database: Database, clock: Clock) -> None:
    work = add(database, clock, filing("Zyloquin", licensees=frozenset({"bob"})))
    with database.write() as conn:
        permit, denial = (licences.licences_for(conn, who, [work.id], clock())[0] for who in ("@Bob", "eve"))
        assert isinstance(permit, Permit) and permit.kind == "licence" and permit.subject == work.id
        assert denial == Denial(subject=work.id, reason="no-grant")
        assert still_valid(conn, permit, clock())
        assert not still_valid(conn, permit.model_copy(update={"holder": "eve"}), clock())
        before = version(conn, "works")
        assert licences.end_licence(conn, work.id, "bob", clock) and not licences.end_licence(conn, work.id, "bob", clock)
        assert version(conn, "works") == before + 1
        assert why_lost(conn, permit, clock()) == Denial(subject=work.id, reason="no-grant")
        licences.license_work(conn, work.id, "bob", clock)
        assert still_valid(conn, permit, clock())
        assert licences.licences_for(conn, "bob", ["none"], clock()) == (Denial(subject="none", reason="unknown-work"),)


def test_the_preview_warns_of_common_words_and_of_names_that_are_everywhere() -> None:
    prompts = ["a frozen lake", "a dog", "the frozen north", *["a cat"] * 20]
    seen = preview(filing("Frozen", "Frozen", "Up", "…", "Zyloquin"), prompts)
    assert seen.touched == 2 and seen.looked_at == 23 and seen.examples == ("a frozen lake", "the frozen north")
    text = " ".join(seen.warnings)
    assert (
        "'Frozen' is a common word" in text and "'Up' is a common word" in text and "no letters" in text and "too broad" in text
    )
    assert preview(filing("Zyloquin")).warnings == ()


class Prints:
    """A fingerprinter simple enough to compute by hand: means of 16 by 16 cells."""

    name = "means/1"

    def reference(self, picture: Picture) -> tuple[PictureFingerprint, ...]:
        return (print_of(picture),)

    def clip(self, clip: SampledClip) -> tuple[PictureFingerprint, ...]:
        return tuple(print_of(f.picture, f.index, f.time) for f in clip.frames)


def print_of(picture: Picture, frame: int | None = None, time: float | None = None) -> PictureFingerprint:
    grey = picture[: picture.shape[0] // 16 * 16, : picture.shape[1] // 16 * 16].mean(axis=2)
    cells = grey.reshape(16, grey.shape[0] // 16, 16, grey.shape[1] // 16).mean(axis=(1, 3)).ravel()
    centred = (cells - cells.mean()).astype(np.float32)
    return PictureFingerprint(np.packbits(centred > 0).tobytes(), 100, centred / np.linalg.norm(centred), frame, time)


THRESHOLDS = PictureThresholds(hamming=31, cosine=0.8, sure=0.95)


def test_a_reserved_picture_is_found_in_a_clip_and_another_is_not(
    database: Database, clock: Clock, eileen: Picture, cameraman: Picture
) -> None:
    with database.write() as conn:
        work = works.add(
            conn, filing("Portrait", kind="look"), clock, verified=True, references=read_references([eileen], Prints())
        )
        assert work.pictures == 1
        matcher = PictureMatcher("means/1", THRESHOLDS)
        noisy = np.clip(eileen + np.random.default_rng(1).normal(0, 8, eileen.shape), 0, 255).astype(np.uint8)
        seen = (print_of(cameraman, 0, 0.0), print_of(noisy, 3, 1.5))
        (signal,) = matcher.match_pictures(conn, seen, clock()).signals
        assert signal.score > 0.9 and signal.references == {work.id}
        assert signal.evidence[0].frame == 3 and signal.evidence[0].time == (1.5, 1.5)
        assert matcher.match_pictures(conn, seen[:1], clock()).signals == ()
        assert PictureMatcher("other/1", THRESHOLDS).match_pictures(conn, seen, clock()).signals == ()
        works.withdraw(conn, work.id, clock)
        assert matcher.match_pictures(conn, seen, clock()).signals == ()


def test_a_picture_reserved_by_an_unverified_holder_blocks_nothing(database: Database, clock: Clock, eileen: Picture) -> None:
    with database.write() as conn:
        works.add(conn, filing("Portrait"), clock, verified=False, references=read_references([eileen], Prints()))
        (signal,) = PictureMatcher("means/1", THRESHOLDS).match_pictures(conn, [print_of(eileen, 0, 0.0)], clock()).signals
    assert 0.5 <= signal.score < 0.75


@pytest.mark.parametrize(("filed", "seen", "copies"), [(100, 100, 1), (0, 100, 0), (100, 0, 0)])
def test_a_copy_counts_only_between_pictures_with_structure(
    database: Database, clock: Clock, filed: int, seen: int, copies: int
) -> None:
    ours = PictureFingerprint(bytes(32), filed, np.array([1.0, 0.0], np.float32))
    theirs = PictureFingerprint(b"\x01" + bytes(31), seen, np.array([0.0, 1.0], np.float32))
    with database.write() as conn:
        works.add(conn, filing("Sky"), clock, verified=True, references=References("x", (ours,)))
        assert len(PictureMatcher("x", THRESHOLDS).match_pictures(conn, [theirs], clock()).signals) == copies


def test_a_clip_without_fingerprints_is_a_failure(database: Database, clock: Clock) -> None:
    with database.read() as conn:
        report = PictureMatcher("means/1", THRESHOLDS).match_pictures(conn, [], clock())
    assert report.failure and report.labels == {"reserved_picture"}


def test_a_blank_reference_picture_is_refused() -> None:
    with pytest.raises(FilingRefused, match="picture 1 is blank"):
        read_references([np.full((64, 64, 3), 200, np.uint8)], Prints())


def test_picture_scores_pass_through_the_thresholds_that_were_given() -> None:
    assert THRESHOLDS.score(0.8) == pytest.approx(0.5) and THRESHOLDS.score(0.95) == pytest.approx(0.9)

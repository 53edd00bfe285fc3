"""The index of names: what it finds, in which letters, and that it is never behind the database."""

from __future__ import annotations

import shutil
import threading
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.made_up_names import Maker
from consent import works
from consent.names import index as names_index
from consent.names import snapshot
from consent.names.hashing import Rolling, characters, mix
from consent.names.index import FILE, NameIndex
from consent.names.multimap import Multimap
from consent.names.styles import asks_for_style
from consent.names.words import plain_fold
from consent.works import Filing, Name
from consent.works_names import NameMatcher
from safety.db import Database
from safety.signal import Report
from tests.consent.conftest import Clock
from tests.consent.test_works import add, filing, match, scores


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_a_range_has_the_number_its_text_has_elsewhere_also_with_a_letter_left_out(before: str, text: str, behind: str) -> None:
    there, alone = Rolling(characters(before + text + behind)), Rolling(characters(text))
    start, end = np.array([len(before)]), np.array([len(before) + len(text)])
    whole = alone.of(np.array([0]), np.array([len(text)]))
    assert there.of(start, end) == whole
    for left_out in range(len(text)):
        short = text[:left_out] + text[left_out + 1 :]
        expected = Rolling(characters(short)).of(np.array([0]), np.array([len(short)]))
        assert there.without(start, end, start + left_out) == expected


@given(st.lists(st.integers(0, 40), max_size=60), st.lists(st.integers(0, 60), max_size=20))
def test_a_multimap_finds_every_row_of_a_number_and_no_other(kept: list[int], asked: list[int]) -> None:
    numbers = mix(np.array(kept, np.uint64)) if kept else np.zeros(0, np.uint64)
    found = Multimap.build(numbers, np.arange(len(kept), dtype=np.uint32))
    which, rows = found.find(mix(np.array(asked, np.uint64)) if asked else np.zeros(0, np.uint64))
    pairs = sorted(zip(which.tolist(), rows.tolist(), strict=True))
    assert pairs == sorted((i, row) for i, number in enumerate(asked) for row, other in enumerate(kept) if other == number)


@pytest.mark.parametrize(
    "text",
    [
        "Микки Маус танцует",
        "ميكي ماوس يرقص",
        "ミッキーマウスが踊る",
        "ο Μίκι Μάους χορεύει",
        "미키마우스 춤",
        "miky mowse dances",
    ],
)
def test_a_name_is_found_by_its_sound_in_any_letters_and_makes_a_person_look(database: Database, clock: Clock, text: str) -> None:
    add(database, clock, filing("Mickey Mouse"))
    (signal,) = match(database, NameMatcher(), text, clock).signals
    assert 0.5 <= signal.score < 0.75
    note, span = signal.evidence[0].note, signal.evidence[0].span
    assert note and ("in other letters" in note or "sounds like" in note) and span is not None and span.end > span.start


def test_a_name_registered_in_cyrillic_is_found_in_latin_letters(database: Database, clock: Clock) -> None:
    add(database, clock, filing("Жарптица"))
    (signal,) = match(database, NameMatcher(), "zharptitsa over a forest", clock).signals
    assert 0.5 <= signal.score < 0.75 and "Жарптица" in (signal.evidence[0].note or "")


@pytest.mark.parametrize("text", ["a mouse in a house", "the mice make music", "a moody maze", "Маша мыла машину"])
def test_other_words_do_not_sound_like_the_name(database: Database, clock: Clock, text: str) -> None:
    add(database, clock, filing("Mickey Mouse"))
    assert match(database, NameMatcher(), text, clock).signals == ()


def test_a_name_without_vowels_is_not_heard_in_every_short_word(database: Database, clock: Clock) -> None:
    filed = add(database, clock, filing("سدني ميلر"))
    assert match(database, NameMatcher(), "sdny mlr and sydne in a street", clock).signals == ()
    assert filed.id in references(match(database, NameMatcher(), "يرقص سدني ميلر", clock))


def test_silent_ends_of_french_are_not_heard(database: Database, clock: Clock) -> None:
    add(database, clock, filing("Petit Quibouchard"))
    assert scores(match(database, NameMatcher(), "peti quiboucharre danse", clock))


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("a harbour in the style of vella dorn", True),
        ("a harbour in the style of the great vella dorn", True),
        ("un port a la maniere de vella dorn", True),
        ("un port dans le style de vella dorn", True),
        ("ein hafen im stil von vella dorn", True),
        ("un puerto al estilo de vella dorn", True),
        ("un porto nello stile di vella dorn", True),
        ("a vella dorn style harbour", True),
        ("a vella dorn esque harbour", True),
        ("vella dorn walks along a harbour", False),
        ("the style of the hat that she gave to old vella dorn", False),
    ],
)
def test_a_style_is_asked_for_in_words_around_the_name(text: str, asked: bool) -> None:
    start = text.index("vella dorn")
    assert asks_for_style(text, start, start + len("vella dorn")) is asked


def test_a_reserved_style_is_matched_only_where_the_style_is_asked_for(database: Database, clock: Clock) -> None:
    add(database, clock, filing("Vella Dornwick", "Vella Dornwick", "Dornwick", kind="style"))
    matcher = NameMatcher()
    assert match(database, matcher, "Vella Dornwick walks in the rain", clock).signals == ()
    for text in ("a harbour in the style of Vella Dornwick", "a dornwickesque harbour", "un port à la manière de Vella Dornwick"):
        (signal,) = match(database, matcher, text, clock).signals
        assert signal.score > 0.9 and "the style of" in (signal.evidence[0].note or "")


def test_what_was_committed_before_a_prompt_is_seen_by_it_through_many_small_changes(database: Database, clock: Clock) -> None:
    matcher = NameMatcher()
    filed = {}
    for number in range(30):
        name = f"Zyloquin {chr(97 + number % 26) * 3}mar{number}"
        filed[name] = add(database, clock, filing(name)).id
        assert scores(match(database, matcher, name, clock)), name
        if number % 3 == 0:
            with database.write() as conn:
                works.withdraw(conn, filed[name], clock)
            assert filed.pop(name) not in references(match(database, matcher, name, clock))
    for name, identity in filed.items():
        assert identity in references(match(database, matcher, name, clock))
    with database.read() as conn:
        assert len(matcher.index.refresh(conn)) <= 2


def references(report: Report) -> set[str]:
    return {reference for signal in report.signals for reference in signal.references}


def fill(database: Database, clock: Clock, count: int, seed: int = 1) -> list[str]:
    names = [name for work in Maker(seed, 500, 500).works(count) for name in work.names][:count]
    with database.write() as conn:
        filings = [Filing(holder=f"Holder {seed}", title=name, kind="work") for name in dict.fromkeys(names)]
        rows = {works.free_id(conn, given)[0]: given for given in filings}
        works.write(conn, list(rows.items()), True, clock(), works.bump(conn, "works"))
    return [given.title for given in filings]


def test_segments_are_melted_beside_without_a_change_being_missed(
    database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(names_index, "SMALL", 4)
    matcher, go_on = NameMatcher(), threading.Event()
    build = names_index._joined

    def slowly(parts: list[names_index.Columns]) -> names_index.Columns:
        if threading.current_thread().name == "names":
            go_on.wait(20)
        return build(parts)

    monkeypatch.setattr(names_index, "_joined", slowly)
    filed = {}
    for number in range(12):
        name = f"Orvenna {chr(97 + number) * 3}liss"
        filed[name] = add(database, clock, filing(name)).id
        match(database, matcher, name, clock)
        fill(database, clock, 20, seed=number + 10)
        match(database, matcher, name, clock)
    thread = matcher.index.thread
    assert thread is not None and thread.is_alive()
    gone = next(iter(filed))
    with database.write() as conn:
        works.withdraw(conn, filed[gone], clock)
    late = add(database, clock, filing("Quendrel Ipswhistle"))
    assert late.id in references(match(database, matcher, "quendrel ipswhistle", clock))
    go_on.set()
    thread.join(20)
    assert late.id in references(match(database, matcher, "quendrel ipswhistle", clock))
    for name, identity in filed.items():
        assert (identity in references(match(database, matcher, name, clock))) is (name != gone)


@pytest.fixture
def kept(database: Database, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, list[str]]:
    """A snapshot of two hundred names, and these."""
    monkeypatch.setattr(names_index, "WORTH_KEEPING", 100)
    names = fill(database, clock, 200)
    add(database, clock, filing("Zyloquin"))
    match(database, NameMatcher(folder=tmp_path / "index"), "nothing", clock)
    return tmp_path / "index", names


def begin(database: Database, folder: Path) -> tuple[NameIndex, bool]:
    """A new index, and whether it began from the snapshot, whose arrays cannot be written."""
    index = NameIndex(plain_fold, folder)
    with database.read() as conn:
        layers = index.refresh(conn)
    return index, not layers[0].segment.flags.flags.writeable


def test_a_snapshot_answers_as_the_rows_do_and_later_changes_are_read_on_top(
    database: Database, clock: Clock, kept: tuple[Path, list[str]]
) -> None:
    folder, names = kept
    add(database, clock, filing("Nettle Wren"))
    assert begin(database, folder)[1]
    matcher = NameMatcher(folder=folder)
    for text in (names[0], names[-1], "zyloquin", "nettle wren"):
        assert scores(match(database, matcher, text, clock)), text


@pytest.mark.parametrize("harm", ["cut", "changed", "emptied", "of another code"])
def test_a_snapshot_that_cannot_be_believed_is_made_again(
    database: Database, kept: tuple[Path, list[str]], harm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = kept[0] / FILE
    raw = bytearray(path.read_bytes())
    if harm == "of another code":
        monkeypatch.setattr(names_index.segments, "VERSION", 10_000)
    else:
        raw[len(raw) // 2] ^= 1
        path.write_bytes({"cut": raw[: len(raw) // 2], "changed": raw, "emptied": b""}[harm])
    assert not begin(database, kept[0])[1]
    assert begin(database, kept[0])[1]


def test_a_snapshot_of_another_past_of_the_database_is_not_used(
    database: Database, clock: Clock, kept: tuple[Path, list[str]], tmp_path: Path
) -> None:
    """A backup is put back and goes another way: the counter is the same again, the ledger is not."""
    found = snapshot.load(kept[0] / FILE)
    assert found is not None
    other = Database(f"sqlite:///{tmp_path / 'other.db'}")
    other.migrate()
    fill(other, clock, 200, seed=2)
    add(other, clock, filing("Quobble"))
    with other.read() as conn:
        assert names_index.version(conn, "works") == found[0].revision
    assert not begin(other, kept[0])[1]
    other.close()


def test_a_snapshot_that_cannot_be_written_only_costs_the_next_start(
    database: Database, clock: Clock, kept: tuple[Path, list[str]], caplog: pytest.LogCaptureFixture
) -> None:
    shutil.rmtree(kept[0])
    kept[0].write_text("a file where the folder should be")
    assert scores(match(database, NameMatcher(folder=kept[0]), "zyloquin", clock))
    assert "could not be kept" in caplog.text


def test_the_same_name_of_two_holders_is_told_of_both(database: Database, clock: Clock) -> None:
    first = add(database, clock, filing("Zyloquin"))
    second = add(database, clock, filing("Zyloquin", holder="Another"))
    assert references(match(database, NameMatcher(), "zyloquin", clock)) == {first.id, second.id}


def test_halfwidth_kana_and_korean_are_found(database: Database, clock: Clock) -> None:
    filed = add(
        database,
        clock,
        Filing(holder="h", title="ミミズク", kind="character", names=(Name(name="ミミズク"), Name(name="미미주크"))),
    )
    for text in ("ﾐﾐｽﾞｸの歌", "미미주크 노래"):
        assert filed.id in references(match(database, NameMatcher(), text, clock)), text


def test_a_time_before_and_after_the_end_of_a_reservation_is_told_apart(database: Database, clock: Clock) -> None:
    add(database, clock, filing("Zyloquin", expires_at=datetime(2026, 11, 22, 13, 0, tzinfo=UTC)))
    matcher = NameMatcher()
    assert scores(match(database, matcher, "zyloquin", clock))
    clock.wait(hours=1)
    assert not scores(match(database, matcher, "zyloquin", clock))

"""A person is told what happened about their likeness, once, in words of their language; whoever acts for them is told too."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa
from pydantic import JsonValue

from consent import notice_words, notices
from consent.cameo_tables import notices as table
from consent.cameo_tables import representatives
from consent.tables import people
from safety.db import Database
from safety.values import derive
from tests.consent.conftest import Clock

USED = {"by": "bob", "clip": "c1"}


@pytest.fixture
def ana(database: Database, clock: Clock) -> str:
    return known(database, clock, "ana")


def known(database: Database, clock: Clock, handle: str) -> str:
    with database.write() as conn:
        identity = derive("test", handle)
        conn.execute(sa.insert(people).values(id=identity, handle=handle, kind="enrolled", enrolled_at=clock()))
    return identity


def test_a_notice_is_unread_until_it_is_read_and_the_newest_comes_first(database: Database, ana: str, clock: Clock) -> None:
    with database.write() as conn:
        first = notices.note(conn, ana, "used", USED, clock())
        clock.wait(minutes=1)
        notices.note(conn, ana, "withdrawn", {"clips": 1, "cause": "revocation"}, clock())
        assert notices.unread(conn, ana) == 2
        assert [n.kind for n in notices.listing(conn, ana)] == ["withdrawn", "used"]
        assert [n.kind for n in notices.listing(conn, ana, since=clock())] == ["withdrawn"]
        assert notices.mark_read(conn, ana, clock(), only=[first or ""]) == 1
        assert notices.mark_read(conn, "somebody else", clock()) == 0
        assert notices.unread(conn, ana) == 1
        assert notices.mark_read(conn, ana, clock()) == 1 and notices.unread(conn, ana) == 0
        assert notices.listing(conn, ana)[0].read_at == clock()


def test_pages_follow_one_another_without_a_gap_even_at_one_instant(database: Database, ana: str, clock: Clock) -> None:
    with database.write() as conn:
        for number in range(7):
            notices.note(conn, ana, "used", USED | {"clip": f"c{number}"}, clock())
        seen: list[str] = []
        after = None
        while page := notices.listing(conn, ana, limit=3, after=after):
            seen += [n.id for n in page]
            after = page[-1].at, page[-1].id
    assert len(seen) == len(set(seen)) == 7


def test_the_same_cause_is_told_once_and_another_one_again(database: Database, ana: str, clock: Clock) -> None:
    with database.write() as conn:
        for cause in ("s1", "s1", "s2"):
            notices.note(conn, ana, "used", USED, clock(), cause=cause)
            clock.wait(seconds=1)
        assert notices.unread(conn, ana) == 2


def test_nobody_is_told_of_an_erased_person_or_of_one_never_known(database: Database, ana: str, clock: Clock) -> None:
    with database.write() as conn:
        conn.execute(sa.update(people).where(people.c.id == ana).values(handle=None, erased_at=clock()))
        assert notices.note(conn, ana, "used", USED, clock()) is None
        assert notices.note(conn, "never", "used", USED, clock()) is None
        assert conn.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() == 0


def test_a_notice_without_what_its_words_need_is_not_written(database: Database, ana: str, clock: Clock) -> None:
    with database.write() as conn:
        with pytest.raises(ValueError, match="clip"):
            notices.note(conn, ana, "used", {"by": "bob"}, clock())
        with pytest.raises(ValueError, match="words"):
            notices.note(conn, ana, "gossip", {}, clock())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("ended", "until", "told"), [(None, None, True), (None, 1, True), (None, -1, False), (-1, None, False)]
)  # fmt: skip
def test_a_representative_is_told_of_the_person_while_they_act_for_them(
    database: Database, ana: str, clock: Clock, ended: int | None, until: int | None, told: bool
) -> None:
    eva = known(database, clock, "eva")
    day = timedelta(days=1)
    with database.write() as conn:
        row = {"id": "r", "person": ana, "representative": eva, "role": "guardian", "basis": "x", "since": clock() - 9 * day}
        row |= {"until": until and clock() + until * day, "ended_at": ended and clock() + ended * day}
        conn.execute(sa.insert(representatives).values(**row))
        conn.execute(sa.update(people).where(people.c.id == ana).values(of_age_on=(clock() + 99 * day).date()))
        notices.note(conn, ana, "used", USED, clock(), cause="s1")
        notices.note(conn, ana, "used", USED, clock(), cause="s1")
        mine, theirs = notices.listing(conn, ana), notices.listing(conn, eva)
    assert [notices.words(n) for n in mine] == ["@bob made a clip with your likeness. It was released as c1."]
    assert [notices.words(n) for n in theirs] == ["For @ana: @bob made a clip with your likeness. It was released as c1."] * told


def test_thousands_are_told_in_a_handful_of_queries(database: Database, clock: Clock) -> None:
    everybody = [derive("many", str(n)) for n in range(1200)]
    rows = [{"id": i, "handle": f"m{n}", "kind": "enrolled", "enrolled_at": clock()} for n, i in enumerate(everybody)]
    bodies: dict[str, dict[str, JsonValue]] = {person: {"clips": n, "cause": "claim"} for n, person in enumerate(everybody)}
    asked: list[str] = []
    with database.write() as conn:
        conn.execute(sa.insert(people), rows)
        sa.event.listen(conn, "before_cursor_execute", lambda *given: asked.append(given[2]))
        for _ in range(2):
            told = notices.note_all(conn, bodies, "withdrawn", clock(), cause="w1")
            assert len(set(told.values())) == 1200 and set(told) == set(everybody)
        assert len(asked) < 25
        assert conn.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() == 1200
        (one,) = notices.listing(conn, everybody[7])
    assert one.body == {"clips": 7, "cause": "claim"} and one.id == told[everybody[7]]


@pytest.mark.parametrize("kind", notices.KINDS)
def test_every_kind_says_all_its_fields_in_both_languages(kind: notices.Kind, clock: Clock) -> None:
    fields = notice_words.fields(kind)
    body = {name: f"<{name}>" for name in fields}
    notice = notices.Notice(id="n", person="p", kind=kind, body=dict(body), at=clock())
    for language in ("en", "fr"):
        said = notices.words(notice, language)
        assert all(value in said for value in body.values()) and "{" not in said
    for name in fields & notice_words.TERMS.keys():
        for code in notice_words.TERMS[name]:
            coded = notice.model_copy(update={"body": dict(body) | {name: code}})
            english, french = (notices.words(coded, language) for language in ("en", "fr"))
            assert english != french and f"<{name}>" not in english + french


def test_kinds_and_words_are_the_same_set_and_fit_their_column() -> None:
    assert set(notices.KINDS) == set(notice_words.SENTENCES)
    assert all(len(kind) <= table.c.kind.type.length for kind in notices.KINDS)  # type: ignore[attr-defined]


def test_thirty_refusals_alike_are_read_as_one_line(database: Database, ana: str, clock: Clock) -> None:
    with database.write() as conn:
        for number in range(30):
            notices.note(conn, ana, "refused-use", {"by": "bob", "reason": "no-grant"}, clock(), cause=str(number))
            clock.wait(seconds=1)
        notices.note(conn, ana, "refused-use", {"by": "eve", "reason": "paused"}, clock())
        found = notices.gathered(notices.listing(conn, ana))
    assert [n.times for n in found] == [1, 30]
    assert notices.words(found[1], "fr") == (
        "@bob a demandé une vidéo de vous. Elle a été refusée : vous n'avez pas donné d'autorisation. (30 fois)"
    )


def test_what_is_stored_is_codes_and_not_sentences(database: Database, ana: str, clock: Clock) -> None:
    with database.write() as conn:
        notices.note(conn, ana, "refused-use", {"by": "bob", "reason": "paused"}, clock())
        body = json.loads(conn.execute(sa.select(table.c.body)).scalar_one())
        assert body == {"by": "bob", "reason": "paused"}
        assert notices.forget(conn, ana) == 1 and notices.listing(conn, ana) == ()

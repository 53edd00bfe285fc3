"""A claim has a number, a clock and sealed words; what cannot wait is withheld, and nobody can make it so for ever."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from pydantic import ValidationError

from consent import claims
from consent.cameo_tables import claims as table
from consent.claim import Claim, Filed, Found
from consent.claims import ALPHABET, KEPT_DAYS, MOST_OPEN, is_withheld
from consent.errors import ClaimRefused, UnknownClaim, VaultLocked
from consent.vault.keys import Vault
from safety import ledger, releases
from safety.db import Database
from safety.errors import Conflict
from safety.releases import Release
from tests.consent.conftest import Clock

CLIP, COPY, REMIX, OTHER = ("a" * 24, "b" * 24, "c" * 24, "d" * 24)
CONTACT = "Ines.Okonkwo+claims@example.org"
File = Callable[..., Filed]


def claim(**changes: object) -> Claim:
    said: dict[str, object] = {
        "kind": "intimate", "contact": CONTACT, "clips": ("/clips/" + CLIP,), "statement": "This is me and I never agreed.",
        "good_faith": True, "signature": "Ines Okonkwo",
    }  # fmt: skip
    return Claim.model_validate(said | changes)


def meant(*clips: str) -> list[Found]:
    return [Found(clip=clip, how="named", withheld=True) for clip in clips]


@pytest.fixture
def file(database: Database, vault: Vault, clock: Clock) -> File:
    def make(*clips: str, **changes: object) -> Filed:
        with database.write() as conn:
            return claims.file(conn, claim(**changes), meant(*(clips or (CLIP,))), vault, clock())

    return make


def withheld(database: Database, clip: str = CLIP) -> bool:
    with database.read() as conn:
        return is_withheld(conn, clip)


def release(database: Database, clip: str, clock: Clock, parent: str | None = None) -> None:
    one = Release(
        clip=clip, submission=f"sub-{clip[:4]}", requester="mara", parent=parent, draft=f"sha256:{clip}", sealed="sha256:s",
        prompt_verdict="p", clip_verdict="c", policy="sha256:p", released_at=clock(),
    )  # fmt: skip
    with database.write() as conn:
        releases.insert(conn, one, ())


def test_a_claim_gets_a_number_that_can_be_read_aloud_and_forty_eight_hours(file: File, clock: Clock) -> None:
    filed = file()
    assert re.fullmatch(rf"CLM-[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}", filed.number)
    assert not set("01OILU") & set(ALPHABET)
    assert (filed.due_at - filed.filed_at).total_seconds() == 48 * 3600
    assert not filed.overdue(filed.due_at)
    clock.wait(hours=48, seconds=1)
    assert filed.overdue(clock())


def test_numbers_cannot_be_told_from_one_another(file: File) -> None:
    numbers = {file(contact=f"a{n}@example.org").number for n in range(50)}
    assert len(numbers) == 50 and len({n[4:6] for n in numbers}) > 30


def test_a_number_is_understood_however_it_is_typed(file: File, database: Database) -> None:
    number = file().number
    with database.read() as conn:
        for typed in (number.lower(), number.replace("-", ""), f"  {number[4:8]} {number[9:]} "):
            assert claims.get(conn, typed).number == number
        with pytest.raises(UnknownClaim):
            claims.get(conn, "CLM-2222-2222")
        with pytest.raises(UnknownClaim):
            claims.get(conn, "%")


def test_what_is_personal_is_sealed_and_in_no_row_and_no_ledger(
    file: File, database: Database, vault: Vault, tmp_path: Path
) -> None:
    filed = file()
    with database.read() as conn:
        opened = claims.private(conn, filed.number, vault)
        assert opened == claim()
        row = conn.execute(sa.select(table)).mappings().one()
        told = str(dict(row)).lower() + str([e.model_dump() for e in ledger.entries(conn)]).lower()
        for word in ("okonkwo", "example.org", "never agreed"):
            assert word not in told
        assert filed.number not in str([e.model_dump() for e in ledger.entries(conn)])
        with pytest.raises(VaultLocked):
            claims.private(conn, filed.number, Vault(tmp_path / "other"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"good_faith": False}, {"signature": " "}, {"statement": ""}, {"contact": "nobody"}, {"contact": "a@b"},
        {"kind": "envy"}, {"clips": ("x" * 501,)},
    ],
)  # fmt: skip
def test_a_claim_that_lacks_what_a_claim_needs_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        claim(**wrong)


def test_a_postal_address_will_do(file: File) -> None:
    assert file(contact="Ines Okonkwo, 3 rue des Lilas, 75020 Paris").status == "open"


@pytest.mark.parametrize(("kind", "held"), [("intimate", True), ("minor", True), ("depicted", False), ("deceased", False)])
def test_only_what_cannot_wait_is_withheld_at_once(file: File, database: Database, kind: str, held: bool) -> None:
    assert file(kind=kind).withheld is held
    assert withheld(database) is held


def test_what_was_made_from_a_withheld_clip_is_withheld_too_and_nothing_else(
    file: File, database: Database, clock: Clock
) -> None:
    for clip, parent in ((CLIP, None), (REMIX, CLIP), (COPY, REMIX), (OTHER, None)):
        release(database, clip, clock, parent)
    file()
    assert [withheld(database, c) for c in (CLIP, REMIX, COPY, OTHER)] == [True, True, True, False]


def test_a_decision_ends_the_withholding(file: File, database: Database, vault: Vault, clock: Clock) -> None:
    filed = file()
    with database.write() as conn:
        done = claims.decide(conn, filed.number, "rejected", vault, clock(), moderator="noor", reason="It shows a lake.")
    assert (done.status, done.moderator, done.reason, done.withheld) == ("rejected", "noor", "It shows a lake.", False)
    assert not withheld(database)


def test_a_decision_is_made_once_and_says_why(file: File, database: Database, vault: Vault, clock: Clock) -> None:
    filed = file()
    with database.write() as conn:
        with pytest.raises(ClaimRefused, match="reason"):
            claims.decide(conn, filed.number, "upheld", vault, clock(), moderator="noor", reason=" ")
        claims.decide(conn, filed.number, "upheld", vault, clock(), moderator="noor", reason="It does.")
        with pytest.raises(Conflict):
            claims.decide(conn, filed.number, "rejected", vault, clock(), moderator="noor", reason="It does not.")


def test_who_was_rejected_cannot_have_the_same_clip_withheld_again(
    file: File, database: Database, vault: Vault, clock: Clock
) -> None:  # fmt: skip
    first = file()
    with database.write() as conn:
        claims.decide(conn, first.number, "rejected", vault, clock(), moderator="noor", reason="It shows a lake.")
    again = file(CLIP, OTHER, contact="ines.okonkwo@EXAMPLE.org")
    assert [f.withheld for f in again.found] == [False, True]
    assert (withheld(database, CLIP), withheld(database, OTHER)) == (False, True)
    assert file(contact="somebody.else@example.org").withheld


def test_what_a_moderator_lets_go_stays_let_go_for_the_same_claimant(
    file: File, database: Database, vault: Vault, clock: Clock
) -> None:  # fmt: skip
    first = file(CLIP, OTHER)
    with database.write() as conn:
        kept = claims.withhold(conn, first.number, {OTHER}, vault, clock(), "noor")
    assert kept.withheld and (withheld(database, CLIP), withheld(database, OTHER)) == (False, True)
    assert not file().withheld
    with database.write() as conn:
        assert not claims.withhold(conn, first.number, set(), vault, clock(), "noor").withheld
        with pytest.raises(ClaimRefused, match="not part"):
            claims.withhold(conn, first.number, {COPY}, vault, clock(), "noor")


def test_taking_a_claim_back_does_not_let_it_be_filed_for_another_two_days(
    file: File, database: Database, vault: Vault, clock: Clock
) -> None:  # fmt: skip
    first = file()
    with database.write() as conn:
        with pytest.raises(UnknownClaim):
            claims.take_back(conn, first.number, "somebody.else@example.org", vault, clock())
        claims.take_back(conn, first.number, CONTACT.upper(), vault, clock())
        assert claims.private(conn, first.number, vault) is None
    assert not file().withheld


def test_one_contact_has_few_claims_open_at_a_time(file: File, database: Database, vault: Vault, clock: Clock) -> None:
    numbers = [file(contact=f"ines+{n}@example.org").number for n in range(MOST_OPEN)]
    with pytest.raises(ClaimRefused, match="open"):
        file(contact="INES@example.org")
    assert file(contact="other@example.org").status == "open"
    with database.write() as conn:
        claims.decide(conn, numbers[0], "upheld", vault, clock(), moderator="noor", reason="It does.")
    assert file(contact="ines@example.org").status == "open"


def test_what_is_overdue_is_listed_first_and_counted(file: File, database: Database, vault: Vault, clock: Clock) -> None:
    old = file(contact="old@example.org")
    clock.wait(hours=49)
    new = file(contact="new@example.org")
    done = file(contact="done@example.org")
    with database.write() as conn:
        claims.decide(conn, done.number, "rejected", vault, clock(), moderator="noor", reason="No.")
        assert [f.number for f in claims.listing(conn)] == [old.number, new.number]
        assert [f.number for f in claims.listing(conn, open_only=False)] == [old.number, new.number, done.number]
        assert claims.counts(conn, clock()) == (2, 1)


def test_what_is_personal_goes_in_time_and_the_decision_stays(
    file: File, database: Database, vault: Vault, clock: Clock
) -> None:  # fmt: skip
    decided, waiting = file(), file(contact="b@example.org")
    with database.write() as conn:
        claims.decide(conn, decided.number, "rejected", vault, clock(), moderator="noor", reason="No.")
        clock.wait(days=KEPT_DAYS)
        assert claims.forget_old(conn, clock()) == 0
        clock.wait(seconds=1)
        assert claims.forget_old(conn, clock()) == 1
        assert claims.private(conn, decided.number, vault) is None
        row = conn.execute(sa.select(table).where(table.c.number == decided.number)).one()
        assert (row.key, row.sealed, row.contact) == (None, None, None)
        assert claims.get(conn, decided.number).reason == "No."
        assert claims.private(conn, waiting.number, vault) is not None

"""Claims of people who have no account: it shows me, it shows me intimately, it shows a child, it shows somebody who died.

Whoever claims gives a contact, a statement and a typed signature, and gets a number and a time limit of 48 hours, as the TAKE IT
DOWN Act (Pub. L. 119-12, section 3) sets one. All that is personal is sealed under a key of the claim and goes with it. A claim
changes nothing for good by itself: clips named in one about intimate pictures or a minor are withheld until a person decides.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Literal

import sqlalchemy as sa

from consent.cameo_tables import claims
from consent.claim import URGENT, Claim, Filed, Found
from consent.errors import ClaimRefused, UnknownClaim
from consent.vault.keys import Vault, new_key, open_with, seal_with
from safety import ledger
from safety.errors import Conflict
from safety.tables import releases
from safety.values import canonical

#: Hours within which a claim is to be decided (TAKE IT DOWN Act, section 3(a)(3)).
HOURS = 48
#: Claims one contact may have open, and clips of one claim that are withheld before anybody looked; copies of them are, too.
MOST_OPEN, MOST_WITHHELD = 5, 20
#: Days after a decision that contact, statement and signature are kept: six months for a complaint (DSA, article 20(1)).
KEPT_DAYS = 183
#: Letters and digits that are not taken for one another when read aloud or written by hand; 30^8 numbers.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
KEY, BODY = "claim-key", "claim"
#: Clips found by the face alone.
SHOWN = ("face", "perhaps")


def file(conn: sa.Connection, claim: Claim, found: Iterable[Found], vault: Vault, at: datetime) -> Filed:
    """Write a claim and its place in the ledger. Raises ``ClaimRefused`` when the contact has too many open.

    ``found`` with ``withheld`` set are withheld if the claim's kind is urgent, but no clip that this contact made withhold before
    and a person let go again: who was refused gets a decision, not another 48 hours.
    """
    contact = vault.pseudonym("contact", _plain(claim.contact))
    check_limit(conn, claim.contact, vault)
    kept = _allowed(conn, claim.kind, contact, found)
    number, key = _new_number(conn), new_key()
    withheld = any(f.withheld for f in kept)
    conn.execute(
        sa.insert(claims).values(
            number=number, kind=claim.kind, key=vault.wrap(number, KEY, key), contact=contact,
            sealed=seal_with(key, number, KEY, BODY, claim.model_dump_json().encode()), clips=json.dumps(_of(kept, "named")),
            found=_written(kept), filed_at=at, due_at=at + timedelta(hours=HOURS), status="open",
            withheld_at=at if withheld else None,
        )
    )  # fmt: skip
    body: dict[str, object] = {"kind": claim.kind, "clips": len(kept), "withheld": sum(f.withheld for f in kept)}
    ledger.append(conn, "claim-filed", subject_of(number, vault), body, at)
    return get(conn, number)


def add(conn: sa.Connection, number: str, found: Iterable[Found], vault: Vault, at: datetime) -> Filed:
    """Add clips that were found after a claim was filed, by the same rules; one that only showed the face may become a copy.

    A claim that was decided meanwhile stays as it is. Raises ``UnknownClaim``.
    """
    filed = get(conn, number)
    there = {f.clip: f for f in filed.found}
    more = [f for f in found if f.clip not in there or (there[f.clip].how in SHOWN and f.how not in SHOWN)]
    if filed.status != "open" or not more:
        return filed
    contact = conn.execute(sa.select(claims.c.contact).where(claims.c.number == filed.number)).scalar_one()
    kept = there | {f.clip: f for f in _allowed(conn, filed.kind, contact, more)}
    since = claims.c.withheld_at if filed.withheld else (at if any(f.withheld for f in kept.values()) else None)
    _change(conn, filed.number, found=_written(kept.values()), withheld_at=since)
    body: dict[str, object] = {"clips": len(more), "withheld": sum(f.withheld for f in kept.values())}
    ledger.append(conn, "claim-found", subject_of(filed.number, vault), body, at)
    return get(conn, filed.number)


def check_limit(conn: sa.Connection, contact: str, vault: Vault) -> None:
    """Raises ``ClaimRefused`` when this contact has as many open claims as one may have."""
    mine = sa.select(sa.func.count()).select_from(claims).where(claims.c.contact == vault.pseudonym("contact", _plain(contact)))
    if conn.execute(mine.where(claims.c.status == "open")).scalar_one() >= MOST_OPEN:
        raise ClaimRefused(f"{MOST_OPEN} claims of this contact are open; wait for one to be decided, within {HOURS} hours.")


def get(conn: sa.Connection, number: str) -> Filed:
    """A claim by its number, however it is written. Raises ``UnknownClaim``."""
    row = conn.execute(sa.select(claims).where(claims.c.number == plain_number(number))).first()
    if row is None:
        raise UnknownClaim("No claim has that number; check it letter by letter.")
    return _filed(row)


def private(conn: sa.Connection, number: str, vault: Vault) -> Claim | None:
    """What the claimant wrote, opened, for the moderator who decides; None once it was deleted. Raises ``VaultLocked``."""
    filed = get(conn, number)
    row = conn.execute(sa.select(claims.c.key, claims.c.sealed).where(claims.c.number == filed.number)).one()
    if row.key is None or row.sealed is None:
        return None
    key = vault.unwrap(filed.number, KEY, row.key)
    return Claim.model_validate_json(open_with(key, filed.number, KEY, BODY, row.sealed))


def listing(conn: sa.Connection, *, open_only: bool = True, limit: int = 1000) -> tuple[Filed, ...]:
    """Open claims, those due first first, so that what is overdue leads; then, when asked for, the others, the newest first."""
    waiting = sa.select(claims).where(claims.c.status == "open").order_by(claims.c.due_at, claims.c.number).limit(limit)
    found = [_filed(row) for row in conn.execute(waiting)]
    if not open_only:
        others = sa.select(claims).where(claims.c.status != "open").order_by(claims.c.decided_at.desc(), claims.c.number)
        found += [_filed(row) for row in conn.execute(others.limit(limit))]
    return tuple(found)


def counts(conn: sa.Connection, now: datetime) -> tuple[int, int]:
    """How many claims are open, and how many of them overdue."""
    waiting = sa.select(sa.func.count()).select_from(claims).where(claims.c.status == "open")
    late = waiting.where(claims.c.due_at < now)
    return int(conn.execute(waiting).scalar_one()), int(conn.execute(late).scalar_one())


def withhold(conn: sa.Connection, number: str, clips: Collection[str], vault: Vault, at: datetime, moderator: str) -> Filed:
    """Withhold exactly these of a claim's clips while it is open; none lets all of them be shown again.

    What a moderator does who looked at them: confirms what was withheld, lifts it, or withholds what was not.
    Raises ``UnknownClaim``, ``Conflict`` when it is decided, and ``ClaimRefused`` for a clip that is not part of it.
    """
    filed = _open(conn, number)
    if strange := sorted(set(clips) - {f.clip for f in filed.found}):
        raise ClaimRefused(f"The clip {strange[0]} is not part of claim {filed.number}; name only clips that it lists.")
    found = [
        f.model_copy(update={"withheld": f.clip in clips, "lifted": f.clip not in clips and (f.withheld or f.lifted)})
        for f in filed.found
    ]
    since = at if clips else None
    _change(conn, filed.number, found=_written(found), withheld_at=since)
    ledger.append(conn, "claim-withheld", subject_of(filed.number, vault), {"clips": len(clips), "moderator": moderator}, at)
    return get(conn, filed.number)


def decide(
    conn: sa.Connection, number: str, status: Literal["upheld", "rejected"], vault: Vault, at: datetime, *, moderator: str,
    reason: str, withdrawal: str | None = None,
) -> Filed:  # fmt: skip
    """Write how a claim ended, with the reason the claimant is told; nothing is withheld for it any more.

    Raises ``UnknownClaim``, ``ClaimRefused`` without a reason, and ``Conflict`` when it was decided before.
    """
    filed = _open(conn, number)
    if not reason.strip() or not moderator.strip():
        raise ClaimRefused("A decision needs the moderator's name and a reason in words that the claimant can be told.")
    _change(
        conn, filed.number, status=status, decided_at=at, moderator=moderator.strip()[:64], reason=reason.strip()[:2000],
        withdrawal=withdrawal,
    )  # fmt: skip
    body: dict[str, object] = {"outcome": status, "moderator": moderator, "withdrawal": withdrawal}
    ledger.append(conn, "claim-decided", subject_of(filed.number, vault), body, at)
    return get(conn, filed.number)


def take_back(conn: sa.Connection, number: str, contact: str, vault: Vault, at: datetime) -> Filed:
    """The claimant ends their own claim; all that was sealed of it goes at once. Raises ``UnknownClaim`` for another contact."""
    filed = _open(conn, number)
    query = sa.select(claims.c.contact).where(claims.c.number == filed.number)
    if conn.execute(query).scalar_one() != vault.pseudonym("contact", _plain(contact)):
        raise UnknownClaim("No claim of this contact has that number; use the contact that the claim was made with.")
    _change(conn, filed.number, status="withdrawn", decided_at=at, key=None, sealed=None)
    ledger.append(conn, "claim-decided", subject_of(filed.number, vault), {"outcome": "withdrawn"}, at)
    return get(conn, filed.number)


def forget_old(conn: sa.Connection, now: datetime) -> int:
    """Delete contact, statement and signature of claims decided more than ``KEPT_DAYS`` ago; return of how many.

    Number, kind, clips, decision and reason stay, without anybody's name.
    """
    old = (claims.c.decided_at < now - timedelta(days=KEPT_DAYS), claims.c.status != "open")
    some = sa.or_(claims.c.key.is_not(None), claims.c.sealed.is_not(None), claims.c.contact.is_not(None))
    return int(conn.execute(sa.update(claims).where(*old, some).values(key=None, sealed=None, contact=None)).rowcount)


def is_withheld(conn: sa.Connection, clip: str) -> bool:
    """Whether an open claim keeps ``clip``, or what it was made from, from being shown now. Read at every request."""
    query = sa.select(claims.c.found).where(claims.c.status == "open", claims.c.withheld_at.is_not(None))
    if conn.execute(query.limit(1)).first() is None:
        return False
    line = _line(conn, clip)
    some = query.where(sa.or_(*(claims.c.found.contains(one, autoescape=True) for one in line)))
    return any(f.withheld and f.clip in line for body in conn.execute(some).scalars() for f in _read(body))


def _line(conn: sa.Connection, clip: str) -> list[str]:
    """The clip, the clip it was made from, the one that was made from, and so on."""
    line: list[str] = []
    while clip and clip not in line:
        line.append(clip)
        clip = conn.execute(sa.select(releases.c.parent).where(releases.c.clip == clip)).scalar_one_or_none() or ""
    return line


def plain_number(text: str) -> str:
    """A number as it was typed, in its own form: any case, with or without dashes, spaces and the letters in front."""
    letters = "".join(text.upper().split()).replace("-", "").removeprefix("CLM")
    return f"CLM-{letters[:4]}-{letters[4:8]}" if len(letters) == 8 else text[:16]


def subject_of(number: str, vault: Vault) -> str:
    """What the ledger calls a claim: the number itself opens its status, and the ledger is for everybody to read."""
    return vault.pseudonym("claim", number)[:36]


def _new_number(conn: sa.Connection) -> str:
    while True:
        letters = "".join(secrets.choice(ALPHABET) for _ in range(8))
        number = f"CLM-{letters[:4]}-{letters[4:]}"
        if conn.execute(sa.select(claims.c.number).where(claims.c.number == number)).first() is None:
            return number


def _open(conn: sa.Connection, number: str) -> Filed:
    filed = get(conn, number)
    if filed.status != "open":
        raise Conflict(f"Claim {filed.number} is {filed.status} since {filed.decided_at:%Y-%m-%d}; nothing is left to decide.")
    return filed


def _allowed(conn: sa.Connection, kind: str, contact: str, found: Iterable[Found]) -> list[Found]:
    """The same clips, of which only those are withheld that may be for this kind of claim and this contact."""
    again = _let_go(conn, contact)
    return [f if kind in URGENT and f.clip not in again else f.model_copy(update={"withheld": False}) for f in found]


def _let_go(conn: sa.Connection, contact: str) -> set[str]:
    """Clips that were withheld for an earlier claim of this contact and are not for it any more."""
    query = sa.select(claims.c.found, claims.c.status).where(claims.c.contact == contact, claims.c.kind.in_(URGENT))
    return {
        f.clip for row in conn.execute(query) for f in _read(row.found) if f.lifted or (f.withheld and row.status != "open")
    }  # fmt: skip


def _plain(contact: str) -> str:
    """A contact as it is counted: without case and spaces, and an e-mail without what stands after a plus."""
    one = "".join(contact.casefold().split())
    return re.sub(r"\+[^@]*@", "@", one)


def _of(found: Iterable[Found], how: str) -> list[str]:
    return [f.clip for f in found if f.how == how]


def _written(found: Iterable[Found]) -> str:
    return canonical([f.model_dump(exclude_defaults=True) for f in found]).decode()


def _read(body: str) -> tuple[Found, ...]:
    return tuple(Found.model_validate(one) for one in json.loads(body))


def _change(conn: sa.Connection, number: str, **values: object) -> None:
    conn.execute(sa.update(claims).where(claims.c.number == number).values(**values))


def _filed(row: sa.Row[tuple[object, ...]]) -> Filed:
    found = _read(row.found)
    return Filed(
        number=row.number, kind=row.kind, status=row.status, filed_at=row.filed_at, due_at=row.due_at, found=found,
        withheld=row.status == "open" and row.withheld_at is not None and any(f.withheld for f in found),
        decided_at=row.decided_at, moderator=row.moderator, reason=row.reason, withdrawal=row.withdrawal,
    )  # fmt: skip

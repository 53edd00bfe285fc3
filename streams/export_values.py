"""What the files of a person's export are made of: one frozen value a row, from which each file's JSON schema comes."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import JsonValue

from consent import notices
from consent.standing import Representative
from safety.values import Value


class Profile(Value):
    """``public_key`` (hex) verifies what was signed with the key kept here."""

    format: str
    id: str
    handle: str
    kind: str
    public_key: str | None
    enrolled_at: datetime
    of_age_on: date | None
    died_on: date | None


class Template(Value):
    """What ``engine`` made of a face (128 numbers) or a voice (256): float32, unit length."""

    role: str
    engine: str
    at: datetime
    numbers: tuple[float, ...]


class Sighting(Value):
    """Where the person was seen or heard: the digest of a clip's draft, from and to in seconds, and the numbers found there."""

    subject: str
    role: str
    engine: str
    starts: float
    ends: float
    numbers: tuple[float, ...]


class Given(Value):
    """A grant; its signed receipt is ``receipts/grant-`` and its id."""

    id: str
    holder: str
    forbids: tuple[str, ...]
    scope: dict[str, JsonValue]
    granted_at: datetime
    expires_at: datetime | None


class Used(Value):
    """A clip of the person and where it is, or was, to be seen."""

    clip: str
    address: str
    by: str
    grant: str
    released_at: datetime
    withdrawn_at: datetime | None
    cause: str | None


class IssuedPermit(Value):
    """Leave that was given to one request (a submission's id) and then used, given back or left to expire."""

    id: str
    request: str
    grant_id: str
    holder: str
    issued_at: datetime
    expires_at: datetime
    spent_at: datetime | None
    clip: str | None
    voided_at: datetime | None


class Told(Value):
    """A notice, with its sentence in both languages."""

    notice: notices.Notice
    en: str
    fr: str


class Statement(Value):
    """Something the person, or whoever acts for them, said about a grant (None: all of them).

    ``signature`` is hex, over ``statement`` as JSON with sorted keys and no spaces; empty where it was accepted unsigned.
    ``actor`` is the id of a representative, ``proof`` what a passkey signed.
    """

    act: str
    grant: str | None
    at: datetime
    statement: JsonValue
    signature: str
    credential: str | None
    actor: str | None
    proof: JsonValue


class Attempt(Value):
    """An attempt to enrol under the person's handle; ``outcome`` is ``passed`` or why it was refused."""

    issued_at: datetime
    answered_at: datetime | None
    outcome: str | None


class Request(Value):
    """What was asked for in the person's name, as a maker of clips."""

    id: str
    prompt: str
    submitted_at: datetime
    status: str
    clip: str | None


class Representation(Value):
    """Who acts or acted for the person, and for whom the person acts."""

    of_the_person: tuple[Representative, ...]
    by_the_person: tuple[Representative, ...]

"""The parts of a person's export: what each file holds, said in two languages, and where it is gathered from.

A part never holds a key, nor a row that is not about the person; somebody else is in it as a handle or an id at most.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import sqlalchemy as sa

from consent import circle, notices, representation
from consent.cameo_tables import challenges, issued_permits
from consent.people import Person
from consent.signing import credentials, deeds
from consent.tables import grants, people, person_secrets, person_sightings
from consent.vault.keys import Vault
from streams import usage
from streams.export_values import (
    Attempt,
    Given,
    IssuedPermit,
    Profile,
    Representation,
    Request,
    Sighting,
    Statement,
    Template,
    Told,
    Used,
)  # fmt: skip
from streams.tables import submissions

#: What ``person.json`` says the export is made to; raised when the meaning of a file changes.
FORMAT = "clearance-export/1"
#: More rows than anybody has: an export is whole.
ALL = 10_000_000
TEMPLATES = ("face-template", "voice-template")


@dataclass(frozen=True)
class Source:
    """What parts are gathered from: one read, one person, at ``now``; ``address`` is put before clips' paths."""

    conn: sa.Connection
    vault: Vault
    owner: Person
    now: datetime
    address: str


@dataclass(frozen=True)
class Part:
    """One file: ``kind`` is the type of what ``gather`` answers, ``sealed`` that it opens what is biometric."""

    file: str
    kind: Any
    gather: Callable[[Source], Any]
    en: str
    fr: str
    sealed: bool = False


def _profile(of: Source) -> Profile:
    dates = of.conn.execute(sa.select(people.c.of_age_on, people.c.died_on).where(people.c.id == of.owner.id)).one()
    return Profile(format=FORMAT, **of.owner.model_dump(), of_age_on=dates.of_age_on, died_on=dates.died_on)


def _grants(of: Source) -> tuple[Given, ...]:
    rows = of.conn.execute(sa.select(grants).where(grants.c.person == of.owner.id).order_by(grants.c.granted_at, grants.c.id))
    return tuple(
        Given(
            id=r.id,
            holder=r.holder,
            forbids=json.loads(r.forbids),
            scope=json.loads(r.scope),
            granted_at=r.granted_at,
            expires_at=r.expires_at,
        )
        for r in rows
    )


def _statements(of: Source) -> tuple[Statement, ...]:
    return tuple(Statement.model_validate(said) for said in deeds.history(of.conn, of.owner.id))


def _uses(of: Source) -> tuple[Used, ...]:
    return tuple(
        Used(**use.model_dump(), address=f"{of.address}/clips/{use.clip}") for use in usage.clips(of.conn, of.owner.id, limit=ALL)
    )


def _permits(of: Source) -> tuple[IssuedPermit, ...]:
    columns = [issued_permits.c[name] for name in IssuedPermit.model_fields]
    rows = (
        sa.select(*columns)
        .where(issued_permits.c.person == of.owner.id)
        .order_by(issued_permits.c.issued_at, issued_permits.c.id)
    )
    return tuple(IssuedPermit.model_validate(dict(row)) for row in of.conn.execute(rows).mappings())


def _notices(of: Source) -> tuple[Told, ...]:
    found = notices.listing(of.conn, of.owner.id, limit=ALL)
    return tuple(Told(notice=one, en=notices.words(one, "en"), fr=notices.words(one, "fr")) for one in found)


def _representation(of: Source) -> Representation:
    acting = representation.acts_for(of.conn, of.owner.id, of.now)
    return Representation(of_the_person=representation.listing(of.conn, of.owner.id), by_the_person=acting)


def _attempts(of: Source) -> tuple[Attempt, ...]:
    columns = [challenges.c[name] for name in Attempt.model_fields]
    rows = sa.select(*columns).where(challenges.c.handle == of.owner.handle, challenges.c.issued_at >= of.owner.enrolled_at)
    return tuple(Attempt.model_validate(dict(row)) for row in of.conn.execute(rows.order_by(challenges.c.issued_at)).mappings())


def _requests(of: Source) -> tuple[Request, ...]:
    columns = [submissions.c[name] for name in Request.model_fields]
    rows = (
        sa.select(*columns)
        .where(submissions.c.requester == of.owner.handle)
        .order_by(submissions.c.submitted_at, submissions.c.id)
    )
    return tuple(Request.model_validate(dict(row)) for row in of.conn.execute(rows).mappings())


def _templates(of: Source) -> tuple[Template, ...]:
    rows = sa.select(person_secrets).where(person_secrets.c.person == of.owner.id, person_secrets.c.role.in_(TEMPLATES))
    return tuple(
        Template(role=r.role, engine=r.engine, at=r.at, numbers=_numbers(of, r.role, r.id, r.sealed))
        for r in of.conn.execute(rows.order_by(person_secrets.c.role, person_secrets.c.id))
    )


def _sightings(of: Source) -> tuple[Sighting, ...]:
    rows = sa.select(person_sightings).where(person_sightings.c.person == of.owner.id)
    rows = rows.order_by(person_sightings.c.subject, person_sightings.c.starts, person_sightings.c.id)
    return tuple(
        Sighting(
            subject=r.subject, role=r.role, engine=r.engine, starts=r.starts, ends=r.ends,
            numbers=_numbers(of, r.role, r.id, r.sealed),
        )
        for r in of.conn.execute(rows)
    )  # fmt: skip


def _numbers(of: Source, role: str, row: str, sealed: bytes) -> tuple[float, ...]:
    return tuple(np.frombuffer(of.vault.open(of.conn, of.owner.id, role, row, sealed), "<f4").tolist())


PARTS = (
    Part("person.json", Profile, _profile, "who you are here", "qui vous êtes ici"),
    Part("grants.json", tuple[Given, ...], _grants, "whom you gave leave, and for what", "à qui va une autorisation"),
    Part("history.json", tuple[Statement, ...], _statements, "what you signed", "ce que vous avez signé"),
    Part("uses.json", tuple[Used, ...], _uses, "clips made of you, by whom", "les vidéos faites de vous, et par qui"),
    Part("permits.json", tuple[IssuedPermit, ...], _permits, "leave given to single requests", "les permis donnés à une demande"),
    Part("notices.json", tuple[Told, ...], _notices, "what you were told", "ce qui vous a été dit"),
    Part("circle.json", tuple[circle.Acquaintance, ...], lambda of: circle.listing(of.conn, of.owner.id),
         "who asked you, whom you approved", "qui vous a demandé, qui vous avez accepté"),
    Part("credentials.json", tuple[credentials.Credential, ...],
         lambda of: credentials.listing(of.conn, of.owner.id, removed=True),
         "your own keys, their public parts", "vos propres clés, leur partie publique"),
    Part("representatives.json", Representation, _representation, "who acts for whom", "qui représente qui"),
    Part("enrolment.json", tuple[Attempt, ...], _attempts, "attempts to enrol as you since", "les essais d'inscription depuis"),
    Part("requests.json", tuple[Request, ...], _requests, "what was asked for in your name", "ce qui a été demandé en votre nom"),
    Part("templates.json", tuple[Template, ...], _templates,
         "the numbers your face and voice are known by", "les nombres qui font reconnaître visage et voix", sealed=True),
    Part("sightings.json", tuple[Sighting, ...], _sightings,
         "where you were seen and heard in clips", "où l'on vous a vu et entendu", sealed=True),
)  # fmt: skip
#: Files that are not parts.
PORTRAIT = "portrait.png"
OTHERS = (
    ("schema.json", "what the fields of each file are (JSON Schema)", "la description des champs (JSON Schema)"),
    ("receipts/", "signed receipts of grants and revocations", "les reçus signés"),
    (PORTRAIT, "the picture of your face that is kept", "l'image de votre visage qui est conservée"),
)
_README = {
    "en": (
        "Everything kept here about @{handle}, as of {now}.",
        "The files are JSON in UTF-8; times are in UTC. Keep this archive safe: it may hold your face and your voice.",
        "Not in it: keys, what others wrote, and the photographs or recordings you enrolled with, which were not kept.",
        "A receipt can be checked without us: `clearance verify-receipt FILE --key KEY`, with the public key in person.json",
        "or credentials.json.",
    ),
    "fr": (
        "Tout ce qui est conservé ici sur @{handle}, au {now}.",
        "Les fichiers sont du JSON en UTF-8, les heures en UTC. Gardez cette archive en lieu sûr : elle peut contenir votre",
        "visage et votre voix. N'y sont pas : les clés, ce que d'autres ont écrit, ni les photographies et enregistrements de",
        "votre inscription, qui n'ont pas été conservés. Un reçu se vérifie sans nous :",
        "`clearance verify-receipt FICHIER --key CLÉ`, avec la clé publique de person.json ou de credentials.json.",
    ),
}
_UNSEALED = {
    "en": "It was made for an estate, so it holds neither the numbers of a face or voice nor the portrait.",
    "fr": "Elle a été faite pour une succession : elle ne contient ni les nombres d'un visage ou d'une voix, ni le portrait.",
}


def readme(owner: Person, now: datetime, *, sealed: bool) -> str:
    """What the archive is and what each file holds, in English and then in French; ``sealed`` as for ``Part``."""
    said: list[str] = []
    for language, lines in _README.items():
        said += [line.format(handle=owner.handle, now=f"{now:%Y-%m-%d %H:%M} UTC") for line in lines]
        said += [] if sealed else [_UNSEALED[language]]
        parts = [(p.file, p.en, p.fr) for p in PARTS if sealed or not p.sealed]
        others = [other for other in OTHERS if sealed or other[0] != PORTRAIT]
        said += ["", *(f"{file:22}{en if language == 'en' else fr}" for file, en, fr in (*parts, *others)), ""]
    return "\n".join(said)

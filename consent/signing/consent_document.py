"""What a person agrees to when they grant: the document that is signed, and that is their consent receipt.

Its fields are those of ISO/IEC TS 27560:2023, every mandatory one among them, named as in the mapping of the W3C community
group's guide (w3id.org/dpv/guides/consent-27560). It names the person by id and holds no face and no prompt. It never says less
than what the gates hold the grant to: whoever is let in, what is forbidden, with whom, how often and until when.
"""

from __future__ import annotations

from datetime import datetime

from pydantic import JsonValue

from consent.scope import Scope
from safety.values import Value

Document = dict[str, JsonValue]
SCHEMA = "https://w3id.org/dpv/schema/dpv-27560#receipt-record"
UNSTATED = "not stated by the operator"
PURPOSE = "Depict the person in generated video asked for by the recipient"
#: The standard's mandatory fields, by section; a test holds every document against them.
HEADER = ("schema_version", "record_id", "receipt_id", "pii_principal_id")
PROCESSING = (
    "privacy_notice", "language", "purposes", "pii_controllers", "storage_locations", "retention_period", "jurisdiction",
    "recipient_third_parties", "withdrawal_method",
)  # fmt: skip
PARTY = ("party_id", "party_name", "party_address", "party_contact", "party_type", "party_role")
EVENT = ("event_time", "validity_duration", "entity_id", "event_type", "event_state")


class Controller(Value):
    """Who answers for the processing, as the operator says. ``jurisdiction`` is a country or region, ``notice`` an address."""

    id: str = "operator"
    name: str = UNSTATED
    address: str = UNSTATED
    contact: str = UNSTATED
    jurisdiction: str = UNSTATED
    storage: str = "the operator's own machines"
    notice: str = UNSTATED


def consent_document(
    *,
    record: str,
    person: str,
    holder: str,
    scope: Scope,
    granted_at: datetime,
    expires_at: datetime | None,
    controller: Controller | None = None,
    actor: str | None = None,
    role: str = "self",
    language: str = "en",
) -> Document:
    """The unsigned document of one grant. ``record`` is the grant's id, ``holder`` a handle or an audience.

    ``actor`` is the id of whoever consents for the person, as their ``role`` (guardian, estate); ``language`` is that of the
    notice shown.
    """
    who = controller or Controller()
    on_behalf: Document = {} if actor is None else {"entity_role": role, "on_behalf_of": person}
    return {
        "schema_version": SCHEMA,
        "record_id": record,
        "receipt_id": f"receipt/{record}",
        "pii_principal_id": person,
        "pii_processing": _processing(holder, scope, who, language),
        "party_identification": [
            {
                "party_id": who.id,
                "party_name": who.name,
                "party_address": who.address,
                "party_contact": who.contact,
                "party_type": "pii_controller",
                "party_role": "controller",
            }
        ],
        "consent_events": [
            {
                "event_time": granted_at.isoformat(),
                "event_type": "explicit",
                "event_state": "given",
                "consent_type": "explicit",
                "entity_id": actor or person,
                "validity_duration": expires_at.isoformat() if expires_at else "until withdrawn",
                **on_behalf,
            }
        ],
    }


def _processing(holder: str, scope: Scope, who: Controller, language: str) -> Document:
    return {
        "privacy_notice": who.notice,
        "language": language,
        "purposes": [
            {
                "purpose": PURPOSE,
                "purpose_type": "generated-likeness",
                "lawful_basis": "explicit consent (GDPR art. 6(1)(a) and 9(2)(a))",
                "pii_information": [_pii("face"), _pii("voice", optional=True)],
                "collection_method": "given by the person at enrolment",
                "processing_method": "video generation; face and voice comparison of finished clips",
                "storage_condition": "encrypted with a key of the person, deleted on erasure",
                "restrictions": restrictions(scope),
            }
        ],
        "pii_controllers": [who.id],
        "storage_locations": [who.storage],
        "processing_locations": [who.storage],
        "retention_period": "templates until the person is erased; clips until they are withdrawn; this record as proof of "
        "consent after both (GDPR art. 7(1) and 17(3)(e))",
        "jurisdiction": who.jurisdiction,
        "recipient_third_parties": [holder],
        "withdrawal_method": "revoke the grant at any time, by page, by command or by API; it takes effect at once",
        "pii_principal_rights": ["withdraw", "access", "export", "erase", "pause"],
        "geographic_restrictions": [],
        "authority_party": "the data protection authority where the person lives",
    }


def restrictions(scope: Scope) -> Document:
    """A scope as the document says it; a limit is a number of clips in any day, week or month (30 days)."""
    return {
        "forbidden_labels": list[JsonValue](sorted(scope.forbids)),
        "forbidden_words": list[JsonValue](scope.words),
        "company": scope.company,
        "limit": None if scope.limit is None else {"clips": scope.limit.count, "per": scope.limit.per},
    }


def _pii(kind: str, *, optional: bool = False) -> Document:
    return {"pii_type": kind, "special_pii_category": True, "pii_optional": optional}

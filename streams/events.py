"""The events between stages: small, immutable, named after their cause, and free of media, biometrics and prompts.

An event's id is derived from its parent's, so the same thing done twice has the same name and is kept once. On the wire an
event is JSON with the CloudEvents 1.0 attributes as headers (``ce_id``, ``ce_type``, ...), in binary content mode.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Self

from pydantic import Field, JsonValue, ValidationError

from safety.values import Value, derive
from streams.errors import BadEvent

EventType = Literal["submitted", "screened", "drafted", "inspected", "sealed", "ended", "withdrawn"]
SOURCE = "clearance"


class Event(Value):
    """Something that happened to ``submission``. ``data`` holds ids and digests, never content."""

    id: str
    type: EventType
    submission: str
    at: datetime
    parent: str | None = None
    data: dict[str, JsonValue] = Field(default_factory=dict)

    def then(self, type: EventType, at: datetime, ordinal: int = 0, **data: JsonValue) -> Event:
        """The event that follows from this one; ``ordinal`` tells several of one type apart."""
        return Event(
            id=derive(self.id, type, ordinal), type=type, submission=self.submission, at=at, parent=self.id, data=data
        )  # fmt: skip

    def text(self, key: str) -> str:
        """A field of ``data`` that must be text. Raises ``BadEvent``."""
        value = self.data.get(key)
        if not isinstance(value, str):
            raise BadEvent(f"The event {self.id} ({self.type}) has no {key}; it was not written by this version.")
        return value

    def encode(self) -> bytes:
        return self.model_dump_json().encode()

    @classmethod
    def decode(cls, raw: bytes) -> Self:
        """Read what ``encode`` wrote. Raises ``BadEvent`` for anything else."""
        try:
            return cls.model_validate_json(raw)
        except ValidationError as reason:
            raise BadEvent(f"A message of {len(raw)} bytes is not an event of ours; it was set aside.") from reason

    def headers(self) -> list[tuple[str, bytes]]:
        """CloudEvents attributes for Kafka, binary content mode."""
        pairs = {
            "ce_specversion": "1.0", "ce_id": self.id, "ce_type": f"clearance.{self.type}", "ce_source": SOURCE,
            "ce_subject": self.submission, "ce_time": self.at.isoformat(), "content-type": "application/json",
        }  # fmt: skip
        return [(k, v.encode()) for k, v in pairs.items()]


def first(submission: str, at: datetime) -> Event:
    """The event every submission begins with."""
    return Event(id=derive(submission, "submitted"), type="submitted", submission=submission, at=at)

"""What every frozen value object shares, and how names are derived from content.

Ids are never random inside the pipeline: doing a thing twice must produce the same id, so that it is done once.
"""

from __future__ import annotations

import hashlib
import json
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import BaseModel, ConfigDict

#: Root of all derived ids; changing it renames everything.
NAMESPACE = uuid5(NAMESPACE_URL, "https://clearance.example/ids/1")


class Value(BaseModel):
    """A frozen value object that refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def derive(parent: str | UUID, role: str, ordinal: int = 0) -> str:
    """Return the id that ``role`` number ``ordinal`` under ``parent`` always has (UUID version 5)."""
    return str(uuid5(NAMESPACE, f"{parent}/{role}/{ordinal}"))


def digest(data: bytes) -> str:
    """Return ``sha256:`` and the hex digest of ``data``."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def canonical(value: object) -> bytes:
    """Return JSON bytes that are equal for equal values: sorted keys, no spaces, UTF-8 (the idea of RFC 8785)."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")

"""Topic names: one for each type of event, versioned, and one for what could not be read."""

from __future__ import annotations

from typing import get_args

from streams.events import EventType

TYPES: tuple[EventType, ...] = get_args(EventType)
#: Events of one submission share a key and so a partition; more partitions than workers leave room to grow.
PARTITIONS = 6


def topic(type: EventType, prefix: str = "clearance") -> str:
    """The topic that carries events of ``type``."""
    return f"{prefix}.{type}.v1"


def dead_letters(prefix: str = "clearance") -> str:
    """The topic for messages that no stage could read."""
    return f"{prefix}.dead-letters.v1"

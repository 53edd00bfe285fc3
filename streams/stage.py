"""What a stage is: slow work that may be done twice, and a short settlement that is done once.

``work`` reads the world and returns what it made; it holds no transaction, so a minute of drawing blocks nobody. ``settle``
runs in the one write transaction with what ``work`` returned, re-reads whatever may have changed meanwhile, writes the effects
and returns the events that truly follow. See docs/adr/0001-work-and-settle.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from streams.context import Context
from streams.events import Event, EventType


@dataclass(frozen=True)
class Stage:
    """``name`` is also its reader's name in the log; ``consumes`` the type of event that starts it."""

    name: str
    consumes: EventType
    work: Callable[[Event, Context], Any]
    settle: Callable[[sa.Connection, Event, Any, Context], list[Event]]

from __future__ import annotations

from tests.streams.broker import bootstrap, prefix

__all__ = ["bootstrap", "prefix"]

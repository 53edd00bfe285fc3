"""Values as plain JSON, and text made safe to print: what a person typed must not be able to move a reader's cursor."""

from __future__ import annotations

import dataclasses
import json
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel

#: Unicode categories that are never printed as they are: controls, formats (zero-width, bidi overrides), surrogates, private.
_UNPRINTED = frozenset({"Cc", "Cf", "Cs", "Co"})


def plain(value: object) -> object:
    """``value`` as what JSON knows: values and dataclasses become objects, times ISO 8601, sets sorted lists."""
    if isinstance(value, BaseModel):
        return plain(value.model_dump(mode="json"))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, set | frozenset):
        return sorted((plain(v) for v in value), key=str)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, bytes):
        return value.hex()
    if value is None or isinstance(value, str | bool | int | float):
        return value
    return [plain(v) for v in value] if isinstance(value, Iterable) else str(value)


def to_json(value: object) -> str:
    """One line of JSON; a lone surrogate, which UTF-8 cannot carry, is written as its escape."""
    text = json.dumps(plain(value), ensure_ascii=False)
    return text if _encodable(text) else json.dumps(plain(value))


def printable(text: str, most: int = 0) -> str:
    """``text`` on one line without control characters, cut with an ellipsis after ``most`` characters when that is not 0."""
    line = "".join(" " if c in "\n\r\t" else "�" if unicodedata.category(c) in _UNPRINTED else c for c in text).strip()
    return line[: most - 1] + "…" if most and len(line) > most else line


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True

"""How drawing gets at a person's reference picture: a function, so that it never sees the vault."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa

from safety.media import Picture

#: Given a connection and a person's id, the name prompts use and the RGB picture of the face.
Portraits = Callable[[sa.Connection, str], tuple[str, Picture]]

"""The embedded generator: a small world that turns a prompt into a scene and films it.

No training and no weights: shapes, colours and movement are formulas, drawn with torch, so that the whole pipeline runs
anywhere and the same request gives the same frames.
"""

from __future__ import annotations

from generator.world.characters import CHARACTERS, Character
from generator.world.portraits import portrait
from generator.world.studio import World

__all__ = ["CHARACTERS", "Character", "World", "portrait"]

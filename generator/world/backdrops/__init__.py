"""Places: each paints itself once, and says what moves in it, where the ground is and how it sounds."""

from __future__ import annotations

from generator.world.backdrops.common import Backdrop, Mood
from generator.world.backdrops.deep import space, underwater
from generator.world.backdrops.indoors import kitchen, room, stage
from generator.world.backdrops.land import desert, field, forest, mountains
from generator.world.backdrops.shore import beach, lake
from generator.world.backdrops.town import city

BACKDROPS: dict[str, Backdrop] = {
    b.name: b for b in (beach, lake, field, forest, mountains, desert, city, space, underwater, room, kitchen, stage)
}

__all__ = ["BACKDROPS", "Backdrop", "Mood"]

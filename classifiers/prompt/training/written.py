"""Prompts from templates: each line of ``data/written`` with its slots filled in many ways, by a seeded generator.

A template is one group: all its fillings fall on the same side of every split, so that nothing is tested on its own sister.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "data" / "written"
_SLOT = re.compile(r"\{(\w+)\}")
#: What people put before and after, in every class alike, so that the frame says nothing about the content.
_BEFORE = {
    "en": (
        "",
        "",
        "",
        "",
        "a video of ",
        "Generate a video of ",
        "Create a clip: ",
        "make a 10 second video of ",
        "Show me ",
        "Scene: ",
    ),
    "fr": (
        "",
        "",
        "",
        "",
        "une vidéo de ",
        "Génère une vidéo : ",
        "Crée un clip : ",
        "Fais une vidéo de ",
        "Montre-moi ",
        "Scène : ",
    ),
    "es": ("", "", "", "un vídeo de ", "Genera un vídeo: ", "Muestra ", "Escena: "),
    "de": ("", "", "", "ein Video: ", "Erstelle ein Video: ", "Zeige ", "Szene: "),
}
_AFTER = ("", "", "", ", {style}", ". {style}")


@dataclass
class Page:
    """One language's file: its slots, and its templates with the labels of their section."""

    language: str
    slots: dict[str, list[str]] = field(default_factory=dict)
    templates: list[tuple[tuple[str, ...], str]] = field(default_factory=list)

    def fill(self, template: str, rng: random.Random) -> str:
        """One filling of ``template``, framed."""
        text = rng.choice(_BEFORE[self.language]) + template
        if "{style}" not in template:
            text += rng.choice(_AFTER)
        text = _SLOT.sub(lambda m: rng.choice(self.slots[m.group(1)]), text)
        return text[:1].upper() + text[1:] if rng.random() < 0.5 else text


def pages() -> Iterator[Page]:
    """Every file of ``data/written``, by name."""
    for path in sorted(FOLDER.glob("*.txt")):
        page = Page(path.stem)
        section = ""
        for raw in path.read_text("utf-8").splitlines():
            line = raw.strip()
            if not line or line.startswith("#"):
                continue
            if line.startswith("[") and line.endswith("]") and not line.startswith("[INST"):
                section = line[1:-1]
            elif section.startswith("slot "):
                page.slots.setdefault(section[5:], []).extend(part.strip() for part in line.split(" | "))
            else:
                page.templates.append((tuple(section.split()), line))
        yield page

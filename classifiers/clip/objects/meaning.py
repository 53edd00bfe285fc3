"""What a model's classes mean here: a small YAML file beside every model, and the calibration of its scores.

A model's own names and scores are its own affair. This is the one place where they become labels of the policy; nothing else in
the folder knows a class by its name, but for the fight, which needs time.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Self

import yaml
from pydantic import Field, ValidationError, model_validator

from safety.errors import BadInput
from safety.values import Value

LABELS = frozenset({"weapon", "hate_symbol", "fight", "blood"})
#: No raw score is taken for surer than this, so that a calibrated one stays finite.
SUREST = 1 - 1e-4


class Meaning(Value):
    """One label: the model's ``classes`` that mean it, the raw score from which a box counts, and the calibration.

    A calibrated score is the logistic function of ``scale`` times the raw score's log odds plus ``shift`` (Platt, 1999).
    """

    classes: tuple[str, ...] = Field(min_length=1)
    floor: float = Field(default=0.1, gt=0, lt=1)
    scale: float = Field(default=1.0, gt=0)
    shift: float = 0.0

    def calibrated(self, raw: float) -> float:
        """The score, 0 to 1, of a box whose raw score is ``raw``; a box under the floor is no box."""
        if raw < self.floor:
            return 0.0
        p = min(max(raw, 1 - SUREST), SUREST)
        return 1 / (1 + math.exp(-max(-50.0, min(50.0, self.scale * math.log(p / (1 - p)) + self.shift))))


class Meanings(Value):
    """The whole file. ``knows`` says in a few words what the model was made for, and stands in every note.

    ``classes`` names the outputs in order; left out, the model file's own metadata must. ``side`` is the long side of the input,
    in pixels, for a model that takes any; ``overlap`` is how far two boxes of one class may overlap and both stay;
    with ``mirror`` the picture's mirror image is looked at too, and a box must be seen in both to keep its score.
    """

    knows: str = Field(min_length=1, max_length=100)
    classes: tuple[str, ...] = ()
    mirror: bool = False
    side: int = Field(default=640, ge=32, le=2048)
    overlap: float = Field(default=0.5, gt=0, lt=1)
    labels: dict[str, Meaning] = Field(min_length=1)

    @model_validator(mode="after")
    def _only_ours(self) -> Self:
        if strange := sorted(set(self.labels) - LABELS):
            raise ValueError(f"{strange[0]!r} is no label of this detector; it has {', '.join(sorted(LABELS))}")
        missing = {c for m in self.labels.values() for c in m.classes} - set(self.classes) if self.classes else set()
        if missing:
            raise ValueError(f"{min(missing)!r} is not among the model's classes")
        return self


def read(path: Path) -> Meanings:
    """The file at ``path``. Raises ``BadInput`` in one sentence for one that cannot be used."""
    try:
        return Meanings.model_validate(yaml.safe_load(path.read_text("utf-8")))
    except ValidationError as reason:
        first = reason.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise BadInput(
            f"The labels file {path} cannot be used: {where}: {first['msg'].removeprefix('Value error, ')}."
        ) from reason
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as reason:
        raise BadInput(f"The labels file {path} cannot be read ({type(reason).__name__}).") from reason

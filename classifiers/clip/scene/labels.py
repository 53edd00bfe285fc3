"""Zero-shot labels: texts for and against, from a YAML file, scored on every frame."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import yaml
from numpy.typing import NDArray
from pydantic import ConfigDict, Field, ValidationError

from safety.errors import BadInput
from safety.values import Value

if TYPE_CHECKING:
    from classifiers.clip.scene.eyes import Eyes, Vectors

LIST = Path(__file__).parent / "data" / "labels.yaml"


class Texts(Value):
    """What a picture of the label is like, and what is like it and is not meant."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    pro: tuple[str, ...] = Field(alias="for", min_length=1)
    against: tuple[str, ...] = Field(min_length=1)


@cache
def texts_of(path: Path = LIST) -> dict[str, Texts]:
    """Every label of the file. Raises ``BadInput``."""
    try:
        return {label: Texts.model_validate(row) for label, row in (yaml.safe_load(path.read_text("utf-8")) or {}).items()}
    except (OSError, yaml.YAMLError, ValidationError, AttributeError) as reason:
        raise BadInput(f"The list of labels {path} cannot be read; each label needs texts `for` and `against`.") from reason


def margins(eyes: Eyes, vectors: Vectors, texts: Texts) -> NDArray[np.float64]:
    """For each picture, the log odds of the texts for a label to those against it, (pictures,)."""
    pro, against = (eyes.scale * vectors.astype(np.float64) @ eyes.words(t).T for t in (texts.pro, texts.against))
    return np.asarray(
        np.logaddexp.reduce(pro, 1) - np.log(pro.shape[1]) - np.logaddexp.reduce(against, 1) + np.log(against.shape[1])
    )

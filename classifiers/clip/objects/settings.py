"""A model of the operator's own, from the settings: its file or name, its digest, and the file that says what its classes mean.

``CLEARANCE_OBJECTS_MODEL`` is a path, or a name in ``safety/weights.yaml``; ``CLEARANCE_OBJECTS_SHA256`` must stand beside a
path; ``CLEARANCE_OBJECTS_LABELS`` names the YAML file. The shipped model goes on looking beside it. Nothing is loaded here.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from pydantic import Field

from classifiers.clip.objects.detector import ObjectDetector, own_eye
from classifiers.clip.objects.eye import Eye
from classifiers.clip.objects.meaning import read
from safety import weights
from safety.errors import BadInput
from safety.settings import PREFIX
from safety.values import Value


class ObjectSettings(Value):
    """What the three variables say."""

    objects_model: str = Field(
        default="", description="Path or name of an ONNX detector of weapons and the like; empty means none."
    )
    objects_sha256: str = Field(default="", description="SHA-256 of that file, in hexadecimal; required for a path.")
    objects_labels: Path | None = Field(default=None, description="YAML file that says what the detector's classes mean.")


def read_object_settings(environment: Mapping[str, str] | None = None) -> ObjectSettings:
    """The settings from the environment, or from what is given instead."""
    env = os.environ if environment is None else environment
    return ObjectSettings.model_validate(
        {name: env[PREFIX + name.upper()] for name in ObjectSettings.model_fields if env.get(PREFIX + name.upper())}
    )


def configured(settings: ObjectSettings | None = None) -> ObjectDetector:
    """The detector that the settings ask for: the shipped model, and the named one beside it.

    Raises ``BadInput`` in one sentence for settings that cannot work. Whether the file has the named digest is
    seen when it is loaded.
    """
    s = settings or read_object_settings()
    if not s.objects_model:
        return ObjectDetector()
    if s.objects_labels is None:
        raise BadInput(
            "CLEARANCE_OBJECTS_MODEL is set and CLEARANCE_OBJECTS_LABELS is not; name the file that says what its classes mean."
        )
    digest = s.objects_sha256.lower()
    if digest and not re.fullmatch("[0-9a-f]{64}", digest):
        raise BadInput("The setting CLEARANCE_OBJECTS_SHA256 must be 64 hexadecimal digits.")
    if not digest and s.objects_model not in weights.known():
        raise BadInput(
            f"CLEARANCE_OBJECTS_MODEL names {s.objects_model}, which is not in the list of models; "
            "give the file's digest in CLEARANCE_OBJECTS_SHA256."
        )
    if digest and not Path(s.objects_model).is_file():
        raise BadInput(f"There is no model file {s.objects_model}; CLEARANCE_OBJECTS_MODEL names it.")
    return ObjectDetector((own_eye(), Eye(s.objects_model, digest, read(s.objects_labels))))

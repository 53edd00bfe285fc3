"""Which CLIP is used: our own small one, or the one that the settings name.

A checkpoint is named by its digest, so that what was measured and what is loaded are the same bytes. Nothing is ever fetched,
and a setting that would make open_clip fetch something is refused.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from pydantic import Field

from safety.errors import BadInput
from safety.settings import PREFIX
from safety.values import Value

#: Configuration, vocabulary, weights, digest and calibration of our own; written by ``bench/training/world_clip.py``.
OURS = Path(__file__).parent / "data" / "world-clip"
WEIGHTS = "open_clip_model.safetensors"


class Choice(Value):
    """``model`` is the name of one of open_clip's configurations, or the path of a configuration in JSON."""

    model: str = Field(min_length=1)
    checkpoint: Path
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")

    @property
    def calibration(self) -> Path:
        """Where the calibration of this checkpoint lies: beside it, with ``.calibration.json`` for its suffix."""
        return self.checkpoint.with_suffix(".calibration.json")


def ours() -> Choice:
    """The small CLIP that comes with the house."""
    digest = (OURS / "sha256.txt").read_text("ascii").strip()
    return Choice(model=str(OURS / "open_clip_config.json"), checkpoint=OURS / WEIGHTS, sha256=digest)


def chosen(environment: Mapping[str, str] | None = None) -> Choice:
    """What ``CLEARANCE_CLIP_MODEL``, ``_CHECKPOINT`` and ``_SHA256`` name; ours when none is set. Raises ``BadInput``."""
    env = os.environ if environment is None else environment
    names = {part: f"{PREFIX}CLIP_{part.upper()}" for part in ("model", "checkpoint", "sha256")}
    given = {part: env.get(name, "").strip() for part, name in names.items()}
    if not any(given.values()):
        return ours()
    missing = [names[part] for part, value in given.items() if not value]
    if missing:
        raise BadInput(f"A CLIP of your own needs all three of its settings; {' and '.join(missing)} is not set.")
    digest = given["sha256"].lower().removeprefix("sha256:")
    if len(digest) != 64 or set(digest) - set("0123456789abcdef"):
        raise BadInput(f"{names['sha256']} must be the 64 hex digits of the checkpoint's SHA-256.")
    checkpoint = Path(given["checkpoint"]).expanduser().absolute()
    if not checkpoint.is_file():
        raise BadInput(f"There is no checkpoint {checkpoint}; {names['checkpoint']} names it.")
    if given["model"].endswith(".json") and not Path(given["model"]).expanduser().is_file():
        raise BadInput(f"There is no configuration {given['model']}; {names['model']} names it.")
    return Choice(model=given["model"], checkpoint=checkpoint, sha256=digest)

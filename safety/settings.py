"""Where things are and how the system is run, from environment variables that begin with ``CLEARANCE_``.

Every setting is a field here with its variable, default and meaning; ``docs/settings.md`` is tested against this list.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from safety.errors import BadInput
from safety.values import Value

PREFIX = "CLEARANCE_"


class Settings(Value):
    """``home`` holds everything one machine keeps: database, clips, keys, checkpoints."""

    home: Path = Field(default=Path("var/clearance"), description="Folder for the database, the clips, the keys and the log.")
    database: str = Field(default="", description="SQLAlchemy URL; empty means SQLite in the home folder.")
    blobs: str = Field(default="", description="fsspec URL for clips; empty means a folder in the home folder.")
    policy: Path | None = Field(default=None, description="Policy file; empty means the one that is shipped.")
    generator: str = Field(default="world", description="Name of the generator backend.")
    broker: Literal["local", "kafka"] = Field(default="local", description="Which runner carries events between stages.")
    kafka: str = Field(default="", description="Bootstrap servers; KAFKA_BOOTSTRAP_SERVERS is read too.")
    topics: str = Field(default="clearance", description="Prefix of the Kafka topics and name of the consumer group.")
    host: str = Field(default="127.0.0.1", description="Address the web server listens on.")
    port: int = Field(default=8420, ge=0, le=65535, description="Port the web server listens on; 0 picks a free one.")
    origin: str = Field(default="", description="Address people reach the server under, for passkeys; needed behind a proxy.")
    width: int = Field(default=640, description="Default width of a clip in pixels.")
    height: int = Field(default=360, description="Default height of a clip in pixels.")
    seconds: float = Field(default=4.0, description="Default length of a clip in seconds.")
    permit_hours: float = Field(default=24.0, gt=0, le=8760, description="How long an allowed request may take to its release.")
    provider: str = Field(default="Clearance", description="Name of the provider in manifests, badges and the ledger.")
    provider_address: str = Field(default="", description="Postal address of the provider, for consent receipts.")
    provider_contact: str = Field(
        default="", description="Where people reach the provider about their data, for consent receipts."
    )
    jurisdiction: str = Field(default="", description="Country or region whose law governs consent, for consent receipts.")
    privacy_notice: str = Field(default="", description="Address of the privacy notice, for consent receipts.")
    guard_url: str = Field(default="", description="OpenAI-compatible address of a second opinion on prompts; empty means none.")
    guard_model: str = Field(default="", description="Name of the guard model at that address.")
    guard_style: Literal["llama-guard", "safeguard"] = Field(default="llama-guard", description="How the guard model is asked.")
    guard_seconds: float = Field(default=4.0, gt=0, le=60, description="Deadline of the second opinion; later means hold.")
    guard_key_file: Path | None = Field(default=None, description="File that holds the key of the guard model's server, if any.")
    clip_model: str = Field(default="", description="Name of an open_clip model, or a config file; empty means the shipped one.")
    clip_checkpoint: Path | None = Field(default=None, description="File with the weights of that model.")
    clip_sha256: str = Field(default="", description="SHA-256 of that file, in hexadecimal.")
    objects_model: str = Field(
        default="", description="Path or name of an ONNX detector of weapons and the like; empty means none."
    )
    objects_sha256: str = Field(default="", description="SHA-256 of that file, in hexadecimal; required for a path.")
    objects_labels: Path | None = Field(default=None, description="YAML file that says what the detector's classes mean.")

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite:///{(self.home / 'clearance.db').absolute()}"

    @property
    def blobs_url(self) -> str:
        return self.blobs or f"file://{(self.home / 'blobs').absolute()}"

    @property
    def keys(self) -> Path:
        """Folder of the private keys; mode 0700."""
        return self.home / "keys"


def read_settings(environment: Mapping[str, str] | None = None, **overrides: object) -> Settings:
    """Settings from the environment, then ``overrides`` that are not None. Raises ``BadInput`` naming the variable."""
    env = os.environ if environment is None else environment
    given: dict[str, object] = {
        name: env[PREFIX + name.upper()] for name in Settings.model_fields if env.get(PREFIX + name.upper())
    }
    if "kafka" not in given and env.get("KAFKA_BOOTSTRAP_SERVERS"):
        given["kafka"] = env["KAFKA_BOOTSTRAP_SERVERS"]
    given.update({k: v for k, v in overrides.items() if v is not None})
    try:
        return Settings.model_validate(given)
    except ValidationError as reason:
        first = reason.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise BadInput(f"The setting {PREFIX}{name.upper()} cannot be used: {first['msg']}.") from reason

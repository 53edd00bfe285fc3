"""A real Kafka for tests: the one ``KAFKA_BOOTSTRAP_SERVERS`` names, or an embedded node; one for the whole session."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from streams.embedded_kafka import EmbeddedKafka, missing


@pytest.fixture(scope="session")
def bootstrap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Addresses of a broker that answers. Without one the tests skip, and fail where CI says that skipping is not enough."""
    if named := os.environ.get("KAFKA_BOOTSTRAP_SERVERS"):
        yield named
        return
    if lacks := missing():
        sentence = f"NO KAFKA WAS TESTED: {lacks}"
        if os.environ.get("CI", "").lower() in ("1", "true", "yes"):
            pytest.fail(sentence)
        pytest.skip(sentence)
    folder: Path = tmp_path_factory.mktemp("kafka")
    with EmbeddedKafka(folder) as node:
        yield node.bootstrap


@pytest.fixture
def prefix() -> str:
    """A name for topics and group that no other test uses, here or in another run on the same cluster."""
    return f"test-{uuid4().hex[:12]}"

"""Coverage-guided fuzzing of everything that reads a prompt before a model does. Needs atheris: ``uv pip install -e '.[fuzz]'``.

    python tests/fuzz/normaliser_atheris.py -max_total_time=60 [-artifact_prefix=DIR/] [CORPUS]

It stops at the first input that breaks a promise; one that takes longer than ``-timeout`` (5 s) is one too. Not collected by
pytest: libFuzzer ends the process.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

with atheris.instrument_imports(include=["classifiers.prompt", "safety"]):
    from classifiers.prompt import fold, pii, read_prompt
    from safety.errors import ClearanceError
    from safety.prompt import Prompt
    from streams.submissions import check_text


def read_one(data: bytes) -> None:
    """Reads ``data`` as a prompt in every way the doors would let it in, and holds the reading to its promises."""
    provider = atheris.FuzzedDataProvider(data)
    text = provider.ConsumeUnicode(4_000) if provider.ConsumeBool() else data[1:4_000].decode("utf-8", "replace")
    try:
        check_text(text)
    except ClearanceError as reason:
        assert reason.detail.endswith(".")
    read = read_prompt(Prompt(text=text))
    assert len(read.plain) == len(read.origin)
    for shown, origin in zip(read.texts, (read.origin, *read.reading_origins), strict=True):
        assert len(shown) == len(origin)
        assert all(0 <= place < len(text) for place in origin)
        folded = fold(shown)
        assert fold(folded) == folded
    for found in pii.find(read.plain):
        assert 0 <= found.start < found.end <= len(read.plain)


def main() -> None:
    """Fuzz until the time given is over."""
    atheris.Setup([sys.argv[0], "-timeout=5", "-max_len=4000", *sys.argv[1:]], read_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()

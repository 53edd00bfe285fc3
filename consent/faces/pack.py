"""The folder of models that insightface loads: derived once from the two published files and kept beside them.

The folder is named by the digests it was made from and by the versions of the derivations, so other weights never reuse it. It
is built aside and renamed in one step: two processes that start together end with one whole folder, never half of one.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from safety import weights

DETECTOR = "yunet-face-detector.onnx"
RECOGNISER = "sface-recogniser-int8bq.onnx"
#: Raise it when embeddings change: templates made before are not compared any more, and people must enrol again.
DERIVATION = 1
#: Raise it when ``wrap`` or ``fold`` write other bytes that find the same faces and give the same embeddings.
FORM = 2


def pack_name() -> str:
    """The version of every template made with the pack."""
    known = weights.known()
    inputs = f"{known[DETECTOR].sha256}/{known[RECOGNISER].sha256}/{DERIVATION}"
    return f"yunet-sface-{hashlib.sha256(inputs.encode()).hexdigest()[:12]}"


def folder() -> Path:
    """Where the pack lies, or will."""
    return weights.store() / "derived" / f"{pack_name()}-{FORM}"


def prepare_pack() -> Path:
    """Path of the folder, made now if it is not there.

    Raises ``safety.weights.WeightsError`` when a published file is missing or has other bytes.
    """
    ready = folder()
    if ready.is_dir():
        return ready
    import onnx  # only needed where the pack is made

    from consent.faces.fold import fold
    from consent.faces.wrap import wrap

    detector, recogniser = weights.find(DETECTOR), weights.find(RECOGNISER)
    ready.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ready.parent, prefix=f".{ready.name}.") as aside:
        built = Path(aside) / "pack"
        built.mkdir()
        onnx.save(wrap(onnx.load(str(detector))), str(built / "detector.onnx"))
        onnx.save(fold(onnx.load(str(recogniser))), str(built / "recogniser.onnx"))
        try:
            built.rename(ready)
        except OSError:  # someone else's build, of the same bytes, came first
            if not ready.is_dir():
                raise
    return ready


def forget_pack() -> None:
    """Remove the derived folder; the next use builds it again."""
    ready = folder()
    if ready.is_dir():
        aside = ready.with_name(f".{ready.name}.{os.getpid()}.gone")
        ready.rename(aside)
        shutil.rmtree(aside)

"""The folder of models that insightface loads: derived once from the two published files and kept beside them.

The folder is named by the digests it was made from and by the version of the derivation, so other weights never reuse it. It
is built aside and renamed in one step: two processes that start together end with one whole folder, never half of one.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

import onnx

from consent.faces.fold import fold
from consent.faces.wrap import wrap
from safety import weights

DETECTOR = "yunet-face-detector.onnx"
RECOGNISER = "sface-recogniser-int8bq.onnx"
#: Raise it when ``fold`` or ``wrap`` change what they write.
DERIVATION = 1


def pack_name() -> str:
    """Name of the pack, which is also the version of every template made with it."""
    known = weights.known()
    inputs = f"{known[DETECTOR].sha256}/{known[RECOGNISER].sha256}/{DERIVATION}"
    return f"yunet-sface-{hashlib.sha256(inputs.encode()).hexdigest()[:12]}"


def prepare_pack() -> Path:
    """Path of the folder, made now if it is not there.

    Raises ``safety.weights.WeightsError`` when a published file is missing or has other bytes.
    """
    folder = weights.store() / "derived" / pack_name()
    if folder.is_dir():
        return folder
    detector, recogniser = weights.find(DETECTOR), weights.find(RECOGNISER)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as aside:
        built = Path(aside) / "pack"
        built.mkdir()
        onnx.save(wrap(onnx.load(str(detector))), str(built / "detector.onnx"))
        onnx.save(fold(onnx.load(str(recogniser))), str(built / "recogniser.onnx"))
        try:
            built.rename(folder)
        except OSError:  # someone else's build, of the same bytes, came first
            if not folder.is_dir():
                raise
    return folder


def forget_pack() -> None:
    """Remove the derived folder; the next use builds it again."""
    folder = weights.store() / "derived" / pack_name()
    if folder.is_dir():
        aside = folder.with_name(f".{folder.name}.{os.getpid()}.gone")
        folder.rename(aside)
        shutil.rmtree(aside)

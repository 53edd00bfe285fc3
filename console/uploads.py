"""Files that people send: streamed to disk by the form's reader, copied to a scratch folder, gone when the answer is made.

The sender's file name is never used as a path; only a plain ending is kept, because some readers go by it.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from fastapi import UploadFile

from safety.errors import BadInput
from streams.context import Context

_ENDING = re.compile(r"\.[a-z0-9]{1,5}$")
#: Most files in one form: photographs of a person, reference pictures of a work.
MAX_FILES = 40


@contextmanager
def kept(ctx: Context, files: Sequence[UploadFile]) -> Iterator[list[Path]]:
    """The files as paths, in order, for the duration. An empty field, as a browser sends when nothing was chosen, is left out."""
    real = [f for f in files if f.filename or f.size]
    if len(real) > MAX_FILES:
        raise BadInput(f"{len(real)} files were sent; {MAX_FILES} is the most.")
    scratch = ctx.settings.home / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="upload-", dir=scratch) as folder:
        paths = []
        for number, file in enumerate(real, 1):
            found = _ENDING.search((file.filename or "").lower())
            path = Path(folder) / f"file-{number}{found.group() if found else ''}"
            with path.open("wb") as out:
                shutil.copyfileobj(file.file, out, 1 << 20)
            paths.append(path)
        yield paths

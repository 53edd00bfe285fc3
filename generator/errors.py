"""What can go wrong while making, reading or writing a clip, as sentences for a person.

::

    GeneratorError            our generator could not finish; nothing was kept
    ├── UnknownGenerator 404  no generator has that name
    └── BadClip          415  the file cannot be read as a clip (also a ``safety.errors.BadMedia``)
        └── ClipTooLarge 413  it is longer or larger than a named limit
"""

from __future__ import annotations

from safety.errors import BadMedia, ClearanceError, NotFound


class GeneratorError(ClearanceError):
    """The generator could not finish."""

    code, title = "generator", "The clip could not be made"


class UnknownGenerator(GeneratorError, NotFound):
    """No generator has that name."""

    status, code, title, exit_code = 404, "unknown-generator", "No such generator", 4


class BadClip(GeneratorError, BadMedia):
    """The file cannot be read as a clip."""

    status, code, title, exit_code = 415, "bad-media", "The file is not media we can decode", 2


class ClipTooLarge(BadClip):
    """The clip is longer or larger than a named limit."""

    status, code, title, exit_code = 413, "too-large", "The clip is too large", 2

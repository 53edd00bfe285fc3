"""Every error a person may meet, as one sentence that says what happened and whose move it is.

::

    ClearanceError
    ├── BadInput        422  what you gave cannot be used; change it
    │   ├── TooLarge    413  it is larger than a named limit
    │   └── BadMedia    415  the file is not media we can decode
    ├── NotFound        404  nothing has that id
    ├── Forbidden       403  you may not do this; someone else can allow it
    ├── Conflict        409  it was done already, or the state moved on
    ├── Gone            410  it was here and was withdrawn
    └── Unavailable     503  our side cannot answer now; nothing was lost, try again

Each other folder has an ``errors.py`` whose base error also derives from ``ClearanceError``; the console turns the tree
into exit codes and RFC 9457 problem documents in one place.
"""

from __future__ import annotations


class ClearanceError(Exception):
    """Base of every error meant for a person.

    ``detail`` is one sentence without a traceback. ``status`` is the HTTP status, ``code`` the stable machine name used in
    the problem document's ``type``, ``exit_code`` what the command line leaves with.
    """

    status: int = 500
    code: str = "internal"
    title: str = "Something went wrong"
    exit_code: int = 1

    def __init__(self, detail: str, **extra: object) -> None:
        super().__init__(detail)
        self.detail = detail
        self.extra = extra


class BadInput(ClearanceError):
    """What was given cannot be used; the caller's move."""

    status, code, title, exit_code = 422, "bad-input", "The input cannot be used", 2


class TooLarge(BadInput):
    """It is larger than a named limit."""

    status, code, title = 413, "too-large", "The input is too large"


class BadMedia(BadInput):
    """The file is not media that can be decoded."""

    status, code, title = 415, "bad-media", "The file is not media we can decode"


class NotFound(ClearanceError):
    """Nothing has that id."""

    status, code, title, exit_code = 404, "not-found", "Not found", 4


class Forbidden(ClearanceError):
    """The caller may not do this."""

    status, code, title, exit_code = 403, "forbidden", "Not allowed", 5


class Conflict(ClearanceError):
    """It was done already, or the state moved on."""

    status, code, title, exit_code = 409, "conflict", "The state does not allow this", 6


class Gone(ClearanceError):
    """It was here and was withdrawn."""

    status, code, title, exit_code = 410, "gone", "Withdrawn", 7


class Unavailable(ClearanceError):
    """Our side cannot answer now; nothing was lost."""

    status, code, title, exit_code = 503, "unavailable", "Not available now", 8

"""What the doors themselves refuse, before anything behind them is asked.

::

    ConsoleError
    ├── ForeignOrigin   403  another site, or a name that is not ours, tried to act through a visitor's browser
    ├── NotLoopback     403  the server would be reachable by others although it has no accounts
    ├── PortTaken       503  something else listens where we were told to
    ├── DiskFull        507  the disk is full
    └── StillWorking    504  the caller's patience ended before the work did
"""

from __future__ import annotations

from safety.errors import ClearanceError


class ConsoleError(ClearanceError):
    """Base of every error of this folder."""


class ForeignOrigin(ConsoleError):
    """Another site, or a name that is not ours, tried to act through a visitor's browser."""

    status, code, title, exit_code = 403, "foreign-origin", "Not from this site", 5


class NotLoopback(ConsoleError):
    """The server would be reachable by others although it has no accounts."""

    status, code, title, exit_code = 403, "not-loopback", "Refused to listen", 5


class PortTaken(ConsoleError):
    """Something else listens there, or we may not."""

    status, code, title, exit_code = 503, "port-taken", "The address cannot be used", 8


class DiskFull(ConsoleError):
    """The disk is full."""

    status, code, title, exit_code = 507, "disk-full", "The disk is full", 8


class StillWorking(ConsoleError):
    """The caller's patience ended before the work did."""

    status, code, title, exit_code = 504, "still-working", "Not finished yet", 8

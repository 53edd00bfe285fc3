"""What can go wrong while looking, as sentences for a person.

::

    ClearanceError
    └── ClassifierError         503  a detector cannot look now
        ├── UnknownDetector     404  no detector has that name
        ├── BrokenHeads         503  our own trained heads do not fit the code that reads them
        └── ContractBroken      500  a detector breaks a rule of the protocol
"""

from __future__ import annotations

from safety.errors import ClearanceError


class ClassifierError(ClearanceError):
    """A detector cannot look now; the submission is held, nothing was lost."""

    status, code, title, exit_code = 503, "classifier", "A detector cannot look now", 8


class UnknownDetector(ClassifierError):
    """The registry has no detector of that kind or name."""

    status, code, title, exit_code = 404, "unknown-detector", "No such detector", 4


class BrokenHeads(ClassifierError):
    """The trained heads do not fit the code that reads them; train again."""

    code, title = "broken-heads", "The trained heads cannot be used"


class ContractBroken(ClassifierError):
    """A detector broke a rule of the protocol; its author's move."""

    status, code, title, exit_code = 500, "contract-broken", "A detector breaks the contract", 1

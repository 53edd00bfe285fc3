"""What consent refuses, each as one sentence that says whose move it is.

::

    ConsentError
    ├── LikenessRefused   422  the pictures cannot be enrolled: no face, two faces, too small, another person
    ├── UnknownPerson     404  nobody is enrolled under that name
    ├── UnknownGrant      404  no such grant of this person
    ├── UnknownWork       404  no such reservation
    ├── Taken             409  the name or the face is enrolled already
    ├── FilingRefused     422  a reservation or a file of them cannot be used
    ├── ProofNeeded       403  the person has a key of their own, and has to sign with it
    ├── ProofRefused      403  what was given as their signature is not one
    ├── StatementRefused  422  what was signed is another statement, or an old one
    ├── UnknownClaim      404  no claim has that number
    ├── ClaimRefused      422  a claim or a decision about one cannot be taken as it is
    ├── ReceiptForged     422  a receipt does not carry the signature it claims
    └── VaultLocked       503  a key is missing or wrong, so nothing sealed can be opened
"""

from __future__ import annotations

from safety.errors import ClearanceError


class ConsentError(ClearanceError):
    """Base of every error of this folder."""


class LikenessRefused(ConsentError):
    """The pictures cannot be enrolled."""

    status, code, title, exit_code = 422, "likeness-refused", "The pictures cannot be enrolled", 2


class UnknownPerson(ConsentError):
    """Nobody is enrolled under that name."""

    status, code, title, exit_code = 404, "unknown-person", "No such person", 4


class UnknownGrant(ConsentError):
    """This person gave no such grant."""

    status, code, title, exit_code = 404, "unknown-grant", "No such grant", 4


class UnknownWork(ConsentError):
    """No reservation has that id."""

    status, code, title, exit_code = 404, "unknown-work", "No such reservation", 4


class Taken(ConsentError):
    """The name or the face is enrolled already."""

    status, code, title, exit_code = 409, "taken", "Already enrolled", 6


class FilingRefused(ConsentError):
    """A reservation, or a file of them, cannot be used."""

    status, code, title, exit_code = 422, "filing-refused", "The filing cannot be used", 2


class ProofNeeded(ConsentError):
    """The person has a key of their own, and has to sign with it."""

    status, code, title, exit_code = 403, "proof-needed", "A signature is needed", 5


class ProofRefused(ConsentError):
    """What was given as a person's signature is not one."""

    status, code, title, exit_code = 403, "proof-refused", "The signature is not accepted", 5


class StatementRefused(ConsentError):
    """What was signed is another statement, or an old one."""

    status, code, title, exit_code = 422, "statement-refused", "The statement cannot be used", 2


class UnknownClaim(ConsentError):
    """No claim has that number."""

    status, code, title, exit_code = 404, "unknown-claim", "No such claim", 4


class ClaimRefused(ConsentError):
    """A claim, or a decision about one, cannot be taken as it is."""

    status, code, title, exit_code = 422, "claim-refused", "The claim cannot be used", 2


class ReceiptForged(ConsentError):
    """A receipt does not carry the signature it claims."""

    status, code, title, exit_code = 422, "receipt-forged", "The receipt does not verify", 9


class VaultLocked(ConsentError):
    """A key is missing or wrong."""

    status, code, title, exit_code = 503, "vault-locked", "Sealed data cannot be opened", 8

"""What can go wrong with marks, keys and manifests, each as one sentence for a person.

::

    ClearanceError
    └── ProvenanceError   500  sealing or verifying failed on our side
        ├── KeyTrouble    503  a key or certificate is missing, unreadable or expired; the operator's move
        ├── SealRefused   500  the clip could not be marked or signed, so it must not be shown
        └── BadParent     422  the parent of a remix is not a file we can take as an ingredient
"""

from __future__ import annotations

from safety.errors import ClearanceError


class ProvenanceError(ClearanceError):
    """Base of every error of this folder."""

    status, code, title = 500, "provenance", "Provenance failed"


class KeyTrouble(ProvenanceError):
    """A key, secret or certificate cannot be used; whoever runs the machine must act."""

    status, code, title, exit_code = 503, "signing-keys", "The signing keys cannot be used", 8


class SealRefused(ProvenanceError):
    """The clip could not be sealed; it must not be released."""

    code, title = "seal-refused", "The clip could not be sealed"


class BadParent(ProvenanceError):
    """The file given as the parent of a remix cannot be an ingredient."""

    status, code, title, exit_code = 422, "bad-parent", "The parent clip cannot be used", 2

"""The append-only Merkle ledger: what was attempted, judged, decided, released and withdrawn, so that outsiders can check it.

A row is written in the same transaction as the thing it tells of. Rows form the leaves of an RFC 9162 tree (pymerkle); a
checkpoint is a C2SP signed note over size and root, kept in the database and in a file beside it, so that a database whose
past was rewritten no longer agrees with what was published. No biometric, no secret and no prompt text is ever in a body.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from pymerkle import BaseMerkleTree, InclusionProof, InvalidProof, verify_inclusion

from safety import signer as signing
from safety.errors import ClearanceError, NotFound
from safety.tables import checkpoints, ledger
from safety.values import Value, canonical

ORIGIN = "clearance/ledger"
#: First byte of a C2SP key id's hash input and of its encoded key: 0x01 means Ed25519 (c2sp.org/signed-note).
ED25519 = b"\x01"


class LedgerError(ClearanceError):
    """The ledger's rows do not agree with one another or with a checkpoint."""

    status, code, title, exit_code = 500, "ledger", "The ledger does not verify", 9


class Entry(Value):
    """One row. ``position`` counts from 1; ``at`` is an ISO 8601 time; ``body`` is public by construction."""

    position: int
    kind: str
    subject: str
    body: dict[str, object]
    at: str

    @property
    def encoded(self) -> bytes:
        """The bytes a leaf is the hash of."""
        return canonical(self.model_dump())


class Tree(BaseMerkleTree):  # type: ignore[misc]  # pymerkle has no types
    """pymerkle over our table, through one connection; appending is ``append``'s business alone."""

    def __init__(self, conn: sa.Connection) -> None:
        self._conn = conn
        super().__init__()

    def _encode_entry(self, data: Entry) -> bytes:
        return data.encoded

    def _store_leaf(self, data: Entry, digest: bytes) -> int:
        self._conn.execute(sa.insert(ledger).values(**(data.model_dump() | {"body": canonical(data.body).decode()}), leaf=digest))
        return data.position

    def _get_leaf(self, index: int) -> bytes:
        return bytes(self._conn.execute(sa.select(ledger.c.leaf).where(ledger.c.position == index)).scalar_one())

    def _get_leaves(self, offset: int, width: int) -> Iterator[bytes]:
        rows = sa.select(ledger.c.leaf).where(ledger.c.position.between(offset + 1, offset + width)).order_by(ledger.c.position)
        return (bytes(leaf) for (leaf,) in self._conn.execute(rows))

    def _get_size(self) -> int:
        return size(self._conn)


def size(conn: sa.Connection) -> int:
    """Number of entries."""
    return int(conn.execute(sa.select(sa.func.coalesce(sa.func.max(ledger.c.position), 0))).scalar_one())


def count(conn: sa.Connection, kind: str) -> int:
    """Number of entries of one kind."""
    rows = sa.select(sa.func.count()).select_from(ledger).where(ledger.c.kind == kind)
    return int(conn.execute(rows).scalar_one())


def append(conn: sa.Connection, kind: str, subject: str, body: dict[str, object], at: datetime) -> int:
    """Add an entry inside the caller's write transaction and return its position, counting from 1."""
    entry = Entry(position=size(conn) + 1, kind=kind, subject=subject, body=body, at=at.isoformat())
    return int(Tree(conn).append_entry(entry))


def append_many(conn: sa.Connection, kind: str, rows: Sequence[tuple[str, dict[str, object]]], at: datetime) -> int:
    """Add an entry for each ``(subject, body)``, in order; return the size then. The tree is that of adding them one by one.

    For thousands of entries of one moment: the size is asked once, and the rows go in together.
    """
    tree, first, when = Tree(conn), size(conn) + 1, at.isoformat()
    values = []
    for position, (subject, body) in enumerate(rows, first):
        leaf = tree.hash_buff(Entry.model_construct(position=position, kind=kind, subject=subject, body=body, at=when).encoded)
        row = {"position": position, "kind": kind, "subject": subject, "body": canonical(body).decode(), "at": when, "leaf": leaf}
        values.append(row)
    if values:
        conn.execute(sa.insert(ledger), values)
    return first - 1 + len(values)


def entries(conn: sa.Connection, kind: str | None = None, subject: str | None = None) -> Iterator[Entry]:
    """Entries in order, optionally of one kind or about one subject."""
    rows = sa.select(ledger).order_by(ledger.c.position)
    if kind is not None:
        rows = rows.where(ledger.c.kind == kind)
    if subject is not None:
        rows = rows.where(ledger.c.subject == subject)
    return (_entry(row) for row in conn.execute(rows))


def checkpoint(conn: sa.Connection, signer: signing.Signer, at: datetime, published: Path | None = None) -> str | None:
    """Sign the present size and root; return the note, or None when the ledger is empty or was signed at this size.

    ``published`` is a file notes are appended to: a copy that does not live in the database it vouches for.
    """
    total = size(conn)
    if not total or conn.execute(sa.select(checkpoints.c.size).where(checkpoints.c.size == total)).first():
        return None
    root = Tree(conn).get_root()
    note = sign_note(f"{ORIGIN}\n{total}\n{base64.b64encode(root).decode()}\n", signer)
    conn.execute(sa.insert(checkpoints).values(size=total, root=root, note=note, at=at))
    if published is not None:
        with published.open("a", encoding="utf-8") as out:
            out.write(json.dumps(note) + "\n")
    return note


def newest(conn: sa.Connection) -> str | None:
    """The latest checkpoint's note, or None when there is none yet."""
    found = conn.execute(sa.select(checkpoints.c.note).order_by(checkpoints.c.size.desc()).limit(1)).scalar_one_or_none()
    return None if found is None else str(found)


def sign_note(text: str, signer: signing.Signer) -> str:
    """A C2SP signed note: the text, an empty line, one signature line."""
    key_id = _key_id(signer.public_key)
    blob = base64.b64encode(key_id + signer.sign(text.encode())).decode()
    return f"{text}\n— {ORIGIN} {blob}\n"


def read_note(note: str, public_key: bytes) -> tuple[int, bytes]:
    """Size and root of a checkpoint. Raises ``LedgerError`` when it was not signed by ``public_key``."""
    try:
        text, line = note.split("\n\n", 1)
        text += "\n"
        blob = base64.b64decode(line.strip().split(" ")[-1], validate=True)
        origin, total, root = text.splitlines()[:3]
        good = blob[:4] == _key_id(public_key) and signing.verify(public_key, blob[4:], text.encode()) and origin == ORIGIN
        parsed = int(total), base64.b64decode(root, validate=True)
    except ValueError as reason:
        raise LedgerError("A checkpoint is not a signed note; ask the operator for the published one.") from reason
    if not good:
        raise LedgerError("A checkpoint was not signed by this ledger's key; the ledger or the checkpoint was replaced.")
    return parsed


def verify(conn: sa.Connection, public_key: bytes, published: Path | None = None) -> int:
    """Recompute every leaf and every checkpoint's root; return the number of entries.

    Raises ``LedgerError`` naming the first position or checkpoint that does not agree: a row changed, removed, reordered or
    added in the past, or a tail cut off after it was published.
    """
    tree, seen = Tree(conn), 0
    for row in conn.execute(sa.select(ledger).order_by(ledger.c.position)):
        seen += 1
        if row.position != seen:
            raise LedgerError(f"Ledger entry {seen} is missing: the next one is {row.position}.")
        try:
            entry = _entry(row)
        except ValueError as reason:
            raise LedgerError(f"Ledger entry {seen} is not readable any more.") from reason
        if canonical(entry.body).decode() != row.body or tree.hash_buff(entry.encoded) != bytes(row.leaf):
            raise LedgerError(f"Ledger entry {seen} was changed: its content does not match its leaf.")
    notes = [row.note for row in conn.execute(sa.select(checkpoints.c.note).order_by(checkpoints.c.size))]
    if published is not None and published.exists():
        notes += [json.loads(line) for line in published.read_text("utf-8").splitlines() if line]
    for note in notes:
        at_size, root = read_note(note, public_key)
        if at_size > seen:
            raise LedgerError(f"The ledger has {seen} entries but a checkpoint vouches for {at_size}: its end was cut off.")
        if tree.get_root(at_size) != root:
            raise LedgerError(f"The first {at_size} entries do not have the root that was published for them.")
    return seen


def prove(conn: sa.Connection, position: int) -> dict[str, object]:
    """An inclusion proof for one entry against the newest checkpoint that covers it, as a JSON document.

    Raises ``NotFound`` when there is no such entry, or no checkpoint covers it yet.
    """
    row = conn.execute(sa.select(ledger).where(ledger.c.position == position)).first()
    if row is None:
        raise NotFound(f"The ledger has no entry {position}; `clearance ledger verify` says how many there are.")
    head = conn.execute(
        sa.select(checkpoints).where(checkpoints.c.size >= position).order_by(checkpoints.c.size.desc()).limit(1)
    ).first()
    if head is None:
        raise NotFound(f"Entry {position} is newer than the last checkpoint; ask again in a moment.")
    proof = Tree(conn).prove_inclusion(position, head.size)
    return {"entry": _entry(row).model_dump(), "proof": proof.serialize(), "checkpoint": head.note}


def check_proof(document: dict[str, object], public_key: bytes) -> Entry:
    """Verify what ``prove`` gave, with nothing but the public key; return the entry or raise ``LedgerError``."""
    try:
        entry = Entry.model_validate(document["entry"])
        total, root = read_note(str(document["checkpoint"]), public_key)
        proof = InclusionProof.deserialize(document["proof"])
        leaf = hashlib.sha256(b"\x00" + entry.encoded).digest()
        verify_inclusion(leaf, root, proof, index=entry.position, size=total)
    except (InvalidProof, KeyError, TypeError, ValueError) as reason:
        raise LedgerError("The proof does not show that this entry is in the ledger.") from reason
    return entry


def _key_id(public_key: bytes) -> bytes:
    return hashlib.sha256(f"{ORIGIN}\n".encode() + ED25519 + public_key).digest()[:4]


def _entry(row: sa.Row[tuple[object, ...]]) -> Entry:
    return Entry(position=row.position, kind=row.kind, subject=row.subject, body=json.loads(row.body), at=row.at)

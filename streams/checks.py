"""Single checks outside the pipeline: screen a text, inspect, seal or verify a file. Nothing is released or recorded by them,
except that a file sealed by hand is remembered, so that it can be verified."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from pydantic import JsonValue

from provenance import tables as provenance
from provenance.verify import Evidence, Verification, Verifier
from safety import releases
from safety.errors import BadInput, NotFound
from safety.judge import judge
from safety.prompt import Prompt
from safety.values import Value, derive
from safety.verdict import Verdict
from safety.weights import sha256_of
from streams import submissions
from streams.context import Context
from streams.sealed import Sealed
from streams.serving import WHY

#: Drafts of released clips never leave the house, so their looks without a mark mean that the mark was taken off. The source of a
#: file that somebody brought to be sealed is out there rightfully.
MAY_BE_THE_SOURCE = (
    "It looks like a file that was sealed here by hand and carries no mark: it may be the source of that file, or a copy whose "
    "marks were taken off."
)


class ConsentStatus(Value):
    """Where a recognised clip stands: ``released``, ``withdrawn`` (with when and why), or ``sealed`` only."""

    status: str
    since: datetime | None = None
    reason: str | None = None


class Verified(Value):
    """What ``verify`` answers: provenance's answer and evidence, and where consent stands today."""

    answer: str
    clip: str | None
    consent: ConsentStatus | None
    evidence: dict[str, JsonValue]


def screen_text(ctx: Context, text: str, requester: str = "anonymous", cameos: tuple[str, ...] = ()) -> Verdict:
    """What the prompt gate says of ``text`` now. Text that cannot be a prompt raises ``BadInput``."""
    submissions.check_text(text)
    for what, name in (("requester", requester), *(("cameo", handle) for handle in cameos)):
        submissions.check_name(what, name)
    prompt = Prompt(text=text)
    reports, permits = ctx.gates.prompt(prompt, requester, cameos, None)
    return judge(
        ctx.policy(), "prompt", id=derive(prompt.digest, "screen"), subject=prompt.digest, reports=reports, permits=permits,
        at=ctx.clock(),
    )  # fmt: skip


def inspect_file(ctx: Context, path: Path, requester: str = "anonymous", prompt: str | None = None) -> Verdict:
    """What the clip gate says of a media file now; ``prompt`` is what it was made from. Raises ``NotFound`` and ``BadMedia``."""
    _must_be_there(path)
    found = ctx.gates.clip(path, requester, (), lambda _fraction, _words: None, prompt)
    subject = "sha256:" + sha256_of(path)
    return judge(
        ctx.policy(), "clip", id=derive(subject, "inspect"), subject=subject, reports=found.reports, permits=found.permits,
        at=ctx.clock(),
    )  # fmt: skip


def seal_file(ctx: Context, path: Path, out: Path, creator: str = "unknown") -> Sealed:
    """Mark and sign any mp4 and remember it. Raises ``NotFound``, ``BadMedia`` and ``BadInput``."""
    _must_be_there(path)
    if out.resolve() == path.resolve():
        raise BadInput("The sealed file would overwrite its source; choose another name for it.")
    if not out.parent.is_dir():
        raise NotFound(f"There is no folder {out.parent}.")
    now = ctx.clock()
    draft = "sha256:" + sha256_of(path)
    clip = hashlib.sha256(f"file/{draft}/{now.isoformat()}".encode()).hexdigest()[:24]
    record = ctx.parts.sealing.seal(path, out, clip, path.stem, creator)
    sealed = Sealed(clip, record.clip.sha256, draft, derive(clip, "file"), record)
    with ctx.db.write() as conn:
        ctx.sealing.record(conn, sealed, now)
    return sealed


def verify_file(ctx: Context, path: Path) -> Verified:
    """Whose is this file, and does the consent it rests on still stand? Raises ``NotFound`` and ``BadMedia``."""
    _must_be_there(path)
    verifier = Verifier(ctx.parts.authority)
    with ctx.db.read() as conn:
        found: Verification = verifier.verify(path, ctx.parts.media, conn)
        consent = _consent(conn, found.clip) if found.clip is not None and found.answer != "not-ours" else None
    answer, evidence = found.answer, found.evidence
    if answer == "ours" and consent is not None and consent.status == "sealed" and _by_looks_alone(evidence):
        answer, evidence = "cannot-tell", evidence.model_copy(update={"notes": (*evidence.notes, MAY_BE_THE_SOURCE)})
    return Verified(answer=answer, clip=found.clip, consent=consent, evidence=evidence.model_dump(mode="json"))


def _consent(conn: sa.Connection, clip: str) -> ConsentStatus | None:
    """Where a recognised clip stands today; None when it is in no record."""
    try:
        release = releases.get(conn, clip)
    except NotFound:
        record = provenance.find_by_mark(conn, clip)
        return ConsentStatus(status="sealed", since=record.sealed_at) if record else None
    if release.withdrawal is None:
        return ConsentStatus(status="released", since=release.released_at)
    why = releases.read_withdrawal(conn, release.withdrawal)
    return ConsentStatus(status="withdrawn", since=why.at, reason=WHY[why.cause])


def _by_looks_alone(evidence: Evidence) -> bool:
    """Nothing but its looks speaks for it: no manifest of ours, no mark, other bytes than were sealed."""
    marked = evidence.video_mark is not None or evidence.sound_mark is not None
    return not (evidence.manifest.ours or marked or evidence.same_media)


def _must_be_there(path: Path) -> None:
    if not path.exists():
        raise NotFound(f"There is no file {path}.")
    if not path.is_file():
        raise BadInput(f"{path} is not a file.")

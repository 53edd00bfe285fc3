"""Gathering what a page or an answer shows, each from one consistent snapshot. Nothing here changes anything."""

from __future__ import annotations

from console.views import (
    CaseView,
    ClipLine,
    ClipView,
    PermitView,
    SubmissionView,
    VerdictView,
    case_view,
    clip_line,
    media_address,
    submission_view,
    verdict_view,
    withdrawal_view,
)
from safety import cases, ledger, records, releases
from safety.passage import Passage
from streams import inspections, submissions
from streams.context import Context
from streams.people import listing as known_people
from streams.serving import WHY
from streams.submissions import Status
from streams.works import listing as reserved_works

#: Most rows a list gives at once.
MOST = 500


def read_submission(ctx: Context, id: str) -> SubmissionView:
    """One submission, or ``NotFound``."""
    with ctx.db.read() as conn:
        return submission_view(submissions.get(conn, id))


def list_submissions(
    ctx: Context, *, requester: str | None = None, status: Status | None = None, limit: int = 50
) -> tuple[SubmissionView, ...]:
    """Submissions, the newest first."""
    with ctx.db.read() as conn:
        rows = submissions.listing(conn, requester=requester, status=status, limit=min(limit, MOST))
    return tuple(submission_view(row) for row in rows)


def read_verdicts(ctx: Context, submission: str, language: str = "en") -> tuple[VerdictView, ...]:
    """What the gates said of a submission, the oldest first."""
    with ctx.db.read() as conn:
        prompt = submissions.get(conn, submission).prompt
        return tuple(verdict_view(v, language, prompt) for v in records.verdicts_of(conn, submission))


def list_clips(ctx: Context, *, live_only: bool = True, limit: int = 50) -> tuple[ClipLine, ...]:
    """Released clips, the newest first."""
    with ctx.db.read() as conn:
        return tuple(clip_line(r) for r in releases.listing(conn, live_only=live_only, limit=min(limit, MOST)))


def read_clip(ctx: Context, clip: str) -> ClipView:
    """A released clip with its lineage, permits and place in the ledger, withdrawn or not, or ``NotFound``."""
    with ctx.db.read() as conn:
        release = releases.get(conn, clip)
        made = submissions.get(conn, release.submission)
        taken = releases.read_withdrawal(conn, release.withdrawal) if release.withdrawal else None
        entry = next(ledger.entries(conn, kind="release", subject=release.submission), None)
        permits = releases.permits_of(conn, clip)
        remixes = releases.remixes(conn, clip)
    return ClipView(
        clip=clip, submission=release.submission, requester=release.requester, prompt=made.prompt,
        width=made.width, height=made.height, parent=release.parent,
        remixes=remixes, released_at=release.released_at, digest=release.sealed, policy=release.policy,
        ledger_position=entry.position if entry else None,
        permits=tuple(
            PermitView(kind=p.kind, subject=p.subject, holder=p.holder, grant=p.grant, expires_at=p.expires_at) for p in permits
        ),
        withdrawal=withdrawal_view(taken, WHY[taken.cause]) if taken else None,
        media=media_address(clip),
    )  # fmt: skip


def read_case(ctx: Context, id: str, language: str = "en") -> CaseView:
    """A case with its prompt and verdict, or ``NotFound``."""
    with ctx.db.read() as conn:
        case = cases.get(conn, id)
        return case_view(case, submissions.get(conn, case.submission), records.read_verdict(conn, case.verdict), language)


def list_cases(ctx: Context, status: str | None = "open", limit: int = 100, language: str = "en") -> tuple[CaseView, ...]:
    """Cases, the oldest first; ``status`` None means all."""
    with ctx.db.read() as conn:
        return tuple(
            case_view(c, submissions.get(conn, c.submission), records.read_verdict(conn, c.verdict), language)
            for c in cases.listing(conn, status=status, limit=min(limit, MOST))
        )


def case_of(ctx: Context, submission: str) -> str | None:
    """Id of the submission's open case, if it waits for a person."""
    with ctx.db.read() as conn:
        return next((c.id for c in cases.listing(conn, status="open", submission=submission)), None)


def names(ctx: Context) -> dict[str, str]:
    """What people and works are called, by id; one that was erased has no name."""
    people = {p.id: f"@{p.handle}" for p in known_people(ctx)}
    return people | {w.id: w.title for w in reserved_works(ctx)}


def passages(ctx: Context, case: CaseView) -> tuple[Passage, ...]:
    """What is said and written in the clip of a case; nothing for a case about a prompt."""
    if case.gate != "clip":
        return ()
    with ctx.db.read() as conn:
        return inspections.words_of(conn, case.submission)

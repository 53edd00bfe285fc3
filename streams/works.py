"""What rights holders do: file a reservation, in ones or in bulk, take it back, and see what it would match."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from classifiers.prompt.normaliser import read_prompt
from classifiers.sound.landmarks import SoundPrinter
from consent import works, works_file
from consent.copies.filing import ReferenceClip
from consent.sounds.recordings_filing import read_recordings
from consent.works import Filing, Name, Reservation
from consent.works_file import ImportReport
from consent.works_names import match_prompt
from generator.reading import read_sound_file
from safety.errors import BadInput
from safety.prompt import Prompt
from safety.signal import Report
from streams import submissions
from streams.context import Context
from streams.lanes.lane import Failed
from streams.lanes.viewing import Task, view
from streams.lookers import EARS, LOOKS
from streams.people import read_picture

#: Who answers when a file is matched by hand.
DETECTOR = "works-match/1"


def add(
    ctx: Context, filing: Filing, pictures: Sequence[Path] = (), sounds: Sequence[Path] = (), *,
    clips: Sequence[Path] = (), verified: bool = True,
) -> Reservation:  # fmt: skip
    """File one reservation; effective at the next prompt and before the next release. Raises ``FilingRefused``."""
    references, recordings = None, None
    if sounds:
        recordings = read_recordings((read_sound_file(p) for p in sounds), SoundPrinter())
    if pictures or clips:
        read = (_reference_clip(ctx, p) for p in clips)
        references = works.read_references([read_picture(p) for p in pictures], ctx.parts.fingerprinter, read)
    with ctx.db.write() as conn:
        return works.add(conn, filing, ctx.clock, verified=verified, references=references, sounds=recordings)


def _reference_clip(ctx: Context, path: Path) -> ReferenceClip:
    """A video file as a reference, decoded a part at a time while it is read."""
    media = ctx.parts.media
    return ReferenceClip(media.facts(path).seconds, (frame for part in media.parts(path) for frame in part.frames))


def withdraw(ctx: Context, reservation: str) -> Reservation:
    """Take a reservation back."""
    with ctx.db.write() as conn:
        return works.withdraw(conn, reservation, ctx.clock)


def listing(ctx: Context, holder: str | None = None) -> tuple[Reservation, ...]:
    """Reservations in force, by title."""
    with ctx.db.read() as conn:
        return works.listing(conn, holder=holder)


def match(ctx: Context, text: str | None = None, path: Path | None = None) -> Report:
    """What a text or a media file would match among the reservations. Raises ``BadInput`` unless exactly one is given."""
    if (text is None) == (path is None):
        raise BadInput("Give either a text or a file to match.")
    if text is not None:
        submissions.check_text(text)
        return match_prompt(ctx.db, ctx.parts.names, read_prompt(Prompt(text=text)), ctx.clock())
    assert path is not None
    return _match_media(ctx, path)


def _match_media(ctx: Context, path: Path) -> Report:
    """What a media file shows and plays of what is reserved, as one report."""
    crew, now = ctx.parts.crew, ctx.clock()
    seen = view(path, ctx.parts.media, [Task(crew.prints, LOOKS), Task(crew.sounds, EARS, "sound")])
    prints, heard = seen.gathered(crew.prints.name), seen.gathered(crew.sounds.name)
    failed = next(
        (f"{name} {f.why}." for name, f in ((crew.prints.name, prints), (crew.sounds.name, heard)) if isinstance(f, Failed)), None
    )
    labels = ctx.parts.looks.labels | ctx.parts.recordings.labels
    if failed is not None:
        return Report(detector=DETECTOR, labels=labels, failure=failed)
    with ctx.db.read() as conn:
        found: list[Report] = [ctx.parts.looks.match_pictures(conn, prints, now)]
        found += [ctx.parts.recordings.match_sounds(conn, heard, now)] if heard else []
    failure = next((r.failure for r in found if r.failure is not None), None)
    signals = () if failure else tuple(s.model_copy(update={"detector": DETECTOR}) for r in found for s in r.signals)
    return Report(detector=DETECTOR, labels=labels, signals=signals, failure=failure)


def simple_filing(
    *, holder: str, title: str, kind: str, names: Sequence[str] = (), description: str = "", policy: str = "deny",
    licensees: Sequence[str] = (),
) -> Filing:  # fmt: skip
    """A filing from plain words, as the doors give them. Raises ``BadInput`` with what is wrong."""
    try:
        return Filing.model_validate(
            {
                "holder": holder, "title": title, "kind": kind, "description": description, "policy": policy,
                "names": tuple(Name(name=name) for name in names), "licensees": frozenset(licensees),
            }
        )  # fmt: skip
    except ValidationError as reason:
        first = reason.errors()[0]
        raise BadInput(f"The filing's {first['loc'][0]} cannot be used: {first['msg']}.") from reason


def import_file(ctx: Context, path: Path, *, verified: bool = True, dry_run: bool = False) -> ImportReport:
    """File every good line of a CSV or JSON-lines file; each bad line is told with its number."""
    with ctx.db.write() as conn:
        return works_file.import_file(conn, path, ctx.clock, verified=verified, dry_run=dry_run)

"""Running the demonstration: start the whole system, send the script in, hold every outcome against what it should be.

A run that was stopped anywhere is taken up where it was: submissions carry keys, so that sending them again is the same
submission, and everything else is looked up before it is done.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import imageio_ffmpeg
from rich.console import Console

from console.demo import setting
from console.demo.pages import serving
from console.demo.script import AGAIN, MODERATOR, PERSON, SCENES, Scene
from console.demo.show import Board, Row, final_table
from safety import cases, releases
from safety.settings import Settings
from streams import revocation
from streams.checks import verify_file
from streams.context import Context
from streams.errors import StreamsError
from streams.submissions import Order, Submission
from streams.submitting import submit, wait
from streams.system import Runner, close, make_runner, open_context

#: Longest the scripted part may take before it is called stuck, seconds.
PATIENCE = 900.0
STATE = "demo.json"


@dataclass
class Story:
    """What has happened so far: a submission for each scene, and the remarks that are not about one scene."""

    submitted: dict[int, Submission] = field(default_factory=dict)
    remarks: list[tuple[str, bool]] = field(default_factory=list)

    def remark(self, words: str, good: bool) -> None:
        self.remarks.append((words, good))


def run(settings: Settings, *, stay: bool = False, kafka: str | None = None) -> int:
    """Play the script at ``settings.home`` and return 0 when everything came out as it should, else 1."""
    console = Console()
    if not console.is_terminal:  # a log has no width of its own; 80 columns would fold every prompt into a pillar
        console = Console(width=150)
    begin(settings.home)
    ctx = open_context(settings)
    started = time.monotonic()
    try:
        with make_runner(ctx, kafka) as runner, serving(ctx, runner) as address:
            console.print(f"[bold]Clearance[/bold] is running at {address}  (home {settings.home})\n")
            story = play(ctx, runner, address, Board(console))
            (settings.home / STATE).write_text(json.dumps({"done": True}))
            good = report(ctx, console, story, address, time.monotonic() - started)
            if stay:
                console.print(f"\nServing at {address} until you press Ctrl-C.")
                _stay(runner)
    finally:
        close(ctx)
    return 0 if good else 1


def begin(home: Path) -> None:
    """Start afresh when the last run was finished; take it up when it was stopped."""
    state = home / STATE
    if state.exists() and json.loads(state.read_text()).get("done"):
        shutil.rmtree(home)
    home.mkdir(parents=True, exist_ok=True)
    state.write_text(json.dumps({"done": False}))


def play(ctx: Context, runner: Runner, address: str, board: Board) -> Story:
    """Send everything in, decide what is held, revoke, and try again."""
    story = Story()
    with board.live("getting ready: a person enrols and grants, a rights holder reserves a character"):
        setting.prepare(ctx)
        for scene in SCENES:
            if scene.remix_of is None:
                story.submitted[scene.number] = _send(ctx, scene, None)
        _follow(ctx, runner, address, story, board)
        _revoke(ctx, address, story, board)
        story.submitted[AGAIN.number] = _send(ctx, AGAIN, None)
        _follow(ctx, runner, address, story, board)
        _verify_what_is_out(ctx, story, board)
        _strip_and_verify(ctx, story, board)
    return story


def report(ctx: Context, console: Console, story: Story, address: str, seconds: float) -> bool:
    """Print the table, the files and the remarks; whether all is as it should be."""
    rows = [_row(ctx, scene, story.submitted[scene.number]) for scene in (*SCENES, AGAIN) if scene.number in story.submitted]
    final_table(console, rows)
    for words, good in story.remarks:
        console.print(f"{'[green]✓[/green]' if good else '[red]✗[/red]'} {words}", highlight=False, soft_wrap=True)
    good = len(rows) == len(SCENES) + 1 and all(r.good for r in rows) and all(g for _, g in story.remarks)
    console.print(f"\n{'All outcomes are as expected' if good else 'Not every outcome is as expected'}, {seconds:.0f} s.")
    pages = f"Pages: {address}/  ·  cases: {address}/cases  ·  verify a file: {address}/verify"
    console.print(pages, highlight=False, soft_wrap=True)
    return good


def _send(ctx: Context, scene: Scene, parent: str | None) -> Submission:
    order = Order(
        prompt=scene.prompt, requester=scene.requester, language=scene.language, remix_of=parent, seed=scene.number,
        width=ctx.settings.width, height=ctx.settings.height, seconds=3.0, key=f"demo/{scene.number}",
    )  # fmt: skip
    return submit(ctx, order)


def _follow(ctx: Context, runner: Runner, address: str, story: Story, board: Board) -> None:
    """Watch until nothing is in flight; decide the held case through the API; send the remix once its parent is out."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if not runner.alive:
            raise StreamsError("A stage of the runner stopped; look at the log, then run the demonstration again to go on.")
        for now in wait(ctx, [s.id for s in story.submitted.values()], 0.0):
            number = next(n for n, s in story.submitted.items() if s.id == now.id)
            story.submitted[number] = now
        for scene in SCENES:
            have = story.submitted.get(scene.number)
            if scene.decided and have is not None and have.status == "held":
                _decide(ctx, address, have.id)
            parent = story.submitted.get(scene.remix_of or 0)
            if have is None and parent is not None and parent.clip is not None and not setting.is_taken_back(ctx):
                story.submitted[scene.number] = _send(ctx, scene, parent.clip)
        board.show([_row(ctx, s, story.submitted[s.number]) for s in (*SCENES, AGAIN) if s.number in story.submitted])
        if all(s.status != "in-flight" for s in story.submitted.values()) and not _decidable(story):
            return
        time.sleep(0.25)
    raise StreamsError(f"The submissions did not end within {PATIENCE:.0f} seconds; look at `clearance status`.")


def _decidable(story: Story) -> bool:
    return any(s.decided and story.submitted[s.number].status == "held" for s in SCENES if s.number in story.submitted)


def _decide(ctx: Context, address: str, submission: str) -> None:
    """A moderator lets the submission on, through the HTTP API like any other client."""
    with ctx.db.read() as conn:
        waiting = cases.listing(conn, submission=submission)
    for case in waiting:
        body = {
            "decision": "allow",
            "moderator": MODERATOR,
            "reason": "context-makes-it-acceptable",
            "note": "fiction, and nobody is hurt on screen",
        }
        httpx.post(f"{address}/v1/cases/{case.id}/decision", json=body, timeout=30).raise_for_status()


def _revoke(ctx: Context, address: str, story: Story, board: Board) -> None:
    """The person takes her consent back; what was made of her must be gone from the media address at once."""
    made = [story.submitted[n] for n in (10, 13) if n in story.submitted and story.submitted[n].clip]
    board.say(f"@{PERSON} revokes")
    if not setting.is_taken_back(ctx):
        before = [httpx.get(f"{address}/v1/clips/{s.clip}/media", timeout=30).status_code for s in made]
        story.remark(f"before the revocation the media address answered {before}", before == [200, 200])
        receipt = revocation.revoke(ctx, PERSON)
        taken = len(list(receipt.document.get("clips") or []))  # type: ignore[arg-type]
        story.remark(f"@{PERSON} revoked: a signed receipt says {taken} clips were withdrawn", taken == 2)
    for submission in made:
        answer = httpx.get(f"{address}/v1/clips/{submission.clip}/media", timeout=30)
        problem = answer.json() if answer.headers.get("content-type", "").startswith("application/problem+json") else {}
        story.remark(
            f"media of {submission.clip} answers {answer.status_code}: {problem.get('detail', '')}",
            answer.status_code == 410 and "consent" in str(problem.get("detail")),
        )


def _verify_what_is_out(ctx: Context, story: Story, board: Board) -> None:
    """Ask of every released file whose it is."""
    board.say("asking of every released file whose it is")
    for number, submission in sorted(story.submitted.items()):
        if submission.clip is None:
            continue
        with ctx.db.read() as conn:
            release = releases.get(conn, submission.clip)
        if release.withdrawal is None:
            with ctx.blobs.open_path(release.submission, release.sealed) as path:
                found = verify_file(ctx, path)
            manifest = (found.evidence.get("manifest") or {}).get("state")  # type: ignore[union-attr]
            story.remark(
                f"verify says of number {number}: {found.answer}, clip {found.clip}, manifest {manifest}",
                (found.answer, found.clip, manifest) == ("ours", submission.clip, "trusted"),
            )


def _strip_and_verify(ctx: Context, story: Story, board: Board) -> None:
    """Take every mark that ffmpeg can take off a released clip, and ask whose it is."""
    clip = story.submitted[1].clip
    if clip is None:
        return
    board.say("stripping a clip with ffmpeg and asking whose it is")
    folder = ctx.settings.home / "stripped"
    folder.mkdir(exist_ok=True)
    with ctx.db.read() as conn:
        release = releases.get(conn, clip)
    stripped = folder / f"{clip}.mp4"
    with ctx.blobs.open_path(release.submission, release.sealed) as path:
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", "-i", str(path), "-map_metadata", "-1", "-c", "copy"]
        subprocess.run([*command, str(stripped)], check=True, timeout=60, stdin=subprocess.DEVNULL)
    bare = verify_file(ctx, stripped)
    found = (bare.evidence.get("manifest") or {}).get("state")  # type: ignore[union-attr]
    story.remark(
        f"and of number 1 after ffmpeg -map_metadata -1 -c copy (manifest {found}): {bare.answer}, clip {bare.clip}, by its mark "
        f"{bare.evidence.get('video_mark')}",
        (bare.answer, bare.clip, bare.evidence.get("video_mark")) == ("ours", clip, clip) and found == "none",
    )


def _row(ctx: Context, scene: Scene, now: Submission) -> Row:
    path = ""
    if now.clip is not None:
        with ctx.db.read() as conn:
            release = releases.get(conn, now.clip)
        path = str(ctx.blobs.local_path(release.submission, release.sealed) or "") if release.withdrawal is None else "withdrawn"
    with ctx.db.read() as conn:
        moderated = any(c.moderator == MODERATOR for c in cases.listing(conn, status="decided", submission=now.id))
    good = now.status == scene.expected and (now.clause or "").startswith(scene.clause) and moderated == scene.decided
    spent = ((now.ended_at - now.submitted_at).total_seconds()) if now.ended_at else None
    return Row(scene=scene, now=now, seconds=spent, path=path, good=good, moderated=moderated)


def _stay(runner: Runner) -> None:
    try:
        while runner.alive:
            time.sleep(0.5)
    except KeyboardInterrupt:
        return

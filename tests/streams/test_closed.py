"""G7 in the pipeline: whatever is missing, late or broken ends in hold or failure, never in a release."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from safety import releases
from safety.errors import BadInput, TooLarge, Unavailable
from safety.policy import DEFAULT, Policy, PolicyError
from safety.prompt import Prompt
from safety.signal import Report
from streams.context import ClipFindings, Context, Findings
from streams.submissions import Order
from streams.submitting import submit
from streams.system import PolicySource
from tests.streams.doubles import Gates
from tests.streams.story import drain, look, send


class Failing(Gates):
    """The same gates with one detector that could not look."""

    def prompt(self, prompt: Prompt, requester: str, cameos: tuple[str, ...], parent: str | None) -> Findings:
        reports, permits = super().prompt(prompt, requester, cameos, parent)
        return (*reports, Report(detector="late/1", labels=frozenset({"violence"}), failure="it was late")), permits


class Blind(Gates):
    """Gates whose clip detector looks for nothing at all."""

    def clip(self, path: Path, requester: str, permits: Any, progress: Any, prompt: str | None = None) -> ClipFindings:
        return ClipFindings((Report(detector="blind/1", labels=frozenset()),), permits)


@pytest.mark.parametrize(("gates", "clause"), [(Failing, "CLR-MISSING"), (Blind, "CLR-MISSING")])
def test_a_detector_that_could_not_look_holds(ctx: Context, gates: type[Gates], clause: str) -> None:
    lame = replace(ctx, gates=gates(ctx.registry))  # type: ignore[arg-type]
    sent = send(lame)
    drain(lame)
    assert (look(lame, sent).status, look(lame, sent).clause) == ("held", clause)


def test_an_empty_policy_holds_everything(ctx: Context) -> None:
    empty = replace(ctx, policy=lambda: Policy(name="none", version="0"))
    sent = send(empty)
    drain(empty)
    assert (look(empty, sent).status, look(empty, sent).clause) == ("held", "CLR-EMPTY-POLICY")


def test_a_policy_file_that_breaks_while_running_holds_until_it_is_mended(tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(DEFAULT.read_text("utf-8"))
    source = PolicySource(file)
    good = source()
    assert good.clauses

    def write(text: str) -> None:
        file.write_text(text)
        os.utime(file, (time.time() + 5, time.time() + len(text)))

    write("clauses: [")
    assert source().clauses == ()
    write(DEFAULT.read_text("utf-8"))
    assert source() == good
    file.unlink()
    assert source().clauses == ()


def test_a_policy_that_is_wrong_at_the_start_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(DEFAULT.read_text("utf-8").replace("label: sexual,", "label: sexaul,"))
    with pytest.raises(PolicyError, match="sexaul"):
        PolicySource(file)


def test_a_draft_that_vanished_is_a_failure_not_a_release(ctx: Context) -> None:
    sent = send(ctx)
    drain(ctx, until="inspect")
    draft = look(ctx, sent).draft
    assert draft is not None
    ctx.blobs.remove(sent.id, draft)
    with pytest.raises(Exception, match=r"again in|not kept"):  # the stage tries again, three times
        drain(ctx)
    for _ in range(3):
        try:
            drain(ctx)
        except Exception as again:
            assert "again" in str(again)
    assert look(ctx, sent).status == "failed"
    with ctx.db.read() as conn:
        assert releases.listing(conn) == ()


REFUSED = {
    "empty": ("", BadInput, "no words"),
    "only spaces": (" \n\t ", BadInput, "no words"),
    "only marks": ("\u0301\u0302\u200b", BadInput, "no words"),
    "huge": ("a " * 500_000, TooLarge, "1,000,000 characters; 20,000 is the most"),
    "binary": ("\x01\x02\x03\x04PNG\x05\x06\x07", BadInput, "not text"),
    "a zero byte": ("a boat\x00", BadInput, "not text"),
    "half a character": ("a boat \ud83d", BadInput, "not text"),
}


@pytest.mark.parametrize(("text", "error", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_a_prompt_is_refused_at_the_door_and_nothing_is_written(
    ctx: Context, text: str, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        send(ctx, text)
    with ctx.db.read() as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM submissions").scalar_one() == 0


def test_right_to_left_text_is_text(ctx: Context) -> None:
    sent = send(ctx, "قارب أحمر على البحر")
    drain(ctx)
    assert look(ctx, sent).status == "released"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"requester": " "}, "who asks"),
        ({"seconds": 99.0}, "99 was asked for"),
        ({"width": 641}, "641 was asked for"),
        ({"height": 9000}, "9000 was asked for"),
    ],
)
def test_an_order_outside_the_limits_says_which(ctx: Context, change: dict[str, Any], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        submit(ctx, Order(**({"prompt": "a boat", "requester": "kim"} | change)))


def test_a_store_that_is_full_waits_and_loses_nothing(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = send(ctx)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(type(ctx.blobs._fs), "put_file", full)
        for _ in range(5):
            with pytest.raises(Exception, match="again in"):
                drain(ctx)
        assert look(ctx, sent).status == "in-flight"
    drain(ctx)
    assert look(ctx, sent).status == "released"


def test_a_database_that_is_away_is_a_sentence(ctx: Context, tmp_path: Path) -> None:
    from safety.db import Database

    away = replace(ctx, db=Database(f"sqlite:///{tmp_path}/none/x.db"))
    with pytest.raises(Unavailable, match="nothing was lost"):
        send(away)

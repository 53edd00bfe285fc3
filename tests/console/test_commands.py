"""The command line: shapes for scripts, one sentence for mistakes, and every command explains itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from console.cli import app
from safety.judge import MISSING
from tests.console.conftest import Run

SURFACE = {
    "demo": set(), "up": set(), "submit": set(), "status": set(), "screen": set(), "inspect": set(), "seal": set(),
    "verify": set(), "verify-receipt": set(), "keys": {"new", "sign", "rotate"},
    "cameo": {
        "challenge", "enrol", "protect", "voice", "list", "grant", "pause", "resume", "revoke", "erase", "revocations", "ask",
        "approve", "unapprove", "circle", "notices", "usage", "history", "export", "minor", "guardian", "death", "estate",
        "confirm", "dismiss", "standing", "keys",
    },
    "works": {"add", "import", "list", "match", "look-back", "withdraw"}, "cases": {"list", "show", "decide"},
    "claim": {"file", "status", "take-back", "list", "show", "withhold", "consequences", "decide", "protect", "forget"},
    "ledger": {"verify", "prove"},
    "models": {"list", "fetch"}, "policy": {"test", "explain"},
    "bench": {"prompts", "clips", "consent"},
}  # fmt: skip


def _tree() -> dict[str, set[str]]:
    root: Any = typer.main.get_command(app)
    return {name: set(getattr(command, "commands", {})) for name, command in root.commands.items()}


def test_the_command_surface_is_the_promised_one() -> None:
    assert _tree() == SURFACE


@pytest.mark.parametrize("command", [*SURFACE, *(f"{g} {c}" for g, cs in SURFACE.items() for c in sorted(cs))])
def test_every_command_explains_itself(run: Run, command: str) -> None:
    answer = run(*command.split(), "--help")
    assert answer.exit_code == 0
    assert "Usage" in answer.output
    parts: Any = typer.main.get_command(app)
    for name in command.split():
        parts = parts.commands[name]
    assert parts.help and all(getattr(p, "help", None) for p in parts.params if p.name not in ("json", "help"))


def test_help_imports_nothing_heavy() -> None:
    heavy = "'torch', 'cv2', 'fastapi', 'sqlalchemy', 'numpy', 'c2pa'"
    code = f"import sys, console.cli; print([m for m in ({heavy}) if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


def test_a_prompt_is_screened_in_the_promised_shape(run: Run) -> None:
    answer = json.loads(run("screen", "a massacre in the square", "--json").stdout)
    assert answer == {
        "prompt": "a massacre in the square", "outcome": "block", "clause": "VIOLENCE",
        "signals": [{"label": "violence", "score": 0.9, "detector": "words/1"}],
        "says": "VIOLENCE, Violence. Violence is not shown. You wrote “massacre”.",
    }  # fmt: skip


def test_what_does_not_pass_is_explained_once_in_the_language_it_was_asked_in(run: Run) -> None:
    french = "un massacre sur la grande place du village au petit matin"
    told = "VIOLENCE, Violence. La violence n'est pas montrée. Vous avez écrit « massacre »."
    assert told in run("screen", french).stdout
    assert run("submit", french, "--as", "mara", "--wait").stdout.startswith(f"refused: {told}\n")
    assert "says" not in json.loads(run("screen", "a lake at dawn", "--json").stdout)


def test_every_line_of_a_file_gets_an_answer_whatever_it_holds(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "prompts.txt"
    lines = [
        b"a lake at dawn",
        b"",
        b"\xff\xfe bytes",
        b"x " * 500_000,
        "שלום על המים".encode(),
        b"a massacre\r",
        b"\x00\x01\x02\x03",
    ]
    file.write_bytes(b"\xef\xbb\xbf" + b"\n".join(lines) + b"\nlast without an end, a lake")
    answer = run("screen", "--file", str(file), "--json")
    assert answer.exit_code == 0
    rows = [json.loads(line) for line in answer.stdout.splitlines()]
    assert [r["outcome"] for r in rows] == ["allow", "hold", "hold", "hold", "allow", "block", "hold", "allow"]
    for row in (rows[1], rows[2], rows[3], rows[6]):
        assert row["clause"] == MISSING and row["error"].endswith(".") and row["signals"] == []
    assert rows[0]["prompt"] == "a lake at dawn" and "error" not in rows[0]
    assert rows[5]["prompt"] == "a massacre"


def test_prompts_are_read_from_standard_input(run: Run) -> None:
    answer = run("screen", "--file", "-", "--json", stdin=b"a lake\nborderline\n")
    assert [json.loads(line)["outcome"] for line in answer.stdout.splitlines()] == ["allow", "hold"]


def test_submit_waits_and_runs_the_pipeline_itself_when_nothing_else_does(run: Run) -> None:
    answer = run("submit", "a lake at dawn", "--as", "mara", "--wait", "--json")
    said = json.loads(answer.stdout)
    assert answer.exit_code == 0
    assert said["outcome"] == "released" and said["clause"] is None and len(said["clip"]) == 24
    assert Path(said["path"]).is_file()


def test_submit_leaves_with_zero_and_the_clause_when_it_is_refused(run: Run) -> None:
    answer = run("submit", "a massacre", "--as", "mara", "--wait", "--json")
    assert answer.exit_code == 0
    assert (json.loads(answer.stdout)["outcome"], json.loads(answer.stdout)["clause"]) == ("refused", "VIOLENCE")


def test_submit_uses_another_process_that_runs_the_home(run: Run, tmp_path: Path) -> None:
    from streams.local import LocalRunner
    from tests.streams.doubles import make_context

    with LocalRunner(make_context(tmp_path / "cli")):
        answer = run("submit", "a lake", "--as", "mara", "--wait", "--json", "--out", str(tmp_path / "clip.mp4"))
    assert json.loads(answer.stdout)["path"] == str(tmp_path / "clip.mp4")
    assert (tmp_path / "clip.mp4").stat().st_size > 0


def test_a_held_submission_is_listed_shown_decided_and_goes_on(run: Run) -> None:
    held = json.loads(run("submit", "borderline walk", "--as", "mara", "--wait", "--json").stdout)
    assert held["outcome"] == "held"
    [case] = json.loads(run("cases", "list", "--json").stdout)
    assert case["clause"] == "BORDER" and case["verdict"]["signals"][0]["label"] == "borderline"
    assert "borderline walk" in run("cases", "show", case["id"]).stdout
    decided = run("cases", "decide", case["id"], "allow", "--as", "noor", "--reason", "false-alarm", "--json")
    assert json.loads(decided.stdout)["decision"] == "allow"
    again = run("cases", "decide", case["id"], "block", "--as", "noor", "--reason", "false-alarm", "--json")
    assert again.exit_code == 6 and json.loads(again.stdout)["type"] == "conflict"
    assert json.loads(run("status", held["id"], "--json").stdout)["status"] == "in-flight"


def test_the_ledger_verifies_and_proves_and_says_when_it_was_changed(run: Run, tmp_path: Path) -> None:
    import sqlalchemy as sa

    from safety.ledger import check_proof
    from tests.streams.doubles import make_context

    run("submit", "a lake", "--as", "mara", "--wait")
    assert json.loads(run("ledger", "verify", "--json").stdout)["entries"] >= 4
    proof = json.loads(run("ledger", "prove", "1").stdout)
    assert check_proof(proof, bytes.fromhex(proof["public_key"])).position == 1
    with make_context(tmp_path / "cli").db.write() as conn:
        conn.execute(sa.text("UPDATE ledger SET body = replace(body, 'mara', 'nora') WHERE position = 1"))
    answer = run("ledger", "verify")
    assert answer.exit_code == 9 and "entry 1 was changed" in answer.stderr


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (("submit", "", "--as", "mara"), 2),
        (("submit", "x" * 1_000_000, "--as", "mara"), 2),
        (("submit", "a lake", "--as", "mara", "--size", "big"), 2),
        (("submit", "a lake", "--as", "mara", "--cameo", "nobody"), 4),
        (("submit", "a lake", "--as", "mara", "--remix", "0" * 24), 4),
        (("submit", "a lake", "--as", "mara", "--seconds", "99"), 2),
        (("status", "no-such-id"), 4),
        (("cases", "show", "no-such-id"), 4),
        (("cases", "decide", "no-such-id", "maybe", "--as", "n", "--reason", "x"), 2),
        (("screen",), 2),
        (("screen", "--file", "/no/such/file"), 1),
        (("inspect", "/no/such/file.mp4"), 4),
        (("verify", "/no/such/file.mp4"), 4),
        (("ledger", "prove", "99"), 4),
        (("models", "fetch", "no-such-model"), 4),
        (("policy", "explain", "/no/such/policy.yaml"), 2),
        (("cameo", "voice", "nobody", "voice.wav"), 4),
        (("cameo", "grant", "lena", "--to", "mara", "--until", "tomorrow"), 2),
        (("cameo", "grant", "lena", "--to", "mara", "--signed", "/no/such/file"), 2),
        (("cameo", "revoke", "nobody", "--preview"), 4),
        (("cameo", "history", "nobody", "--after", "nowhere"), 2),
        (("cameo", "death", "nobody", "--died-on", "yesterday", "--basis", "certificate"), 2),
        (("cameo", "enrol", "nobody", "clip.mp4", "--public-key", "00"), 2),
        (("up", "--broker", "carrier-pigeon"), 2),
        (("up", "--host", "0.0.0.0", "--port", "0"), 5),
    ],
)
def test_bad_input_is_one_sentence_and_a_code_not_a_traceback(run: Run, args: tuple[str, ...], code: int) -> None:
    answer = run(*args)
    assert answer.exit_code == code, answer.output
    assert len(answer.stderr.strip().splitlines()) == 1 and answer.stderr.strip().endswith(".")
    assert "Traceback" not in answer.output


def test_wrong_usage_leaves_with_two(run: Run) -> None:
    assert run("submit", "a lake").exit_code == 2  # nobody asks
    assert run("no-such-command").exit_code == 2


def test_an_unexpected_error_is_a_sentence_and_the_path_of_a_log(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("console.reading.list_cases", lambda *_: 1 / 0)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    answer = run("cases", "list", "--json")
    assert answer.exit_code == 1 and "ZeroDivisionError" in answer.stderr and "Traceback" not in answer.output
    [log] = tmp_path.glob("clearance-*.log")
    assert str(log) in answer.stderr and "Traceback" in log.read_text()
    assert json.loads(answer.stdout)["status"] == 500


def test_a_full_disk_is_a_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, os.strerror(28), "/home/disk")

    monkeypatch.setattr("console.reading.list_cases", full)
    answer = run("cases", "list")
    assert answer.exit_code == 8 and answer.stderr.startswith("The disk is full")


def test_what_was_typed_cannot_move_the_readers_cursor(run: Run) -> None:
    run("submit", "a lake \x1b[2J\u202e and more words so that it is text", "--as", "mara", "--wait")
    assert "\x1b" not in run("status").stdout and "\u202e" not in run("status").stdout


def test_the_policy_is_explained_in_words(run: Run) -> None:
    words = run("policy", "explain").stdout
    assert "SEX-1" in words and "tells the user" in words
    assert json.loads(run("policy", "explain", "--json").stdout)["hash"].startswith("sha256:")

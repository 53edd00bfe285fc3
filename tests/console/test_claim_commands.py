"""``clearance claim``: from the form to the decision, in words and in JSON."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from consent.vault.keys import Vault
from safety import releases
from safety.releases import Release
from streams.context import Context
from tests.console.conftest import Run
from tests.streams.doubles import make_context

CLIP = "a" * 24
SAID = ("--contact", "ines@example.org", "--statement", "This is me.", "--signature", "Ines Okonkwo", "--good-faith")


@pytest.fixture
def opened(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Context:
    """The home that the commands open, with a vault and one released clip."""

    def open_context(settings: Any) -> Context:
        parts = SimpleNamespace(vault=Vault(tmp_path / "keys"), fingerprinter=SimpleNamespace(name="none/1"))
        return make_context(settings.home, parts=parts)

    light: Any = ModuleType("streams.system")
    light.open_context, light.close = open_context, lambda ctx: ctx.db.close()
    monkeypatch.setitem(sys.modules, "streams.system", light)
    ctx = open_context(SimpleNamespace(home=tmp_path / "cli"))
    release = Release(
        clip=CLIP, submission="sub", requester="mara", parent=None, draft="sha256:d", sealed="sha256:s", prompt_verdict="p",
        clip_verdict="c", policy="sha256:p", released_at=datetime.now(UTC),
    )  # fmt: skip
    with ctx.db.write() as conn:
        releases.insert(conn, release, ())
    return ctx


def test_a_claim_is_filed_followed_shown_and_upheld(run: Run, opened: Context) -> None:
    filed = json.loads(run("claim", "file", f"/clips/{CLIP}", "--kind", "intimate", *SAID, "--json").stdout)
    number = filed["number"]
    assert filed["withheld"] and filed["clips"][0]["clip"] == CLIP
    assert "open" in run("claim", "status", number.lower()).stdout
    assert number in run("claim", "list").stdout
    shown = run("claim", "show", number, "--as", "noor").stdout
    assert "Ines Okonkwo" in shown and f"{CLIP}  named, withheld" in shown
    assert "0 of 1" in run("claim", "withhold", number, "--as", "noor").stdout
    assert "would be withdrawn: 1 (1 of the claim, 0 copies" in run("claim", "consequences", number).stdout
    done = run("claim", "decide", number, "uphold", "--as", "noor", "--reason", "It is her.", "--json")
    assert json.loads(done.stdout)["withdrawn"] == 1
    told = run("claim", "status", number).stdout
    assert "upheld" in told and "It is her." in told
    assert run("claim", "list").stdout.strip() == "No claim is open."
    assert number in run("claim", "list", "--all").stdout


def test_a_claim_is_taken_back_by_whoever_filed_it(run: Run, opened: Context) -> None:
    number = json.loads(run("claim", "file", CLIP, *SAID, "--json").stdout)["number"]
    assert run("claim", "take-back", number, "--contact", "mara@example.org").exit_code == 4
    assert "withdrawn" in run("claim", "take-back", number, "--contact", "INES@example.org").stdout
    assert "was deleted" in run("claim", "show", number, "--as", "noor").stdout


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (("file", CLIP, *SAID[:-1]), 2, "good faith"),
        (("file", *SAID), 2, "which clip"),
        (("file", CLIP, "--kind", "envy", *SAID), 2, "kind"),
        (("status", "CLM-2222-2222"), 4, "No claim has that number"),
        (("decide", "CLM-2222-2222", "perhaps", "--as", "noor", "--reason", "x"), 2, "uphold or reject"),
    ],
)
def test_what_cannot_be_taken_is_one_sentence(run: Run, opened: Context, args: tuple[str, ...], code: int, says: str) -> None:
    answer = run("claim", *args)
    assert answer.exit_code == code and says in answer.stderr
    assert len(answer.stderr.strip().splitlines()) == 1
